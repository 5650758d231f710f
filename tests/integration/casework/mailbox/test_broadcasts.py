"""A broadcast is confirmed for the people who were shown, by two where they are many; a row a person comes first."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from casework.mailbox import broadcasts, states
from casework.mailbox.broadcasts import SEND_BATCH, Broadcast, ShownAudience
from casework.mailbox.sending import sending
from casework.mailbox.states import BroadcastAct, BroadcastState
from casework.mailbox.store import BROADCAST_BATCH, broadcast, broadcast_recipient, message
from foundation import outbox
from foundation.audit import Actor, audit
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.mail.store import mail
from foundation.sql.database import Database
from foundation.subjects import Subject
from tests.support.casework.broadcasts import ANNE, BRUNO, EVERYBODY, SAID, approved, confirmed, seen, written
from tests.support.casework.messages import MAILBOX
from tests.support.desks import make_account, make_desk
from tests.support.tasks import rows

t = outbox.task.c


async def test_a_row_a_person_stands_before_any_mail(database: Database) -> None:
    """And a task a batch, in the transaction of the confirmation; each act is a line of the audit."""
    desk = make_desk(database)
    for number in (1, 2, 3):
        await make_account(desk, number, draft=False)
    of = await written(database)
    started = await confirmed(database, of.id)
    assert (started.state, started.counted) == (BroadcastState.SENDING, 3)
    assert await rows(database, broadcast_recipient.c.account) == [(1,), (2,), (3,)]
    assert await rows(database, mail.c.id) == []
    assert [row for row in await rows(database, t.kind) if row == (SEND_BATCH,)] == [(SEND_BATCH,)]
    acts = [act for (act,) in await rows(database, audit.c.act) if act.startswith("broadcast")]
    assert sorted(acts) == [BroadcastAct.CONFIRM, BroadcastAct.WRITE]


async def test_another_audience_than_was_shown_is_not_written_to(database: Database) -> None:
    """Whoever came between preview and confirmation is counted and shown first; so is whoever replaced somebody."""
    desk = make_desk(database)
    await make_account(desk, 1, draft=False)
    of = await written(database)
    before = await seen(database, of.id)
    await make_account(desk, 2, draft=False)
    with pytest.raises(Refusal) as refused:
        await database.write(lambda conn: broadcasts.confirm(conn, of.id, before, ANNE, now_ms()))
    assert (refused.value.code, refused.value.fields["count"]) == (Code.CHANGED_MEANWHILE, 2)
    assert await rows(database, broadcast_recipient.c.account) == []
    stale = ShownAudience(of.version - 1, (await seen(database, of.id)).digest)
    with pytest.raises(Refusal, match="changed_meanwhile"):
        await database.write(lambda conn: broadcasts.confirm(conn, of.id, stale, ANNE, now_ms()))


async def test_many_take_a_second_person_who_is_another_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the author under another spelling, and not at the table either."""
    monkeypatch.setattr(states, "ALONE_UP_TO", 1)
    desk = make_desk(database)
    for number in (1, 2):
        await make_account(desk, number, draft=False)
    of = await written(database)
    assert (await confirmed(database, of.id)).state is BroadcastState.AWAITING_SECOND
    assert await rows(database, broadcast_recipient.c.account) == []
    for name in ("anne", "ANNE", " Anne "):
        with pytest.raises(Refusal, match="second_person_needed"):
            await approved(database, of.id, Actor(name, "approver"))
    with pytest.raises(IntegrityError):
        await database.write(lambda conn: conn.execute(sa.update(broadcast).values(approver="anne")))
    sent = await approved(database, of.id)
    assert (sent.state, sent.approver) == (BroadcastState.SENDING, "bruno")
    with pytest.raises(Refusal, match="move_not_allowed"):
        await approved(database, of.id)


async def test_one_person_alone_would_send_without_the_number(database: Database) -> None:
    """Twin: with the number above the people, no second person is asked."""
    desk = make_desk(database)
    for number in (1, 2):
        await make_account(desk, number, draft=False)
    of = await written(database)
    assert (await confirmed(database, of.id)).state is BroadcastState.SENDING


