"""Binding a token at sign-in: to whom it goes, and what each one that is not good is refused by."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from accounts import identities
from accounts import store as accounts_store
from accounts.attempts import throttling
from accounts.sessions import SignedIn
from foundation.errors import Refusal, RefusalCause
from foundation.sql.database import Database
from quota import store as quota_store
from submission import binding
from tests.integration.accounts.second_factor.test_proof import code_now, with_factor
from tests.support.candidates.refusals import code_of, refusal_of
from tests.support.desks import (
    PHONE,
    CalledPerson,
    TypedSecrets,
    bound_to,
    call,
    credentials,
    make_account,
    make_desk,
    sign_in,
    signed,
    token_row,
    visit,
)
from tests.support.rooms import make_period, set_period


async def test_a_token_is_bound_to_the_first_account_and_repeats_are_welcome(database: Database) -> None:
    """The same browser and account may sign in again; anybody else is told that the token is taken (P5)."""
    desk = make_desk(database)
    first = await make_account(desk)
    await make_account(desk, 2)
    called = await call(desk, await make_period(database), 7)
    for _ in range(2):
        signed_in = await sign_in(desk, called)
        assert (signed_in.session.owner, await bound_to(desk, called.period.uid, 7)) == (first, first)
    assert await code_of(sign_in(desk, called, 2)) == "token_used"
    assert await bound_to(desk, called.period.uid, 7) == first


@pytest.mark.parametrize("again", [True, False])
async def test_a_code_is_good_for_the_repeat_of_the_sign_in_that_it_was_typed_in(
    database: Database, monkeypatch: pytest.MonkeyPatch, *, again: bool
) -> None:
    """In the ten minutes a sign-in whose answer was lost comes again by itself, at once too; anywhere else, and with
    another token, its code has served. Twin: without it the second is told that its code is wrong."""
    desk = make_desk(database)
    account = await make_account(desk)
    secret, _ = await with_factor(desk)
    period = await make_period(database)
    called, other = await call(desk, period, 7), await call(desk, period, 8)
    if not again:
        monkeypatch.setattr(binding.PresentedToken, "is_bound", unbound)
    code = code_now(secret)

    def tried(at: CalledPerson) -> Awaitable[SignedIn]:
        typed = credentials(token=at.token)
        secrets = msgspec.structs.replace(typed.credentials, code=code)
        return desk.sign_in(at.visit(), msgspec.structs.replace(typed, credentials=secrets))

    both = await asyncio.gather(tried(called), tried(called), return_exceptions=True)
    assert [str(one) for one in both if isinstance(one, BaseException)] == ([] if again else ["bad_code"])
    assert await bound_to(desk, period.uid, 7) == account
    if again:
        await tried(called)
    else:
        assert await code_of(tried(called)) == "bad_code"
    assert await code_of(tried(other)) == "bad_code"
    elsewhere = msgspec.structs.replace(credentials().credentials, code=code)
    assert await code_of(desk.sign_in(visit(), TypedSecrets(elsewhere, None))) == "bad_code"


async def unbound(*_: object) -> bool:
    """Of a token that is nobody's."""
    return False


async def test_what_is_refused_signs_nobody_in(database: Database) -> None:
    """Right secrets with a wrong token leave no session behind, and cost no tries."""
    desk = make_desk(database)
    await make_account(desk)
    period = await make_period(database, accounts_created_before=1_000)
    called = await call(desk, period, 7)
    for _ in range(throttling.FREE_TRIES + 2):
        assert await code_of(sign_in(desk, called)) == "account_too_recent"
    count = sa.select(sa.func.count()).select_from(accounts_store.session)
    assert (await database.read(lambda conn: conn.execute(count))).scalar_one() == 0
    assert await bound_to(desk, period.uid, 7) is None


async def test_each_token_that_is_not_good_is_refused_by_its_own_code(database: Database) -> None:
    """No, forged, foreign, ended, left: each has its code."""
    desk = make_desk(database)
    await make_account(desk)
    period = await make_period(database)
    called, other = await call(desk, period, 7), await call(desk, period, 8)

    async def code(at: Any, token: str) -> str:
        return await code_of(desk.sign_in(at, credentials(token=token)))

    assert await code(called.visit(), "") == "no_token"
    assert await code(called.visit(), called.token[:-3] + "abc") == "no_token"
    assert await code(visit(), called.token) == "token_other_browser"
    assert await code(other.visit(), called.token) == "token_other_browser"
    assert await code(visit(bearer="forged", address="203.0.113.9"), called.token) == "token_other_browser"
    assert await code(called.visit(verdict=PHONE), called.token) == "device_refused"
    elsewhere = make_desk(database, ("another key, which this service never had",))
    assert (
        await code(called.visit(), elsewhere.tokens.mint(period, await token_row(desk, period.uid, 7), 0))
        == "no_token"
    )
    await set_period(database, period, clock=period.token_seconds * 1000 + 1)
    assert await code(called.visit(), called.token) == "token_expired"


