"""Planning a switch, approving it, ending it; and the one question that features ask (PM-02, PM-03, P17)."""

from collections.abc import Mapping

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.mailbox import broadcasts
from casework.mailbox.states import BroadcastState
from casework.mailbox.store import broadcast, broadcast_recipient
from casework.switches.states import SwitchMove, SwitchName, SwitchState, check, state_of
from casework.switches.store import FEATURE_SWITCH, feature_switch
from casework.switches.telling import SwitchTask
from foundation import audit, outbox
from foundation.audit import By, acting
from foundation.errors import Code, Refusal
from foundation.sql.tables import insert_for, plain_row
from foundation.subjects import Subject
from quota.approvals import is_same, person, second_person_needed

PLAN, APPROVE, END = "switch_plan", "switch_approve", "switch_end"
"""The acts, as the record calls them."""

NOT_APPROVED: str = "Personne ne l’avait approuvé à temps."
"""Why a lapsed plan ends when another one is made."""

f, b, r = feature_switch, broadcast.c, broadcast_recipient.c

_TOLD = (
    sa.select(sa.func.count(r.message)).join(broadcast, b.id == r.broadcast).where(b.switch == f.c.id)
).scalar_subquery()

_SWITCHES = sa.select(
    f,
    sa.select(b.id).where(b.switch == f.c.id).scalar_subquery().label("broadcast"),
    _TOLD.label("told"),
    sa.select(b.ended_at)
    .where(b.switch == f.c.id, b.state == BroadcastState.SENT)
    .scalar_subquery()
    .label("told_at"),
)
"""Each switch with what its audience was told."""


class SwitchPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A planned switch, as its row is. Instants in milliseconds. `broadcast` is what tells its audience; `told` how
    many have it, `told_at` when the last of them had it."""

    id: int
    programme: str
    name: SwitchName
    on_at: int
    author: str
    reason: str | None
    planned_at: int
    approver: str | None
    approved_at: int | None
    turned_on_at: int | None
    broadcast: int | None
    told: int
    told_at: int | None
    ended_at: int | None
    ended_by: str | None
    end_reason: str | None

    def state(self, now: int) -> SwitchState:
        """Where it stands at this instant."""
        return state_of(self.on_at, self.approved_at, self.ended_at, now)


async def is_on(
    conn: AsyncConnection, programme: str, name: SwitchName, now: int, *, hold: bool = False
) -> bool:
    """Whether a feature is there for a programme at this instant: asked in the transaction of whatever it allows. With
    `hold`, nobody turns it off before this transaction ends."""
    live = (f.c.programme == programme, f.c.name == name, f.c.ended_at.is_(None))
    wanted = sa.select(f.c.id).where(*live, f.c.approved_at.is_not(None), f.c.on_at <= now)
    return (await conn.execute(wanted.with_for_update(read=True) if hold else wanted)).first() is not None


async def published(conn: AsyncConnection, programme: str, now: int) -> Mapping[SwitchName, int]:
    """The features of a programme that are on or have a published date: by name, since or from which instant."""
    live = (f.c.programme == programme, f.c.approved_at.is_not(None), f.c.ended_at.is_(None))
    rows = await conn.execute(sa.select(f.c.name, f.c.on_at).where(*live))
    return {SwitchName(row.name): row.on_at for row in rows}


async def every(conn: AsyncConnection) -> list[SwitchPlan]:
    """All of them, the latest first."""
    return [_plan(row) for row in await conn.execute(_SWITCHES.order_by(f.c.id.desc()))]


async def find(conn: AsyncConnection, id: int, *, lock: bool = False) -> SwitchPlan:
    """One of them. Refusal not_found."""
    wanted = _SWITCHES.where(f.c.id == id)
    row = (await conn.execute(wanted.with_for_update() if lock else wanted)).one_or_none()
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    return _plan(row)


async def plan(
    conn: AsyncConnection, programme: str, name: SwitchName, on_at: int, reason: str | None, by: By, now: int
) -> SwitchPlan:
    """Plan that a feature turns on at this instant; somebody else has to approve it before. Refusals invalid for an
    instant that is not to come, move_not_allowed where it is on or planned already."""
    if on_at <= now:
        raise Refusal(
            Code.INVALID, fields=[{"name": "on_at", "reason": "Choisissez un moment qui est encore à venir."}]
        )
    live = _SWITCHES.where(f.c.programme == programme, f.c.name == name, f.c.ended_at.is_(None))
    there = (await conn.execute(live.with_for_update())).one_or_none()
    if there is not None:
        before = _plan(there)
        if before.state(now) is not SwitchState.LAPSED:
            raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": before.state(now), "to": SwitchState.PLANNED})
        await _ended(conn, before.id, person(acting(by).name), NOT_APPROVED, now)
    values = {
        "programme": programme, "name": name, "on_at": on_at, "author": person(acting(by).name), "reason": reason,
        "planned_at": now,
    }  # fmt: skip
    made = insert_for(conn, f).values(values).on_conflict_do_nothing().returning(f.c.id)
    id = (await conn.execute(made)).scalar_one_or_none()
    if id is None:  # somebody else was faster
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": SwitchState.PLANNED, "to": SwitchState.PLANNED})
    after = {"programme": programme, "name": name, "on_at": on_at}
    await audit.record(conn, by, PLAN, Subject.row(FEATURE_SWITCH, id), now, after=after, reason=reason)
    return await find(conn, id)


async def approve(conn: AsyncConnection, id: int, by: By, now: int) -> SwitchPlan:
    """The second person wants it too: it is published, and its task waits for its instant. Refusals not_found,
    second_person_needed for its author, move_not_allowed where it is too late or was done."""
    found = await find(conn, id, lock=True)
    check(found.state(now), SwitchMove.APPROVE)
    name = acting(by).name
    if is_same(found.author, name):
        raise second_person_needed(found.author, APPROVE)
    await conn.execute(sa.update(f).where(f.c.id == id).values(approver=person(name), approved_at=now))
    subject = Subject.row(FEATURE_SWITCH, id)
    await outbox.stage(conn, SwitchTask.TURN_ON, subject, now, due_at=found.on_at)
    after = {"programme": found.programme, "name": found.name, "on_at": found.on_at}
    await audit.record(conn, by, APPROVE, subject, now, after=after, author=found.author)
    return await find(conn, id)


async def end(conn: AsyncConnection, id: int, reason: str, by: By, now: int) -> SwitchPlan:
    """Withdraw it before its instant, or turn it off: one person does, with a reason; what is still sent about it
    stops. Refusals not_found, move_not_allowed."""
    found = await find(conn, id, lock=True)
    before = found.state(now)
    check(before, SwitchMove.END)
    await _ended(conn, id, person(acting(by).name), reason, now)
    await broadcasts.stop_of_switch(conn, id, by, now)
    after = await find(conn, id)
    await audit.record(
        conn, by, END, Subject.row(FEATURE_SWITCH, id), now, reason=reason,
        before={"state": before}, after={"state": after.state(now)}, programme=found.programme, name=found.name,
    )  # fmt: skip
    return after


async def _ended(conn: AsyncConnection, id: int, by: str, reason: str, now: int) -> None:
    values = {"ended_at": now, "ended_by": by, "end_reason": reason}
    await conn.execute(sa.update(f).where(f.c.id == id).values(values))


def _plan(row: sa.Row[*tuple[object, ...]]) -> SwitchPlan:
    return msgspec.convert(plain_row(row), SwitchPlan)
