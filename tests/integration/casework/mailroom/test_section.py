"""What came by post, as the owner of its file reads it."""

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.file_page.sections import FileSection, FileView
from casework.files import events
from casework.files.numbers import file_number
from casework.files.sheet import sheet
from casework.mailroom import undoing
from casework.mailroom.section import TO_WITHDRAW, TOLD, mail_section
from casework.mailroom.states import MailItemState
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support.casework.mail import CLAIRE, SERVICES, day, entered, payment, typed
from tests.support.desks import PERSONAL
from tests.support.tasks import submitted


async def shown(db: Database, number: int) -> FileSection | None:
    async def read(conn: AsyncConnection) -> FileSection | None:
        head, of = await sheet(conn, PERSONAL, number), await events.history(conn, number)
        return await mail_section(conn, FileView(sheet=head, history=of, now=now_ms()))

    return await db.read(read)


async def test_what_came_and_nothing_of_another(on_sqlite: Database) -> None:
    """The latest first; what was entered by mistake is not there, nor what is another file's."""
    await submitted(on_sqlite, 2)
    wrong = await entered(on_sqlite, typed(file_number(1), "returned_mail"))
    await on_sqlite.write(lambda conn: undoing.undo(conn, SERVICES, wrong.id, "erreur", CLAIRE, now_ms()))
    await entered(on_sqlite, typed(file_number(1), received_on=day(2)))
    await entered(on_sqlite, await payment(on_sqlite, 1, instrument="cash", amount=""))
    section = await shown(on_sqlite, 1)
    assert section is not None
    assert [(one["kind"], one["state"]) for one in section.values["items"]] == [
        ("Paiement", TOLD[MailItemState.TO_RETURN]), ("Autre", TOLD[MailItemState.ACCEPTED]),
    ]  # fmt: skip
    assert await shown(on_sqlite, 2) is None


async def test_a_withdrawal_that_is_not_done_yet_is_said_while_it_can_be_undone(on_sqlite: Database) -> None:
    """So that whoever did not write it can call on the same day. One that waits for a person says no more than that."""
    await submitted(on_sqlite, 2)
    item = await entered(on_sqlite, typed(file_number(1), "withdrawal", capacity="candidate"))
    await entered(on_sqlite, typed(file_number(2), "withdrawal", capacity="lawyer"))
    before, other = await shown(on_sqlite, 1), await shown(on_sqlite, 2)
    await on_sqlite.write(lambda conn: undoing.undo(conn, SERVICES, item.id, "erreur", CLAIRE, now_ms()))
    assert before is not None and other is not None
    assert [one["state"] for one in before.values["items"]] == [TO_WITHDRAW]
    assert [one["state"] for one in other.values["items"]] == [TOLD[MailItemState.MATCHED]]
    assert await shown(on_sqlite, 1) is None
