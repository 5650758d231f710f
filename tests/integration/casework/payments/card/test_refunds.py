"""Money that goes back to a card: once, as a movement, and never more than came."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files import events
from casework.files.states import FileEventKind, FileStatus
from casework.payments import cases, deciding, settling
from casework.payments.card import asking, charges, opening, refunds
from casework.payments.card.charges import Charge
from casework.payments.card.store import card_refund
from casework.payments.states import Instrument, MoneyAct, MoneyReason
from evidence import verify
from evidence.books import BrokenPromise
from evidence.money.recount_money import money_adds_up
from foundation.audit import Actor, audit
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from tests.integration.casework.payments.card.test_asking import balance, status
from tests.integration.casework.payments.card.test_following import due_now
from tests.support.candidates.paying import FEE, PAYMENTS, move_money
from tests.support.casework.file_events import happened
from tests.support.processes.card_providers import CardHere, card_here, performed
from tests.support.tasks import submitted

AGENT = Actor("agente", "agent")


@pytest.fixture
async def card() -> AsyncIterator[CardHere]:
    async with card_here() as made:
        yield made


async def paid(database: Database, card: CardHere) -> None:
    """A file whose fee is paid by card."""
    await submitted(database)
    charge, _new = await opening.open_charge(database, card.services, 1, "anne")
    await card.pay(charge)
    await asking.ask_and_hear(database, card.services, charge)


async def ask(database: Database, cents: int, key: str = "k") -> None:
    async def write(conn: AsyncConnection) -> None:
        await events.history(conn, 1, lock=True)
        await refunds.give_back(conn, 1, cents, AGENT, "En double.", 5, key=key)

    await database.write(write)


async def states(database: Database) -> list[tuple[Any, ...]]:
    r = card_refund.c
    found = await database.read(lambda conn: conn.execute(sa.select(r.state, r.cents, r.refused_for)))
    return [tuple(row) for row in found]


async def test_asked_for_twice_it_goes_back_once(database: Database, card: CardHere) -> None:
    """With its reason in the audit; a part of the fee, and the file is not paid any more."""
    await paid(database, card)
    await asyncio.gather(ask(database, 2_200), ask(database, 2_200))
    await performed(database, card.services)
    assert await states(database) == [("sent", 2_200, None)]
    assert await balance(database) == FEE - 2_200
    assert await status(database) is FileStatus.REVERSED
    said = sa.select(audit.c.actor, audit.c.reason).where(audit.c.act == "card_refund")
    assert [tuple(row) for row in await database.read(lambda conn: conn.execute(said))] == [
        ("agente", "En double.")
    ]
    assert len(list(card.sandbox.books.all("refund"))) == 1


async def test_never_more_than_came(database: Database, card: CardHere) -> None:
    """Also while another one is on its way."""
    await paid(database, card)
    await ask(database, FEE - 100, "one")
    for cents in (101, 0):
        with pytest.raises(Refusal) as refused:
            await ask(database, cents, f"other-{cents}")
        assert refused.value.code is Code.INVALID
    await ask(database, 100, "rest")
    await performed(database, card.services)
    assert await balance(database) == 0


async def test_a_provider_that_is_away_is_asked_again_and_gives_back_once(
    database: Database, card: CardHere
) -> None:
    """Also where the first try was done and its answer lost, and the key of idempotency is forgotten since."""
    await paid(database, card)
    await ask(database, 500)
    charge = (await database.read(lambda conn: charges.of_file(conn, 1)))[0]
    card.behave(is_away=True)
    assert await performed(database, card.services) == 0
    card.behave()
    await card.provider.refund(charge.payment or "", 500, f"k:{charge.id}")
    for kept in list(card.sandbox.books.all("key")):
        card.sandbox.books.keep(kept | {"until": 0})
    await due_now(database)
    await performed(database, card.services)
    assert await states(database) == [("sent", 500, None)]
    assert len(list(card.sandbox.books.all("refund"))) == 1


async def test_a_clear_no_is_for_a_person(database: Database, card: CardHere) -> None:
    await paid(database, card)
    await ask(database, 500)
    charge = (await database.read(lambda conn: charges.of_file(conn, 1)))[0]
    card.sandbox.bank.dispute(charge.payment)
    await performed(database, card.services)
    assert await states(database) == [("refused", 500, "charge_disputed")]


async def test_what_the_provider_refuses_waits_for_a_person(database: Database, card: CardHere) -> None:
    """Once, however often the task is done; who decides anew asks anew."""
    await paid(database, card)
    await ask(database, 500)
    charge = (await database.read(lambda conn: charges.of_file(conn, 1)))[0]
    card.sandbox.bank.dispute(charge.payment)
    await performed(database, card.services)
    await performed(database, card.services)
    waiting = [one for one in await database.read(cases.waiting) if one.reason == "refund_refused"]
    assert [(one.cents, one.submission) for one in waiting] == [(500, 1)]
    for act in (MoneyAct.ACCEPT, MoneyAct.LEAVE):
        refusal = None
        try:
            await database.write(
                lambda conn, act=act: deciding.decide(conn, PAYMENTS, waiting[0].id, act, "Vu.", AGENT, 5)  # type: ignore[misc]
            )
        except Refusal as refused:
            refusal = refused.code
        assert refusal == (Code.MOVE_NOT_ALLOWED if act is MoneyAct.ACCEPT else None)


async def test_without_a_key_it_waits(database: Database, card: CardHere) -> None:
    await paid(database, card)
    await ask(database, 500)
    nobody = msgspec.structs.replace(card.services, provider=None)
    await performed(database, nobody)
    assert await states(database) == [("asked", 500, None)]


async def decided(database: Database, card: CardHere) -> Charge:
    """A file whose fee is paid by card, and that is decided; its charge."""
    await paid(database, card)
    await happened(database, 1, FileEventKind.CHECKLIST_SENT)
    await happened(database, 1, FileEventKind.DECIDED)
    return (await database.read(lambda conn: charges.of_file(conn, 1)))[0]


async def waiting(database: Database) -> list[tuple[MoneyReason, int]]:
    return [(one.reason, one.cents) for one in await database.read(cases.waiting)]


async def recounted(database: Database) -> list[BrokenPromise]:
    return money_adds_up(await verify.read(database, "essai"))


async def test_what_staff_give_back_after_a_decision_asks_nobody(database: Database, card: CardHere) -> None:
    """A person has decided of it; in one sum or in two."""
    await decided(database, card)
    for cents, key in ((2_200, "one"), (FEE - 2_200, "rest")):
        await ask(database, cents, key)
        await performed(database, card.services)
    assert await balance(database) == 0
    assert (await waiting(database), await status(database)) == ([], FileStatus.DECIDED)
    assert await recounted(database) == []


async def test_without_asking_who_decided_a_case_opens_all_the_same(
    database: Database, card: CardHere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin."""
    monkeypatch.setattr(settling, "by_decision", lambda _moved, _asked: False)
    await decided(database, card)
    await ask(database, FEE)
    await performed(database, card.services)
    assert await waiting(database) == [(MoneyReason.REVERSED, FEE)]


