"""The payment on the page of its file."""

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.file_page.sections import FileSection, FileView
from casework.files import events
from casework.files.sheet import sheet
from casework.payments.card.services import CardServices
from casework.payments.payment_section import payment_section
from config.assets import templates
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support.candidates.paying import FEE, FREE_PERIOD, PAYMENTS, move_money
from tests.support.tasks import submitted

CARDS = CardServices(payments=PAYMENTS, provider=None, pages="http://p", public_url="http://guichet.test")


async def section_or_none(database: Database) -> FileSection | None:
    async def read(conn: AsyncConnection) -> FileSection | None:
        head = await sheet(conn, PAYMENTS.personal, 1)
        view = FileView(sheet=head, history=await events.history(conn, 1), now=now_ms())
        return await payment_section(CARDS)(conn, view)

    return await database.read(read)


async def section(database: Database) -> FileSection:
    found = await section_or_none(database)
    assert found is not None
    return found


async def test_what_is_due_is_to_be_done_now_until_it_is_paid(database: Database) -> None:
    await submitted(database)
    due = await section(database)
    (step,) = due.next_steps
    assert step.text.startswith("Payer les frais, 822,00\u00a0$, au plus tard le")
    assert step.href.endswith("/paiement")
    made = templates().get_template(due.template)
    assert "Payer, ou voir comment payer" in made.render(section=due)
    await database.write(lambda conn: move_money(conn, FEE, "post"))
    paid = await section(database)
    assert paid.next_steps == ()
    assert "Payés le" in made.render(section=paid)


async def test_where_nothing_is_asked_for_there_is_no_section(database: Database) -> None:
    await submitted(database, **FREE_PERIOD)
    assert await section_or_none(database) is None
