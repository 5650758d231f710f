"""Tries at signing in: which budget pays, what is forgiven, and that no stranger can keep an owner out."""

import asyncio
import contextlib
from typing import Any

import pytest
import sqlalchemy as sa

from accounts import store as accounts_store
from accounts.attempts import challenge, throttling
from accounts.attempts.throttling import AttemptSource
from accounts.passwords import HashingLane
from accounts.services import AccountServices
from foundation.errors import Refusal
from foundation.sql.database import Database
from server.rate_limits import Rate
from server.requests import Incoming
from submission.binding import PresentedToken
from tests.support.candidates.refusals import code_of, refusal_of
from tests.support.desks import (
    CalledPerson,
    Desk,
    bound_to,
    call,
    credentials,
    crowded,
    make_account,
    make_desk,
    sign_in,
    verified,
    visit,
)
from tests.support.rooms import KEYS, make_period
from waitingroom.tickets import Ticket, Tickets


@pytest.mark.parametrize("username", ["essai-00001", "nobody-here"])
async def test_wrong_tries_are_slowed_whoever_exists(database: Database, username: str) -> None:
    """Five tries are free, then each waits longer, and the wait is said; a name that exists is treated no better."""
    desk = make_desk(database)
    await make_account(desk)
    wrong = credentials(username=username, password="wrong")
    for _ in range(throttling.FREE_TRIES):
        assert await code_of(desk.sign_in(visit(), wrong)) == "bad_credentials"
    before = verified(desk)
    refused = await refusal_of(desk.sign_in(visit(), wrong))
    assert (refused.code, refused.fields) == ("rate_limited", {"retry_after": 2})
    assert verified(desk) == before
    a = accounts_store.attempt
    await database.write(lambda conn: conn.execute(sa.update(a).values(last_at=a.c.last_at - 2_001)))
    assert await code_of(desk.sign_in(visit(), wrong)) == "bad_credentials"
    assert (await refusal_of(desk.sign_in(visit(), wrong))).fields == {"retry_after": 4}


async def test_a_try_that_was_never_looked_at_does_not_count(database: Database) -> None:
    """All hashing threads busy: told to come again, and the next try is not slowed for it, however often."""
    desk = make_desk(database)
    await make_account(desk)
    with crowded(desk, HashingLane.CANDIDATES):
        for _ in range(2 * throttling.FREE_TRIES):
            assert await code_of(sign_in(desk)) == "unavailable"
    assert await code_of(sign_in(desk, password="wrong")) == "bad_credentials"
    assert (await sign_in(desk)).session.username == "essai-00001"


async def test_a_ticket_or_an_entry_is_no_budget_of_its_own(database: Database) -> None:
    """Numbers cost nothing: whoever guesses with another one each time guesses from one address."""
    desk = make_desk(database)
    period = await make_period(database)
    await make_account(desk)

    def holder(number: int, entry: int) -> Any:
        ticket = Ticket(period.uid, number, f"v{number} {entry}", entry)
        return visit({"ticket-essai": desk.tickets.issue(ticket)})

    await attack(desk, holder(1, 0))
    for other in (holder(2, 0), holder(0, 1), visit()):
        assert await code_of(desk.sign_in(other, credentials())) == "rate_limited"


async def test_a_right_try_makes_the_budget_whole(database: Database) -> None:
    """Somebody who mistyped four times and then signs in is not near a limit the next time."""
    desk = make_desk(database)
    await make_account(desk)
    for _ in range(3):
        for _ in range(throttling.FREE_TRIES - 1):
            assert await code_of(desk.sign_in(visit(), credentials(password="wrong"))) == "bad_credentials"
        await sign_in(desk)


async def guess_at_once(desk: Desk, tries: int = 20) -> int:
    """How many of many guesses sent at once were looked at."""
    before = verified(desk)
    guesses = [desk.sign_in(visit(), credentials(password=f"guess {n}")) for n in range(tries)]
    await asyncio.gather(*guesses, return_exceptions=True)
    return (verified(desk) - before) // 2


async def test_guesses_sent_at_once_are_not_all_free(database: Database) -> None:
    """A try is counted before it is hashed: of twenty sent together five are looked at."""
    desk = make_desk(database)
    await make_account(desk)
    assert await guess_at_once(desk) == throttling.FREE_TRIES


