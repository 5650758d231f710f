"""Everybody's own record agrees with the books, and a record that does not is found out."""

from collections.abc import Callable

import msgspec
import pytest

from config.rehearsal.testimony import PeoplesFindings, hear
from evidence.books import Books
from loadtests.journey.states import JourneyEnd, PersonaKind
from loadtests.people.rehearsal import records
from loadtests.people.witness import Stay, Witness
from tests.integration.config.rehearsal.conftest import CAP, Rehearsed


def first(people: list[Witness], outcome: JourneyEnd) -> Witness:
    return next(
        witness for witness in people if witness.outcome == outcome and witness.kind is PersonaKind.CANDIDATE
    )


def lose_a_receipt(people: list[Witness]) -> None:
    first(people, JourneyEnd.SUBMITTED).receipt = "R-0000"


def another_rank(people: list[Witness]) -> None:
    first(people, JourneyEnd.SUBMITTED).rank = CAP + 1


def was_told_nothing(people: list[Witness]) -> None:
    people.remove(first(people, JourneyEnd.SUBMITTED))


def the_same_number_twice(people: list[Witness]) -> None:
    some = [witness for witness in people if witness.stays]
    some[0].stays[0].number = some[1].stays[0].number


def a_later_join_has_a_lower_number(people: list[Witness]) -> None:
    stays = sorted((stay for one in people for stay in one.stays if stay.fresh), key=lambda stay: stay.told)
    stays[0].number, stays[-1].number = stays[-1].number, stays[0].number


def somebody_was_passed(people: list[Witness]) -> None:
    """One more was there from the beginning, with the lowest number of all, and was never called."""
    began = min(witness.came for witness in people) - 60
    stay = Stay(number=0, asked=began, told=began, fresh=False, present=[(began, began + 3600)])
    people.append(
        Witness(
            index=-1, kind=PersonaKind.CANDIDATE, account=0, came=began, stays=[stay], outcome=JourneyEnd.LEFT
        )
    )


def the_cap_was_no_end(people: list[Witness]) -> None:
    submitted = first(people, JourneyEnd.SUBMITTED)
    first(people, JourneyEnd.QUOTA_REACHED).number = submitted.number


def called_by_nobody(people: list[Witness]) -> None:
    first(people, JourneyEnd.QUOTA_REACHED).stays[-1].called = 1.0


def a_phone_got_in(people: list[Witness]) -> None:
    phone = next(witness for witness in people if witness.kind is PersonaKind.PHONE)
    phone.stays.append(Stay(number=10**6, asked=0.0, told=0.0, fresh=False))


def two_of_a_family(people: list[Witness]) -> None:
    one, other = [witness for witness in people if witness.outcome is JourneyEnd.SUBMITTED][:2]
    one.account = other.account


def somebody_failed(people: list[Witness]) -> None:
    first(people, JourneyEnd.QUOTA_REACHED).outcome = JourneyEnd.FAILED


def refused_without_reason(people: list[Witness]) -> None:
    someone = first(people, JourneyEnd.QUOTA_REACHED)
    someone.outcome, someone.code = JourneyEnd.REFUSED, "not_allowed"


def never_told_the_end(people: list[Witness]) -> None:
    first(people, JourneyEnd.QUOTA_REACHED).outcome = None


TAMPERED: dict[str, tuple[Callable[[list[Witness]], None], str]] = {
    "a receipt is not in the books": (lose_a_receipt, "P3"),
    "a rank is another": (another_rank, "P3"),
    "an accepted one was told nothing": (was_told_nothing, "P3"),
    "a number was given twice": (the_same_number_twice, "P1"),
    "a later join has a lower number": (a_later_join_has_a_lower_number, "P1"),
    "somebody present was passed": (somebody_was_passed, "P7"),
    "somebody accepted was told that it was over": (the_cap_was_no_end, "P7"),
    "a call is in no book": (called_by_nobody, "P6"),
    "a phone has a number": (a_phone_got_in, "DV-02"),
    "an account was accepted twice": (two_of_a_family, "P4"),
    "a journey failed": (somebody_failed, "P1 à P9"),
    "a refusal nobody expects": (refused_without_reason, "P9"),
    "somebody is still there": (never_told_the_end, "P8"),
}


def heard(people: list[Witness], books: Books) -> PeoplesFindings:
    return hear(people, books, complete=True)


@pytest.mark.parametrize("how", list(TAMPERED))
def test_a_record_that_disagrees_is_found_out(rehearsed: Rehearsed, books: Books, how: str) -> None:
    """One changed record breaks the promise that it is about; the records as they were break none."""
    tamper, promise = TAMPERED[how]
    people = records(rehearsed.folder)
    assert heard(people, books).held
    tamper(people)
    hearing = heard(people, books)
    assert promise in {finding.promise for finding in hearing.findings if not finding.holds}


def test_a_cap_that_was_not_met_breaks_the_rehearsal(rehearsed: Rehearsed, books: Books) -> None:
    """One place left over is one too many; so is a rehearsal that had to be stopped."""
    people = records(rehearsed.folder)
    period = msgspec.structs.replace(books.period, cap=CAP + 1)
    assert not heard(people, msgspec.structs.replace(books, period=period)).held
    assert not hear(people, books, complete=False).held
