"""Kinds of deadlines."""

from casework.deadlines.states import KINDS, DeadlineKind


def test_every_kind_has_its_french() -> None:
    assert set(KINDS) == set(DeadlineKind)
