"""Sessions: who is signed in, until when, and in which browser."""

import asyncio
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from starlette.responses import Response

from accounts import sessions
from accounts import store as accounts_store
from accounts.operators.sign_in import sign_in_operator
from accounts.staff import add_operator
from accounts.states import SessionRole
from foundation.clock import now_ms
from foundation.sql.database import Database
from submission.services import Visit
from tests.support.candidates.refusals import code_of
from tests.support.desks import Desk, credentials, make_account, make_desk, sign_in, visit


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


async def at_the_desk(database: Database) -> tuple[Desk, Visit]:
    """An operator who is signed in."""
    desk = make_desk(database)
    await database.write(lambda conn: add_operator(conn, "agnes", "un long mot de passe", now_ms()))
    signed_in = await sign_in_operator(desk.accounts, visit().came, "agnes", "un long mot de passe")
    return desk, visit(None, signed_in)


async def idle_for(database: Database, minutes: float) -> None:
    """Nobody was seen for so long."""
    at = now_ms() - round(minutes * 60_000)
    await database.write(lambda conn: conn.execute(sa.update(accounts_store.session).values(seen_at=at)))


async def test_a_desk_that_nobody_sits_at_is_locked(database: Database) -> None:
    """Half an hour after the last request of a person the session has ended, long before its ten hours."""
    desk, here = await at_the_desk(database)
    await idle_for(database, 29)
    await sessions.required(desk.accounts, here, SessionRole.OPERATOR)
    await idle_for(database, 32)
    assert await code_of(sessions.required(desk.accounts, here, SessionRole.OPERATOR)) == "session_ended"
    assert await sessions.current(desk.accounts, here, SessionRole.OPERATOR) is None


async def test_a_page_that_asks_by_itself_keeps_no_desk_open(database: Database) -> None:
    """Polls are answered until the half hour is over; a request of a person begins it anew."""
    desk, here = await at_the_desk(database)
    for _ in range(3):
        await idle_for(database, 29)
        await sessions.required(desk.accounts, here, SessionRole.OPERATOR, is_poll=True)
    assert await seen_ago(database) >= 29 * 60_000
    await sessions.required(desk.accounts, here, SessionRole.OPERATOR)
    assert await seen_ago(database) < 60_000


async def seen_ago(database: Database) -> int:
    """Milliseconds since somebody was seen in the one session there is."""
    found = await database.read(lambda conn: conn.execute(sa.select(accounts_store.session.c.seen_at)))
    return now_ms() - int(found.scalar_one())


async def test_a_candidates_hour_needs_no_clicks(database: Database) -> None:
    """Whoever waits for an hour is signed in for an hour (WR-17)."""
    desk = make_desk(database)
    await make_account(desk)
    here = visit(None, await sign_in(desk))
    await idle_for(database, 59)
    assert await sessions.current(desk.accounts, here) is not None


@pytest.mark.parametrize(
    ("role", "minutes", "idle"),
    [
        (SessionRole.OPERATOR, 30, False),
        (SessionRole.OPERATOR, 31.1, True),
        (SessionRole.CANDIDATE, 500, False),
    ],
)
def test_when_a_session_is_idle(role: SessionRole, minutes: float, idle: bool) -> None:
    """A request is written down once a minute, so the half hour is never shorter than that."""
    assert sessions.is_idle(role, 0, round(minutes * 60_000)) is idle


async def test_sessions_that_are_asked_for_together_are_each_their_own(database: Database) -> None:
    """What `current` says of one, of many at once: whoever has none, or one that ended, is nobody."""
    desk = make_desk(database)
    accounts = [await make_account(desk, number) for number in (1, 2, 3)]
    signed_in = [await desk.sign_in(visit(), credentials(number)) for number in (1, 2, 3)]
    digests = [sessions.digest(one.secret) for one in signed_in]
    s = accounts_store.session
    over = sa.update(s).where(s.c.digest == digests[1]).values(expires_at=now_ms())
    await database.write(lambda conn: conn.execute(over))
    reader = sessions.SessionReader(database)
    asked = [*digests, sessions.digest("x"), digests[0]]
    found = await asyncio.gather(*(_asked(reader, digest) for digest in asked))
    alone = [await sessions.current(desk.accounts, visit(None, one)) for one in signed_in]
    assert found == [*alone, None, alone[0]]
    assert [one and one.owner for one in alone] == [accounts[0], None, accounts[2]]
    desk.accounts.hasher.close()


async def test_a_member_of_staffs_session_is_no_candidates_among_many(database: Database) -> None:
    """The role counts there too."""
    desk = make_desk(database)
    await make_account(desk)
    secret = (await sign_in(desk)).secret
    s = accounts_store.session
    await database.write(lambda conn: conn.execute(sa.update(s).values(role=SessionRole.OPERATOR)))
    assert await _asked(sessions.SessionReader(database), sessions.digest(secret)) is None
    desk.accounts.hasher.close()


async def _asked(reader: sessions.SessionReader, digest: str) -> Any:
    heard: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    reader.ask(digest, heard.set_result)
    return await heard
