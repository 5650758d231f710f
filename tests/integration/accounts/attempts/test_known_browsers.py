"""A browser in which the owner signed in before has tries of its own."""

import pytest

from accounts.attempts import known_browsers
from accounts.attempts.throttling import FREE_TRIES
from foundation.errors import Refusal
from foundation.sql.database import Database
from tests.support.desks import Desk, credentials, make_account, make_desk, visit


async def code_of(desk: Desk, username: str, password: str, **values: object) -> str:
    try:
        await desk.sign_in(visit(**values), credentials(username=username, password=password))  # type: ignore[arg-type]
    except Refusal as refusal:
        return refusal.code
    return ""


async def test_a_neighbour_cannot_delay_the_owner(database: Database) -> None:
    """Wrong tries from the owner's own address: a browser that knows the account goes on at once."""
    desk = make_desk(database)
    await make_account(desk)
    first = await desk.sign_in(visit({"visitor": "v"}), credentials())
    for _ in range(FREE_TRIES):
        assert await code_of(desk, "essai-00001", "a guess") == "bad_credentials"
    assert await code_of(desk, "essai-00001", "a guess") == "rate_limited"
    owner = visit({"visitor": "v", known_browsers.COOKIE: first.browser})
    assert (await desk.sign_in(owner, credentials())).session.username == "essai-00001"
    desk.accounts.hasher.close()


async def test_in_a_browser_that_does_not_know_it_the_owner_would_be_delayed(database: Database) -> None:
    """Twin: without the cookie the same address is the same budget."""
    desk = make_desk(database)
    await make_account(desk)
    for _ in range(FREE_TRIES):
        await code_of(desk, "essai-00001", "a guess")
    with pytest.raises(Refusal, match="rate_limited"):
        await desk.sign_in(visit({"visitor": "v"}), credentials())
    desk.accounts.hasher.close()
