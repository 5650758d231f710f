"""The moves of a period in SQL: each locks the period's row, and writes its line of `audit` in the same transaction.

`actor` is who moves it, or `service` for what the schedule does. `now` is an instant. All run inside
`Database.write` and fail closed: either the move and its audit line are there, or neither is. What moves is in force
within a tick: web processes read the row once a second, and the ticker copies it to the line.
"""

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.audit import SERVICE, By, a, record
from foundation.clock import rfc3339
from foundation.errors import Code, Refusal, Stale
from foundation.sql.database import Database
from foundation.subjects import Subject
from quota import draw, draw_order, ledger, store
from quota.draw import BrokenCommitment, Rule, rule_of, wrong_rule
from quota.period_bounds import LONGEST_NOTICE, new_draft, refuse_fields, wrong_pace, wrong_period
from quota.periods import Flags, due, flags_of, move, ready, stopped
from quota.programmes import Programme
from quota.states import Action, Mode, PeriodAct, PeriodState
from quota.store import PERIOD, Period, period_of

_INTAKES = 0x6775696368657401
"""PostgreSQL advisory lock: two periods made at once get two ordinals."""

p = store.period


async def create(
    conn: AsyncConnection,
    programme: Programme,
    period_id: str,
    opens_at: int,
    closes_at: int,
    cap: int | None,
    actor: By,
    now: int,
    *,
    calls_per_minute: int | None = None,
    most_live_tokens: int | None = None,
    token_seconds: int | None = None,
    rule: Rule | None = None,
) -> Period:
    """Make a draft with the programme's rules; what is given here goes before them. Raises Refusal invalid."""
    period = new_draft(
        programme, period_id, opens_at, closes_at, cap, rule or Rule(),
        calls_per_minute=calls_per_minute, most_live_tokens=most_live_tokens, token_seconds=token_seconds,
    )  # fmt: skip
    refuse_fields(wrong_period(period) | wrong_rule(period))
    if conn.dialect.name == "postgresql":
        await conn.execute(sa.select(sa.func.pg_advisory_xact_lock(_INTAKES)))
    if (await conn.execute(sa.select(p.c.uid).where(p.c.id == period_id))).first() is not None:
        refuse_fields({"id": "une période porte déjà ce nom"})
    last = sa.select(sa.func.coalesce(sa.func.max(p.c.ordinal), 0)).where(p.c.programme == programme.id)
    period = msgspec.structs.replace(period, ordinal=(await conn.execute(last)).scalar_one() + 1)
    await conn.execute(sa.insert(p).values(msgspec.structs.asdict(period)))
    rules = {
        "id": period_id,
        "programme": programme.id,
        "opens_at": opens_at,
        "closes_at": closes_at,
        "cap": period.cap,
        "mode": period.mode,
    }
    await record(conn, actor, PeriodAct.CREATE, Subject(PERIOD, period.uid), now, after=rules)
    return period


async def announce(conn: AsyncConnection, uid: str, actor: By, now: int, notice_hours: int = 0) -> Period:
    """Publish the period with its dates, cap and rules (WR-18). Raises Refusal move_not_allowed, not_found.

    In mode draw the seed is made here, and what is published of it.
    """
    period = await _move(conn, uid, Action.ANNOUNCE, actor, now, notice_hours)
    if period.mode != Mode.DRAW:
        return period
    rule = {
        "entries_from": period.entries_from,
        "value_is": period.value_is,
        "commitment": await draw.commit(conn, period.uid),
    }
    return await _write(conn, period, actor, PeriodAct.COMMIT, now, None, rule, commitment=rule["commitment"])


async def arm(conn: AsyncConnection, uid: str, actor: By, now: int) -> Period:
    """Let the schedule open it (P10). Raises Refusal move_not_allowed, also at `opens_at` and after; not_found."""
    return await _move(conn, uid, Action.ARM, actor, now)


