"""What operators do to a period that is announced: arm it, pause it, resume it, close it, stop it,
and change what may be changed: its pace, its messages, whether a proof of work is asked for, the value it draws by."""

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.audit import By, a, acting
from foundation.errors import Code, Refusal
from foundation.subjects import Subject
from quota import approvals, draw_order, ledger
from quota.moves.schedule import settle
from quota.moves.writing import become, refuse_changed, write
from quota.period_bounds import (
    LONGEST_NOTICE,
    read_reason,
    refuse_fields,
    resumed_notice,
    wrong_pace,
)
from quota.periods import flags_of, move, stopped
from quota.states import BEFORE_OPENING, Action, Mode, PeriodAct, PeriodState
from quota.store import PERIOD, Period


class Retyped(msgspec.Struct, frozen=True):
    """What the second person types again to arm a period: the cap, and the instant of the opening."""

    cap: int | None
    opens_at: int | None


def retyped_differently(period: Period, retyped: Retyped) -> dict[str, str]:
    """What was not typed again as it was announced, as field and reason (French, for the operator who typed it)."""
    different = {}
    for name in Retyped.__struct_fields__:
        typed = getattr(retyped, name)
        if typed != getattr(period, name):
            different[name] = "doit être retapé" if typed is None else "n’est pas ce qui a été annoncé"
    return different


async def arm(
    conn: AsyncConnection,
    uid: str,
    retyped: Retyped,
    actor: By,
    now: int,
    version: int | None = None,
) -> Period:
    """Let the schedule open it (P10): by somebody else than announced it, who types cap and instant again (P17).

    Raises Refusal move_not_allowed, also at `opens_at` and after; second_person_needed, retyped_differently,
    changed_meanwhile, not_found.
    """
    period = await settle(conn, uid, now)
    after = move(flags_of(period), Action.ARM, now, period.opens_at)
    author, name = period.announced_by, acting(actor).name
    if author is not None and approvals.is_same(author, name):
        raise approvals.second_person_needed(author, Action.ARM)
    if different := retyped_differently(period, retyped):
        fields = [{"name": name, "reason": reason} for name, reason in different.items()]
        raise Refusal(Code.RETYPED_DIFFERENTLY, fields=fields)
    refuse_changed(period, version)
    if author is not None:
        await approvals.done_by_two(conn, Subject(PERIOD, uid), Action.ARM, author, name, now)
    return await become(conn, period, after, actor, Action.ARM, now, {"announced_by": author})


async def disarm(conn: AsyncConnection, uid: str, actor: By, now: int, version: int | None = None) -> Period:
    """Keep the schedule from opening it: it is announced again. Raises Refusal move_not_allowed, also at `opens_at` and
    after; changed_meanwhile, not_found."""
    return await _move(conn, uid, Action.DISARM, actor, now, version)


async def pause(conn: AsyncConnection, uid: str, actor: By, now: int) -> Period:
    """Stop calls and the service clock; joins and submissions go on. Raises Refusal move_not_allowed, not_found."""
    return await _move(conn, uid, Action.PAUSE, actor, now)


async def suspend(conn: AsyncConnection, uid: str, actor: By, now: int) -> Period:
    """As a pause, and nobody submits. Raises Refusal move_not_allowed, not_found."""
    return await _move(conn, uid, Action.SUSPEND, actor, now)


async def resume(
    conn: AsyncConnection,
    uid: str,
    actor: By,
    now: int,
    notice: str | None = None,
    version: int | None = None,
) -> Period:
    """End a pause or a suspension, also one that an end found there: then live tokens may finish.

    People learn of the end of a suspension by a notice (ADR 0020): `notice`, or one that was put up since it began, or
    a standard one. Raises Refusal move_not_allowed, invalid, changed_meanwhile, not_found.
    """
    text = None if notice is None else read_notice(notice)
    before = await settle(conn, uid, now)
    after = move(flags_of(before), Action.RESUME, now, before.opens_at)
    refuse_changed(before, version)
    is_told = before.notice is not None and (before.notice_at or 0) >= (before.paused_at or 0)
    period = await become(conn, before, after, actor, Action.RESUME, now)
    if text is None and before.suspended and not is_told:
        text = resumed_notice(before, now)
    return period if text is None else await _notice(conn, period, text, actor, now)


async def close(conn: AsyncConnection, uid: str, actor: By, now: int) -> Period:
    """End it: nobody is called, live tokens may finish; in a suspension they still wait for its end.

    Raises Refusal move_not_allowed, not_found.
    """
    return await _move(conn, uid, Action.CLOSE, actor, now)


async def stop(
    conn: AsyncConnection, uid: str, actor: By, now: int, key: str, reason: str | None = None
) -> Period:
    """The kill switch (ADR 0023): no call and no submission from this commit on. Raises Refusal not_found alone.

    `key` names this stop, however it comes here: a second time it does nothing, also after the period was resumed.
    """
    period = await settle(conn, uid, now)
    about = (a.c.subject_kind == PERIOD, a.c.subject_id == uid, a.c.act == PeriodAct.STOP)
    earlier = (await conn.execute(sa.select(a.c.after).where(*about))).scalars()
    if any(msgspec.json.decode(after).get("key") == key for after in earlier):
        return period
    before, after = flags_of(period), stopped(flags_of(period), period.live_tokens, now)
    stands = {"stand": before.stand}, {"stand": after.stand, "key": key}
    values = msgspec.structs.asdict(after)
    return await write(conn, period, actor, PeriodAct.STOP, now, *stands, reason=reason, **values)


