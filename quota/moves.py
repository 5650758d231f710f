"""The moves of a period in SQL: each locks the period's row, and writes its line of `audit` in the same transaction.

`actor` is who moves it, or `service` for what the schedule does. `now` is an instant. All run inside
`Database.write` and fail closed: either the move and its audit line are there, or neither is. What moves is in force
within a tick: web processes read the row once a second, and the ticker copies it to the line.

`version` is the `edit_version` that an operator saw when they decided (optimistic lock): one that has gone on since is
Refusal changed_meanwhile. None does not ask. What stops people from coming or submitting never asks: it must not wait.
"""

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation import outbox
from foundation.audit import SERVICE, By, a, acting, record
from foundation.clock import rfc3339
from foundation.errors import Code, Refusal, Stale
from foundation.sql.database import Database
from foundation.subjects import Subject
from quota import approvals, draw, draw_order, frozen_rules, ledger, store
from quota.draw import BrokenCommitment, Rule, rule_of, wrong_rule
from quota.oddities import Oddity, excusable, odd, wrong_oddities
from quota.period_bounds import (
    LONGEST_NOTICE,
    DraftChange,
    corrected,
    new_draft,
    read_reason,
    refuse_fields,
    resumed_notice,
    wrong_pace,
    wrong_period,
)
from quota.periods import Flags, due, flags_of, move, ready, stopped
from quota.programmes import Programme
from quota.released import places
from quota.released.places import CountDeleted, nothing_deleted
from quota.states import BEFORE_OPENING, Action, Mode, PeriodAct, PeriodState, PeriodTask
from quota.store import PERIOD, Period, period_of

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
    reason: str | None = None,
    from_released: bool = False,
    count_deleted: CountDeleted = nothing_deleted,
) -> Period:
    """Make a draft with the programme's rules; what is given here goes before them. `from_released`: its places are
    those that unpaid applications released, all that are left where no cap is given.

    Raises Refusal invalid; also for what is unusual (`quota/oddities.py`) without a `reason`, which goes on the record.
    Refusal no_released_places.
    """
    if from_released:
        cap = await places.require(conn, programme, cap, count_deleted)
    period = new_draft(
        programme, period_id, opens_at, closes_at, cap, rule or Rule(),
        calls_per_minute=calls_per_minute, most_live_tokens=most_live_tokens, token_seconds=token_seconds,
    )  # fmt: skip
    period = msgspec.structs.replace(period, from_released=from_released)
    reason = read_reason(reason)
    refuse_fields(_wrong_draft(period, programme, now, reason, []))
    odd_reason = reason if excusable(odd(period, programme, now)) else None
    period = msgspec.structs.replace(period, odd_reason=odd_reason)
    await places.one_at_a_time(conn)
    if (await conn.execute(sa.select(p.c.uid).where(p.c.id == period_id))).first() is not None:
        refuse_fields({"id": "une période porte déjà ce nom"})
    last = sa.select(sa.func.coalesce(sa.func.max(p.c.ordinal), 0)).where(p.c.programme == programme.id)
    period = msgspec.structs.replace(period, ordinal=(await conn.execute(last)).scalar_one() + 1)
    await conn.execute(sa.insert(p).values(msgspec.structs.asdict(period)))
    subject = Subject(PERIOD, period.uid)
    await record(conn, actor, PeriodAct.CREATE, subject, now, after=_draft(period), reason=reason)
    return period


def _wrong_draft(
    period: Period, programme: Programme, now: int, reason: str | None, known: list[Oddity]
) -> dict[str, str]:
    """What a draft must not say, as field and reason. An instant out of its bounds is no oddity: none is looked for."""
    wrong = wrong_period(period) | wrong_rule(period)
    return wrong if "opens_at" in wrong else wrong_oddities(period, programme, now, reason, known) | wrong


DRAFT_FIELDS = (
    "id", "programme", "opens_at", "closes_at", "cap", "mode", "calls_per_minute", "most_live_tokens", "token_seconds",
    "entries_from", "value_is", "from_released",
)  # fmt: skip
"""What a draft says, for the record."""


def _draft(period: Period) -> dict[str, Any]:
    return {name: getattr(period, name) for name in DRAFT_FIELDS}


