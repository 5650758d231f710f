"""The tables of payment by card."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from casework.payments.card.states import UNDER_WAY
from casework.payments.card.store import ONE_UNDER_WAY, card_refund, provider_event
from foundation.sql.database import Database


def test_the_index_names_the_states_that_are_under_way() -> None:
    assert all(f"'{state}'" in ONE_UNDER_WAY for state in UNDER_WAY)
    assert ONE_UNDER_WAY.count("'") == 2 * len(UNDER_WAY)


async def test_an_event_stands_once(database: Database) -> None:
    row = {"provider": "stripe", "event": "evt_1", "type": "t", "said_at": 1, "received_at": 2}
    await database.write(lambda conn: conn.execute(sa.insert(provider_event).values(row)))
    with pytest.raises(IntegrityError):
        await database.write(lambda conn: conn.execute(sa.insert(provider_event).values(row)))


async def test_nothing_is_no_refund(database: Database) -> None:
    row = {"charge": 1, "cents": 0, "key": "k", "actor": "a", "reason": "r", "asked_at": 1}
    with pytest.raises(IntegrityError):
        await database.write(lambda conn: conn.execute(sa.insert(card_refund).values(row)))
