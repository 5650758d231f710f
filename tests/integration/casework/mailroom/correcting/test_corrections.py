"""After its day an entry is put right by two persons, with what changes shown before."""

import pytest

from casework.files.numbers import file_number
from casework.files.states import FileStatus
from casework.mailroom import finding, items, undoing
from casework.mailroom.correcting import corrections
from casework.mailroom.correcting.corrections import CorrectionPreview, TypedCorrection
from casework.mailroom.items import RegisteredItem
from casework.mailroom.states import MailItemState, MailMove
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from tests.support.casework.mail import CLAIRE, SERVICES, day, entered, paid_late_by, payment, typed
from tests.support.tasks import submitted

PAUL = Actor("paul", "clerk")


async def proposed(db: Database, id: int, **values: object) -> None:
    change = TypedCorrection(**({"reason": "mal lu"} | values))  # type: ignore[arg-type]
    await db.write(lambda conn: corrections.propose(conn, SERVICES, id, change, CLAIRE, now_ms()))


async def shown(db: Database, id: int) -> CorrectionPreview:
    item = await db.read(lambda conn: items.find(conn, SERVICES, id))
    of = await db.read(lambda conn: undoing.file_of(conn, SERVICES, item))
    found = await db.read(lambda conn: corrections.preview(conn, SERVICES, item, of, now_ms()))
    assert found is not None
    return found


async def confirmed(db: Database, id: int, by: Actor = PAUL, seen: str | None = None) -> RegisteredItem:
    said = (await shown(db, id)).seen if seen is None else seen
    return await db.write(lambda conn: corrections.confirm(conn, SERVICES, id, said, by, now_ms()))


async def status(db: Database) -> FileStatus | None:
    of = await db.read(lambda conn: finding.of_submission(conn, SERVICES, 1))
    assert of is not None
    return of.status


async def test_a_day_is_put_right_and_nothing_else_happens(database: Database) -> None:
    """Another person confirms; the one who proposed cannot; the history has the line."""
    await submitted(database)
    item = await entered(database, typed(file_number(1)))
    await proposed(database, item.id, received_on=day(3))
    assert not (await shown(database, item.id)).changes
    for by, seen, code in ((CLAIRE, None, Code.SECOND_PERSON_NEEDED), (PAUL, "x", Code.CHANGED_MEANWHILE)):
        with pytest.raises(Refusal) as refused:
            await confirmed(database, item.id, by, seen)
        assert refused.value.code == code
    done = await confirmed(database, item.id)
    assert (done.state, done.entry.received_on.isoformat()) == (MailItemState.ACCEPTED, day(3))
    history = await database.read(lambda conn: items.history(conn, item.id))
    assert (history[-1].move, history[-1].actor, history[-1].reason) == (MailMove.CORRECT, "paul", "mal lu")


async def test_a_late_payment_that_was_in_time_opens_the_file(database: Database) -> None:
    """Judged anew with the right day: it was set aside, and is accepted."""
    await submitted(database)
    await paid_late_by(database, 1, days=2)
    item = await entered(database, await payment(database, 1))
    assert (item.state, await status(database)) == (MailItemState.TO_RETURN, FileStatus.AWAITING_PAYMENT)
    await proposed(database, item.id, received_on=day(4))
    assert (await shown(database, item.id)).changes
    assert (await confirmed(database, item.id)).state is MailItemState.ACCEPTED
    assert await status(database) is FileStatus.PAID


async def test_a_whole_entry_is_undone_by_two(on_sqlite: Database) -> None:
    """As on its day, with what it had triggered."""
    await submitted(on_sqlite)
    item = await entered(on_sqlite, await payment(on_sqlite, 1))
    assert await status(on_sqlite) is FileStatus.PAID
    await proposed(on_sqlite, item.id, undoes=True)
    assert (await confirmed(on_sqlite, item.id)).state is MailItemState.UNDONE
    assert await status(on_sqlite) is FileStatus.REVERSED


async def test_what_cannot_be_proposed(on_sqlite: Database) -> None:
    """No reason, the same days, a day to come, a second one beside the first; dropped, another may be."""
    await submitted(on_sqlite)
    item = await entered(on_sqlite, typed(file_number(1)))
    for wrong in (
        {"received_on": day(1), "reason": " "},
        {"received_on": day()},
        {"received_on": day(-1)},
        {},
    ):
        with pytest.raises(Refusal) as refused:
            await proposed(on_sqlite, item.id, **wrong)
        assert refused.value.code == Code.INVALID
    await proposed(on_sqlite, item.id, received_on=day(1))
    with pytest.raises(Refusal) as refused:
        await proposed(on_sqlite, item.id, received_on=day(2))
    assert refused.value.code == Code.CHANGED_MEANWHILE
    await on_sqlite.write(lambda conn: corrections.drop(conn, SERVICES, item.id, CLAIRE, now_ms()))
    await proposed(on_sqlite, item.id, received_on=day(2))
    assert (await confirmed(on_sqlite, item.id)).entry.received_on.isoformat() == day(2)
