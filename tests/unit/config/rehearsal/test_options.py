"""What is asked of a rehearsal."""

from config.demo.options import PERIOD
from config.rehearsal.options import RehearsalOptions


def test_a_rehearsal_plays_the_demos_period_unless_told_otherwise() -> None:
    """And starts a service of its own, on a seed that is always the same."""
    options = RehearsalOptions()
    assert (options.period, options.url, options.again) == (PERIOD, None, None)
    assert RehearsalOptions(seed=options.seed) == options


def test_how_many_arrive_whole_is_the_machines_affair_unless_told() -> None:
    """None is not none of them."""
    assert RehearsalOptions().whole is None
