"""The last hour: how the savers come."""

import random

from loadtests.savers import LAST_TENTH, last_hour


def test_half_of_them_come_in_the_last_tenth() -> None:
    """In order, within the time, and the nearer the opening the more."""
    coming = last_hour(1000, 60.0, random.Random(1))
    assert coming == sorted(coming) and len(coming) == 1000
    assert coming[0] >= 0 and coming[-1] <= 60.0
    late = sum(at >= 54.0 for at in coming)
    assert late == round(1000 * LAST_TENTH)
    assert sum(at < 27.0 for at in coming) < sum(27.0 <= at < 54.0 for at in coming)
