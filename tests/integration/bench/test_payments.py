"""The benchmark of payments counts what it says: one effect each, none lost; and it would see two."""

import itertools

import pytest

from casework.payments.card import asking
from foundation.sql.database import Database
from tests.bench import payments
from tests.bench.payments import race_here, right

MANY = 25


async def test_each_payment_has_one_effect_whatever_its_news_do(
    database: Database, database_url: str
) -> None:
    """Every event twice, in any order, the pages racing (P15)."""
    found, cents = await race_here(MANY, database_url)
    assert found == right(MANY, cents)


async def test_without_the_key_of_a_movement_two_effects_are_seen(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: where news that come again make another key, money is counted more than once."""
    numbers = itertools.count()
    monkeypatch.setattr(asking, "movement_key", lambda moved: f"card:{moved.kind}:{moved.id}:{next(numbers)}")
    monkeypatch.setattr(payments, "AT_ONCE", 16)
    found, _cents = await race_here(MANY, database_url)
    assert found.movements > MANY
