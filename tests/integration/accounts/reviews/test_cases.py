"""Cases: opened once, moved with a version, their texts encrypted."""

import pytest
import sqlalchemy as sa

from accounts.linkage import keys
from accounts.reviews import cases, store
from accounts.reviews.cases import BY_CANDIDATE, FoundCase, ReviewCase
from accounts.reviews.states import Decision, ReviewAct, ReviewKind, ReviewState
from foundation.errors import Code, Refusal
from foundation.sql.database import Database

CIPHERS = keys.cipher(["k" * 40])


def found(number: int = 2, **values: object) -> FoundCase:
    given = {"kind": ReviewKind.DUPLICATE, "about": f"duplicate:1:{number}", "account": number, "other_account": 1,
             "score": 70, "signals": ("name_order", "birth_same")}  # fmt: skip
    return FoundCase(**given | values)  # type: ignore[arg-type]


async def opened(
    database: Database, number: int = 2, now: int = 1, **values: object
) -> tuple[ReviewCase, bool]:
    one = found(number, **values)
    return await database.write(lambda conn: cases.open_case(conn, CIPHERS, one, now))


async def act(
    database: Database, review: ReviewCase, done: ReviewAct, text: str = "", now: int = 5
) -> ReviewCase:
    moved, _ = await database.write(lambda conn: cases.act(conn, CIPHERS, review, done, "agente", text, now))
    return moved


async def test_a_case_is_opened_once(database: Database) -> None:
    """Found a second time it is the same, stronger if more is found."""
    review, is_new = await opened(database)
    assert is_new
    assert (review.accounts, review.signals) == ((2, 1), ("name_order", "birth_same"))
    again, is_new = await opened(database, score=90)
    assert not is_new
    assert again == review
    strengthen = found(score=90, signals=("name_same",))
    await database.write(lambda conn: cases.strengthen(conn, CIPHERS, review, strengthen))
    stronger = await database.read(lambda conn: cases.find(conn, CIPHERS, review.id))
    assert (stronger.score, stronger.signals) == (90, ("name_same",))
    weaker = await database.write(lambda conn: cases.strengthen(conn, CIPHERS, stronger, found()))
    assert weaker == stronger


async def test_a_stale_act_is_refused(database: Database) -> None:
    """Whoever decides on what is no longer so is told; what is no move is refused."""
    review, _ = await opened(database)
    asked = await act(database, review, ReviewAct.ASKED, "Quel est votre autre compte ?")
    assert asked.state is ReviewState.WAITING
    with pytest.raises(Refusal) as refused:
        await act(database, review, ReviewAct.CONFIRMED)
    assert refused.value.code == Code.ALREADY_DECIDED
    with pytest.raises(Refusal) as refused:
        await act(database, asked, ReviewAct.UNDONE)
    assert refused.value.code == Code.MOVE_NOT_ALLOWED
    decided = await act(database, asked, ReviewAct.CONFIRMED, "Mêmes pièces.")
    assert (decided.decision, decided.is_automatic) == (Decision.CONFIRMED, False)


async def test_what_was_said_is_encrypted_and_read_again(database: Database) -> None:
    """The texts of a case and what was found stand in no table as they are."""
    review, _ = await opened(database)
    assert not await database.read(lambda conn: cases.was_touched(conn, review.id))
    await act(database, review, ReviewAct.ASKED, "Est-ce Awa N’Diaye ?")
    events = await database.read(lambda conn: cases.events(conn, CIPHERS, review.id))
    assert [(event.act, event.text) for event in events] == [
        (ReviewAct.OPENED, ""), (ReviewAct.ASKED, "Est-ce Awa N’Diaye ?"),
    ]  # fmt: skip
    assert await database.read(lambda conn: cases.was_touched(conn, review.id))
    stored = await database.read(
        lambda conn: conn.execute(
            sa.select(store.review_event.c.text, store.review.c.signals).join(
                store.review, store.review.c.id == store.review_event.c.review
            )
        )
    )
    assert "Awa" not in (text := str(stored.all()))
    assert "name_order" not in text


async def test_the_queue_has_those_who_asked_first(database: Database) -> None:
    """Then the longest open; each kind and state is counted."""
    for number in (2, 3, 4):
        await opened(database, number, now=number)
    third = await database.read(lambda conn: cases.find(conn, CIPHERS, 3))
    await database.write(
        lambda conn: cases.act(conn, CIPHERS, third, ReviewAct.REQUESTED, BY_CANDIDATE, "Regardez.", 9)
    )
    line = await database.read(
        lambda conn: cases.queue(conn, CIPHERS, [ReviewKind.DUPLICATE], [ReviewState.OPEN], 2)
    )
    assert [review.id for review in line] == [3, 1]
    assert await database.read(cases.counts) == {(ReviewKind.DUPLICATE, ReviewState.OPEN): 3}
    mine = await database.read(lambda conn: cases.of_account(conn, CIPHERS, 4))
    assert [review.id for review in mine] == [3]
    with pytest.raises(Refusal) as refused:
        await database.read(lambda conn: cases.find(conn, CIPHERS, 99))
    assert refused.value.code == Code.NOT_FOUND
