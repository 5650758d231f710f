"""The ledger of tokens and places: call, lapse, leave. Each is one step of one SQL transaction.

Every step that moves a place locks the period's row first (`lock`) and makes no network call while it holds it. What a
person is told is committed before they are told (P2, P4, P5, P6). Binding and taking stand in `unit_of_work.py`.
"""

import secrets
import zlib
from collections.abc import Collection, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.clock import now_ms
from foundation.errors import Code, Refusal, Stale
from foundation.sql import tables
from foundation.sql.direct import DirectLook
from quota import store
from quota.pace import LAPSE_GRACE_MS, due_calls
from quota.states import PeriodState, TokenState
from quota.store import Period, period_from, period_of

p, t = store.period, store.token

SILENT_MS = 3_000
"""Ticks come twice a second; after so long without one the service clock is taken to stand still."""

LIST_LASTS_MS = 1_000
"""A list of who waits that is older than this calls nobody: somebody may have come back since."""

MOST_UNHEARD = 5_000
"""Leaves that one tick tells the line of: some 10 ms of Redis, and more than people leave in a second."""


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A token's row as a value: live, used, lapsed, left or cancelled."""

    number: int
    state: TokenState
    account: int | None
    call: int | None
    called_at: int | None
    called_clock: int | None
    ends: int | None
    jti: str | None
    receipt: str | None


class CallOutcome(msgspec.Struct, frozen=True):
    """What one call did: the numbers called, and those that had a row already and only need clearing in Redis."""

    numbers: list[int]
    gone: list[int]


TOKEN = [t.c[name] for name in Token.__struct_fields__]

LIVE = t.c.state == sa.literal_column("'live'")
"""Written out, not as a parameter: SQLite uses an index on live tokens only where it can see that they are live."""


# Made once: to put a statement together, and to find out that it was seen before, costs more than SQLite takes for it.
_HERE = t.c.period == sa.bindparam("uid")

_BY_ID = sa.select(p).where(p.c.id == sa.bindparam("id"))

_BY_IDS = DirectLook(sa.select(p).where(tables.among(p.c.id, "ids")))

_LOCK = sa.select(p).where(p.c.uid == sa.bindparam("uid")).with_for_update(key_share=True)

_OF_NUMBER = sa.select(*TOKEN).where(_HERE, t.c.number == sa.bindparam("number"))

_OF_NUMBERS = DirectLook(sa.select(*TOKEN).where(_HERE, tables.among(t.c.number, "numbers")))


_STATES = {state.value: state for state in TokenState}


def token_of(row: Sequence[Any]) -> Token:
    """The columns of `TOKEN` as a value; a page of whoever is called reads one."""
    number, state, account, call, called_at, called_clock, ends, jti, receipt = row
    return Token(
        number=number, state=_STATES[state], account=account, call=call, called_at=called_at,
        called_clock=called_clock, ends=ends, jti=jti, receipt=receipt,
    )  # fmt: skip


async def period_by_id(conn: AsyncConnection, id: str) -> Period:
    """The period with this public name. Raises Refusal not_found."""
    row = (await conn.execute(_BY_ID, {"id": id})).one_or_none()
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    return period_of(row)


async def periods_by_id(conn: AsyncConnection, ids: Collection[str]) -> dict[str, Period]:
    """The periods with these public names; one that does not exist is not among them."""
    rows = await _BY_IDS.rows(conn, {"ids": ids})
    periods = [period_from(dict(zip(_BY_IDS.names, row, strict=True))) for row in rows]
    return {period.id: period for period in periods}


async def lock(conn: AsyncConnection, uid: str) -> Period:
    """The period's row, locked until the transaction ends (SQLite locks the whole store at BEGIN).

    FOR NO KEY UPDATE: rows that only name this period, such as those of people who leave, need not wait for it. With
    FOR UPDATE a leave would wait here for a call that waits for the leave.
    """
    row = (await conn.execute(_LOCK, {"uid": uid})).one_or_none()
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    return period_of(row)


async def update(conn: AsyncConnection, uid: str, **values: Any) -> None:
    """Write the locked period's row; its version goes up with every write, so that late copies can be told."""
    await conn.execute(sa.update(p).where(p.c.uid == uid).values(version=p.c.version + 1, **values))


async def find(conn: AsyncConnection, uid: str, number: int) -> Token | None:
    """The row of a number, or None for one that was never called and never left."""
    row = (await conn.execute(_OF_NUMBER, {"uid": uid, "number": number})).one_or_none()
    return None if row is None else token_of(row)