async def pause(conn: AsyncConnection, uid: str, actor: By, now: int) -> Period:
    """Stop calls and the service clock; joins and submissions go on. Raises Refusal move_not_allowed, not_found."""
    return await _move(conn, uid, Action.PAUSE, actor, now)


async def suspend(conn: AsyncConnection, uid: str, actor: By, now: int) -> Period:
    """As a pause, and nobody submits. Raises Refusal move_not_allowed, not_found."""
    return await _move(conn, uid, Action.SUSPEND, actor, now)


async def resume(conn: AsyncConnection, uid: str, actor: By, now: int) -> Period:
    """End a pause or a suspension. Raises Refusal move_not_allowed, not_found."""
    return await _move(conn, uid, Action.RESUME, actor, now)


async def close(conn: AsyncConnection, uid: str, actor: By, now: int) -> Period:
    """End it: nobody is called, live tokens may finish. Raises Refusal move_not_allowed, not_found."""
    return await _move(conn, uid, Action.CLOSE, actor, now)


async def stop(
    conn: AsyncConnection, uid: str, actor: By, now: int, key: str, reason: str | None = None
) -> Period:
    """The kill switch (ADR 0023): no call and no submission from this commit on. Raises Refusal not_found alone.

    `key` names this stop, however it comes here: a second time it does nothing, also after the period was resumed.
    """
    period = await _settle(conn, await ledger.lock(conn, uid), now)
    about = (a.c.subject_kind == PERIOD, a.c.subject_id == uid, a.c.act == PeriodAct.STOP)
    earlier = (await conn.execute(sa.select(a.c.detail).where(*about))).scalars()
    if any(msgspec.json.decode(detail).get("key") == key for detail in earlier):
        return period
    before, after = flags_of(period), stopped(flags_of(period), period.live_tokens, now)
    await ledger.update(conn, uid, **msgspec.structs.asdict(after))
    await record(
        conn, actor, PeriodAct.STOP, Subject(PERIOD, uid), now, reason=reason, key=key,
        before={"stand": before.stand, "suspended": before.suspended},
        after={"stand": after.stand, "suspended": after.suspended},
    )  # fmt: skip
    return msgspec.structs.replace(period, version=period.version + 1, **msgspec.structs.asdict(after))


