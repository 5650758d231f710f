"""Operators: how they sign in, and how they are added."""

import sqlalchemy as sa

from accounts import sessions
from accounts import store as accounts_store
from accounts.staff import sign_in_operator
from accounts.states import SessionRole
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support.desks import PASSWORD, make_desk, verified, visit
from tests.support.refusals import code_of


async def test_an_operator_signs_in_with_a_password_alone(database: Database) -> None:
    """An operator's session is of its own kind; a wrong password and an unknown name are refused alike."""
    desk = make_desk(database)
    (password_hash,) = await desk.accounts.hasher.hash(PASSWORD)
    row = {"username": "regie", "password_hash": password_hash, "created_at": now_ms()}
    await database.write(lambda conn: conn.execute(sa.insert(accounts_store.operator).values(row)))
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