async def find_many(conn: AsyncConnection, uid: str, numbers: Sequence[int]) -> dict[int, Token]:
    """The rows of these numbers, however many: what a web process asks once a second for the people it shows.

    One statement with one parameter for all: a list written out would be limited, and compiled anew for each length.
    """
    rows = await _OF_NUMBERS.rows(conn, {"uid": uid, "numbers": numbers})
    return {token.number: token for token in map(token_of, rows)}


async def numbers_with_row(conn: AsyncConnection, uid: str) -> list[int]:
    """Every number that is gone from the line: what a rebuilt `gone` bitmap is made of."""
    return list((await conn.execute(sa.select(t.c.number).where(t.c.period == uid))).scalars())


async def count_with_row(conn: AsyncConnection, uid: str) -> int:
    """How many numbers are gone from the line."""
    count = sa.select(sa.func.count()).select_from(t).where(t.c.period == uid)
    return int((await conn.execute(count)).scalar_one())


async def live_numbers(conn: AsyncConnection, uid: str) -> list[int]:
    """The numbers whose tokens are live: as many as places are held and not yet taken."""
    return list((await conn.execute(sa.select(t.c.number).where(t.c.period == uid, LIVE))).scalars())


def expires_at(period: Period, token: Token, now: int) -> int:
    """The instant of a token's end as it stands now: it moves while the service clock stands still (P5).

    Without a tick for three seconds it moves with `now`, and from there on, so that a late tick or a row read late
    never brings an end nearer that was told before.
    """
    left = (token.ends or 0) - period.clock
    silent = now - period.ticked_at
    return (now if silent < 0 else period.ticked_at + max(0, silent - SILENT_MS)) + left


async def call(
    conn: AsyncConnection,
    uid: str,
    *,
    epoch: int,
    candidates: Sequence[int],
    passed_over: bytes,
    listed_at: int,
    age_ms: int,
) -> CallOutcome:
    """Call the lowest of `candidates`, as many as the pace, the live tokens and the places allow (P6, P7).

    `candidates` ascend and are waiting and present; `passed_over` is the bitmap of lower numbers that wait but are
    parked, kept as the record. Raises Stale when the line is of another epoch.
    """
    period = await lock(conn, uid)
    if period.epoch != epoch:
        raise Stale
    if period.state != PeriodState.OPEN or period.paused or period.suspended or age_ms > LIST_LASTS_MS:
        return CallOutcome([], [])
    due, next_call = due_calls(period.clock, period.next_call, period.calls_per_minute)
    room = min(due, period.most_live_tokens - period.live_tokens, period.cap - period.held)
    known = await find_many(conn, uid, candidates)
    chosen = [number for number in candidates if number not in known][: max(0, room)]
    gone = [number for number in candidates if number in known]
    if not chosen:
        return CallOutcome([], gone)
    call_id = (
        await conn.execute(
            sa.insert(store.call)
            .values(
                period=uid, epoch=epoch, clock=period.clock, listed_at=listed_at,
                passed_over=zlib.compress(passed_over) if passed_over.strip(b"\0") else None,
            )
            .returning(store.call.c.id)
        )
    ).scalar_one()  # fmt: skip
    called = await _insert_tokens(conn, period, chosen, call_id)
    await update(conn, uid, held=p.c.held + len(called), next_call=next_call)
    return CallOutcome(called, gone + [number for number in chosen if number not in called])


async def _insert_tokens(
    conn: AsyncConnection, period: Period, numbers: Sequence[int], call_id: int
) -> list[int]:
    """One live row a number. A number that left in this very moment has a row already and is not called."""
    now = now_ms()
    rows = [
        {
            "period": period.uid,
            "number": number,
            "state": TokenState.LIVE,
            "call": call_id,
            "called_at": now,
            "called_clock": period.clock,
            "ends": period.clock + period.token_seconds * 1000,
            "jti": secrets.token_urlsafe(16),
        }
        for number in numbers
    ]
    statement = tables.insert_for(conn, t).values(rows).on_conflict_do_nothing().returning(t.c.number)
    return sorted((await conn.execute(statement)).scalars())


async def tick(conn: AsyncConnection, uid: str, *, epoch: int, delta_ms: int, ticked_at: int) -> Period:
    """Lock the period and step its service clock by what one tick measured; in pauses it stands still (P5).

    Several tickers may do this: each brings its own part of the time. Raises Stale in another epoch.
    """
    period = await lock(conn, uid)
    if period.epoch != epoch:
        raise Stale
    served = 0 if period.paused or period.suspended else delta_ms
    await update(conn, uid, clock=p.c.clock + served, ticked_at=ticked_at)
    return msgspec.structs.replace(
        period, clock=period.clock + served, ticked_at=ticked_at, version=period.version + 1
    )


