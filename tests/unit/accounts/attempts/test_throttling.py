"""The budgets of tries: how long one waits, and what is counted over all accounts."""

import pytest

from accounts.attempts import throttling
from accounts.attempts.throttling import AttemptSource, SourceBudgets
from foundation.errors import Refusal


@pytest.mark.parametrize(
    ("wrong", "delay"), [(0, 0), (4, 0), (5, 2_000), (6, 4_000), (9, 32_000), (10, 60_000), (10**6, 60_000)]
)
def test_delays_double_up_to_a_minute(wrong: int, delay: int) -> None:
    """The delay grows and stays bearable: a budget is never closed for good."""
    assert throttling.delay_ms(wrong) == delay


@pytest.mark.parametrize(
    ("wrong", "delay"), [(0, 0), (9, 0), (10, 2_000), (11, 4_000), (15, 60_000), (10**6, 60_000)]
)
def test_strangers_at_a_name_of_staff_wait_for_each_other(wrong: int, delay: int) -> None:
    """Ten tries are free to all of them together, then the delays of one source."""
    assert throttling.staff_delay_ms(wrong) == delay


@pytest.mark.parametrize(
    ("wrong", "delay"), [(0, 0), (1, 0), (2, 30_000), (3, 60_000), (7, 600_000), (10**6, 600_000)]
)
def test_a_stranger_at_a_slowed_account_has_fewer_tries(wrong: int, delay: int) -> None:
    """Two, then half a minute, doubling to ten: bounded, so nobody is out."""
    assert throttling.slowed_delay_ms(wrong) == delay


def test_one_password_on_many_names_is_slowed_by_address() -> None:
    """Each name has its free tries; together they have the address's, and others' addresses have theirs."""
    tries = SourceBudgets(on=True)
    here, there = AttemptSource.address("192.0.2.1"), AttemptSource.address("203.0.113.9")
    for _ in range(300):
        tries.charge(here)
    with pytest.raises(Refusal) as refusal:
        tries.charge(here)
    assert refusal.value.fields == {"retry_after": 1}
    tries.charge(there)
    tries.forgive(here)
    tries.charge(here)
    for _ in range(500):
        SourceBudgets(on=False).charge(here)
