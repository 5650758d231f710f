"""The kinds of stampedes."""

from loadtests.stampede.report import TITLES
from loadtests.stampede.states import StampedeShape


def test_every_shape_has_a_title() -> None:
    """So that its report says what was played."""
    assert set(TITLES) == set(StampedeShape)
