"""A candidate's sign-in: every wrong secret is refused alike and costs the same."""

import unicodedata
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import sessions, store
from accounts.attempts import throttling
from accounts.candidates import Account, by_username
from accounts.normalisation import folded, opaque
from accounts.sign_in import sign_in
from foundation.clock import now_ms
from foundation.errors import Code, Refusal, Unavailable
from foundation.sql.database import Database
from tests.support.candidates.refusals import code_of
from tests.support.desks import (
    ANSWERS,
    PASSWORD,
    PERSONAL,
    PHONE,
    Desk,
    credentials,
    make_account,
    make_desk,
    verified,
    visit,
)


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


TYPED_OTHERWISE = [
    {"username": " ESSAI\N{EN DASH}00001\N{ZERO WIDTH SPACE}"},
    {"username": "\N{ZERO WIDTH NO-BREAK SPACE}essai\N{NON-BREAKING HYPHEN}00001"},
    {"password": unicodedata.normalize("NFD", PASSWORD)},
    {"password": PASSWORD.replace(" ", "\N{NO-BREAK SPACE}")},
    {"answers": ["e\u0301rable", "LE GRAND\N{NO-BREAK SPACE}CHIEN", "Que\N{SOFT HYPHEN}bec"]},
]


@pytest.mark.parametrize("changes", TYPED_OTHERWISE)
async def test_the_same_text_is_the_same_secret(database: Database, changes: dict[str, Any]) -> None:
    """However it is typed; and none of it counts as a wrong try of somebody else's name."""
    desk = make_desk(database)
    made = await make_account(desk)
    signed_in = await desk.sign_in(visit(), credentials(**changes))
    assert signed_in.session.owner == made
    rows = await database.read(lambda conn: conn.execute(sa.select(store.attempt)))
    assert [row.wrong for row in rows if row.wrong] == []


@pytest.mark.parametrize("name", ["essai-00001", "ESSAI\N{EN DASH}00001", "essai-\N{ZERO WIDTH SPACE}00001"])
async def test_tries_at_one_account_are_counted_together(database: Database, name: str) -> None:
    """Another spelling of its name is no fresh budget of tries."""
    desk = make_desk(database)
    await make_account(desk)
    for _ in range(throttling.FREE_TRIES + 1):
        await code_of(desk.sign_in(visit(), credentials(username=name, password="wrong")))
    assert await code_of(desk.sign_in(visit(), credentials(password="wrong"))) == "rate_limited"


async def of_before(desk: Desk, password: str, answers: str) -> int:
    """An account as an earlier release stored it: its texts hashed as they came."""
    hashes = await desk.accounts.hasher.hash(password, answers)
    return await make_account(desk, password_hash=hashes[0], answers_hash=hashes[1], secrets_form=1)


async def form_of(database: Database) -> int:
    found = await database.read(lambda conn: conn.execute(sa.select(store.account.c.secrets_form)))
    return int(found.scalar_one())


OF_BEFORE = [
    (unicodedata.normalize("NFD", "dé à coudre"), "n’diaye\x1fneo", "dé à coudre", ["N'Diaye", "Néo"]),
    ("dé à coudre", "n'diaye\x1fneo", unicodedata.normalize("NFD", "dé à coudre"), ["N’Diaye", "Néo"]),
    (
        "dé\N{NO-BREAK SPACE}à coudre",
        "trois–rivieres\x1fneo",
        "dé\N{NO-BREAK SPACE}à coudre",
        ["Trois–Rivières", "Néo"],
    ),
    ("plain words", "erable\x1fneo", "plain words", ["Érable", "NÉO"]),
]
"""What an earlier release hashed: password and answers; and what their owner types today."""


@pytest.mark.parametrize(("password", "hashed", "typed", "answers"), OF_BEFORE)
async def test_a_hash_of_before_is_right_until_the_first_sign_in_and_then_of_today(
    database: Database, password: str, hashed: str, typed: str, answers: list[str]
) -> None:
    """Both forms are tried once; from then on today's is stored, and nothing else is right."""
    desk = make_desk(database)
    await of_before(desk, password, hashed)
    secrets: dict[str, Any] = {"password": typed, "answers": answers}
    assert (
        await code_of(desk.sign_in(visit(), credentials(password="wrong", answers=answers)))
        == "bad_credentials"
    )
    assert await form_of(database) == 1
    await desk.sign_in(visit(), credentials(**secrets))
    assert await form_of(database) == 2
    before = verified(desk)
    await desk.sign_in(visit(), credentials(password=opaque(typed), answers=list(map(folded, answers))))
    assert verified(desk) - before <= 4
    account = await database.read(lambda conn: by_username(conn, PERSONAL, "essai-00001"))
    assert account is not None
    (right,) = await desk.accounts.hasher.check((account.password_hash, opaque(typed)))
    assert right


async def test_only_today_s_form_is_right_of_an_account_of_today(database: Database) -> None:
    """A form of before that happens to be what is stored serves no more, and costs the same to try."""
    desk = make_desk(database)
    composed, apart = (unicodedata.normalize(form, "dé à coudre") for form in ("NFC", "NFD"))
    hashes = await desk.accounts.hasher.hash(apart)  # what no release of today stores
    await make_account(desk, password_hash=hashes[0])
    before = verified(desk)
    assert await code_of(desk.sign_in(visit(), credentials(password=composed))) == "bad_credentials"
    known = verified(desk) - before
    assert (
        await code_of(desk.sign_in(visit(), credentials(username="nobody", password=composed)))
        == "bad_credentials"
    )
    assert verified(desk) - before == 2 * known == 6


async def test_a_full_hasher_leaves_the_form_for_the_next_sign_in(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails soft: the session is there, the account is as it was."""
    desk = make_desk(database)
    await of_before(desk, unicodedata.normalize("NFD", "dé"), "erable\x1fneo")

    async def full(*_: object) -> list[str]:
        raise Unavailable("hashing")

    monkeypatch.setattr(desk.accounts.hasher, "hash", full)
    await desk.sign_in(visit(), credentials(password="dé", answers=["Érable", "Néo"]))
    assert await form_of(database) == 1


class CalledOnce:
    """A right to be served, as a sign-in is given it: its own budget of tries, and how its binding ends."""

    def __init__(self, refusal: Code | None = None) -> None:
        self.refusal = refusal
        self.bound: list[int] = []

    async def reserve(self, conn: AsyncConnection, account: Account | None) -> str | None:
        return "a right to be served"

    async def is_bound(self, conn: AsyncConnection, account: int) -> bool:
        return False

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
    account = await database.read(lambda conn: by_username(conn, PERSONAL, "essai-00001"))
    assert account is not None
    await database.write(lambda conn: CalledOnce().bind(conn, account))
    monkeypatch.setattr(sessions, "begin", broken)
    with pytest.raises(ZeroDivisionError):
        await sign_in(desk.accounts, visit().came, credentials().credentials)
    assert await accommodation_of(database) == 2.0


async def count(database: Database, table: sa.Table) -> int:
    rows = await database.read(lambda conn: conn.execute(sa.select(sa.func.count()).select_from(table)))
    return int(rows.scalar_one())
