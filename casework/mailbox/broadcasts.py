"""Writing to many at once (DM-04): written, seen as three real people will see it, confirmed for a number of people,
agreed to by a second person where they are many, and sent in batches (`sending.py`).

What tells of a feature that turned on is a broadcast too, that two persons wanted with the switch.

Every act takes the lock of the broadcast's row. Who confirms or agrees says which audience was shown to them; if it is
another one now, nothing is sent, and the new number is shown.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.mailbox import audiences
from casework.mailbox.audiences import Audience, FoundAudience
from casework.mailbox.states import BroadcastAct, BroadcastState, after, takes_two
from casework.mailbox.store import BROADCAST, BROADCAST_BATCH, broadcast, broadcast_recipient, message
from casework.mailbox.typed import TypedMessage
from casework.switches.store import feature_switch
from foundation import audit, outbox
from foundation.audit import By, acting
from foundation.errors import Code, Refusal
from foundation.sql.tables import insert_for
from foundation.subjects import Subject
from quota.approvals import is_same, person, second_person_needed

b, r = broadcast.c, broadcast_recipient.c

SEND_BATCH: Final = "broadcast_batch"
"""Kind of the tasks that deliver, one a batch."""

PEOPLE_A_BATCH: Final = 50
"""Delivered in one transaction, which other writers wait for: about a tenth of a second."""


class Broadcast(msgspec.Struct, frozen=True, kw_only=True):
    """A broadcast as it stands. `counted` is how many it was confirmed for; `switch` which feature turned on, where it
    tells of that; instants in milliseconds."""

    id: int
    author: str
    approver: str | None
    title: str
    text: str
    audience: Audience
    state: BroadcastState
    version: int
    counted: int | None
    written_at: int
    asked_at: int | None
    started_at: int | None
    ended_at: int | None
    stopped_by: str | None = None
    switch: int | None = None

    @property
    def said(self) -> TypedMessage:
        return TypedMessage(self.title, self.text)

    @property
    def subject(self) -> Subject:
        return Subject.row(BROADCAST, self.id)


class ShownAudience(msgspec.Struct, frozen=True):
    """What somebody was shown who now confirms or agrees: the version, and which people; how many, where they say that
    once more."""

    version: int
    digest: str
    count: int | None = None


class BroadcastProgress(msgspec.Struct, frozen=True):
    """How far a broadcast has come: of so many people, so many have it, and so many of those have opened it."""

    people: int
    delivered: int
    read: int

    @property
    def left(self) -> int:
        """How many do not have it."""
        return self.people - self.delivered


async def write(conn: AsyncConnection, by: By, said: TypedMessage, audience: Audience, now: int) -> Broadcast:
    """A new one. Refusal invalid."""
    values = {
        "author": person(acting(by).name),
        "title": said.title,
        "text": said.text,
        "audience": _json(audiences.checked(audience)),
        "state": BroadcastState.DRAFT,
        "written_at": now,
    }
    id = (await conn.execute(sa.insert(broadcast).values(values).returning(b.id))).scalar_one()
    await audit.record(conn, by, BroadcastAct.WRITE, Subject.row(BROADCAST, id), now)
    return await find(conn, id)


async def rewrite(
    conn: AsyncConnection, id: int, version: int, by: By, said: TypedMessage, audience: Audience, now: int
) -> Broadcast:
    """Change it, as its author. Refusals not_found, invalid, not_your_role for anybody else, changed_meanwhile,
    move_not_allowed."""
    of = await held(conn, id)
    _authors(of, by)
    _unchanged(of, version)
    text = {"title": said.title, "text": said.text, "audience": _json(audiences.checked(audience))}
    return await _move(conn, of, BroadcastAct.WRITE, by, now, {**text, "written_at": now})


async def confirm(conn: AsyncConnection, id: int, seen: ShownAudience, by: By, now: int) -> Broadcast:
    """Its author confirms it for the people who were shown: it is sent, or waits for a second person.

    Refusals not_found, not_your_role, changed_meanwhile (+`count`), move_not_allowed; invalid for an audience of
    nobody.
    """
    of = await held(conn, id)
    _authors(of, by)
    people = await _still(conn, of, seen)
    if not people.count:
        raise Refusal(
            Code.INVALID, fields=[{"name": "kind", "reason": "Personne ne correspond à ces choix."}]
        )
    return await _move(conn, of, BroadcastAct.CONFIRM, by, now, {"asked_at": now}, people)


async def approve(conn: AsyncConnection, id: int, seen: ShownAudience, by: By, now: int) -> Broadcast:
    """A second person agrees, and it is sent. Refusals not_found, second_person_needed for its author under whatever
    spelling, changed_meanwhile (+`count`), move_not_allowed."""
    of = await held(conn, id)
    if is_same(of.author, acting(by).name):
        raise second_person_needed(of.author, BroadcastAct.APPROVE)
    people = await _still(conn, of, seen)
    values = {"approver": person(acting(by).name)}
    return await _move(conn, of, BroadcastAct.APPROVE, by, now, values, people)


async def end(conn: AsyncConnection, id: int, act: BroadcastAct, by: By, now: int) -> Broadcast:
    """Give it back to its author, give it up, or stop it: that takes one person of the staff. Who has the message keeps
    it. Refusals not_found, move_not_allowed."""
    of = await held(conn, id)
    values: dict[str, Any] = (
        {"asked_at": None, "counted": None} if act is BroadcastAct.GIVE_BACK else {"ended_at": now}
    )
    if act is BroadcastAct.STOP:
        values |= {"stopped_by": person(acting(by).name)}
    told = await progress(conn, id) if act is BroadcastAct.STOP else None
    detail = {} if told is None else {"delivered": told.delivered, "people": told.people}
    return await _move(conn, of, act, by, now, values, detail=detail)


async def resume(conn: AsyncConnection, id: int, version: int, by: By, now: int) -> Broadcast:
    """What was stopped goes on, for those people of then who do not have it: each still has it once.

    Refusals not_found; changed_meanwhile; move_not_allowed, also where its feature was turned off; second_person_needed
    for whoever stopped it, where so many are left that one person alone may not write to them.
    """
    of = await held(conn, id)
    _unchanged(of, version)
    left = (await progress(conn, id)).left
    turned_off = sa.select(feature_switch.c.id).where(
        feature_switch.c.id == of.switch, feature_switch.c.ended_at.is_not(None)
    )
    if after(of.state, BroadcastAct.RESUME, left) is None or (await conn.execute(turned_off)).first():
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": of.state, "to": BroadcastAct.RESUME})
    if of.stopped_by is not None and takes_two(left) and is_same(of.stopped_by, acting(by).name):
        raise second_person_needed(of.stopped_by, BroadcastAct.RESUME)
    values = {"ended_at": None, "stopped_by": None}
    going_on = await _move(conn, of, BroadcastAct.RESUME, by, now, values, detail={"people": left})
    waiting = sa.select(r.batch).where(r.broadcast == id, r.message.is_(None)).distinct().order_by(r.batch)
    for batch in (await conn.execute(waiting)).scalars():
        subject = Subject(BROADCAST_BATCH, f"{id}-{batch}")
        await outbox.stage(conn, SEND_BATCH, subject, now, key=f"{SEND_BATCH}:{subject}:{going_on.version}")
    return going_on


async def start_of_switch(
    conn: AsyncConnection,
    switch: int,
    people: tuple[str, str],
    said: TypedMessage,
    audience: Audience,
    now: int,
) -> None:
    """A feature was turned on, wanted by these two persons: its audience is written to, once a switch. A broadcast like
    any other from then on."""
    found = await audiences.found(conn, audience)
    values = {
        "author": people[0], "approver": people[1], "title": said.title, "text": said.text, "audience": _json(audience),
        "state": BroadcastState.SENDING, "counted": found.count, "written_at": now, "asked_at": now, "started_at": now,
        "switch": switch,
    }  # fmt: skip
    once = insert_for(conn, broadcast).values(values).on_conflict_do_nothing(index_elements=[b.switch])
    id = (await conn.execute(once.returning(b.id))).scalar_one_or_none()
    if id is None:
        return
    if found.people:
        await _stage(conn, id, found, now)
    started = {"state": BroadcastState.SENDING}
    await audit.record(
        conn, audit.SERVICE, BroadcastAct.START, Subject.row(BROADCAST, id), now, after=started,
        people=found.count, switch=switch,
    )  # fmt: skip
    await finish(conn, await held(conn, id), now)


async def stop_of_switch(conn: AsyncConnection, switch: int, by: By, now: int) -> None:
    """A feature was turned off: what is still sent about it is stopped."""
    wanted = sa.select(b.id, b.state).where(b.switch == switch).with_for_update()
    row = (await conn.execute(wanted)).one_or_none()
    if row is not None and row.state == BroadcastState.SENDING:
        await end(conn, row.id, BroadcastAct.STOP, by, now)


async def find(conn: AsyncConnection, id: int) -> Broadcast:
    """One broadcast. Refusal not_found."""
    return _broadcast((await conn.execute(sa.select(broadcast).where(b.id == id))).one_or_none())


async def listed(conn: AsyncConnection, most: int) -> Sequence[Broadcast]:
    """The newest so many, whatever became of them."""
    rows = await conn.execute(sa.select(broadcast).order_by(b.id.desc()).limit(most))
    return [_broadcast(row) for row in rows]


async def held(conn: AsyncConnection, id: int) -> Broadcast:
    """One broadcast, under its lock: nothing else is done with it until this transaction ends. Refusal not_found."""
    wanted = sa.select(broadcast).where(b.id == id).with_for_update()
    return _broadcast((await conn.execute(wanted)).one_or_none())


async def progress(conn: AsyncConnection, id: int) -> BroadcastProgress:
    """How far it has come."""
    counts = sa.select(sa.func.count(), sa.func.count(r.message), sa.func.count(message.c.read_at))
    rows = counts.select_from(broadcast_recipient).outerjoin(message, message.c.id == r.message)
    return BroadcastProgress(*(await conn.execute(rows.where(r.broadcast == id))).one())


def _authors(of: Broadcast, by: By) -> None:
    if not is_same(of.author, acting(by).name):
        raise Refusal(Code.NOT_YOUR_ROLE)


def _unchanged(of: Broadcast, version: int) -> None:
    if of.version != version:
        raise Refusal(Code.CHANGED_MEANWHILE, current=of.version)


async def _still(conn: AsyncConnection, of: Broadcast, seen: ShownAudience) -> FoundAudience:
    """The people who were shown, if they are the same ones now."""
    _unchanged(of, seen.version)
    people = await audiences.found(conn, of.audience)
    if people.digest != seen.digest or seen.count not in {None, people.count}:
        raise Refusal(Code.CHANGED_MEANWHILE, count=people.count)
    return people


async def finish(conn: AsyncConnection, of: Broadcast, now: int) -> None:
    """Say that it is sent whole, where nobody waits any more. The caller has its lock."""
    waiting = sa.select(r.account).where(r.broadcast == of.id, r.message.is_(None)).limit(1)
    if (await conn.execute(waiting)).first() is None:
        await _move(conn, of, BroadcastAct.FINISH, audit.SERVICE, now, {"ended_at": now})


async def _move(
    conn: AsyncConnection,
    of: Broadcast,
    act: BroadcastAct,
    by: By,
    now: int,
    values: dict[str, Any],
    people: FoundAudience | None = None,
    detail: Mapping[str, int] | None = None,
) -> Broadcast:
    """Write a move by the one table, and what follows from it; on the record. Refusal move_not_allowed."""
    count = 0 if people is None else people.count
    state = after(of.state, act, count)
    if state is None:
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": of.state, "to": act})
    changed = {**values, "state": state, "version": of.version + 1}
    if people is not None:
        changed["counted"] = count
        if state is BroadcastState.SENDING:
            changed["started_at"] = now
            await _stage(conn, of.id, people, now)
    await conn.execute(sa.update(broadcast).where(b.id == of.id).values(changed))
    more: dict[str, Any] = {**(detail or {}), **({"people": count} if count else {})}
    before, after_it = {"state": of.state}, {"state": state}
    await audit.record(conn, by, act, of.subject, now, before=before, after=after_it, **more)
    return await find(conn, of.id)


async def _stage(conn: AsyncConnection, id: int, people: FoundAudience, now: int) -> None:
    """A row a person, and a task a batch."""
    rows = [
        {
            "broadcast": id,
            "account": one.account,
            "submission": one.submission,
            "batch": 1 + n // PEOPLE_A_BATCH,
        }
        for n, one in enumerate(people.people)
    ]
    await conn.execute(sa.insert(broadcast_recipient), rows)
    for batch in range(1, 2 + (people.count - 1) // PEOPLE_A_BATCH):
        await outbox.stage(conn, SEND_BATCH, Subject(BROADCAST_BATCH, f"{id}-{batch}"), now)


def _json(audience: Audience) -> str:
    return msgspec.json.encode(audience).decode()


def _broadcast(row: sa.Row[*tuple[Any, ...]] | None) -> Broadcast:
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    values = {str(name): value for name, value in row._mapping.items()}
    values["audience"] = msgspec.json.decode(row.audience, type=Audience)
    values["state"] = BroadcastState(row.state)
    return Broadcast(**values)