async def test_what_the_bank_takes_after_a_decision_asks_a_person(database: Database, card: CardHere) -> None:
    """Also beside a refund of ours: that one is known, and this one is not."""
    charge = await decided(database, card)
    await ask(database, 2_200)
    await performed(database, card.services)
    card.sandbox.bank.dispute(charge.payment)
    await asking.ask_and_hear(database, card.services, charge)
    ((reason, _),) = await waiting(database)
    assert reason is MoneyReason.REVERSED
    assert await recounted(database) == []


async def test_what_goes_back_at_the_providers_own_desk_asks_a_person(
    database: Database, card: CardHere
) -> None:
    """No one of ours has asked for it."""
    charge = await decided(database, card)
    await ask(database, 2_200)
    await performed(database, card.services)
    await card.provider.refund(charge.payment or "", 5_000, "theirs")
    await asking.ask_and_hear(database, card.services, charge)
    assert await waiting(database) == [(MoneyReason.REVERSED, 5_000)]


async def test_a_cheque_in_place_of_a_refused_refund_asks_nobody(database: Database, card: CardHere) -> None:
    """The same decision, by another way."""
    await decided(database, card)
    why, day, key = MoneyReason.REFUND_REFUSED, date(2016, 7, 1), "refund_refused:1"
    await database.write(lambda conn: cases.open_case(conn, 1, why, Instrument.CARD, 2_200, day, 5, key=key))
    (case,) = await database.read(cases.waiting)
    await database.write(
        lambda conn: deciding.decide(conn, PAYMENTS, case.id, MoneyAct.CHEQUE, "Vu.", AGENT, 5)
    )
    assert (await waiting(database), await balance(database)) == ([], FEE - 2_200)
    assert await recounted(database) == []


async def test_a_refund_of_part_of_what_an_ended_file_has_asks_nobody_anew(
    database: Database, card: CardHere
) -> None:
    """What came after its end waits once: as far as nothing of it waits already or goes back."""
    await paid(database, card)
    await happened(database, 1, FileEventKind.WITHDRAWN, kept=FEE)
    for n, cents in enumerate((3_000, 500)):
        await database.write(lambda conn, n=n, cents=cents: move_money(conn, cents, f"card:late:{n}"))  # type: ignore[misc]
    assert await waiting(database) == [(MoneyReason.ENDED, 3_000), (MoneyReason.ENDED, 500)]
    await ask(database, 1_000)
    await performed(database, card.services)
    assert await balance(database) == FEE + 2_500
    assert len(await waiting(database)) == 2
