"""Whether the register recognises a consultant: each status, each edge of the dates."""

from datetime import date

import pytest

from accounts.representatives.register.standing import (
    REFUSED,
    ConsultantStatus,
    RegisterEntry,
    RegisterStanding,
    is_named,
    number_of,
    standing,
)

FIRST, LAST = date(2026, 1, 1), date(2027, 12, 31)


def entry(
    status: ConsultantStatus = ConsultantStatus.RECOGNISED, name: str = "Côté, Marie-Ève"
) -> RegisterEntry:
    return RegisterEntry(number="11234", name=name, status=status, valid_from=FIRST, valid_to=LAST)


@pytest.mark.parametrize(
    ("day", "stands"),
    [(date(2025, 12, 31), "not_yet"), (FIRST, "recognised"), (LAST, "recognised"), (date(2028, 1, 1), "expired")],
)  # fmt: skip
def test_both_days_are_in_the_recognition(day: date, stands: str) -> None:
    """From the first day to the last; a suspension counts on any of them."""
    assert standing(entry(), day) == stands
    assert standing(entry(ConsultantStatus.SUSPENDED), day) == "suspended"
    assert standing(entry(ConsultantStatus.REVOKED), day) == "revoked"


def test_who_is_not_in_the_register_is_unknown() -> None:
    """And each standing but one has a sentence for the candidate."""
    assert standing(None, FIRST) is RegisterStanding.UNKNOWN
    assert set(REFUSED) == set(RegisterStanding) - {RegisterStanding.RECOGNISED}


@pytest.mark.parametrize("typed", ["11234", " 11-234 ", "11 234", "１１２３４"])
def test_a_number_is_found_however_it_is_typed(typed: str) -> None:
    """Spaces, hyphens and wide digits are spelling."""
    assert number_of(typed) == "11234"


def test_a_number_is_not_lent_to_another_name() -> None:
    """The family name that was typed stands in the register's, in any spelling; a name of one word too."""
    assert is_named(entry(), "Marie", "COTE")
    assert is_named(entry(name="Sukarno"), "Sukarno", "")
    assert not is_named(entry(), "Marie", "Roy")
    assert not is_named(entry(), "", "")
