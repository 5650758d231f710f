"""`guichet period stop`: the kill switch for whoever has a shell on a host, with what stores there are (ADR 0023)."""

import asyncio
import contextlib
import os
import sys

import click
import msgspec

from config.commands.database import existing
from config.failures import Failed
from config.settings import database_url, variable

ANSWER_SECONDS = 3.0
"""A store counts as away after so long: connections are new here, on a machine that may have other worries. Each half
is in force as soon as its store has it, not when this is over."""

LEAVE_SECONDS = 2.0
"""For what goes on after the answer."""


def stop(period_id: str, name: str, reason: str | None) -> None:
    """Stop the period and print which half was reached; exit status 1 when none was."""
    sys.exit(asyncio.run(_stop(period_id, name, reason)))


async def _stop(period_id: str, name: str, reason: str | None) -> int:
    from config.stores import open_redis
    from console.kill_switch import KillSwitch
    from console.states import Reached
    from foundation import audit
    from foundation.clock import now_ms
    from foundation.sql.database import Database
    from waitingroom.line.stops import StopMarks, digest_of, new_mark
    from waitingroom.line.store import Line

    redis_url = variable("REDIS_URL", os.environ)
    if redis_url is None:
        click.echo("REDIS_URL is not set: the line cannot be told.", err=True)
    redis = None if redis_url is None else open_redis(redis_url, refusing=False)
    database = None
    try:
        database = Database(existing(database_url(os.environ)))
    except Failed as problem:
        click.echo(str(problem), err=True)
    switch = KillSwitch(database, None if redis is None else StopMarks(Line(redis)))
    try:
        mark = new_mark(period_id, digest_of(name), audit.COMMAND_LINE, now_ms())
        outcome = await switch.stop(mark, reason, ANSWER_SECONDS)
        click.echo(msgspec.json.encode(outcome.described()).decode())
        if outcome.reached is not Reached.BOTH:
            click.echo(" ".join(outcome.words()), err=True)
        return 1 if outcome.reached is Reached.NEITHER else 0
    finally:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LEAVE_SECONDS):
                await switch.settled()
                if redis is not None:
                    await redis.aclose()
                if database is not None:
                    await database.close()
