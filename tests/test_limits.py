"""Limits by address: a burst passes, a flood is told when to come back, others are not concerned."""

import pytest

from quota.errors import Refusal
from waitingroom.limits import Limits


def test_a_burst_passes_and_a_flood_is_told_when_to_come_back() -> None:
    """The fourth of three is refused with a delay; another address goes on."""
    limits = Limits(on=True, burst=3, per_second=0.5)
    for _ in range(3):
        limits.spend("one")
    with pytest.raises(Refusal) as refusal:
        limits.spend("one")
    assert (refusal.value.code, refusal.value.fields["retry_after"] >= 1) == ("rate_limited", True)
    limits.spend("other")


def test_switched_off_nobody_is_limited() -> None:
    """Twin: the same flood passes."""
    limits = Limits(on=False, burst=3, per_second=0.5)
    for _ in range(10):
        limits.spend("one")
