"""A switch that turns on tells its audience once, whatever is killed or repeated."""

import pytest
import sqlalchemy as sa

from casework.files.states import FileEventKind
from casework.mailbox import broadcasts
from casework.mailbox.broadcasts import SEND_BATCH
from casework.mailbox.states import BroadcastState
from casework.mailbox.store import message
from casework.switches import plans, telling
from casework.switches.states import SwitchName
from casework.switches.store import feature_switch
from foundation import outbox
from foundation.audit import audit
from foundation.clock import now_ms
from foundation.errors import Refusal
from foundation.sql.database import Database
from submission.store import submission
from tests.support.casework.file_events import happened
from tests.support.casework.switching import its_time_comes, planned, switched_on
from tests.support.tasks import change, perform, rows, submitted

m, f, t = message.c, feature_switch.c, outbox.task.c

KINDS = ("switch_turn_on", "switch_tell", SEND_BATCH)


async def audience(db: Database) -> None:
    """Six files: unpaid, paid, paid and withdrawn, paid in another standing, paid twice over."""
    await submitted(db, 6)
    for number in (2, 3, 4, 5, 6):
        await happened(db, number, FileEventKind.PAID)
    await happened(db, 3, FileEventKind.WITHDRAWN)
    await happened(db, 4, FileEventKind.CHECKLIST_SENT)
    annulled = sa.update(submission).where(submission.c.id == 5).values(status="removed")
    await db.write(lambda conn: conn.execute(annulled))
    await db.write(
        lambda conn: conn.execute(sa.update(outbox.task).where(t.kind.not_in(KINDS)).values(state="done"))
    )


async def work(db: Database) -> int:
    """Everything that is due, as workers do it; how many tasks."""
    count = 0
    while rings := await outbox.due(db, now_ms() + 60_000 * (count + 1)):
        await change(db, due_at=0)
        for ring in rings:
            await perform(db, ring.id, ring.attempt)
            count += 1
    return count


async def told(db: Database) -> list[int]:
    """Whom the switch has told, beside what every file is told of its payment and its letters."""
    found = await rows(db, m.account, m.key)
    return [number for number, key in found if not key.startswith(("payment:", "filed:"))]


async def test_each_paid_account_has_one_message(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """In batches, about its own file; who has not paid, has withdrawn or was removed has none. It is a broadcast like
    any other, wanted by the two persons of the switch."""
    monkeypatch.setattr(broadcasts, "PEOPLE_A_BATCH", 2)
    await audience(database)
    made = await switched_on(database, SwitchName.ONLINE_AMENDMENT)
    await database.write(
        lambda conn: conn.execute(sa.update(outbox.task).where(t.kind == KINDS[0]).values(due_at=0))
    )
    await work(database)
    assert await told(database) == [2, 4, 6]
    assert len(set(await rows(database, m.key))) == 3
    one = await database.read(lambda conn: plans.find(conn, made))
    assert one.told == 3 and one.told_at and one.turned_on_at
    (of,) = await database.read(lambda conn: broadcasts.listed(conn, 9))
    assert (of.id, of.state, of.counted) == (one.broadcast, BroadcastState.SENT, 3)
    assert (of.author, of.approver, of.switch) == ("agnes", "boris", made)
    assert [a for (a,) in await rows(database, audit.c.act)].count(telling.TURN_ON) == 1
    await change(
        database, state="staged", leased_until=0, rung_at=0
    )  # every task again, as if none was marked done
    for number, attempt in await rows(database, t.id, t.attempt):
        await perform(database, number, attempt)
    assert await told(database) == [2, 4, 6], made


async def test_a_switch_that_was_withdrawn_tells_nobody(database: Database) -> None:
    """And there is no broadcast of it."""
    await audience(database)
    made = await planned(database, SwitchName.ADDRESS_CHANGE)
    await database.write(lambda conn: plans.end(conn, made, "trop tôt", "agnes", now_ms()))
    await its_time_comes(database, made)
    await work(database)
    assert await told(database) == []
    assert await rows(database, f.turned_on_at) == [(None,)]
    assert await database.read(lambda conn: broadcasts.listed(conn, 9)) == []


async def test_what_is_sent_stops_with_its_switch(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is said there is no longer so: nobody else gets it, and nobody lets it go on."""
    monkeypatch.setattr(broadcasts, "PEOPLE_A_BATCH", 2)
    await audience(database)
    made = await switched_on(database, SwitchName.ADDRESS_CHANGE)
    for kind in KINDS:
        await change(database, due_at=0)
        id, attempt = next(row[:2] for row in await rows(database, t.id, t.attempt, t.kind) if row[2] == kind)
        assert await perform(database, id, attempt)
    assert await told(database) == [2, 4]
    await database.write(lambda conn: plans.end(conn, made, "une erreur", "agnes", now_ms()))
    await work(database)
    assert await told(database) == [2, 4]
    (of,) = await database.read(lambda conn: broadcasts.listed(conn, 9))
    assert (of.state, of.stopped_by) == (BroadcastState.STOPPED, "agnes")
    with pytest.raises(Refusal, match="move_not_allowed"):
        await database.write(lambda conn: broadcasts.resume(conn, of.id, of.version, "boris", now_ms()))


async def test_an_audience_of_nobody_is_told_at_once(on_sqlite: Database) -> None:
    """The broadcast says so: of nobody, and whole."""
    await switched_on(on_sqlite, SwitchName.ADDRESS_CHANGE)
    await work(on_sqlite)
    (of,) = await on_sqlite.read(lambda conn: broadcasts.listed(conn, 9))
    assert (of.state, of.counted) == (BroadcastState.SENT, 0)


async def test_a_worker_killed_before_the_batches_begins_once(database: Database) -> None:
    """What was written before the end of the transaction is not there, and is written once by the next."""
    await audience(database)
    await switched_on(database, SwitchName.ONLINE_AMENDMENT)
    await change(database, due_at=0)
    subject = (await rows(database, t.id, t.kind))[-1]
    assert subject[1] == KINDS[0]
    await perform(database, subject[0], 0)
    id = (await rows(database, t.id))[-1][0]

    class Killed(BaseException):
        """As SIGKILL: nothing after it."""

    async def killed(conn: object, subject: object, now: int) -> None:
        from tests.support.tasks import EFFECTS

        await EFFECTS[KINDS[1]](conn, subject, now)  # type: ignore[arg-type]
        raise Killed

    with pytest.raises(Killed):
        await outbox.perform(database, {KINDS[1]: killed}, id, 0)
    assert await database.read(lambda conn: broadcasts.listed(conn, 9)) == []
    await change(database, leased_until=0)
    assert await perform(database, id, 1)
    await work(database)
    assert await told(database) == [2, 4, 6]
    assert len(await database.read(lambda conn: broadcasts.listed(conn, 9))) == 1