async def lapse(conn: AsyncConnection, period: Period) -> list[int]:
    """End the tokens whose time is over by more than the grace; their places are free at once (SW-02, WR-13).

    The period's row is locked by the caller.
    """
    rows = await conn.execute(
        sa.update(t)
        .where(t.c.period == period.uid, LIVE, t.c.ends <= period.clock - LAPSE_GRACE_MS)
        .values(state=TokenState.LAPSED, ended_at=now_ms(), ended_clock=period.clock)
        .returning(t.c.number)
    )
    lapsed = sorted(rows.scalars())
    if lapsed:
        await update(conn, period.uid, held=p.c.held - len(lapsed))
    return lapsed


async def cancel_live(conn: AsyncConnection, period: Period) -> int:
    """Take back every live token with the whole period; how many those were. The period's row is locked by the caller,
    who gives their places back."""
    rows = await conn.execute(
        sa.update(t)
        .where(t.c.period == period.uid, LIVE)
        .values(state=TokenState.CANCELLED, ended_at=now_ms(), ended_clock=period.clock)
        .returning(t.c.number)
    )
    return len(list(rows.scalars()))


async def holds_live_token(conn: AsyncConnection, account: int) -> bool:
    """Whether a live token is bound to this account, in any period."""
    live = sa.select(t.c.number).where(t.c.account == account, LIVE)
    return (await conn.execute(live.limit(1))).first() is not None


async def with_live_tokens(conn: AsyncConnection, accounts: Collection[int]) -> set[int]:
    """Which of these accounts have a live token bound to them, in any period."""
    live = await conn.execute(sa.select(t.c.account).where(t.c.account.is_not(None), LIVE).distinct())
    return set(live.scalars()) & set(accounts)


async def leave_called(conn: AsyncConnection, uid: str, number: int) -> Token | None:
    """Give a called number's token back; its place goes to the next person. None if it was never called.

    Raises Refusal token_used after a submission. A second time, or after a lapse, it changes nothing.
    """
    period = await lock(conn, uid)
    token = await find(conn, uid, number)
    if token is not None and token.state == TokenState.USED:
        raise Refusal(Code.TOKEN_USED)
    if token is not None and token.state == TokenState.LIVE:
        values = {
            "state": TokenState.LEFT,
            "ended_at": now_ms(),
            "ended_clock": period.clock,
            "unheard": True,
        }
        await conn.execute(sa.update(t).where(t.c.period == uid, t.c.number == number).values(values))
        await update(conn, uid, held=p.c.held - 1)
    return token


async def leave_waiting(conn: AsyncConnection, leaves: Sequence[tuple[str, int]]) -> None:
    """Write that these (period, number) gave up their number. They hold no place, so no lock is needed.

    A number that was called in this very moment keeps its row: the caller looks again. They are written in the order
    in which calls are, so that no two transactions wait for each other.
    """
    now = now_ms()
    rows = [
        {"period": uid, "number": number, "state": TokenState.LEFT, "ended_at": now, "unheard": True}
        for uid, number in sorted(leaves)
    ]
    await conn.execute(tables.insert_for(conn, t).values(rows).on_conflict_do_nothing())


async def unheard(conn: AsyncConnection, uid: str) -> list[int]:
    """The lowest numbers that left and of which no tick has told the line yet, up to MOST_UNHEARD.

    The index holds these rows alone: what this costs does not grow with those who ever left.
    """
    rows = sa.select(t.c.number).where(t.c.period == uid, t.c.unheard).order_by(t.c.number)
    return list((await conn.execute(rows.limit(MOST_UNHEARD))).scalars())


async def heard(conn: AsyncConnection, uid: str, numbers: Collection[int]) -> None:
    """Write that the line was told of these."""
    these = (_HERE, t.c.unheard, tables.among(t.c.number, "numbers"))
    await conn.execute(sa.update(t).where(*these).values(unheard=False), {"uid": uid, "numbers": numbers})


async def every(conn: AsyncConnection) -> list[Period]:
    """All periods, drafts too, those that open last first."""
    return [period_of(row) for row in await conn.execute(sa.select(p).order_by(p.c.opens_at.desc(), p.c.id))]
