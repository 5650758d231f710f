"""An entry is undone on its day by its author, and what it triggered is taken back."""

import pytest

from accounts.representatives.procurations import mailroom
from accounts.representatives.states import PowerState
from casework.files import events
from casework.files.numbers import file_number
from casework.files.states import FileStatus
from casework.mailroom import items, undoing
from casework.mailroom.items import RegisteredItem
from casework.mailroom.states import MailItemState, MailMove
from casework.payments import movements
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from tests.support.candidates.representing import declared
from tests.support.casework.mail import CLAIRE, SERVICES, entered, payment, typed
from tests.support.desks import REPRESENTATIVES
from tests.support.tasks import submitted

A_DAY = 86_400_000


async def undone(
    db: Database, id: int, by: Actor = CLAIRE, reason: str = "mauvais dossier", later: int = 0
) -> RegisteredItem:
    return await db.write(lambda conn: undoing.undo(conn, SERVICES, id, reason, by, now_ms() + later))


async def test_a_procuration_is_taken_back(database: Database) -> None:
    """The power is declared again; the history has both lines; a twin may be entered then without a reason."""
    await submitted(database)
    made = await declared(database, 1)
    item = await entered(database, typed(made.reference, "procuration"))
    assert (await undone(database, item.id)).state is MailItemState.UNDONE
    of = await database.read(lambda conn: mailroom.find(conn, REPRESENTATIVES, made.reference))
    assert of.state is PowerState.DECLARED
    history = await database.read(lambda conn: items.history(conn, item.id))
    assert (history[-1].move, history[-1].reason) == (MailMove.UNDO, "mauvais dossier")
    assert (await entered(database, typed(made.reference, "procuration"))).state is MailItemState.ACCEPTED


async def test_a_day_later_or_by_another_it_takes_two(on_sqlite: Database) -> None:
    """And why is asked; what is undone is not undone again."""
    await submitted(on_sqlite)
    item = await entered(on_sqlite, typed(file_number(1)))
    for by, later in ((Actor("paul", "clerk"), 0), (CLAIRE, A_DAY)):
        with pytest.raises(Refusal) as refused:
            await undone(on_sqlite, item.id, by, later=later)
        assert refused.value.code == Code.SECOND_PERSON_NEEDED
    for reason in ("", " ", "x" * 501):
        with pytest.raises(Refusal) as refused:
            await undone(on_sqlite, item.id, reason=reason)
        assert refused.value.code == Code.INVALID
    await undone(on_sqlite, item.id)
    with pytest.raises(Refusal) as refused:
        await undone(on_sqlite, item.id)
    assert refused.value.code == Code.MOVE_NOT_ALLOWED


async def test_one_of_the_pen_is_undone_too(on_sqlite: Database) -> None:
    """It belongs to nobody, and nothing is taken back."""
    item = await entered(on_sqlite, typed("?", keep="1"))
    assert (await undone(on_sqlite, item.id)).state is MailItemState.UNDONE


async def test_a_payment_is_taken_back(database: Database) -> None:
    """By a movement of its own: the file was opened, and waits for a person now; the preview said both."""
    await submitted(database)
    item = await entered(database, await payment(database, 1))
    assert item.state is MailItemState.ACCEPTED
    assert await standing(database) == (FileStatus.PAID, True)
    await undone(database, item.id)
    assert await standing(database) == (FileStatus.REVERSED, False)


async def standing(db: Database) -> tuple[FileStatus, bool]:
    """Where file 1 stands, and whether its money is here."""
    of = await db.read(lambda conn: events.history(conn, 1))
    moved = await db.read(lambda conn: movements.of_file(conn, 1))
    return of.status, movements.balance(moved) > 0
