"""`guichet period check`, and the readiness check of announcing and arming from the shell."""

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

import click
import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from config.commands.arguments import forms, programmes
from config.commands.database import existing
from config.settings import database_url, variable
from foundation.audit import Actor
from foundation.errors import Refusal
from quota.states import Action
from quota.store import Period

if TYPE_CHECKING:
    from config.readiness import Alive
    from console.readiness import ReadinessFacts
    from foundation.sql.database import Database

Step = Callable[[AsyncConnection], Awaitable[Period]]

RECENT_SECONDS = 30.0
"""An act from the shell does not wait for heartbeats: one that was written so lately counts."""


def check(period_id: str, as_json: bool) -> None:
    """Print what will happen and what was found; exit status 1 when something keeps it back."""
    from console.forecast import forecast
    from console.readiness import STATE_WORDS, TITLES, described, findings, is_ready

    period, facts = asyncio.run(_facts(period_id))
    found = findings(facts)
    said = forecast(period, programmes().get(period.programme), facts.candidates, facts.at)
    if as_json:
        click.echo(
            msgspec.json.encode(described(facts) | {"forecast": msgspec.structs.asdict(said)}).decode()
        )
    else:
        for sentence in said.sentences():
            click.echo(sentence)
        for one in found:
            click.echo(f"{STATE_WORDS[one.state]:<10} {TITLES[one.check]} : {one.message}")
    sys.exit(0 if is_ready(found) else 1)


def gated(period_id: str, action: Action, override_reason: str | None, step: Step, actor: Actor) -> Step:
    """The step of announcing or arming, held to what is seen at once from this shell (`console/gate.py`).

    What is looked at is looked at now; Refusal not_ready comes after all others, when the step is run.
    """
    from console.gate import BEFORE, let_pass, read_reason, record_override
    from console.readiness import CheckResult, findings
    from foundation.clock import now_ms

    reason = read_reason(override_reason)
    results: list[CheckResult] = []
    with contextlib.suppress(Refusal):  # there is none of this name, or SQL is away: the step says so
        period, facts = asyncio.run(_facts(period_id, at_once=True))
        if period.state == BEFORE[action]:
            results = findings(facts)

    async def checked(conn: AsyncConnection) -> Period:
        after = await step(conn)
        if (passed := let_pass(results, reason)) and reason is not None:
            await record_override(conn, after, actor, action, passed, reason, now_ms())
        return after

    return checked


override = click.option(
    "--override-reason", help="Why it is done although the readiness check keeps it back; on the record."
)
"""Going past what was found, with a reason."""


async def _facts(period_id: str, *, at_once: bool = False) -> "tuple[Period, ReadinessFacts]":
    from config.readiness import ReadinessProbe
    from config.stores import open_redis
    from foundation.sql.database import Database
    from quota import ledger
    from submission.drafts.encryption import DraftCiphers
    from waitingroom.line.store import Line

    database = Database(existing(database_url(os.environ)))
    redis_url = variable("REDIS_URL", os.environ)
    redis = None if redis_url is None else open_redis(redis_url, refusing=False)
    try:
        line = None if redis is None else Line(redis)
        period = await database.read(lambda conn: ledger.period_by_id(conn, period_id))
        keys = variable("SECRET_KEYS", os.environ) or ()
        drafts = DraftCiphers(keys) if keys else None
        probe = ReadinessProbe(
            database, line, programmes(), _heard(database, at_once), drafts=drafts, forms=forms()
        )
        return period, await probe.facts(period)
    finally:
        if redis is not None:
            await redis.aclose()
        await database.close()


def _heard(database: "Database", at_once: bool) -> "Alive":
    from config.readiness import KINDS
    from foundation import heartbeat
    from foundation.clock import now_ms

    async def alive() -> Mapping[str, bool]:
        if at_once:
            return await heartbeat.recent(database, KINDS, RECENT_SECONDS, now_ms())
        return await heartbeat.moving(database, KINDS)

    return alive
