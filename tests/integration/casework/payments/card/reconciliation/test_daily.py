"""Each day beside the provider's books."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from casework.payments.card import charges, opening
from casework.payments.card.reconciliation import daily
from casework.payments.card.services import CardTask
from casework.payments.card.states import CardMovementKind
from casework.payments.store import movement
from foundation import outbox
from foundation.calendar.days import day_of
from foundation.clock import now_ms
from foundation.sql.database import Database
from foundation.subjects import Subject
from tests.integration.casework.payments.card.test_asking import status
from tests.support.processes.card_providers import CardHere, card_here, performed
from tests.support.tasks import submitted

t = outbox.task


@pytest.fixture
async def card() -> AsyncIterator[CardHere]:
    async with card_here() as made:
        yield made


async def compare_today(database: Database, card: CardHere) -> None:
    """Do the task of today, now."""
    day = day_of(now_ms()).isoformat()
    key = f"compare:{now_ms()}"
    await database.write(
        lambda conn: outbox.stage(conn, CardTask.COMPARE, Subject("card_day", day), 1, key=key)
    )
    await performed(database, card.services)


async def test_a_day_repairs_what_no_webhook_told_and_then_agrees(database: Database, card: CardHere) -> None:
    """A payment known here by its attempt alone: the attempt was asked about too early, and nobody came back."""
    await submitted(database)
    charge, _new = await opening.open_charge(database, card.services, 1, "anne")
    await card.pay(charge)
    (page,) = card.sandbox.books.all("checkout.session")
    await database.write(lambda conn: charges.change(conn, charge, payment=page["payment_intent"]))
    await compare_today(database, card)
    assert str(await status(database)) == "paid"
    (day,) = await database.read(daily.compared_days)
    line = next(one for one in day.found.lines if one.kind is CardMovementKind.PAYMENT)
    assert (day.found.agrees, line.our_count, line.their_count, line.difference) == (True, 1, 1, 0)


async def test_what_differs_is_written_and_compared_again_tomorrow(
    database: Database, card: CardHere
) -> None:
    """A payment of nobody's, and one of ours that they do not have."""
    stranger = card.sandbox.bank
    line = {"quantity": "1", "price_data": {"unit_amount": "500", "currency": "cad"}}
    page = stranger.order({"mode": "payment", "line_items": {"0": line}}, "http://p")
    stranger.succeed(page, stranger._intent(page))
    await submitted(database)
    row = {"submission": 1, "kind": "in", "instrument": "card", "cents": 700, "on_day": day_of(now_ms()).isoformat(),
           "key": "card:payment:ch_gone", "at": 1, "actor": "service"}  # fmt: skip
    await database.write(lambda conn: conn.execute(sa.insert(movement).values(row)))
    await compare_today(database, card)
    (day,) = await database.read(daily.compared_days)
    assert sorted((one.our_cents or 0, one.their_cents or 0) for one in day.found.differences) == [
        (0, 500),
        (700, 0),
    ]
    waiting = sa.select(t.c.due_at, t.c.state).where(t.c.kind == CardTask.COMPARE)
    due_at, state = (await database.read(lambda conn: conn.execute(waiting))).one()
    assert (state, due_at > now_ms() + 3_600_000) == ("staged", True)


async def test_a_day_without_a_movement_has_its_row(database: Database, card: CardHere) -> None:
    await compare_today(database, card)
    (day,) = await database.read(daily.compared_days)
    assert day.found.agrees
    assert len(day.found.lines) == len(CardMovementKind)


async def test_a_provider_that_is_away_is_no_failure(database: Database, card: CardHere) -> None:
    card.behave(is_away=True)
    await compare_today(database, card)
    assert await database.read(daily.compared_days) == []
    row = (await database.read(lambda conn: conn.execute(sa.select(t.c.failures, t.c.state)))).one()
    assert tuple(row) == (0, "staged")


async def test_each_day_is_staged_once_also_after_days_without_a_ticker(database: Database) -> None:
    now = now_ms()
    assert await database.write(lambda conn: daily.stage_daily(conn, now)) == daily.DAYS_BACK
    assert await database.write(lambda conn: daily.stage_daily(conn, now)) == 0
    assert await database.write(lambda conn: daily.stage_daily(conn, now + 86_400_000)) == 1
    days = sa.select(t.c.subject_id).where(t.c.kind == CardTask.COMPARE).order_by(t.c.id)
    found = (await database.read(lambda conn: conn.execute(days))).scalars().all()
    assert found[daily.DAYS_BACK - 1] == (day_of(now) - timedelta(days=1)).isoformat()


def test_a_day_has_the_hours_that_it_has() -> None:
    """23, 24 or 25: both changes of the clock."""
    hours = [(after - first) // 3_600_000 for first, after in map(daily.bounds, (
        date(2026, 3, 8), date(2026, 6, 13), date(2026, 11, 1),
    ))]  # fmt: skip
    assert hours == [23, 24, 25]
