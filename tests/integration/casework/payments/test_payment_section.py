"""The payment on the page of its file."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.file_page.facts import PAYMENT_WORDS, payment_fact
from casework.file_page.sections import FileSection, FileView
from casework.files import events
from casework.files.sheet import sheet
from casework.payments.card.services import CardServices
from casework.payments.payment_section import payment_section
from casework.payments.states import Instrument, MovementKind
from casework.receipts import find
from config.assets import templates
from foundation.calendar.days import day_of
from foundation.clock import now_ms
from foundation.sql.database import Database
from server.rendering.templating import day_words
from tests.support.candidates.paying import FEE, FREE_PERIOD, PAYMENTS, came_by_post, move_money, titles_of
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


async def test_later_money_does_not_change_by_what_the_fee_was_paid(database: Database) -> None:
    """Money by post that comes when all is paid is no payment of the fee; the page says what the confirmation says."""
    await submitted(database)
    paid_on = day_of(now_ms()) - timedelta(days=2)
    await database.write(lambda conn: move_money(conn, FEE, "card", on_day=paid_on))
    await database.write(lambda conn: move_money(conn, FEE, "post", instrument=Instrument.BANK_DRAFT))
    found = await section(database)
    shown = templates().get_template(found.template).render(section=found)
    assert "(carte de crédit" in shown and day_words(paid_on) in shown
    assert "traite bancaire" not in shown


@pytest.mark.parametrize(
    ("cents", "instrument", "word"),
    [
        (FEE, Instrument.BANK_DRAFT, "paid"), (FEE - 1, Instrument.BANK_DRAFT, "due"), (FEE, None, "due"),
        (FEE + 1, Instrument.BANK_DRAFT, "pending"),
    ],
    ids=["whole", "partial", "no instrument of ours", "too much"],
)  # fmt: skip
async def test_a_program_is_told_what_the_page_says(
    on_sqlite: Database, cents: int, instrument: Instrument | None, word: str
) -> None:
    """Also where a person has to decide of what went back already: it is due still, and can be paid (PY-04)."""
    await submitted(on_sqlite)
    await came_by_post(on_sqlite, cents, instrument=instrument)

    async def told(conn: AsyncConnection) -> str:
        of = await find(conn, PAYMENTS.personal, (await sheet(conn, PAYMENTS.personal, 1)).receipt, 1)
        fact = await payment_fact(PAYMENTS)(conn, of, await events.history(conn, 1))
        assert fact is not None
        return str(fact["state"])

    on_page = PAYMENT_WORDS[(await section(on_sqlite)).values["state"]]
    assert (on_page, await on_sqlite.read(told)) == (word, word)


async def test_what_went_back_in_part_says_what_is_left_to_pay(on_sqlite: Database) -> None:
    """Beside the fee: 822 dollars « à payer, en entier » stood above a button for 510."""
    await submitted(on_sqlite)
    await on_sqlite.write(lambda conn: move_money(conn, FEE, "card"))
    await on_sqlite.write(lambda conn: move_money(conn, 51_000, "back", MovementKind.OUT))
    values = (await section(on_sqlite)).values
    assert (values["is_in_part"], values["due"]) == (True, 51_000)
    (message,) = [one for one in (await titles_of(on_sqlite))[1] if "Paiement" in one]
    assert message == "Paiement annulé ou remboursé"
