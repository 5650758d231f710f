"""Tries at somebody's account that its owner did not make: slowed for strangers, told to the owner, nobody kept out."""

import contextlib

import pytest
import sqlalchemy as sa

from accounts import sessions
from accounts.attempts import challenge, missed, throttling
from accounts.attempts.missed import MissedAttempts
from accounts.states import SessionRole
from foundation.errors import Refusal
from foundation.outbox import task
from foundation.sql.database import Database
from tests.support.candidates.refusals import code_of, refusal_of
from tests.support.desks import (
    PASSWORD,
    Desk,
    TriesClock,
    call,
    credentials,
    make_account,
    make_desk,
    sign_in,
    verified,
    visit,
)
from tests.support.rooms import make_period


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> TriesClock:
    """No wait passes by itself, however slow the machine is."""
    stands = TriesClock()
    monkeypatch.setattr(challenge, "now_ms", stands)
    return stands


WRONG = ["Chêne", "Le petit chat", "Laval"]

KNOWN = {"visitor": "kept"}
"""A browser that keeps cookies: it is known after a sign-in."""


@pytest.mark.parametrize(
    ("own", "left"),
    [
        (0, MissedAttempts(5, 3, 7)),
        (1, MissedAttempts(4, 3, 7)),
        (4, MissedAttempts(1, 1, 7)),
        (5, None),
        (9, None),
    ],
)
def test_an_owners_typing_errors_are_not_told(own: int, left: MissedAttempts | None) -> None:
    """What is left of five tries, three of them with the right password."""
    assert MissedAttempts(5, 3, 7).of_others(own) == left


async def answers_from_everywhere(desk: Desk, addresses: int = 60, each: int = 5) -> list[str]:
    """What whoever knows the password is told, who tries answers from so many addresses: the code of each try."""
    told = []
    for _ in range(each):
        for host in range(addresses):
            at = visit(address=f"203.0.113.{host}")
            told.append(await code_of(desk.sign_in(at, credentials(answers=WRONG))))
    return told


@pytest.mark.slow
async def test_whoever_has_the_password_cannot_try_answers_from_everywhere(database: Database) -> None:
    """The first fifteen learn that it was the answers; after that nobody does, and each address has two tries."""
    desk = make_desk(database)
    await make_account(desk)
    told = await answers_from_everywhere(desk)
    assert told[: throttling.ACCOUNT_TRIES] == ["bad_security_answers"] * throttling.ACCOUNT_TRIES
    assert set(told[throttling.ACCOUNT_TRIES :]) == {"bad_credentials", "rate_limited"}
    assert verified(desk) == 2 * 60 * throttling.SLOWED_TRIES


