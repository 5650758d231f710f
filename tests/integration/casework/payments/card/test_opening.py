"""Beginning to pay: one attempt at a time, and no second payment while one is in doubt."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.payments import cases, deciding
from casework.payments.card import asking, charges, opening, store
from casework.payments.card.charges import Charge
from casework.payments.card.port import PageOrder, ProviderPage
from casework.payments.card.states import ChargeState
from casework.payments.card.stripe_provider import StripeProvider
from casework.payments.postal import PostalVerdict
from casework.payments.states import MoneyAct, MoneyReason
from casework.payments.supplements import giving_up
from casework.payments.supplements.rows import SupplementState
from config.demo.card_provider.bank import SandboxChoice
from evidence import verify
from evidence.books import BrokenPromise
from evidence.money.recount_money import money_adds_up
from evidence.money.recount_supplements import supplements_add_up
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from submission.store import submission
from tests.integration.casework.payments.card.test_following import due_now
from tests.support.candidates.paying import AGENT, FEE, PAYMENTS, balance_of, came_by_post, move_money
from tests.support.casework.supplements import EXTRA, ask, supplements_of
from tests.support.processes.card_providers import CardHere, card_here, performed
from tests.support.tasks import submitted


@pytest.fixture
async def card() -> AsyncIterator[CardHere]:
    async with card_here() as made:
        yield made


async def click(database: Database, card: CardHere, number: int = 1) -> tuple[Charge, bool]:
    return await opening.open_charge(database, card.services, number, "anne")


async def refused(database: Database, card: CardHere, number: int = 1) -> Code:
    with pytest.raises(Refusal) as found:
        await click(database, card, number)
    return found.value.code


async def test_clicks_at_once_are_one_attempt_and_one_page(database: Database, card: CardHere) -> None:
    await submitted(database)
    found = await asyncio.gather(*(click(database, card) for _ in range(6)))
    assert len({charge.href for charge, _new in found}) == 1
    assert sum(is_new for _charge, is_new in found) == 1
    assert len(list(card.sandbox.books.all("checkout.session"))) == 1
    assert (await database.read(lambda conn: charges.of_file(conn, 1)))[0].cents == FEE


async def test_without_the_index_two_attempts_would_be_under_way(database: Database, card: CardHere) -> None:
    """Twin: whoever begins without the lock is stopped by the table; without that there are two."""
    await submitted(database)

    async def begin(conn: AsyncConnection) -> Charge:
        return await charges.begin(conn, 1, "stripe", FEE, 9_999_000, "anne", 5)

    await database.write(begin)
    with pytest.raises(IntegrityError):
        await database.write(begin)
    await database.write(lambda conn: conn.execute(sa.text("drop index uq_charge_under_way")))
    await database.write(begin)
    assert len(await database.read(lambda conn: charges.under_way(conn, 1))) == 2


async def test_nobody_pays_again_while_the_bank_thinks(database: Database, card: CardHere) -> None:
    await submitted(database)
    charge, _new = await click(database, card)
    await card.pay(charge, SandboxChoice.SLOW)
    assert await refused(database, card) is Code.PAYMENT_PENDING
    card.sandbox.bank.answered(card.sandbox.bank.page(charge.session or ""))
    assert await refused(database, card) is Code.ALREADY_PAID
    assert await refused(database, card) is Code.ALREADY_PAID


async def test_nor_while_the_provider_is_away(
    database: Database, card: CardHere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An attempt that has a page is in doubt; one that never had one is ordered again by the next click."""
    monkeypatch.setattr(opening, "OTHERS_TURN", (0.01,))
    await submitted(database, 2)
    await click(database, card)
    card.behave(is_away=True)
    assert await refused(database, card) is Code.PAYMENT_PENDING
    assert await refused(database, card, 2) is Code.UNAVAILABLE
    card.behave()
    charge, is_new = await click(database, card, 2)
    assert (charge.state, is_new, charge.serial) == (ChargeState.OPEN, False, 1)


@pytest.mark.parametrize("choice", [SandboxChoice.DECLINE, SandboxChoice.THREE_D_SECURE, None])
async def test_what_came_to_nothing_may_be_tried_again(
    database: Database, card: CardHere, choice: SandboxChoice | None
) -> None:
    """Refused, left at the bank's question, left: the open page is offered again, and another once it is closed."""
    await submitted(database)
    first, _new = await click(database, card)
    if choice is not None:
        await card.pay(first, choice)
    again, is_new = await click(database, card)
    assert (again.id, again.href, is_new) == (first.id, first.href, False)
    await card.provider.close_page(first.session or "")
    second, is_new = await click(database, card)
    assert (second.serial, is_new) == (2, True)
    await card.pay(second)
    await asking.ask_and_hear(database, card.services, second)
    assert [one.state for one in await database.read(lambda conn: charges.of_file(conn, 1))] == [
        ChargeState.EXPIRED,
        ChargeState.PAID,
    ]


async def test_an_order_that_is_refused_fails_and_is_said(database: Database, card: CardHere) -> None:
    await submitted(database)
    wrong = msgspec.structs.replace(card.services, provider=NoPages(card))
    with pytest.raises(Refusal) as found:
        await opening.open_charge(database, wrong, 1, "anne")
    assert found.value.code is Code.UNAVAILABLE
    (charge,) = await database.read(lambda conn: charges.of_file(conn, 1))
    assert charge.state is ChargeState.FAILED
    assert (await click(database, card))[0].serial == 2


