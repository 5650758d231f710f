"""A candidate's sign-in: every wrong secret is refused alike and costs the same."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import sessions, store
from accounts.attempts import throttling
from accounts.candidates import Account, by_username
from accounts.sign_in import sign_in
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from tests.support.candidates.refusals import code_of
from tests.support.desks import ANSWERS, PHONE, credentials, make_account, make_desk, verified, visit


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"username": "nobody-here"}, "bad_credentials"),
        ({"username": "nobody-here", "answers": []}, "bad_credentials"),
        ({"password": "wrong"}, "bad_credentials"),
        ({"password": "wrong", "answers": ["wrong"]}, "bad_credentials"),
        ({"answers": ["Érable", "Le grand chien", "Montréal"]}, "bad_security_answers"),
        ({"answers": []}, "bad_security_answers"),
        ({"answers": ANSWERS[::-1]}, "bad_security_answers"),
    ],
)
async def test_every_wrong_secret_costs_the_same(
    database: Database, changes: dict[str, Any], code: str
) -> None:
    """Two hashes are verified for a known and an unknown name, so time tells nobody which names exist."""
    desk = make_desk(database)
    await make_account(desk)
    before = verified(desk)
    assert await code_of(desk.sign_in(visit(), credentials(**changes))) == code
    assert verified(desk) - before == 2


async def test_a_phone_may_follow_a_file(database: Database) -> None:
    """Without a token any device signs in: following a file is possible everywhere."""
    desk = make_desk(database)
    await make_account(desk)
    await desk.sign_in(visit(verdict=PHONE), credentials())


class CalledOnce:
    """A right to be served, as a sign-in is given it: its own budget of tries, and how its binding ends."""

    def __init__(self, refusal: Code | None = None) -> None:
        self.refusal = refusal
        self.bound: list[int] = []

    async def reserve(self, conn: AsyncConnection, account: Account | None) -> str | None:
        return "a right to be served"

    async def bind(self, conn: AsyncConnection, account: Account) -> int:
        await conn.execute(sa.update(store.account).values(accommodation=2.0))  # what binding writes
        if self.refusal is not None:
            raise Refusal(self.refusal)
        self.bound.append(account.id)
        return 60_000


async def test_binding_and_session_are_one_transaction(database: Database) -> None:
    """A binding that is refused leaves neither a session nor anything that it wrote, and costs no tries (SW-01)."""
    desk = make_desk(database)
    account = await make_account(desk)
    typed = credentials().credentials
    for _ in range(throttling.FREE_TRIES + 2):
        refused = CalledOnce(Code.TOKEN_EXPIRED)
        assert await code_of(sign_in(desk.accounts, visit().came, typed, refused)) == "token_expired"
    assert await count(database, store.session) == 0
    assert await accommodation_of(database) == 1.0
    called = CalledOnce()
    signed_in = await sign_in(desk.accounts, visit().came, typed, called)
    assert called.bound == [account]
    assert await accommodation_of(database) == 2.0
    assert 0 < signed_in.session.expires_at - now_ms() <= 60_000


async def broken(*_: object, **_values: object) -> None:
    """In place of `sessions.begin`: the session is not there."""
    raise ZeroDivisionError


async def accommodation_of(database: Database) -> float:
    rows = await database.read(lambda conn: conn.execute(sa.select(store.account.c.accommodation)))
    return float(rows.scalar_one())


async def test_what_was_bound_is_not_when_the_session_cannot_begin(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One transaction the other way round too: no place is taken by a sign-in that failed."""
    desk = make_desk(database)
    await make_account(desk)
    monkeypatch.setattr(sessions, "begin", broken)
    with pytest.raises(ZeroDivisionError):
        await sign_in(desk.accounts, visit().came, credentials().credentials, CalledOnce())
    assert await accommodation_of(database) == 1.0


async def test_bound_in_a_transaction_of_its_own_it_would_stay(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: bound first and signed in afterwards, the same failure leaves the binding behind."""
    desk = make_desk(database)
    await make_account(desk)
    account = await database.read(lambda conn: by_username(conn, "essai-00001"))
    assert account is not None
    await database.write(lambda conn: CalledOnce().bind(conn, account))
    monkeypatch.setattr(sessions, "begin", broken)
    with pytest.raises(ZeroDivisionError):
        await sign_in(desk.accounts, visit().came, credentials().credentials)
    assert await accommodation_of(database) == 2.0


async def count(database: Database, table: sa.Table) -> int:
    rows = await database.read(lambda conn: conn.execute(sa.select(sa.func.count()).select_from(table)))
    return int(rows.scalar_one())
