"""Operators: how they sign in, and how they are added."""

from typing import Any

import sqlalchemy as sa

from accounts import sessions
from accounts import store as accounts_store
from accounts.attempts import throttling
from accounts.staff import add_operator, sign_in_operator
from accounts.states import SessionRole
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support.candidates.refusals import code_of
from tests.support.desks import PASSWORD, Desk, credentials, make_desk, verified, visit


async def test_an_operator_signs_in_with_a_password_alone(database: Database) -> None:
    """An operator's session is of its own kind; a wrong password and an unknown name are refused alike."""
    desk = await with_operator(database)
    signed_in = await sign_in_operator(desk.accounts, visit().came, "Regie", PASSWORD)
    assert (
        await sessions.required(desk.accounts, visit(None, signed_in), SessionRole.OPERATOR)
    ).username == "regie"
    assert await code_of(sessions.required(desk.accounts, visit(None, signed_in))) == "not_signed_in"
    for username, password in (("regie", "wrong"), ("nobody", PASSWORD)):
        before = verified(desk)
        assert (
            await code_of(sign_in_operator(desk.accounts, visit().came, username, password))
            == "bad_credentials"
        )
        assert verified(desk) - before == 1


async def with_operator(database: Database) -> Desk:
    """A desk, and the operator `regie` with the usual password."""
    desk = make_desk(database)
    (password_hash,) = await desk.accounts.hasher.hash(PASSWORD)
    row = {"username": "regie", "password_hash": password_hash, "created_at": now_ms()}
    await database.write(lambda conn: conn.execute(sa.insert(accounts_store.operator).values(row)))
    return desk


async def test_an_operators_wrong_tries_are_slowed_and_a_right_one_forgives_them(database: Database) -> None:
    """As a candidate's: five are free, and who mistyped four times is not near a limit the next time (AC-08)."""
    desk = await with_operator(database)

    def tried(password: str) -> Any:
        return sign_in_operator(desk.accounts, visit().came, "regie", password)

    for _ in range(3):
        for _ in range(throttling.FREE_TRIES - 1):
            assert await code_of(tried("wrong")) == "bad_credentials"
        await tried(PASSWORD)
    for _ in range(throttling.FREE_TRIES):
        assert await code_of(tried("wrong")) == "bad_credentials"
    assert await code_of(tried(PASSWORD)) == "rate_limited"


async def test_a_try_of_an_operator_that_was_never_looked_at_does_not_count(database: Database) -> None:
    """All hashing threads busy: neither the operator's budget nor that of the address is charged."""
    desk = await with_operator(database)
    most, desk.accounts.hasher._most = desk.accounts.hasher._most, 0
    for _ in range(2 * throttling.FREE_TRIES):
        assert (
            await code_of(sign_in_operator(desk.accounts, visit().came, "regie", PASSWORD)) == "unavailable"
        )
    desk.accounts.hasher._most = most
    assert desk.accounts.budgets._addresses._buckets["192.0.2.1"].left == throttling.ADDRESS.at_once
    assert (
        await sign_in_operator(desk.accounts, visit().came, "regie", PASSWORD)
    ).session.username == "regie"


async def test_a_candidate_of_the_same_name_has_other_tries(database: Database) -> None:
    """Guessing at the candidate `regie` does not delay the operator, and the other way round."""
    desk = await with_operator(database)
    for _ in range(throttling.FREE_TRIES):
        await code_of(desk.sign_in(visit(), credentials(username="regie", password="guess")))
    assert (
        await code_of(desk.sign_in(visit(), credentials(username="regie", password="guess")))
        == "rate_limited"
    )
    await sign_in_operator(desk.accounts, visit().came, "regie", PASSWORD)


async def test_an_added_operator_signs_in_and_a_new_password_ends_the_session(database: Database) -> None:
    """A capital in the name makes no second operator; the sessions begun with the old password are over."""
    desk = make_desk(database)
    for name, password in (("regie", "un premier mot de passe"), ("Regie", "un second mot de passe")):
        await database.write(lambda conn, n=name, p=password: add_operator(conn, n, p, now_ms()))  # type: ignore[misc]
        if name == "regie":
            first = await sign_in_operator(desk.accounts, visit().came, "regie", password)
    at = visit(None, first)
    assert await sessions.current(desk.accounts, at, SessionRole.OPERATOR) is None
    again = await sign_in_operator(desk.accounts, visit().came, "regie", "un second mot de passe")
    assert again.session.owner == first.session.owner
