"""Tasks that ask about attempts: of people who never come back, and because a webhook says so."""

from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from casework.files.states import FileStatus
from casework.payments.card import asking, charges, hints, opening
from casework.payments.card.port import ProviderEvent
from casework.payments.card.states import ChargeState
from config.demo.card_provider.bank import SandboxChoice
from foundation import outbox
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.integration.casework.payments.card.test_asking import status
from tests.support.processes.card_providers import CardHere, card_here, performed
from tests.support.tasks import submitted

t = outbox.task


@pytest.fixture
async def card() -> AsyncIterator[CardHere]:
    async with card_here() as made:
        yield made


async def due_now(database: Database) -> None:
    """Let the time come for everything that waits."""
    await database.write(lambda conn: conn.execute(sa.update(t).values(due_at=0)))


async def hint(database: Database, id: str, reference: str, kind: str = "charge.updated") -> None:
    """A webhook that is written down."""
    event = ProviderEvent(id=id, type=kind, at=1, reference=reference)
    await database.write(lambda conn: hints.written(conn, "stripe", event, now_ms()))


async def test_a_person_who_never_comes_back_has_paid_nonetheless(database: Database, card: CardHere) -> None:
    """Without any webhook; and while the provider is away nothing is lost, and no task fails."""
    await submitted(database)
    charge, _new = await opening.open_charge(database, card.services, 1, "anne")
    assert await performed(database, card.services) == 0
    await card.pay(charge, SandboxChoice.SLOW)
    card.behave(is_away=True)
    for _ in range(7):
        await due_now(database)
        assert await performed(database, card.services) == 0
    card.behave()
    await due_now(database)
    assert await performed(database, card.services) == 0
    waiting = sa.select(t.c.due_at, t.c.failures).where(t.c.kind == "card_follow")
    due_at, failures = (await database.read(lambda conn: conn.execute(waiting))).one()
    assert (due_at > now_ms(), failures) == (True, 0)
    card.sandbox.bank.answered(card.sandbox.bank.page(charge.session or ""))
    await due_now(database)
    assert await performed(database, card.services) == 1
    assert await status(database) is FileStatus.PAID


async def test_a_hint_is_asked_about_once_it_is_news(database: Database, card: CardHere) -> None:
    """Two hints of one payment: the question that began after both came has heard both."""
    await submitted(database)
    charge, _new = await opening.open_charge(database, card.services, 1, "anne")
    await card.pay(charge)
    for number in (1, 2, 2):
        await hint(database, f"evt_{number}", charge.reference)
    asked = card.sandbox.api.asked
    assert await performed(database, card.services) == 2
    assert card.sandbox.api.asked == asked + 1
    found = await database.read(lambda conn: charges.find(conn, charge.id))
    assert (found.state, found.heard_event) == (ChargeState.PAID, 2)


@pytest.mark.parametrize(("kind", "questions"), [("payment_intent.succeeded", 0), ("charge.refunded", 1)])
async def test_news_that_came_during_a_question_are_asked_about_where_they_say_more(
    database: Database, card: CardHere, kind: str, questions: int
) -> None:
    """The question is older than the news, so it has not heard it; but it found the payment."""
    await submitted(database)
    charge, _new = await opening.open_charge(database, card.services, 1, "anne")
    await card.pay(charge)
    answer = await asking.ask(database, card.services, charge)
    await hint(database, "evt_1", charge.reference, kind)
    await database.write(lambda conn: asking.heard(conn, card.services, charge.id, answer))
    asked = card.sandbox.api.asked
    await performed(database, card.services)
    assert card.sandbox.api.asked == asked + questions


async def test_a_hint_waits_for_a_provider_that_is_away(database: Database, card: CardHere) -> None:
    await submitted(database)
    charge, _new = await opening.open_charge(database, card.services, 1, "anne")
    await card.pay(charge)
    await hint(database, "evt_1", charge.reference)
    card.behave(is_away=True)
    assert await performed(database, card.services) == 0
    card.behave()
    await due_now(database)
    assert await performed(database, card.services) == 2
    assert await status(database) is FileStatus.PAID
