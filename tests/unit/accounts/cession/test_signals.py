"""Signs that an account was ceded or sold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.cession.signals import (
    CESSION_WORDS,
    DAY_MS,
    POINTS,
    REVIEWED,
    SHARERS,
    AccountHistory,
    CessionSignal,
    judge,
)
from accounts.events.events import AccountEvent
from accounts.events.states import AccountEventKind as Kind

CLOSED = 100 * DAY_MS


def event(kind: Kind, day: float, network: str | None = "home", browser: str | None = "own") -> AccountEvent:
    return AccountEvent(account=1, kind=kind, at=round(day * DAY_MS), network=network, browser=browser)


OWNER = [event(Kind.SIGN_IN, 10), event(Kind.SIGN_IN, 50), event(Kind.SIGN_IN, 99)]

SOLD = [
    *OWNER,
    event(Kind.PASSWORD_RENEWED, 110, "far", None),
    event(Kind.ANSWERS_RENEWED, 110.1, "far", None),
    event(Kind.EMAIL_CHANGED, 112, "far", "other"),
    event(Kind.SIGN_IN, 113, "far", "other"),
]


def history(events: list[AccountEvent], **values: object) -> AccountHistory:
    return AccountHistory(events=events, closed_at=CLOSED, **values)  # type: ignore[arg-type]


CASES: dict[str, tuple[AccountHistory, set[CessionSignal]]] = {
    "nothing happened": (history(OWNER), set()),
    "a forgotten password": (history([*OWNER, event(Kind.PASSWORD_RENEWED, 110)]), set()),
    "secrets a week apart": (
        history([*OWNER, event(Kind.PASSWORD_RENEWED, 110), event(Kind.ANSWERS_RENEWED, 117)]), set(),
    ),
    "a new address while registration is open": (history([*OWNER, event(Kind.EMAIL_CHANGED, 90)]), set()),
    "a new address afterwards, from home": (
        history([*OWNER, event(Kind.EMAIL_CHANGED, 110), event(Kind.SIGN_IN, 111)]),
        {CessionSignal.EMAIL_CHANGED_LATE},
    ),
    "a journey": (
        history([event(Kind.SIGN_IN, 10 + n / 10, f"n{n}") for n in range(4)]), {CessionSignal.NETWORK_JUMPS},
    ),
    "home, work, telephone": (history([event(Kind.SIGN_IN, 10 + n / 10, f"n{n}") for n in range(3)]), set()),
    "sold": (
        history(SOLD),
        {CessionSignal.EMAIL_CHANGED_LATE, CessionSignal.RESET_BURST, CessionSignal.HANDOVER,
         CessionSignal.STRANGE_ORIGIN},
    ),
    "a large family": (history(OWNER, sharers=SHARERS - 1), set()),
    "many with one telephone": (history(OWNER, sharers=SHARERS), {CessionSignal.SHARED_CONTACT}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_happened_is_named(case: str) -> None:
    """Only a handover reaches a person; a forgotten password, a journey, a new address alone do not."""
    past, signals = CASES[case]
    found = judge(past)
    assert set(found.signals) == signals
    assert found.is_reviewed is (case == "sold")


def test_a_lawyers_office_is_no_buyer() -> None:
    """A representative on file speaks against it, and is named."""
    found = judge(history(SOLD, has_representative=True))
    assert CessionSignal.PROCURATION in found.signals
    assert not found.is_reviewed


def test_no_sign_alone_reaches_a_person() -> None:
    """And each has its words and points."""
    assert max(POINTS.values()) < REVIEWED
    assert set(POINTS) == set(CESSION_WORDS) == set(CessionSignal)


EVENTS = st.lists(
    st.builds(
        event,
        st.sampled_from(list(Kind)),
        st.floats(0, 200),
        st.sampled_from(["home", "work", "far", None]),
        st.sampled_from(["own", "other", None]),
    ),
    max_size=12,
)


@given(EVENTS, st.integers(0, 9))
def test_more_sharers_never_lower_a_score_and_a_representative_never_raises_it(
    events: list[AccountEvent], sharers: int
) -> None:
    """Whatever happened, in whatever order it was read."""
    past = history(events, sharers=sharers)
    assert judge(history(events, sharers=sharers + 1)).score >= judge(past).score
    assert judge(history(events, sharers=sharers, has_representative=True)).score <= judge(past).score
    assert judge(history(events[::-1], sharers=sharers)) == judge(past)