async def correct(
    conn: AsyncConnection,
    uid: str,
    programme: Programme,
    change: DraftChange,
    actor: By,
    now: int,
    *,
    version: int | None = None,
    reason: str | None = None,
    count_deleted: CountDeleted = nothing_deleted,
) -> Period:
    """Change a draft. What it said before and says now goes on the record; nothing to change changes nothing.

    Raises Refusal invalid as `create` does (what had a reason before needs none again), move_not_allowed once it is
    announced, changed_meanwhile, no_released_places, not_found.
    """
    period = await _drafted(conn, uid, version)
    after = corrected(period, programme, change)
    reason = read_reason(reason)
    known = excusable(odd(period, programme, now)) if period.odd_reason else list[Oddity]()
    refuse_fields(_wrong_draft(after, programme, now, reason, known))
    if after.from_released and after.cap != period.cap:
        await places.require(conn, programme, after.cap, count_deleted, without=uid)
    changed = {
        name: getattr(after, name) for name in DRAFT_FIELDS if getattr(after, name) != getattr(period, name)
    }
    if not changed and not reason:
        return period
    kept = reason or period.odd_reason
    values = changed | {"odd_reason": kept if excusable(odd(after, programme, now)) else None}
    before = {name: getattr(period, name) for name in changed}
    return await _write(conn, period, actor, PeriodAct.CORRECT, now, before, changed, reason=reason, **values)


async def remove(conn: AsyncConnection, uid: str, actor: By, now: int, version: int | None = None) -> None:
    """Take a draft away; the record keeps what it said.

    Raises Refusal move_not_allowed once it is announced, changed_meanwhile, not_found.
    """
    period = await _drafted(conn, uid, version)
    await conn.execute(sa.delete(p).where(p.c.uid == uid))
    await record(conn, actor, PeriodAct.REMOVE, Subject(PERIOD, uid), now, before=_draft(period))


async def _drafted(conn: AsyncConnection, uid: str, version: int | None) -> Period:
    """The locked draft. Raises Refusal move_not_allowed for any other period."""
    period = await ledger.lock(conn, uid)
    if period.state != PeriodState.DRAFT:
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": flags_of(period).stand, "to": "draft"})
    _refuse_changed(period, version)
    return period


async def announce(
    conn: AsyncConnection,
    uid: str,
    programme: Programme,
    actor: By,
    now: int,
    version: int | None = None,
    *,
    count_deleted: CountDeleted = nothing_deleted,
) -> Period:
    """Publish the period with its dates, cap and rules, which are frozen into it from here on (WR-18).

    In mode draw the seed is made here, and what is published of it. Raises Refusal move_not_allowed, also later than
    the programme's hours of notice allow; invalid for an opening that is past or without a reason is unusual;
    no_released_places for a cap that was released and is no longer; changed_meanwhile, not_found.
    """
    draft = await ledger.lock(conn, uid)
    _refuse_changed(draft, version)
    after = move(flags_of(draft), Action.ANNOUNCE, now, draft.opens_at, programme.window.notice_hours)
    refuse_fields(wrong_oddities(draft, programme, now, draft.odd_reason))
    if draft.from_released:
        await places.require(conn, programme, draft.cap, count_deleted, without=uid)
    rules, digest = frozen_rules.written(frozen_rules.of_programme(programme))
    values = {"announced_by": acting(actor).name, "rules": rules, "rules_digest": digest}
    period = await become(conn, draft, after, actor, Action.ANNOUNCE, now, {"rules": digest}, **values)
    await outbox.stage(conn, PeriodTask.ANNOUNCED, Subject(PERIOD, uid), now)
    if period.mode != Mode.DRAW:
        return period
    rule = {
        "entries_from": period.entries_from,
        "value_is": period.value_is,
        "commitment": await draw.commit(conn, period.uid),
    }
    return await _write(conn, period, actor, PeriodAct.COMMIT, now, None, rule, commitment=rule["commitment"])


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
    _refuse_changed(period, version)
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
    _refuse_changed(before, version)
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
    return await _write(conn, period, actor, PeriodAct.STOP, now, *stands, reason=reason, **values)


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
    _refuse_changed(period, version)
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
    return await _write(conn, period, actor, PeriodAct.PACE, now, before, pace, reason=reason, **values)


def _pace(period: Period) -> dict[str, Any]:
    return {"calls_per_minute": period.calls_per_minute, "most_live_tokens": period.most_live_tokens}


async def set_notice(
    conn: AsyncConnection, uid: str, text: str, actor: By, now: int, version: int | None = None
) -> Period:
    """Put a message on every waiting screen. Raises Refusal invalid, changed_meanwhile, not_found."""
    text = read_notice(text)
    period = await ledger.lock(conn, uid)
    _refuse_changed(period, version)
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
    return await _write(conn, period, actor, PeriodAct.NOTICE, now, before, after, **values)


async def clear_notice(
    conn: AsyncConnection, uid: str, actor: By, now: int, version: int | None = None
) -> Period:
    """Take the message away; nothing happens where there is none. Raises Refusal changed_meanwhile, not_found."""
    period = await ledger.lock(conn, uid)
    _refuse_changed(period, version)
    before, after = {"text": period.notice}, {"text": None}
    values = {"notice": None, "notice_at": None}
    return await _write(conn, period, actor, PeriodAct.CLEAR_NOTICE, now, before, after, **values)