async def test_a_token_of_another_life_of_the_period_is_none(database: Database) -> None:
    """After the demo's data is wiped the same number may be called again: an old token does not stand for it."""
    desk = make_desk(database)
    await make_account(desk)
    old = await call(desk, await make_period(database), 7)
    await database.write(lambda conn: conn.execute(sa.delete(quota_store.token)))
    await database.write(lambda conn: conn.execute(sa.update(quota_store.period).values(held=0)))
    new = await call(desk, old.period, 7)
    assert await code_of(desk.sign_in(new.visit(), credentials(token=old.token))) == "no_token"
    await sign_in(desk, new)


async def test_an_account_holds_one_live_token(database: Database) -> None:
    """A second token for the same account is refused while the first lives, and good once it has lapsed (P4)."""
    desk = make_desk(database)
    account = await make_account(desk)
    period = await make_period(database)
    first = await call(desk, period, 1, ends=10_000)
    second = await call(desk, period, 2)
    await sign_in(desk, first)
    assert await code_of(sign_in(desk, second)) == "account_has_live_token"
    await set_period(database, period, clock=11_000)
    await sign_in(desk, second)
    assert await bound_to(desk, period.uid, 2) == account


async def test_who_has_submitted_is_refused_before_holding_a_place(database: Database) -> None:
    """The account is refused at sign-in, its twin by spelling at the submission; the same token is said to be used."""
    desk = make_desk(database)
    await make_account(desk)
    identity = identities.Identity(
        family_name="ROY", given_name="Ève", birth_date="1990-01-01", passport="AB 1"
    )
    await make_account(desk, 2, identity=identity)
    spelled = identities.Identity(
        family_name="Roy", given_name="eve", birth_date="1990-01-01", passport="ab1"
    )
    await make_account(desk, 3, identity=spelled)
    period = await make_period(database)
    first, second = await call(desk, period, 1), await call(desk, period, 2)
    receipt = (await desk.submit(first.visit(await sign_in(desk, first)), "essai", signed(first))).receipt
    await desk.submit(second.visit(await sign_in(desk, second, 2)), "essai", signed(second))
    refused = await refusal_of(sign_in(desk, first))
    assert (refused.code, refused.fields) == ("token_used", {"receipt": receipt})
    fields = (await refusal_of(sign_in(desk, first, 2))).fields
    assert fields == {"cause": RefusalCause.SUBMITTED_BY_ANOTHER}
    third = await call(desk, period, 3)
    refused = await refusal_of(sign_in(desk, third))
    assert (refused.code, refused.fields) == ("duplicate_account", {"receipt": receipt})
    assert await bound_to(desk, period.uid, 3) is None
    twin = third.visit(await sign_in(desk, third, 3))
    refused = await refusal_of(desk.submit(twin, "essai", signed(third)))
    assert (refused.code, refused.fields) == ("duplicate_person", {})


async def test_accommodation_lengthens_the_token_once(database: Database) -> None:
    """An account with factor 1.5 gets half as much time again, however often it signs in."""
    desk = make_desk(database)
    await make_account(desk, accommodation=1.5)
    called = await call(desk, await make_period(database), 7)
    for _ in range(3):
        await sign_in(desk, called)
        assert (await token_row(desk, called.period.uid, 7)).ends == 900_000


async def test_one_account_from_twenty_browsers_holds_one_token(database: Database) -> None:
    """Twenty browsers that were called sign in to one account at once: one of them gets it (P4)."""
    desk = make_desk(database)
    await make_account(desk)
    period = await make_period(database)
    called = [await call(desk, period, number) for number in range(1, 21)]
    answers = await asyncio.gather(*(sign_in(desk, one) for one in called), return_exceptions=True)
    refused = [answer.code for answer in answers if isinstance(answer, Refusal)]
    assert refused == ["account_has_live_token"] * 19