async def test_counted_afterwards_they_would_all_be_free(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: without the count before the hash all twenty are looked at."""

    async def later(*_: object) -> int:
        return 0

    monkeypatch.setattr(throttling, "charge", later)
    desk = make_desk(database)
    await make_account(desk)
    assert await guess_at_once(desk) == 20


async def attack(desk: Desk, at: Any, number: int = 1) -> None:
    """A stranger guesses at somebody's account until they are refused."""
    for _ in range(throttling.FREE_TRIES + 1):
        with contextlib.suppress(Refusal):
            await desk.sign_in(at, credentials(number, password="guess"))


async def test_a_stranger_cannot_keep_the_called_owner_out(database: Database) -> None:
    """A browser that was called has a budget of its own, even behind the stranger's address (AC-08)."""
    desk = make_desk(database)
    account = await make_account(desk)
    called = await call(desk, await make_period(database), 7)
    await attack(desk, visit())
    assert await code_of(desk.sign_in(visit(), credentials())) == "rate_limited"
    await sign_in(desk, called)
    assert await bound_to(desk, called.period.uid, 7) == account
    await desk.sign_in(visit(address="198.51.100.7"), credentials())


async def no_tries_kept(*_: object) -> None:
    """What `PresentedToken.reserve` says when a token keeps no tries for its owner."""


async def test_with_no_tries_of_the_token_the_owner_would_be_kept_out(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: a stranger's guesses from the same address use up the owner's ten minutes."""
    monkeypatch.setattr(PresentedToken, "reserve", no_tries_kept)
    desk = make_desk(database)
    await make_account(desk)
    called = await call(desk, await make_period(database), 7)
    await attack(desk, visit())
    assert await code_of(sign_in(desk, called)) == "rate_limited"


SMALL = Rate(20, 0.001)
"""An address that has twenty wrong tries over all accounts, and no more during a test."""


async def intrude(desk: Desk, robots: list[CalledPerson], names: list[str]) -> int:
    """Each robot that was called, all behind one address, guesses at all these names: how many were looked at."""
    before = verified(desk)
    for robot in robots:
        for name in names:
            guess = credentials(username=name, password="guess", token=robot.token)
            with contextlib.suppress(Refusal):
                await desk.sign_in(robot.visit(), guess)
    return (verified(desk) - before) // 2


async def tokens_against(database: Database, names: list[str]) -> tuple[int, float]:
    """How many guesses of ten called robots at these names were looked at, and what is left of their address."""
    desk = make_desk(database)
    await make_account(desk)
    period = await make_period(database)
    robots = [await call(desk, period, number) for number in range(1, 11)]
    looked_at = await intrude(desk, robots, names)
    bucket = desk.accounts.budgets._addresses._buckets.get("192.0.2.1")
    return looked_at, SMALL.at_once if bucket is None else bucket.left


ONE_ACCOUNT = ["essai-00001"] * 12

MANY_ACCOUNTS = [f"essai-{n:05d}" for n in range(1, 31)]


@pytest.mark.parametrize(("names", "shared"), [(ONE_ACCOUNT, 5), (MANY_ACCOUNTS, 20)])
async def test_many_tokens_in_one_hand_are_not_as_many_budgets(
    database: Database, monkeypatch: pytest.MonkeyPatch, names: list[str], shared: int
) -> None:
    """At one account or at many: what the address has, and three for each token. The address is charged first."""
    monkeypatch.setattr(throttling, "ADDRESS", SMALL)
    looked_at, left = await tokens_against(database, names)
    least = shared + 10 * throttling.RESERVED_TRIES
    assert least <= looked_at <= least + 2  # a budget grows while a busy machine works
    assert left < 1


@pytest.mark.parametrize(("names", "each"), [(ONE_ACCOUNT, 5), (MANY_ACCOUNTS, 30)])
async def test_with_a_source_of_its_own_each_token_would_be_a_whole_budget(
    database: Database, monkeypatch: pytest.MonkeyPatch, names: list[str], each: int
) -> None:
    """Twin: ten tokens have ten times as many, and their address pays for none."""

    def own(services: AccountServices, came: Incoming, name: str) -> AttemptSource:
        ticket = Tickets(KEYS).read(came.cookies.get("ticket-essai", ""))
        return AttemptSource("nobody" if ticket is None else f"token {ticket.number}", False)

    monkeypatch.setattr(throttling, "ADDRESS", SMALL)
    monkeypatch.setattr(challenge, "source_of", own)
    looked_at, left = await tokens_against(database, names)
    assert looked_at >= 10 * each
    assert left == SMALL.at_once


async def behind_a_robot(desk: Desk, people: int) -> list[str]:
    """What so many called owners get, who each mistype once, behind the address of a robot that guesses at all of them.

    The robot tries again whenever it was refused, from before they come until after they are in.
    """
    period = await make_period(desk.db, cap=people)
    called = [await call(desk, period, number) for number in range(1, people + 1)]
    names = [f"essai-{number:05d}" for number in range(1, people + 1)]
    for name in names:
        for _ in range(throttling.FREE_TRIES):
            with contextlib.suppress(Refusal):
                await desk.sign_in(visit(), credentials(username=name, password="guess"))

    async def robot() -> None:
        while True:
            for name in names:
                with contextlib.suppress(Refusal):
                    await desk.sign_in(visit(), credentials(username=name, password="guess"))

    async def owner(number: int, one: CalledPerson) -> str:
        with contextlib.suppress(Refusal):
            await sign_in(desk, one, number, password="a typing error")
        try:
            return (await sign_in(desk, one, number)).session.username
        except Refusal as refusal:
            return refusal.code

    guessing = asyncio.create_task(robot())
    got = await asyncio.gather(*(owner(number, one) for number, one in enumerate(called, 1)))
    guessing.cancel()
    await asyncio.wait([guessing])
    return list(got)


@pytest.mark.slow
async def test_everybody_called_behind_a_robots_address_signs_in(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred in a cybercafe; what the address has is used up, over all accounts and at each of theirs (AC-08)."""
    monkeypatch.setattr(throttling, "ADDRESS", SMALL)
    desk = make_desk(database)
    for number in range(1, 101):
        await make_account(desk, number)
    assert await behind_a_robot(desk, 100) == [f"essai-{number:05d}" for number in range(1, 101)]


async def test_with_no_tries_of_their_tokens_none_of_them_would(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: they wait for the robot."""
    monkeypatch.setattr(throttling, "ADDRESS", SMALL)
    monkeypatch.setattr(PresentedToken, "reserve", no_tries_kept)
    desk = make_desk(database)
    for number in range(1, 4):
        await make_account(desk, number)
    assert await behind_a_robot(desk, 3) == ["rate_limited"] * 3


async def test_what_a_token_keeps_comes_back_slowly_and_is_never_closed(database: Database) -> None:
    """Three typing errors beside a robot: the fourth waits two minutes at most, and is looked at then."""
    desk = make_desk(database)
    await make_account(desk)
    called = await call(desk, await make_period(database), 7)
    a = accounts_store.attempt

    async def passes(milliseconds: int) -> None:
        await database.write(
            lambda conn: conn.execute(sa.update(a).values(last_at=a.c.last_at - milliseconds))
        )

    for _ in range(throttling.FREE_TRIES):
        await attack(desk, visit())
        await passes(60_001)
    await attack(desk, visit())
    for _ in range(throttling.RESERVED_TRIES):
        assert await code_of(sign_in(desk, called, password="wrong")) == "bad_credentials"
    refused = await refusal_of(sign_in(desk, called))
    assert (refused.code, refused.fields) == ("rate_limited", {"retry_after": 60}), (
        "or when the address has one"
    )
    await passes(throttling.RESERVED_DELAY_MS - 1_000)
    await attack(desk, visit())
    refused = await refusal_of(sign_in(desk, called))
    assert refused.fields["retry_after"] <= 1
    await passes(1_000)
    await attack(desk, visit())
    assert (await sign_in(desk, called)).session.username == "essai-00001"


async def guesses_between_right_tries(desk: Desk, called: CalledPerson) -> int:
    """How many guesses at the first account are looked at, when each is followed by a right try at the second."""
    looked_at = 0
    for _ in range(2 * throttling.RESERVED_TRIES):
        looked_at += await code_of(sign_in(desk, called, password="guess")) == "bad_credentials"
        with contextlib.suppress(Refusal):
            await sign_in(desk, called, 2)
    return looked_at


async def two_accounts_under_attack(database: Database) -> tuple[Desk, CalledPerson]:
    """Their address has no tries left at either. The second account holds a token already, so it can take no other."""
    desk = make_desk(database)
    period = await make_period(database)
    for number in (1, 2):
        await make_account(desk, number)
    await sign_in(desk, await call(desk, period, 6), 2)
    for number in (1, 2):
        await attack(desk, visit(), number)
    return desk, await call(desk, period, 7)


async def test_a_right_try_at_ones_own_account_makes_none_at_others_good(database: Database) -> None:
    """A robot that signs in to its own account in between has no more tries of its token than without."""
    assert (
        await guesses_between_right_tries(*await two_accounts_under_attack(database))
        == throttling.RESERVED_TRIES
    )


async def test_made_whole_by_a_right_try_they_would_have_no_end(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: forgiven as an account's own budget is, every guess is looked at."""
    monkeypatch.setattr(throttling, "take_back", throttling.forgive)
    looked_at = await guesses_between_right_tries(*await two_accounts_under_attack(database))
    assert looked_at == 2 * throttling.RESERVED_TRIES


async def test_what_a_bound_token_keeps_is_for_its_account(database: Database) -> None:
    """Whoever has signed in with it may mistype there; at another account it opens nothing any more."""
    desk = make_desk(database)
    for number in (1, 2):
        await make_account(desk, number)
    called = await call(desk, await make_period(database), 7)
    await sign_in(desk, called, 2)
    for number in (1, 2):
        await attack(desk, visit(), number)
    assert await code_of(sign_in(desk, called, 1)) == "rate_limited"
    assert (await sign_in(desk, called, 2)).session.username == "essai-00002"


async def test_a_forged_or_foreign_token_opens_no_new_budget(database: Database) -> None:
    """Only a live token beside its own ticket is called: anything else has its ticket's budget or its address's."""
    desk = make_desk(database)
    await make_account(desk)
    period = await make_period(database)
    called, other = await call(desk, period, 7), await call(desk, period, 8)
    for token in (called.token, other.token + "x", "forged"):
        await attack(desk, visit())
        await attack(desk, other.visit())
        tried = credentials(token=token)
        assert await code_of(desk.sign_in(visit(), tried)) == "rate_limited"
        assert await code_of(desk.sign_in(other.visit(), tried)) == "rate_limited"
