"""What an account's owner may know of the cases about it."""

import pytest

from accounts.reviews.states import Decision, ReviewAct, ReviewState
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from submission.near_duplicates import own_reviews
from submission.near_duplicates.own_reviews import MOST_REQUESTS, OwnReview
from tests.support.candidates.alike import done, fresh, pair
from tests.support.desks import PERSONAL, Desk, make_account, make_desk

CIPHERS = PERSONAL.reviews


async def own(desk: Desk, account: int) -> list[OwnReview]:
    return await desk.db.read(lambda conn: own_reviews.of_account(conn, CIPHERS, account))


async def request(desk: Desk, account: int, id: int, text: str) -> None:
    await desk.db.write(lambda conn: own_reviews.request(conn, CIPHERS, account, id, text, 9))


async def test_an_automatic_decision_is_read_by_both_and_looked_at_when_asked(database: Database) -> None:
    """The duplicate's owner asks; what they wrote is read by staff and by nobody else."""
    desk = make_desk(database)
    first, second, review = await pair(desk)
    (mine,) = await own(desk, second)
    (theirs,) = await own(desk, first)
    assert (mine.is_barred, theirs.is_barred) == (True, False)
    assert mine.is_automatic and mine.decision is Decision.CONFIRMED
    await request(desk, second, review.id, "Ce n’est pas mon compte.")
    assert (await fresh(desk, review)).has_request
    (theirs,) = await own(desk, first)
    assert [event.act for event in theirs.events] == [ReviewAct.LINKED, ReviewAct.REQUESTED]
    assert not any("pas mon compte" in event.text for event in theirs.events)


async def test_of_a_suspicion_nobody_is_told(database: Database) -> None:
    """Until somebody asks or decides; then the question and the reason are read."""
    desk = make_desk(database)
    _, second, review = await pair(desk, passport="CD7654321")
    assert await own(desk, second) == []
    with pytest.raises(Refusal) as refused:
        await request(desk, second, review.id, "Quoi ?")
    assert refused.value.code == Code.NOT_FOUND
    await done(desk, review, ReviewAct.ASKED, text="Avez-vous un autre passeport ?")
    (mine,) = await own(desk, second)
    assert (mine.state, mine.asked) == (ReviewState.WAITING, "Avez-vous un autre passeport ?")
    await request(desk, second, review.id, "Oui, renouvelé.")
    (mine,) = await own(desk, second)
    assert (mine.state, mine.asked) == (ReviewState.OPEN, "")


async def test_a_case_of_others_does_not_exist(database: Database) -> None:
    """No hint, whatever number is tried; nothing empty, nothing huge, not without end."""
    desk = make_desk(database)
    _, second, review = await pair(desk)
    stranger = await make_account(desk, 7)
    for account, id in ((stranger, review.id), (second, 99)):
        with pytest.raises(Refusal) as refused:
            await request(desk, account, id, "x")
        assert refused.value.code == Code.NOT_FOUND
    for text in (" \n", "x" * 2_001):
        with pytest.raises(Refusal) as refused:
            await request(desk, second, review.id, text)
        assert refused.value.code == Code.INVALID
    for _ in range(MOST_REQUESTS):
        await request(desk, second, review.id, "Regardez.")
    with pytest.raises(Refusal) as refused:
        await request(desk, second, review.id, "Regardez.")
    assert refused.value.code == Code.MOVE_NOT_ALLOWED
