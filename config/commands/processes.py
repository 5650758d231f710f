"""`guichet web`, `ticker`, `worker`, `migrate`: the processes of the Procfile."""

import asyncio
import ipaddress
import os
import sqlite3
from collections.abc import Mapping
from urllib.parse import urlsplit

import click
import structlog
from sqlalchemy import make_url

from config.commands.arguments import by, commanding
from config.settings import Settings, WrongSetting, database_url, refuse_evicting
from config.version import VERSION

FIXED_SQLITE = (3, 51, 3)
"""From here on the write-ahead log cannot be corrupted by a checkpoint beside a commit."""


def settings_of(process: str) -> Settings:
    """The settings of a long-running process: logging set up, Redis looked at, known weaknesses said."""
    from foundation import logs

    settings = Settings.from_env(os.environ)
    refuse_demo(settings, os.environ, os.getppid())
    begin = logs.configure_logging(settings.log_level, process, version=VERSION)
    asyncio.run(look_at_redis({settings.redis_url, settings.queue_redis_url}))
    begin()
    log = structlog.get_logger()
    if process == "web":
        for event, reason in doubts(settings, os.environ):
            log.warning(event, reason=reason)
        if settings.contact.is_sample and not settings.demo:
            log.info(
                "contact_is_a_sample", reason="CONTACT_PHONE is not set: pages show a number that nobody has."
            )
    if settings.database_url.startswith("sqlite") and sqlite3.sqlite_version_info < FIXED_SQLITE:
        # Its log can be corrupted by a checkpoint while another connection commits; ours runs under the writer's lock.
        log.info("sqlite_autocheckpoint_off", version=sqlite3.sqlite_version)
    return settings


def refuse_demo(settings: Settings, environ: Mapping[str, str], parent: int) -> None:
    """Refuse the demo's leniency to a process that the demo did not start. Raises WrongSetting."""
    if settings.demo and environ.get("DEMO", "").strip() != f"demo-{parent}":
        raise WrongSetting(
            "DEMO is on, and `guichet demo` did not start this process: public keys and any host would be taken. Unset "
            "DEMO, or run `guichet demo`."
        )


def doubts(settings: Settings, environ: Mapping[str, str]) -> list[tuple[str, str]]:
    """What starts, and is most likely not meant so: the event and a sentence, each once a start. Pure."""
    if settings.demo:
        return []
    public = urlsplit(settings.public_url)
    if not environ.get("PUBLIC_URL", "").strip():
        if is_loopback(settings.host):
            return []
        return [(
            "public_url_missing",
            "PUBLIC_URL is not set, though HOST is open to the network: only requests for this machine's own address "
            "are answered. Set PUBLIC_URL=https://...",
        )]  # fmt: skip
    if public.scheme == "http" and not is_loopback(public.hostname or ""):
        return [(
            "public_url_is_plain",
            "PUBLIC_URL is http: passwords and places go over the network for everybody to read, and cookies are not "
            "Secure. Set PUBLIC_URL=https://... where a proxy speaks TLS.",
        )]  # fmt: skip
    return []


def is_loopback(host: str) -> bool:
    """Whether a name is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def look_at_redis(urls: set[str]) -> None:
    """Refuse one that drops keys. One that is away is waited for, and looked at when it comes (`config/stores.py`): a
    submission does not need it."""
    from redis import exceptions

    from config.stores import open_redis

    for url in urls:
        redis = open_redis(url, refusing=False)
        try:
            await refuse_evicting(redis)
        except (exceptions.ConnectionError, exceptions.TimeoutError, OSError) as problem:
            structlog.get_logger().warning("redis_away", error=problem)
        finally:
            await redis.aclose()


@click.command()
@by
def migrate(by: str | None) -> None:
    """Bring the database of DATABASE_URL to the newest tables. Harmless when it is there."""
    from config.migrations import migrate as bring

    if not os.environ.get("DATABASE_URL", "").strip():
        raise WrongSetting(
            "DATABASE_URL is not set: name the database to bring up to date, such as sqlite:///guichet.db for a file "
            "in this folder."
        )
    url = database_url(os.environ)
    asyncio.run(bring(url, commanding(by)))
    click.echo(f"The database is up to date: {make_url(url).render_as_string(hide_password=True)}", err=True)


@click.command()
def web() -> None:
    """Serve pages, the API and the live feed."""
    settings = settings_of("web")
    from config.processes import web as the_web

    the_web.run(settings)


@click.command()
def ticker() -> None:
    """Call people, end tokens, keep the service clock, copy the journal, ring jobs."""
    settings = settings_of("ticker")
    from config.processes import ticker as the_ticker
    from foundation import metrics

    asyncio.run(the_ticker.run(settings, metrics.Metrics(settings.metrics_dir, VERSION)))


@click.command()
def worker() -> None:
    """Do the jobs that the ticker rings: receipts and documents."""
    settings = settings_of("worker")
    from config.processes import worker as the_worker
    from foundation import metrics

    the_worker.main(settings, metrics.Metrics(settings.metrics_dir, VERSION))
