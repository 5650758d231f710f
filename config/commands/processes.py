"""`guichet web`, `ticker`, `worker`, `migrate`: the processes of the Procfile."""

import asyncio
import os
import sqlite3

import click
import structlog
from sqlalchemy import make_url

from config.commands.arguments import by, commanding
from config.settings import PROGRAMMES, Settings, database_url, variable

FIXED_SQLITE = (3, 51, 3)
"""From here on the write-ahead log cannot be corrupted by a checkpoint beside a commit."""


def settings_of(process: str) -> Settings:
    """The settings of a long-running process: logging set up, Redis looked at, known weaknesses said."""
    from config.fitness import look_at
    from foundation import logs

    settings = Settings.from_env(os.environ)
    logs.configure_logging(settings.log_level, process)

    asyncio.run(look_at(settings))
    if settings.database_url.startswith("sqlite") and sqlite3.sqlite_version_info < FIXED_SQLITE:
        # Its log can be corrupted by a checkpoint while another connection commits; ours runs under the writer's lock.
        structlog.get_logger().info("sqlite_autocheckpoint_off", version=sqlite3.sqlite_version)
    return settings


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

    url = database_url(os.environ)
    asyncio.run(bring(url, commanding(by)))
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

    asyncio.run(the_ticker.run(settings, metrics.Metrics(settings.metrics_dir)))


@click.command()
def worker() -> None:
    """Do the jobs that the ticker rings: receipts and documents."""
    settings = settings_of("worker")
    from config.processes import worker as the_worker
    from foundation import metrics

    the_worker.main(settings, metrics.Metrics(settings.metrics_dir))
