"""What stands in the way of a submission, and what two files of one person have in common."""

import msgspec
import pytest

from accounts.identities import Identity
from foundation.errors import Refusal
from quota.store import PERSON_KEY_MARK
from submission.duplicates import EarlierSubmission, EarlierSubmissions, refuse, traces
from submission.states import TraceKind
from tests.support.candidates.values import an_account

FIRST = EarlierSubmission("MPQ-1", 1, 11, 101, "one", 0, 0)

SECOND = EarlierSubmission("MPQ-2", 2, 12, 102, "two", 0, 0)

TODAY = f"{PERSON_KEY_MARK}k"

ANNE = Identity(
    family_name="Lefèvre", given_name="Anne-Marie", birth_date="1985-03-07", passport="12AB 34567"
)


@pytest.mark.parametrize(
    ("number", "owner", "person", "found"),
    [
        (11, 101, "one", FIRST),
        (11, 102, "two", FIRST),  # this ticket's comes first
        (None, 102, "one", SECOND),  # then this account's
        (99, 199, "two", SECOND),
        (99, 199, "nine", None),
        (None, 199, "nine", None),
    ],
)
def test_what_stands_in_the_way(
    number: int | None, owner: int, person: str, found: EarlierSubmission | None
) -> None:
    """Ticket, account, person, in this order (section 7 of the design)."""
    assert EarlierSubmissions([FIRST, SECOND]).find(number, owner, person) is found


def test_what_is_accepted_now_stands_in_the_way_of_the_next() -> None:
    """Two in one batch are as two after each other."""
    known = EarlierSubmissions([])
    assert known.find(11, 101, "one") is None
    known.add(FIRST)
    assert known.find(11, 199, "nine") is FIRST


def test_a_receipt_is_told_to_its_owner_alone() -> None:
    """The account that submitted gets it; another account of the same person does not (P11)."""
    with pytest.raises(Refusal) as own:
        refuse(FIRST, an_account(101))
    assert (own.value.code, own.value.fields) == ("duplicate_account", {"receipt": "MPQ-1"})
    with pytest.raises(Refusal) as other:
        refuse(FIRST, an_account(102))
    assert (other.value.code, other.value.fields) == ("duplicate_person", {})


def test_traces_do_not_depend_on_spelling_and_empty_ones_are_none() -> None:
    """What two files may have in common, by kind; nothing is a trace of nothing."""
    contact = {"email": " ANNE@exemple.invalid", "telephone": "+33 1 00-00-00-01"}
    assert traces(ANNE, {"contact": contact}, TODAY) == {
        TraceKind.PASSPORT: "12ab34567",
        TraceKind.NAME_AND_BIRTH: "annemarie lefevre 19850307",
        TraceKind.EMAIL: "anne@exemple.invalid",
        TraceKind.TELEPHONE: "33100000001",
    }
    assert set(traces(ANNE, {}, TODAY)) == {TraceKind.PASSPORT, TraceKind.NAME_AND_BIRTH}


@pytest.mark.parametrize(
    "changes",
    [
        {"family_name": "Anne-Marie", "given_name": "Lefèvre"},
        {"birth_date": "07/03/1985"},
        {"passport": "12AB\N{EN DASH}34568"},
    ],
)
def test_names_in_the_other_order_and_a_date_of_before_leave_the_same_trace(changes: dict[str, str]) -> None:
    """Persons near each other are shown to reviewers, though P4 tells them apart."""
    near = msgspec.structs.replace(ANNE, **changes)
    kind = TraceKind.NAME_AND_BIRTH
    assert traces(near, {}, TODAY)[kind] == traces(ANNE, {}, TODAY)[kind]


def test_traces_of_a_period_that_began_before_are_those_of_before() -> None:
    """Those of one period are compared with each other: its key says of which form all of them are."""
    assert traces(ANNE, {}, "k")[TraceKind.NAME_AND_BIRTH] == "lefevre annemarie 19850307"
