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

from accounts.states import StaffTotp
from config.commands.arguments import by, commanding
from config.commands.database import admit
from config.settings import PROGRAMMES, Settings, WrongSetting, database_url, variable
from config.version import VERSION

FIXED_SQLITE = (3, 51, 3)
"""From here on the write-ahead log cannot be corrupted by a checkpoint beside a commit."""


def settings_of(process: str) -> Settings:
    """The settings of a long-running process: logging set up, both stores looked at, known weaknesses said."""
    from config.fitness import look_at, look_at_database
    from foundation import logs

    settings = Settings.from_env(os.environ)
    refuse_demo(settings, os.environ, os.getppid())
    begin = logs.configure_logging(settings.log_level, process, version=VERSION)
    asyncio.run(look_at(settings))
    asyncio.run(look_at_database(settings.database_url))
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
    if process in ("web", "worker") and settings.smtp_url is None:
        log.warning("mail_waits", reason="SMTP_URL is not set: mail is kept and goes out once it is.")
    if process == "web" and settings.staff_totp is StaffTotp.OPTIONAL:
        log.warning("staff_totp_optional", reason="enrol every operator, then set STAFF_TOTP=required")
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


async def freeze_rules(url: str) -> None:
    """Freeze the rules of periods that an earlier release announced, by the programme files of this shell; say of which
    none is here."""
    from foundation.clock import now_ms
    from foundation.sql.database import Database
    from quota import frozen_rules
    from quota.programmes import load_all

    programmes = load_all(variable("PROGRAMMES_DIR", os.environ) or PROGRAMMES)
    database = Database(url)
    try:
        _, unknown = await database.write(
            lambda conn: frozen_rules.freeze_missing(conn, programmes, now_ms())
        )
    finally:
        await database.close()
    for id in unknown:
        click.echo(f"The rules of {id} are not frozen: no programme file here is its own.", err=True)


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
    url, actor = database_url(os.environ), commanding(by)
    # Asked for after the steps, in their transaction: the tables of operators may be among what is made.
    asyncio.run(bring(url, actor, lambda conn: admit(conn, actor)))
    asyncio.run(freeze_rules(url))
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
