"""Annulling a period: one person while it runs, two once it is over or full; nothing in it counts any more."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation import audit
from foundation.clock import now_ms
from foundation.errors import Refusal
from foundation.sql.database import Database
from quota import annulment, ledger, store
from quota.annulment import Annulment
from quota.states import PeriodState
from quota.store import Period
from tests.support.rooms import HOUR_MS, make_period, read_period, rows_of

VOIDED = 3
"""How many submissions the hook of these tests says that it made void."""


async def voids(conn: AsyncConnection, uid: str, now: int) -> int:
    return VOIDED


async def annul(db: Database, period: Period, actor: str, reason: str | None = "essai") -> Annulment:
    return await db.write(lambda conn: annulment.annul(conn, period.uid, reason, actor, now_ms(), voids))


async def token(db: Database, period: Period, number: int, state: str) -> None:
    row = {"period": period.uid, "number": number, "state": state, "ends": 600_000, "jti": f"j{number}"}
    await db.write(lambda conn: conn.execute(sa.insert(store.token).values(row)))


async def acts(db: Database) -> list[tuple[str, str, str | None]]:
    a = audit.audit.c
    found = await db.read(lambda conn: conn.execute(sa.select(a.actor, a.act, a.reason).order_by(a.id)))
    return [(row.actor, row.act, row.reason) for row in found]


@pytest.mark.parametrize(
    "values",
    [
        {"state": "announced", "opens_at": now_ms() + HOUR_MS},
        {"state": "armed", "opens_at": now_ms() + HOUR_MS},
        {},
        {"paused": True, "paused_at": 1},
        {"paused": True, "suspended": True, "paused_at": 1},
    ],
)
async def test_while_it_runs_one_person_suffices(database: Database, values: dict[str, Any]) -> None:
    """Stopping must not wait: live tokens are cancelled, their places given back, what was accepted counted as void."""
    period = await make_period(database, held=5, accepted=3, notice="Reprise à midi.", **values)
    for number, state in ((1, "used"), (2, "used"), (3, "used"), (4, "live"), (5, "live"), (6, "lapsed")):
        await token(database, period, number, state)
    done = (await annul(database, period, "agnes")).done()
    assert done == await read_period(database, period)
    assert (done.state, done.held, done.accepted, done.voided) == ("annulled", 3, 3, VOIDED)
    assert (done.paused, done.suspended, done.annul_reason) == (False, False, "essai")
    assert done.annulled_at is not None and done.notice is None
    states = {1: "used", 2: "used", 3: "used", 4: "cancelled", 5: "cancelled", 6: "lapsed"}
    assert await rows_of(database, period) == states
    assert await acts(database) == [("agnes", "annul", "essai")]


@pytest.mark.parametrize(
    "values",
    [
        {"state": "closed", "ended_at": 5},
        {"state": "closed", "ended_at": 5, "suspended": True},
        {"state": "cap_reached", "ended_at": 5},
    ],
)
async def test_once_it_is_over_or_full_it_takes_two(database: Database, values: dict[str, Any]) -> None:
    """What the first one wants is kept; asked again by them it stays so; another does it, with the first's reason."""
    period = await make_period(database, **values)
    for _ in range(2):
        asked = await annul(database, period, "agnes", "trop tôt")
        with pytest.raises(Refusal, match="second_person_needed"):
            asked.done()
        assert await read_period(database, period) == period
    done = (await annul(database, period, "boris", None)).done()
    assert (done.state, done.ended_at, done.annul_reason) == ("annulled", 5, "trop tôt")
    assert [act[:2] for act in await acts(database)] == [("agnes", "ask_annul"), ("boris", "annul")]
    a = store.approval.c
    found = await database.read(lambda conn: conn.execute(sa.select(a.author, a.approver)))
    assert [tuple(row) for row in found] == [("agnes", "boris")]


async def test_a_period_whose_end_no_tick_has_written_is_over(database: Database) -> None:
    """By the schedule: a ticker that sleeps makes of two people no single one."""
    period = await make_period(database, closes_at=now_ms() - 1)
    with pytest.raises(Refusal, match="second_person_needed"):
        (await annul(database, period, "agnes")).done()
    assert (await read_period(database, period)).state == PeriodState.CLOSED


async def test_what_cannot_be_annulled(database: Database) -> None:
    """A draft, and what is annulled; and never without a word to everybody."""
    draft = await make_period(database, id="brouillon", state="draft", ordinal=2)
    period = await make_period(database)
    for reason in (None, "", "  "):
        with pytest.raises(Refusal, match="invalid"):
            await annul(database, period, "agnes", reason)
    with pytest.raises(Refusal, match="invalid"):
        await annul(database, period, "agnes", "x" * 501)
    assert await read_period(database, period) == period
    await annul(database, period, "agnes")
    for one in (draft, period):
        with pytest.raises(Refusal, match="move_not_allowed"):
            await annul(database, one, "boris")


async def test_nobody_is_called_or_lapses_afterwards(database: Database) -> None:
    """The books of an annulled period stand still."""
    period = await make_period(database, held=1, epoch=1)
    await token(database, period, 4, "live")
    await annul(database, period, "agnes")

    async def turn(conn: AsyncConnection) -> tuple[list[int], list[int]]:
        now = await ledger.tick(conn, period.uid, epoch=1, delta_ms=HOUR_MS, ticked_at=now_ms())
        lapsed = await ledger.lapse(conn, now)
        called = await ledger.call(
            conn, period.uid, epoch=1, candidates=[9], passed_over=b"", listed_at=now_ms(), age_ms=0
        )
        return lapsed, called.numbers

    assert await database.write(turn) == ([], [])
    assert (await read_period(database, period)).held == 0