async def test_only_its_author_changes_and_confirms_it(database: Database) -> None:
    """What was confirmed is changed no more, until it is given back."""
    await make_account(make_desk(database), 1, draft=False)
    of = await written(database)
    with pytest.raises(Refusal, match="not_your_role"):
        await confirmed(database, of.id, Actor("bruno", "agent"))
    changed = await database.write(
        lambda conn: broadcasts.rewrite(conn, of.id, of.version, ANNE, SAID, EVERYBODY, now_ms())
    )
    with pytest.raises(Refusal, match="changed_meanwhile"):
        await database.write(
            lambda conn: broadcasts.rewrite(conn, of.id, of.version, ANNE, SAID, EVERYBODY, now_ms())
        )
    dropped = await database.write(
        lambda conn: broadcasts.end(conn, changed.id, BroadcastAct.DROP, ANNE, now_ms())
    )
    assert dropped.state is BroadcastState.DROPPED
    with pytest.raises(Refusal, match="move_not_allowed"):
        await confirmed(database, of.id)


async def test_an_audience_of_nobody_is_refused(database: Database) -> None:
    of = await written(database)
    with pytest.raises(Refusal, match="invalid"):
        await confirmed(database, of.id)
    with pytest.raises(Refusal, match="not_found"):
        await confirmed(database, of.id + 1)


async def stopped(db: Database, people: int) -> Broadcast:
    """One that was sent to so many, in batches of two, and stopped after the first batch."""
    desk = make_desk(db)
    for number in range(1, people + 1):
        await make_account(desk, number, draft=False)
    of = await written(db)
    await confirmed(db, of.id)
    await deliver(db, of.id, 1)
    return await db.write(lambda conn: broadcasts.end(conn, of.id, BroadcastAct.STOP, BRUNO, now_ms()))


async def deliver(db: Database, id: int, batch: int) -> None:
    subject = Subject(BROADCAST_BATCH, f"{id}-{batch}")
    await db.write(lambda conn: sending(MAILBOX)(conn, subject, now_ms()))


async def resumed(db: Database, of: Broadcast, by: Actor) -> Broadcast:
    return await db.write(lambda conn: broadcasts.resume(conn, of.id, of.version, by, now_ms()))


async def accounts_told(db: Database) -> list[int]:
    return [to for (to,) in await rows(db, message.c.account)]


async def test_what_was_stopped_goes_on_for_those_who_do_not_have_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each once, also where tasks of before the stop are done after it; a task for each batch that is not whole."""
    monkeypatch.setattr(broadcasts, "PEOPLE_A_BATCH", 2)
    of = await stopped(database, 5)
    assert of.stopped_by == "bruno"
    await deliver(database, of.id, 2)
    assert await accounts_told(database) == [1, 2]
    going_on = await resumed(database, of, BRUNO)
    assert (going_on.state, going_on.ended_at, going_on.stopped_by) == (BroadcastState.SENDING, None, None)
    keys = [key for kind, key in await rows(database, t.kind, t.key) if kind == SEND_BATCH]
    assert len(keys) == 5
    for batch in (1, 2, 3, 2, 3):
        await deliver(database, of.id, batch)
    assert sorted(await accounts_told(database)) == [1, 2, 3, 4, 5]
    assert (await database.read(lambda conn: broadcasts.find(conn, of.id))).state is BroadcastState.SENT
    with pytest.raises(Refusal, match="changed_meanwhile"):
        await resumed(database, of, BRUNO)


async def test_who_stopped_it_for_many_does_not_let_it_go_on(
    on_sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another person does; for a few one person is enough (its twin is the test above)."""
    monkeypatch.setattr(broadcasts, "PEOPLE_A_BATCH", 2)
    of = await stopped(on_sqlite, 5)
    monkeypatch.setattr(states, "ALONE_UP_TO", 2)
    with pytest.raises(Refusal, match="second_person_needed"):
        await resumed(on_sqlite, of, Actor("BRUNO ", "approver"))
    assert (await resumed(on_sqlite, of, Actor("carla", "approver"))).state is BroadcastState.SENDING
    going_on = await on_sqlite.read(lambda conn: broadcasts.find(conn, of.id))
    with pytest.raises(Refusal, match="move_not_allowed"):
        await resumed(on_sqlite, going_on, Actor("carla", "approver"))