async def set_rule(
    conn: AsyncConnection,
    uid: str,
    programme: Programme,
    rule: Rule,
    actor: By,
    now: int,
    version: int | None = None,
) -> Period:
    """Say of a draft who will be first (WR-18): in order of arrival, or drawn.

    Raises Refusal move_not_allowed once it is announced, with which the rule is frozen; invalid, changed_meanwhile,
    not_found.
    """
    period = await _drafted(conn, uid, version)
    values = rule_of(programme, period.opens_at, rule)
    refuse_fields(wrong_rule(msgspec.structs.replace(period, **values)))
    before = {name: getattr(period, name) for name in values}
    return await _write(conn, period, actor, PeriodAct.RULE, now, before, values, **values)


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
    _refuse_changed(period, version)
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
    due = sa.select(p).where(*waiting).order_by(p.c.opens_at, p.c.uid)
    return [period_of(row) for row in await conn.execute(due)]


async def set_proof(
    conn: AsyncConnection, uid: str, asked: bool, actor: By, now: int, version: int | None = None
) -> Period:
    """Ask for a proof of work with each number from now on, or no longer (ADR 0012).

    Raises Refusal changed_meanwhile, not_found.
    """
    period = await ledger.lock(conn, uid)
    _refuse_changed(period, version)
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
        found = sa.select(p.c.uid).where(waiting).order_by(p.c.opens_at, p.c.uid)
        return list((await conn.execute(found)).scalars())

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
    conn: AsyncConnection, uid: str, action: Action, actor: By, now: int, version: int | None = None
) -> Period:
    """One operator's move. What the schedule owes comes first, so that a dead ticker keeps no operator from pausing."""
    period = await settle(conn, uid, now)
    after = move(flags_of(period), action, now, period.opens_at)
    _refuse_changed(period, version)
    return await become(conn, period, after, actor, action, now)


def _refuse_changed(period: Period, version: int | None) -> None:
    """Raises Refusal changed_meanwhile where an operator decided on what is no longer so; `current` is how it is."""
    if version is not None and version != period.edit_version:
        raise Refusal(Code.CHANGED_MEANWHILE, current={"id": period.id, "version": period.edit_version})


async def settle(conn: AsyncConnection, uid: str, now: int) -> Period:
    """The locked row, once the schedule's moves that are due were made. Raises Refusal not_found."""
    return await _settle(conn, await ledger.lock(conn, uid), now)


async def _settle(conn: AsyncConnection, period: Period, now: int) -> Period:
    for action in due(flags_of(period), now, period.opens_at, period.closes_at, ready(period)):
        if action == Action.OPEN and period.mode == Mode.DRAW:
            seed = await draw.reveal(conn, period)
            if seed is None:
                break
            period = await _draw(conn, period, seed, now)
        after = move(flags_of(period), action, now, period.opens_at)
        period = await become(conn, period, after, SERVICE, action, now)
    return period


async def _draw(conn: AsyncConnection, period: Period, seed: str, now: int) -> Period:
    """Reveal the seed: from this transaction on everybody can compute the order."""
    after = {"entries": period.entries, "value": period.public_value, "seed": seed}
    return await _write(conn, period, SERVICE, PeriodAct.DRAW, now, None, after, seed=seed, drawn_at=now)


async def become(
    conn: AsyncConnection,
    period: Period,
    after: Flags,
    actor: By,
    action: Action,
    now: int,
    said: dict[str, Any] | None = None,
    /,
    reason: str | None = None,
    **values: Any,
) -> Period:
    """Write one move, with these other columns; `said` goes on the record beside where it leads."""
    stands = {"stand": flags_of(period).stand}, {"stand": after.stand} | (said or {})
    values |= msgspec.structs.asdict(after)
    return await _write(conn, period, actor, action, now, *stands, reason=reason, **values)


async def _write(
    conn: AsyncConnection,
    period: Period,
    actor: By,
    act: str,
    now: int,
    before: dict[str, Any] | None,
    after: dict[str, Any],
    /,
    reason: str | None = None,
    **values: Any,
) -> Period:
    """Write the locked row and its audit line, and return the row as it is now.

    `edit_version` goes up with an operator's act, and with nothing that the schedule, a call or a submission does.
    """
    if acting(actor).name != SERVICE:
        values["edit_version"] = period.edit_version + 1
    await ledger.update(conn, period.uid, **values)
    subject = Subject(PERIOD, period.uid)
    await record(conn, actor, act, subject, now, before=before, after=after, reason=reason)
    return msgspec.structs.replace(period, version=period.version + 1, **values)