async def set_pace(
    conn: AsyncConnection,
    uid: str,
    calls_per_minute: int | None,
    most_live_tokens: int | None,
    actor: By,
    now: int,
) -> Period:
    """How many are called a minute, and how many tokens may live at once (WR-04). Raises Refusal invalid, not_found.

    A faster pace does not wait for the next call of the slower one: that may be minutes away.
    """
    period = await ledger.lock(conn, uid)
    after = msgspec.structs.replace(
        period,
        calls_per_minute=period.calls_per_minute if calls_per_minute is None else calls_per_minute,
        most_live_tokens=period.most_live_tokens if most_live_tokens is None else most_live_tokens,
    )
    refuse_fields(wrong_pace(after))
    before, pace = _pace(period), _pace(after)
    next_call = period.next_call
    if after.calls_per_minute > 0:
        next_call = min(next_call, period.clock + 60_000 // after.calls_per_minute)
    return await _write(conn, period, actor, PeriodAct.PACE, now, before, pace, next_call=next_call, **pace)


def _pace(period: Period) -> dict[str, Any]:
    return {"calls_per_minute": period.calls_per_minute, "most_live_tokens": period.most_live_tokens}


async def set_notice(conn: AsyncConnection, uid: str, text: str, actor: By, now: int) -> Period:
    """Put a message on every waiting screen. Raises Refusal invalid, not_found."""
    text = text.strip()
    if not 1 <= len(text) <= LONGEST_NOTICE or "\0" in text:
        refuse_fields({"text": f"doit avoir de 1 à {LONGEST_NOTICE} caractères"})
    period = await ledger.lock(conn, uid)
    return await _write(
        conn, period, actor, PeriodAct.NOTICE, now, {"text": period.notice}, {"text": text}, notice=text
    )


async def clear_notice(conn: AsyncConnection, uid: str, actor: By, now: int) -> Period:
    """Take the message away; nothing happens where there is none. Raises Refusal not_found."""
    period = await ledger.lock(conn, uid)
    before, after = {"text": period.notice}, {"text": None}
    return await _write(conn, period, actor, PeriodAct.CLEAR_NOTICE, now, before, after, notice=None)


async def set_rule(
    conn: AsyncConnection, uid: str, programme: Programme, rule: Rule, actor: By, now: int
) -> Period:
    """Say of a draft who will be first (WR-18): in order of arrival, or drawn.

    Raises Refusal move_not_allowed once it is announced: the rule is frozen then; invalid, not_found.
    """
    period = await ledger.lock(conn, uid)
    if period.state != PeriodState.DRAFT:
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": flags_of(period).stand, "to": "draft"})
    values = rule_of(programme, period.opens_at, rule)
    refuse_fields(wrong_rule(msgspec.structs.replace(period, **values)))
    before = {name: getattr(period, name) for name in values}
    return await _write(conn, period, actor, PeriodAct.RULE, now, before, values, **values)


async def set_value(conn: AsyncConnection, uid: str, text: str, actor: By, now: int) -> Period:
    """Record the public value that was named beforehand. The same one again changes nothing.

    Until the entries are frozen it may be corrected, on the record; with them it is frozen, and what comes after them
    is final at once. Raises Refusal move_not_allowed then, and where nothing is drawn; invalid, not_found.
    """
    value = draw_order.plain(text)
    if value is None:
        refuse_fields({"value": f"doit avoir de 1 à {draw_order.LONGEST_VALUE} caractères, sur une ligne"})
    period = await ledger.lock(conn, uid)
    if period.mode == Mode.DRAW and period.public_value == value:
        return period
    is_final = period.entries is not None and period.public_value is not None
    if period.mode != Mode.DRAW or is_final or period.state not in (PeriodState.ANNOUNCED, PeriodState.ARMED):
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": flags_of(period).stand, "to": "armed"})
    before, after = {"value": period.public_value}, {"value": value}
    return await _write(conn, period, actor, PeriodAct.VALUE, now, before, after, public_value=value)


async def freeze(conn: AsyncConnection, uid: str, epoch: int, entries: int, now: int) -> Period:
    """Fix how many entries are drawn, and with them a value that is there already. A second call changes nothing.

    `entries` is the last one given in this epoch, and the line gives none any more. Numbers of later joins begin above.
    Raises Stale in another epoch, and Refusal room_not_open before the opening.
    """
    period = await ledger.lock(conn, uid)
    if period.entries is not None:
        return period
    if period.epoch != epoch:
        raise Stale
    if period.state != PeriodState.ARMED or now < period.opens_at:
        raise Refusal(Code.ROOM_NOT_OPEN, opens_at=rfc3339(period.opens_at))
    after = {"entries": entries, "value": period.public_value}
    mark = max(period.mark, entries)
    return await _write(conn, period, SERVICE, PeriodAct.FREEZE, now, None, after, entries=entries, mark=mark)


async def to_freeze(conn: AsyncConnection, now: int) -> list[Period]:
    """Periods in mode draw whose opening has come and whose entries are not frozen yet."""
    waiting = (
        p.c.mode == Mode.DRAW,
        p.c.state == PeriodState.ARMED,
        p.c.entries.is_(None),
        p.c.opens_at <= now,
    )
    return [period_of(row) for row in await conn.execute(sa.select(p).where(*waiting))]


async def set_proof(conn: AsyncConnection, uid: str, asked: bool, actor: By, now: int) -> Period:
    """Ask for a proof of work with each number from now on, or no longer (ADR 0012). Raises Refusal not_found."""
    period = await ledger.lock(conn, uid)
    before, after = {"asked": period.proof}, {"asked": asked}
    return await _write(conn, period, actor, PeriodAct.PROOF, now, before, after, proof=asked)


async def open_due(db: Database, now: int) -> list[Period]:
    """Open what the schedule opens and close what it closes, paused or not; returns what moved. The ticker's.

    A look first, a lock only where something is due. Late or twice does no harm: `periods.phase` shows the same, and
    the second finds nothing due. Raises Unavailable; and BrokenCommitment, when all others are served, for a draw that
    cannot open with the seed that is in the store.
    """
    waiting = sa.or_(
        sa.and_(p.c.state == PeriodState.ARMED, p.c.opens_at <= now),
        sa.and_(p.c.state == PeriodState.OPEN, p.c.closes_at <= now),
    )

    async def look(conn: AsyncConnection) -> list[str]:
        return list((await conn.execute(sa.select(p.c.uid).where(waiting))).scalars())

    async def settle(conn: AsyncConnection, uid: str) -> Period | None:
        before = await ledger.lock(conn, uid)
        after = await _settle(conn, before, now)
        could_open = due(flags_of(before), now, before.opens_at, before.closes_at, ready(before))
        return after if after is not before or could_open else None

    moved = [await db.write(lambda conn, uid=uid: settle(conn, uid)) for uid in await db.read(look)]  # type: ignore[misc]
    for period in moved:
        if period is not None and period.state == PeriodState.ARMED:
            raise BrokenCommitment(period.id)
    return [period for period in moved if period is not None]


async def every(conn: AsyncConnection) -> list[Period]:
    """All periods, drafts too, those that open last first."""
    return [period_of(row) for row in await conn.execute(sa.select(p).order_by(p.c.opens_at.desc(), p.c.id))]


async def _move(
    conn: AsyncConnection, uid: str, action: Action, actor: By, now: int, notice_hours: int = 0
) -> Period:
    """One operator's move. What the schedule owes comes first, so that a dead ticker keeps no operator from pausing."""
    period = await _settle(conn, await ledger.lock(conn, uid), now)
    after = move(flags_of(period), action, now, period.opens_at, notice_hours)
    return await _become(conn, period, after, actor, action, now)


async def _settle(conn: AsyncConnection, period: Period, now: int) -> Period:
    for action in due(flags_of(period), now, period.opens_at, period.closes_at, ready(period)):
        if action == Action.OPEN and period.mode == Mode.DRAW:
            seed = await draw.reveal(conn, period)
            if seed is None:
                break
            period = await _draw(conn, period, seed, now)
        after = move(flags_of(period), action, now, period.opens_at)
        period = await _become(conn, period, after, SERVICE, action, now)
    return period


async def _draw(conn: AsyncConnection, period: Period, seed: str, now: int) -> Period:
    """Reveal the seed: from this transaction on everybody can compute the order."""
    after = {"entries": period.entries, "value": period.public_value, "seed": seed}
    return await _write(conn, period, SERVICE, PeriodAct.DRAW, now, None, after, seed=seed, drawn_at=now)


async def _become(
    conn: AsyncConnection, period: Period, after: Flags, actor: By, action: Action, now: int
) -> Period:
    stands = {"stand": flags_of(period).stand}, {"stand": after.stand}
    return await _write(conn, period, actor, action, now, *stands, **msgspec.structs.asdict(after))


async def _write(
    conn: AsyncConnection,
    period: Period,
    actor: By,
    act: str,
    now: int,
    before: dict[str, Any] | None,
    after: dict[str, Any],
    **values: Any,
) -> Period:
    """Write the locked row and its audit line, and return the row as it is now."""
    await ledger.update(conn, period.uid, **values)
    await record(conn, actor, act, Subject(PERIOD, period.uid), now, before=before, after=after)
    return msgspec.structs.replace(period, version=period.version + 1, **values)
