"""The desk of reviews: looks are on record, a reason is asked for."""

import pytest

from accounts.reviews.states import Decision, ReviewKind, ReviewState
from accounts.roles import Role
from accounts.sessions import Session
from accounts.states import SessionRole
from console.staff.desk import StaffMemberHere
from foundation import audit
from foundation.errors import Code, Refusal
from tests.integration.console.reviews.conftest import ReviewPlace
from tests.support.candidates.alike import pair
from tests.support.tasks import rows


def agent(name: str = "lucie") -> StaffMemberHere:
    session = Session(role=SessionRole.OPERATOR, owner=1, username=name, expires_at=0)
    return StaffMemberHere(session=session, held=(Role.AGENT,), role=Role.AGENT)


async def test_whoever_opens_a_case_is_on_record_before_it_is_shown(reviews: ReviewPlace) -> None:
    """Both records are shown with the evidence and who would count; the look names the case."""
    first, _, review = await pair(reviews.desk, passport="CD7654321")
    opened = await reviews.reviews.open(agent(), review.id)
    assert opened.survivor == first
    assert {row.label for row in opened.rows} >= {"Nom de famille", "Passeport", "Compte créé", "Demandes"}
    assert [one.points for one in opened.evidence] == [40, 35, -5]
    assert opened.possible == ["confirm", "dismiss", "ask"]
    a = audit.a.c
    assert ("look", "review", str(review.id)) in [
        line[1:] for line in await rows(reviews.db, a.sequence, a.act, a.subject_kind, a.subject_id)
    ]


async def test_nothing_is_done_without_a_reason(reviews: ReviewPlace) -> None:
    """The person and the record have a right to it; a word that is no act is nothing."""
    _, _, review = await pair(reviews.desk, passport="CD7654321")
    for word, reason, code in (
        ("confirm", "  ", Code.INVALID),
        ("confirm", "x" * 2_001, Code.INVALID),
        ("delete", "motif", Code.NOT_FOUND),
        ("undo", "motif", Code.MOVE_NOT_ALLOWED),
    ):
        with pytest.raises(Refusal) as refused:
            await reviews.reviews.do(agent(), review.id, word, None, reason)
        assert refused.value.code == code
    done = await reviews.reviews.do(agent(), review.id, "confirm", review.version, "Mêmes pièces.")
    assert done.decision is Decision.CONFIRMED
    with pytest.raises(Refusal) as refused:
        await reviews.reviews.do(agent(), review.id, "dismiss", review.version, "Non.")
    assert refused.value.code == Code.ALREADY_DECIDED


async def test_the_queue_has_what_is_open(reviews: ReviewPlace) -> None:
    """By kind and state, a page at a time."""
    _, _, review = await pair(reviews.desk, passport="CD7654321")
    found, has_more = await reviews.reviews.queue(agent(), None, ReviewState.OPEN, 1)
    assert ([one.id for one in found], has_more) == ([review.id], False)
    assert (await reviews.reviews.queue(agent(), ReviewKind.CESSION, ReviewState.OPEN, 1))[0] == []
    assert (await reviews.reviews.queue(agent(), None, ReviewState.OPEN, 2))[0] == []
    assert await reviews.reviews.counts() == {(ReviewKind.DUPLICATE, ReviewState.OPEN): 1}
