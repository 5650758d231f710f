"""A candidate's sign-in: every wrong secret is refused alike and costs the same."""

from typing import Any

import pytest

from foundation.sql.database import Database
from tests.support.desks import ANSWERS, PHONE, credentials, make_account, make_desk, verified, visit
from tests.support.refusals import code_of


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
