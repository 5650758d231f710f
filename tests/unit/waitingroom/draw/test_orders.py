"""The drawn orders are worked out once, when the seed is revealed."""

from collections.abc import Sequence

import pytest

from quota.draw_order import order
from tests.unit.waitingroom.test_states import period
from waitingroom.draw import orders
from waitingroom.draw.orders import learn

SEED = "00" * 32


async def test_an_order_is_known_from_when_it_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing before the seed is there; then the order that anybody computes, once."""
    known: dict[str, Sequence[int]] = {}
    drawn = period(mode="draw", seed=SEED, entries=10, public_value="03-11")
    await learn(known, [period(mode="draw", entries=10), period()])
    assert known == {}
    await learn(known, [drawn])
    assert list(known["0"]) == list(order(SEED, "essai", 10, "03-11"))
    monkeypatch.setattr(orders, "order", None)  # a second time would fail
    await learn(known, [drawn])
