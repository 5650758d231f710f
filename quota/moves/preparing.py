"""A period until it is announced: its draft, and the announcement, which freezes its rules (WR-18).

What is true of all moves is said in `writing.py`.
"""

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation import outbox
from foundation.audit import By, acting, record
from foundation.errors import Code, Refusal
from foundation.subjects import Subject
from quota import draw, frozen_rules, ledger, store
from quota.draw import Rule, rule_of, wrong_rule
from quota.moves.writing import become, refuse_changed, write
from quota.oddities import Oddity, excusable, odd, wrong_oddities
from quota.period_bounds import (
    DraftChange,
    corrected,
    new_draft,
    read_reason,
    refuse_fields,
    wrong_period,
)
from quota.periods import flags_of, move
from quota.programmes import Programme
from quota.released import places
from quota.released.places import CountDeleted, nothing_deleted
from quota.states import Action, Mode, PeriodAct, PeriodState, PeriodTask
from quota.store import PERIOD, Period

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
    return await write(conn, period, actor, PeriodAct.CORRECT, now, before, changed, reason=reason, **values)


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
    refuse_changed(period, version)
    return period


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
    return await write(conn, period, actor, PeriodAct.RULE, now, before, values, **values)


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
    refuse_changed(draft, version)
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
    return await write(conn, period, actor, PeriodAct.COMMIT, now, None, rule, commitment=rule["commitment"])