async def set_pace(
    conn: AsyncConnection,
    uid: str,
    calls_per_minute: int | None,
    most_live_tokens: int | None,
    actor: By,
    now: int,
    version: int | None = None,
    reason: str | None = None,
) -> Period:
    """How many are called a minute, and how many tokens may live at once (WR-04).

    A faster pace does not wait for the next call of the slower one: that may be minutes away. Before the opening a pace
    of nobody needs a reason. Raises Refusal invalid, changed_meanwhile, not_found.
    """
    reason = read_reason(reason)
    period = await ledger.lock(conn, uid)
    refuse_changed(period, version)
    after = msgspec.structs.replace(
        period,
        calls_per_minute=period.calls_per_minute if calls_per_minute is None else calls_per_minute,
        most_live_tokens=period.most_live_tokens if most_live_tokens is None else most_live_tokens,
    )
    refuse_fields(wrong_pace(after))
    stops = after.calls_per_minute == 0 != period.calls_per_minute and period.state in BEFORE_OPENING
    if stops and not reason:
        refuse_fields(
            {"calls_per_minute": "personne ne serait appelé; un motif (« reason ») permet de le maintenir"}
        )
    before, pace = _pace(period), _pace(after)
    next_call = period.next_call
    if after.calls_per_minute > 0:
        next_call = min(next_call, period.clock + 60_000 // after.calls_per_minute)
    values: dict[str, Any] = pace | {"next_call": next_call} | ({"odd_reason": reason} if stops else {})
    return await write(conn, period, actor, PeriodAct.PACE, now, before, pace, reason=reason, **values)


def _pace(period: Period) -> dict[str, Any]:
    return {"calls_per_minute": period.calls_per_minute, "most_live_tokens": period.most_live_tokens}


async def set_notice(
    conn: AsyncConnection, uid: str, text: str, actor: By, now: int, version: int | None = None
) -> Period:
    """Put a message on every waiting screen. Raises Refusal invalid, changed_meanwhile, not_found."""
    text = read_notice(text)
    period = await ledger.lock(conn, uid)
    refuse_changed(period, version)
    return await _notice(conn, period, text, actor, now)


def read_notice(text: str) -> str:
    """A notice as it is typed. Raises Refusal invalid."""
    text = text.strip()
    if not 1 <= len(text) <= LONGEST_NOTICE or "\0" in text:
        refuse_fields({"text": f"doit avoir de 1 à {LONGEST_NOTICE} caractères"})
    return text


async def _notice(conn: AsyncConnection, period: Period, text: str, actor: By, now: int) -> Period:
    before, after = {"text": period.notice}, {"text": text}
    values: dict[str, Any] = {"notice": text, "notice_at": now}
    return await write(conn, period, actor, PeriodAct.NOTICE, now, before, after, **values)


async def clear_notice(
    conn: AsyncConnection, uid: str, actor: By, now: int, version: int | None = None
) -> Period:
    """Take the message away; nothing happens where there is none. Raises Refusal changed_meanwhile, not_found."""
    period = await ledger.lock(conn, uid)
    refuse_changed(period, version)
    before, after = {"text": period.notice}, {"text": None}
    values = {"notice": None, "notice_at": None}
    return await write(conn, period, actor, PeriodAct.CLEAR_NOTICE, now, before, after, **values)


async def set_value(
    conn: AsyncConnection, uid: str, text: str, actor: By, now: int, version: int | None = None
) -> Period:
    """Record the public value that was named beforehand. The same one again changes nothing.

    Until the entries are frozen it may be corrected, on the record; with them it is frozen, and what comes after them
    is final at once. Raises Refusal move_not_allowed then, and where nothing is drawn; invalid, changed_meanwhile,
    not_found.
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
    refuse_changed(period, version)
    before, after = {"value": period.public_value}, {"value": value}
    return await write(conn, period, actor, PeriodAct.VALUE, now, before, after, public_value=value)


async def set_proof(
    conn: AsyncConnection, uid: str, asked: bool, actor: By, now: int, version: int | None = None
) -> Period:
    """Ask for a proof of work with each number from now on, or no longer (ADR 0012).

    Raises Refusal changed_meanwhile, not_found.
    """
    period = await ledger.lock(conn, uid)
    refuse_changed(period, version)
    before, after = {"asked": period.proof}, {"asked": asked}
    return await write(conn, period, actor, PeriodAct.PROOF, now, before, after, proof=asked)


async def _move(
    conn: AsyncConnection, uid: str, action: Action, actor: By, now: int, version: int | None = None
) -> Period:
    """One operator's move. What the schedule owes comes first, so that a dead ticker keeps no operator from pausing."""
    period = await settle(conn, uid, now)
    after = move(flags_of(period), action, now, period.opens_at)
    refuse_changed(period, version)
    return await become(conn, period, after, actor, action, now)