async def test_without_a_count_over_all_sources_each_of_300_would_be_told(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: sixty addresses are sixty budgets, and every answer says that the password is right."""

    async def nothing(*_: object) -> bool:
        return False

    monkeypatch.setattr(challenge, "_charge_account", nothing)
    database = Database(sqlite_url)
    desk = make_desk(database)
    await make_account(desk)
    assert await answers_from_everywhere(desk) == ["bad_security_answers"] * 300
    await database.close()


@pytest.mark.slow
async def test_a_slowed_account_shuts_nobody_out(database: Database) -> None:
    """Its owner signs in at a computer nobody saw before, with a typing error; strangers cannot use that up."""
    desk = make_desk(database)
    await make_account(desk)
    await answers_from_everywhere(desk, each=2)
    owner = visit(address="198.51.100.7")
    assert await code_of(desk.sign_in(owner, credentials(password="a typing error"))) == "bad_credentials"
    assert (await desk.sign_in(owner, credentials())).session.username == "essai-00001"


@pytest.mark.slow
async def test_a_stranger_at_a_slowed_account_waits_and_the_wait_is_bounded(database: Database) -> None:
    """Half a minute after the second try, ten minutes at most."""
    assert [throttling.slowed_delay_ms(wrong) // 1000 for wrong in range(9)] == [
        0, 0, 30, 60, 120, 240, 480, 600, 600
    ]  # fmt: skip
    desk = make_desk(database)
    await make_account(desk)
    await answers_from_everywhere(desk, each=2)
    refused = await refusal_of(desk.sign_in(visit(address="203.0.113.1"), credentials()))
    assert (refused.code, refused.fields) == ("rate_limited", {"retry_after": 30})


async def test_a_browser_that_the_account_knows_notices_nothing(database: Database) -> None:
    """All five tries, and each is told which secret was wrong."""
    desk = make_desk(database)
    await make_account(desk)
    mine = KNOWN | {"known": (await desk.sign_in(visit(KNOWN), credentials())).browser}
    await answers_from_everywhere(desk, each=2)
    for _ in range(throttling.FREE_TRIES - 1):
        told = await code_of(desk.sign_in(visit(mine, address="203.0.113.1"), credentials(answers=WRONG)))
        assert told == "bad_security_answers"
    await desk.sign_in(visit(mine, address="203.0.113.1"), credentials())


@pytest.mark.slow
async def test_a_live_token_has_its_tries_and_is_told_what_was_wrong(database: Database) -> None:
    """Called in the middle of it, behind an address that guesses: three tries of the token, with true words."""
    desk = make_desk(database)
    await make_account(desk)
    called = await call(desk, await make_period(database), 7)
    await answers_from_everywhere(desk, each=2)
    for _ in range(throttling.SLOWED_TRIES):
        with contextlib.suppress(Refusal):
            await desk.sign_in(visit(), credentials(password="guess"))
    assert await code_of(sign_in(desk, called, answers=WRONG)) == "bad_security_answers"
    await sign_in(desk, called)


async def test_the_owner_is_told_how_many_and_that_the_password_is_known(
    database: Database, clock: TriesClock
) -> None:
    """At the next sign-in, for as long as that session lasts, and once."""
    desk = make_desk(database)
    account = await make_account(desk)
    await answers_from_everywhere(desk, addresses=3, each=2)
    await code_of(desk.sign_in(visit(address="203.0.113.90"), credentials(password="guess")))
    owner = visit(address="198.51.100.7")
    await code_of(desk.sign_in(owner, credentials(password="a typing error")))
    signed_in = await desk.sign_in(owner, credentials())
    for _ in range(2):
        session = await sessions.required(desk.accounts, visit(None, signed_in))
        assert session.missed is not None
        assert (session.missed.tries, session.missed.knew_password) == (7, 6)
        assert session.missed.since == clock.now
    assert (await desk.sign_in(owner, credentials())).session.missed is None
    assert await database.read(lambda conn: missed.of(conn, SessionRole.CANDIDATE, account)) is None


async def test_an_owner_who_mistypes_is_told_of_nobody(database: Database) -> None:
    """Four typing errors and a right try at one place are no news."""
    desk = make_desk(database)
    await make_account(desk)
    for _ in range(throttling.FREE_TRIES - 1):
        await code_of(sign_in(desk, password="a typing error"))
    assert (await sign_in(desk)).session.missed is None


async def test_a_slowed_account_gets_one_notice_a_day(database: Database) -> None:
    """However many go on trying; none for a few typing errors, and none for a name that nobody has."""
    desk = make_desk(database)
    account = await make_account(desk)
    await answers_from_everywhere(desk, addresses=throttling.ACCOUNT_TRIES, each=1)
    assert await staged(database) == []
    await answers_from_everywhere(desk, addresses=20, each=2)
    for host in range(40):
        nobody = credentials(username="nobody", password=PASSWORD)
        await code_of(desk.sign_in(visit(address=f"203.0.113.{host}"), nobody))
    assert await staged(database) == [("missed_notice", "account", str(account))]


async def staged(database: Database) -> list[tuple[str, str, str]]:
    """The tasks of the outbox."""
    columns = sa.select(task.c.kind, task.c.subject_kind, task.c.subject_id)
    return [tuple(row) for row in (await database.read(lambda conn: conn.execute(columns))).all()]
