"""Who is told of what: the candidate of each move, the representative of nothing that gives somebody away."""

import pytest

from accounts.representatives.declaration import declaring
from accounts.representatives.notices import representative_hears
from accounts.representatives.procurations import mailroom
from accounts.representatives.states import PowerMove, PowerPosition, PowerState, ReturnReason
from foundation.clock import now_ms
from tests.integration.accounts.representatives.conftest import Represented
from tests.support.candidates.representing import (
    CLERK,
    active,
    declared,
    mails,
    paper,
    received,
    released,
    signed,
    with_email,
)
from tests.support.desks import REPRESENTATIVES, make_account

D, R, A, F, X = (PowerPosition(state) for state in PowerState)

CANDIDATE, LAWYER = "anne@exemple.ca", "luc@cabinet.example"


@pytest.mark.parametrize(
    ("step", "before", "after", "hears"),
    [(PowerMove.DECLARE, D, D, False), (PowerMove.CORRECT, D, D, False), (PowerMove.RECEIVE, D, R, False),
     (PowerMove.ACTIVATE, R, A, True), (PowerMove.ACTIVATE, F, F, False), (PowerMove.RETURN, R, D, False),
     (PowerMove.UNDO_RECEIPT, A, D, True), (PowerMove.UNDO_RECEIPT, R, D, False), (PowerMove.FREEZE, D, F, True),
     (PowerMove.FREEZE, A, F, True), (PowerMove.THAW, F, A, True), (PowerMove.REVOKE, D, X, False),
     (PowerMove.REVOKE, R, X, False), (PowerMove.REVOKE, A, X, True), (PowerMove.REVOKE, F, X, True),
     (PowerMove.SIGN, A, A, False)],
    ids=range(16),
)  # fmt: skip
def test_who_hears_of_a_move(
    step: PowerMove, before: PowerPosition, after: PowerPosition, hears: bool
) -> None:
    """A declaration is between the candidate and the office; what was told is also told to be over."""
    assert representative_hears(step, before, after) is hears


async def test_each_move_is_told_to_the_candidate(here: Represented) -> None:
    """From the declaration to the revocation, the representative beside it once there is something to say."""
    made = await declared(here.db, here.account)
    await received(here.db, made.reference)
    await released(here.db, here.account)
    await signed(here.db, made.id)
    await here.db.write(lambda conn: declaring.revoke(conn, REPRESENTATIVES, here.account, now_ms()))
    told = [(kind.removeprefix("representative_"), to) for kind, to, _ in await mails(here.db)]
    assert told == [
        ("declare", CANDIDATE), ("receive", CANDIDATE), ("activate", CANDIDATE), ("activate", LAWYER),
        ("sign", CANDIDATE), ("revoke", CANDIDATE), ("revoke", LAWYER),
    ]  # fmt: skip


async def test_mails_say_nothing_of_anybody(here: Represented) -> None:
    """No name, no number, no reference, no user name, no address of the other one (P11)."""
    made = await active(here.db, here.account)
    undo = lambda conn: mailroom.undo(conn, REPRESENTATIVES, made.reference, "erreur", CLERK, now_ms())  # noqa: E731
    await here.db.write(undo)
    back = lambda conn: mailroom.give_back(  # noqa: E731
        conn, REPRESENTATIVES, made.reference, paper(), ReturnReason.COPY, CLERK, now_ms()
    )
    await here.db.write(back)
    posted = await mails(here.db)
    assert len(posted) == 7
    for _, to, text in posted:
        for word in ("Tremblay", "Luc", "123456", made.reference, "essai-00001", "@", "514", "Canari"):
            assert word not in text, (to, word)
        assert "Ce courriel ne contient aucun renseignement personnel." in text


async def test_an_account_without_an_address_reads_it_on_its_page(here: Represented) -> None:
    """Imported accounts may have none: the move is made all the same."""
    other = await make_account(here.desk, 2)
    await declared(here.db, other)
    assert await mails(here.db) == []
    await with_email(here.db, other, "essai-00002", "bruno@exemple.ca")
    await declared(here.db, other, telephone="")
    assert [(kind, to) for kind, to, _ in await mails(here.db)] == [
        ("representative_correct", "bruno@exemple.ca")
    ]