class NoPages(StripeProvider):
    """The provider, for whom every order is below its least amount."""

    def __init__(self, card: CardHere) -> None:
        super().__init__(card.account())
        self._card = card

    async def open_page(self, order: PageOrder) -> ProviderPage:
        return await self._card.provider.open_page(msgspec.structs.replace(order, amount_cents=1))


async def test_who_may_not_pay_is_told_why(database: Database, card: CardHere) -> None:
    await submitted(database, 3)
    await database.write(lambda conn: move_money(conn, FEE, "post", number=1))
    assert await refused(database, card, 1) is Code.ALREADY_PAID
    await database.write(lambda conn: move_money(conn, 100, "part", number=2))
    assert await refused(database, card, 2) is Code.PAYMENT_PENDING
    late = sa.update(submission).where(submission.c.id == 3).values(pay_by=1)
    await database.write(lambda conn: conn.execute(late))
    assert await refused(database, card, 3) is Code.PAYMENT_EXPIRED
    assert await refused(database, card, 99) is Code.NOT_FOUND
    nobody = msgspec.structs.replace(card.services, provider=None)
    with pytest.raises(Refusal) as found:
        await opening.open_charge(database, nobody, 1, "anne")
    assert found.value.code is Code.UNAVAILABLE
    assert await database.read(lambda conn: conn.execute(sa.select(store.charge.c.id))) is not None


async def given_up_and_paid(database: Database, card: CardHere) -> Charge:
    """An amendment that was given up while its card was being charged; its money goes back, and the provider is slow.
    Another amendment is awaited. The charge of the first."""
    await submitted(database)
    fee, _new = await click(database, card)
    await card.pay(fee)
    await asking.ask_and_hear(database, card.services, fee)
    await database.write(lambda conn: ask(conn, 1))
    extra, _new = await click(database, card)
    owner = Actor("essai-00001", "candidate")
    await database.write(lambda conn: giving_up.give_up(conn, PAYMENTS, 1, 1, owner, now_ms()))
    await card.pay(extra)
    extra = await asking.ask_and_hear(database, card.services, extra)
    (case,) = await database.read(cases.waiting)
    assert case.reason is MoneyReason.LAPSED
    await database.write(
        lambda conn: deciding.decide(conn, PAYMENTS, case.id, MoneyAct.RETURN, "Vu.", AGENT, now_ms())
    )
    card.behave(holds_refunds=True)
    await performed(database, card.services)
    await database.write(lambda conn: ask(conn, 2))
    return extra


async def standing(database: Database) -> list[SupplementState]:
    return [one.state for one in await supplements_of(database)]


async def recounted(database: Database) -> list[BrokenPromise]:
    books = await verify.read(database, "essai")
    return [*money_adds_up(books), *supplements_add_up(books)]


async def test_an_amendment_is_paid_while_money_of_another_is_on_its_way_back(
    database: Database, card: CardHere
) -> None:
    """The refund belongs to its own charge, and the new fee is due whole; afterwards each is where it belongs."""
    await given_up_and_paid(database, card)
    charge, is_new = await click(database, card)
    assert (charge.cents, is_new) == (EXTRA, True)
    await card.pay(charge)
    await asking.ask_and_hear(database, card.services, charge)
    assert await standing(database) == [SupplementState.GIVEN_UP, SupplementState.PAID]
    assert await balance_of(database) == FEE + 2 * EXTRA
    card.behave()
    await due_now(database)
    await performed(database, card.services)
    assert await balance_of(database) == FEE + EXTRA
    assert await standing(database) == [SupplementState.GIVEN_UP, SupplementState.PAID]
    assert (await database.read(cases.waiting), await recounted(database)) == ([], [])


async def test_by_post_too_it_is_due_whole(on_sqlite: Database, card: CardHere) -> None:
    await given_up_and_paid(on_sqlite, card)
    judged = await came_by_post(on_sqlite, EXTRA)
    assert judged.verdict is PostalVerdict.SUPPLEMENT_ACCEPTED
    assert await standing(on_sqlite) == [SupplementState.GIVEN_UP, SupplementState.PAID]


async def test_without_looking_at_what_goes_back_it_could_not_be_paid(
    database: Database, card: CardHere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: money that is leaving makes up the new fee, and nothing seems due."""

    async def nothing(_conn: AsyncConnection, _submission: int) -> int:
        return 0

    monkeypatch.setattr(charges, "going_back", nothing)
    await given_up_and_paid(database, card)
    assert await refused(database, card) is Code.PAYMENT_EXPIRED


async def test_what_has_left_is_on_its_way_no_more(database: Database, card: CardHere) -> None:
    """Also where the news of the refund were here before the answer to it: the next payment has its effect at once."""
    extra = await given_up_and_paid(database, card)
    card.behave()
    await card.provider.refund(extra.payment or "", EXTRA, f"case:1:{extra.id}")
    await asking.ask_and_hear(database, card.services, extra)
    assert await database.read(lambda conn: charges.going_back(conn, 1)) == 0
    charge, _new = await click(database, card)
    await card.pay(charge)
    await asking.ask_and_hear(database, card.services, charge)
    assert await standing(database) == [SupplementState.GIVEN_UP, SupplementState.PAID]
    await due_now(database)
    await performed(database, card.services)
    assert await balance_of(database) == FEE + EXTRA
