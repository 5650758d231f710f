"""Sessions: who is signed in, until when, and in which browser."""

import msgspec
import sqlalchemy as sa
from starlette.responses import Response

from accounts import sessions
from accounts import store as accounts_store
from accounts.states import SessionRole
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support.candidates.refusals import code_of
from tests.support.desks import credentials, make_account, make_desk, sign_in, visit


async def test_the_right_secrets_sign_in_for_an_hour(database: Database) -> None:
    """A session lasts an absolute hour; afterwards it has ended, which is said, and is not another's."""
    desk = make_desk(database)
    account = await make_account(desk)
    signed_in = await desk.sign_in(visit(), credentials(username="  ESSAI-00001 "))
    here = visit(None, signed_in)
    session = await sessions.required(desk.accounts, here)
    stored = await database.read(lambda conn: conn.execute(sa.select(accounts_store.session.c.digest)))
    assert stored.scalar_one() == sessions.digest(signed_in.secret) != signed_in.secret
    assert (session.owner, session.username) == (account, "essai-00001")
    assert 3_590_000 < session.expires_at - now_ms() <= 3_600_000
    s = accounts_store.session
    await database.write(lambda conn: conn.execute(sa.update(s).values(expires_at=now_ms())))
    assert await code_of(sessions.required(desk.accounts, here)) == "session_ended"
    assert await sessions.current(desk.accounts, here) is None
    assert await code_of(sessions.required(desk.accounts, visit({"session": "x" * 43}))) == "not_signed_in"
    assert await code_of(sessions.required(desk.accounts, visit())) == "not_signed_in"


async def test_a_sign_in_replaces_the_session_of_its_browser_and_of_no_other(database: Database) -> None:
    """The old cookie is worth nothing after a new sign-in here; another browser stays signed in."""
    desk = make_desk(database)
    await make_account(desk)
    second = await make_account(desk, 2)
    elsewhere, first = await sign_in(desk), await sign_in(desk)
    again = await desk.sign_in(visit(None, first), credentials(2))
    assert await sessions.current(desk.accounts, visit(None, first)) is None
    assert (await sessions.required(desk.accounts, visit(None, again))).owner == second
    assert await sessions.current(desk.accounts, visit(None, elsewhere)) is not None
    await sessions.sign_out(desk.accounts, visit(None, again))
    await sessions.sign_out(desk.accounts, visit(None, again))
    assert await sessions.current(desk.accounts, visit(None, again)) is None


async def test_a_candidates_cookie_is_no_operators(database: Database) -> None:
    """A secret counts only for the role it was made for."""
    desk = make_desk(database)
    await make_account(desk)
    secret = (await sign_in(desk)).secret
    assert await sessions.current(desk.accounts, visit({"operator": secret}), SessionRole.OPERATOR) is None


async def test_what_ended_is_swept_after_a_day(database: Database) -> None:
    """Ended sessions are forgotten a day later, live ones stay."""
    desk = make_desk(database)
    await make_account(desk)
    signed_in = await sign_in(desk)
    await database.write(lambda conn: sessions.sweep(conn, now_ms()))
    assert await sessions.current(desk.accounts, visit(None, signed_in)) is not None
    await database.write(
        lambda conn: sessions.sweep(conn, now_ms() + 25 * sessions.LASTS_MS[SessionRole.CANDIDATE] + 1)
    )
    assert await code_of(sessions.required(desk.accounts, visit(None, signed_in))) == "not_signed_in"


async def test_behind_tls_a_session_counts_in_the_cookie_of_this_host_alone(database: Database) -> None:
    """Another site below our domain can set a cookie without the prefix: a session of its own is worth nothing."""
    desk = make_desk(database)
    await make_account(desk)
    old = await sign_in(desk)
    desk = msgspec.structs.replace(desk, accounts=msgspec.structs.replace(desk.accounts, secure=True))
    new = await desk.sign_in(visit(), credentials())
    assert await sessions.current(desk.accounts, visit({"__Host-session": new.secret})) is not None
    assert await sessions.current(desk.accounts, visit({"session": new.secret})) is None
    # One of a release before, or of plain http, goes on to its end: nobody is signed out by an update.
    assert await sessions.current(desk.accounts, visit({"session": old.secret})) is not None
    both = visit({"session": old.secret, "__Host-session": new.secret})
    await sessions.sign_out(desk.accounts, both)
    assert await sessions.current(desk.accounts, both) is None
    answer = Response()
    sessions.forget(answer, desk.accounts)
    dropped = [
        value.decode().partition("=")[0] for name, value in answer.raw_headers if name == b"set-cookie"
    ]
    assert dropped == ["__Host-session", "session"]
