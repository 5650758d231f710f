"""What the provider says is recorded once, forward only, and settles the file (P15)."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files import events
from casework.files.states import FileEventKind, FileStatus
from casework.payments import cases, deciding, movements
from casework.payments.card import asking, charges, opening
from casework.payments.card.charges import Charge
from casework.payments.card.port import ChargeTruth, ForeignPayment, ProviderAway
from casework.payments.card.states import ChargeState
from casework.payments.card.store import card_refund
from casework.payments.states import MoneyAct, MoneyReason
from config.demo.card_provider.bank import SandboxChoice
from foundation.audit import SERVICE
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from tests.support.candidates.paying import AGENT, FEE, PAYMENTS
from tests.support.processes.card_providers import CardHere, card_here
from tests.support.tasks import submitted


@pytest.fixture
async def card() -> AsyncIterator[CardHere]:
    async with card_here() as made:
        yield made


async def opened(database: Database, card: CardHere, number: int = 1) -> Charge:
    """An attempt of a file with its page."""
    return (await opening.open_charge(database, card.services, number, "anne"))[0]


async def status(database: Database, number: int = 1) -> FileStatus:
    return (await database.read(lambda conn: events.history(conn, number))).status


async def balance(database: Database, number: int = 1) -> int:
    return movements.balance(await database.read(lambda conn: movements.of_file(conn, number)))


async def attempts(database: Database, number: int = 1) -> list[Charge]:
    return await database.read(lambda conn: charges.of_file(conn, number))


async def test_a_payment_is_recorded_once_however_often_it_is_asked_about(
    database: Database, card: CardHere
) -> None:
    await submitted(database)
    charge = await opened(database, card)
    await card.pay(charge)
    asked = [asking.ask_and_hear(database, card.services, charge) for _ in range(8)]
    assert {one.state for one in await asyncio.gather(*asked)} == {ChargeState.PAID}
    assert await balance(database) == FEE
    history = await database.read(lambda conn: events.history(conn, 1))
    assert [event.kind for event in history.events] == [FileEventKind.PAID]
    after = await database.read(lambda conn: charges.find(conn, charge.id))
    assert (after.href, after.failure, after.settled_at is not None) == (None, None, True)


async def test_old_news_takes_nothing_back(database: Database, card: CardHere) -> None:
    """An answer that was given before the payment, and is recorded after it."""
    await submitted(database)
    charge = await opened(database, card)
    before = await asking.ask(database, card.services, charge)
    await card.pay(charge)
    await asking.ask_and_hear(database, card.services, charge)
    late = await database.write(lambda conn: asking.heard(conn, card.services, charge.id, before))
    assert (late.state, await status(database)) == (ChargeState.PAID, FileStatus.PAID)


async def test_what_goes_back_is_a_movement_and_no_state(database: Database, card: CardHere) -> None:
    """Refunded in part, disputed, won: the attempt stays paid, the file follows the sum."""
    await submitted(database)
    charge = await opened(database, card)
    await card.pay(charge)
    charge = await asking.ask_and_hear(database, card.services, charge)
    bank = card.sandbox.bank
    bank.refund(charge.payment, 10_000)
    await asking.ask_and_hear(database, card.services, charge)
    assert (await status(database), await balance(database)) == (FileStatus.REVERSED, FEE - 10_000)
    dispute = bank.dispute(charge.payment)
    await asking.ask_and_hear(database, card.services, charge)
    assert await balance(database) == 0
    bank.dispute_won(dispute["id"])
    (refund,) = card.sandbox.books.all("refund")
    bank.refund_failed(refund["id"])
    again = await asking.ask_and_hear(database, card.services, charge)
    assert (again.state, await balance(database)) == (ChargeState.PAID, FEE)
    assert await status(database) is FileStatus.PAID


async def test_a_refused_card_leaves_the_page_open(database: Database, card: CardHere) -> None:
    await submitted(database)
    charge = await opened(database, card)
    await card.pay(charge, SandboxChoice.DECLINE)
    declined = await asking.ask_and_hear(database, card.services, charge)
    assert (declined.state, declined.failure, declined.href) == (
        ChargeState.OPEN,
        "insufficient_funds",
        charge.href,
    )


async def test_away_changes_nothing(database: Database, card: CardHere) -> None:
    await submitted(database)
    charge = await opened(database, card)
    await card.pay(charge)
    card.behave(is_away=True)
    with pytest.raises(ProviderAway):
        await asking.ask_and_hear(database, card.services, charge)
    assert await database.read(lambda conn: charges.find(conn, charge.id)) == charge
    card.behave()
    await asking.ask_and_hear(database, card.services, charge)
    assert await status(database) is FileStatus.PAID


async def test_before_a_deletion_pages_are_closed_and_asked_about(database: Database, card: CardHere) -> None:
    """What was paid in the meantime counts; what the bank has not answered holds the deletion up."""
    await submitted(database, 3)
    for number, choice in ((1, None), (2, SandboxChoice.PAY), (3, SandboxChoice.SLOW)):
        charge = await opened(database, card, number)
        if choice is not None:
            await card.pay(charge, choice)
    found = [await asking.ask_again(database, card.services, number) for number in (1, 2, 3)]
    assert found == [False, False, True]
    states = [(await attempts(database, number))[0].state for number in (1, 2, 3)]
    assert states == [ChargeState.EXPIRED, ChargeState.PAID, ChargeState.PROCESSING]
    card.behave(is_away=True)
    with pytest.raises(ProviderAway):
        await asking.ask_again(database, card.services, 3)


async def test_an_attempt_whose_first_answer_was_lost_is_found_again(
    database: Database, card: CardHere
) -> None:
    """The provider has a page, and we never heard of it: the same order is the same page."""
    await submitted(database)
    charge, _new = await database.write(
        lambda conn: opening.begun(conn, card.services, 1, card.provider.name, "anne")
    )
    page = await card.provider.open_page(card.services.order(charge))
    await card.choose(page.href, SandboxChoice.PAY)
    found = await asking.ask_and_hear(database, card.services, charge)
    assert (found.state, found.session) == (ChargeState.PAID, page.session)
    assert await status(database) is FileStatus.PAID


async def test_money_that_comes_after_the_end_revives_nothing(database: Database, card: CardHere) -> None:
    """Left and given up here, deleted, and paid after all: the money waits for a person, the file stays deleted."""
    await submitted(database)
    charge = await opened(database, card)
    page = card.sandbox.bank.page(charge.session or "")

    async def end(conn: AsyncConnection) -> None:
        of = await events.history(conn, 1, lock=True)
        await charges.change(conn, charge, state=ChargeState.EXPIRED)
        await events.record(conn, of, FileEventKind.UNPAID_DELETED, SERVICE, 9)

    await database.write(end)
    card.sandbox.bank.succeed(page, card.sandbox.bank._intent(page))
    late = await asking.ask_and_hear(database, card.services, charge)
    assert (late.state, await status(database)) == (ChargeState.PAID, FileStatus.UNPAID_DELETED)
    (case,) = await database.read(lambda conn: cases.waiting(conn, 1))
    assert (case.reason, case.cents) == (MoneyReason.ENDED, FEE)


async def test_another_currency_waits_for_a_person_and_goes_back_whole(
    database: Database, card: CardHere
) -> None:
    """It is no money of the file, however often it is heard; nobody pays again before it is decided."""
    await submitted(database)
    charge, _new = await opening.open_charge(database, card.services, 1, "anne")
    paid = ChargeTruth(state=ChargeState.PAID, payment="pi_9", foreign=ForeignPayment("USD", 60_000))
    answer = asking.ProviderAnswer(paid, 5, 0)
    for _ in range(2):
        await database.write(lambda conn: asking.heard(conn, card.services, charge.id, answer))
    (case,) = await database.read(cases.waiting)
    assert (case.reason, case.amount, await balance(database)) == ("other_currency", "600,00\u00a0USD", 0)
    with pytest.raises(Refusal) as refused:
        await opening.open_charge(database, card.services, 1, "anne")
    assert refused.value.code is Code.PAYMENT_PENDING
    await database.write(
        lambda conn: deciding.decide(conn, PAYMENTS, case.id, MoneyAct.RETURN, "Motif.", AGENT, 5)
    )
    r = card_refund.c
    asked = await database.read(lambda conn: conn.execute(sa.select(r.cents, r.charge, r.state)))
    assert [tuple(row) for row in asked] == [(60_000, charge.id, "asked")]
    assert await database.read(lambda conn: charges.going_back(conn, 1)) == 0
    assert (await balance(database), await status(database)) == (0, FileStatus.AWAITING_PAYMENT)
