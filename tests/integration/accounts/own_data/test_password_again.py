"""The password once more: right, wrong, and counted like any other try."""

import pytest

from accounts.own_data.password_again import with_password
from accounts.sessions import Session
from accounts.states import SessionRole
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from server.requests import Incoming
from tests.support.candidates.files import PASSWORD, FilePlace, file_place


async def tried(place: FilePlace, account: int, password: str) -> str:
    session = Session(
        role=SessionRole.CANDIDATE, owner=account, username="anne", expires_at=now_ms() + 60_000
    )
    came = Incoming({"path": "/", "headers": [], "client": ("127.0.0.1", 1)})

    async def act(_conn: object, found: object) -> str:
        return "done"

    try:
        return await with_password(place.desk.accounts, came, session, password, act)
    except Refusal as refusal:
        return refusal.code


@pytest.mark.parametrize(("password", "said"), [(PASSWORD, "done"), ("un autre", Code.BAD_CREDENTIALS)])
async def test_only_the_right_password_goes_on(database: Database, password: str, said: str) -> None:
    """A browser that was left open is not enough."""
    async with file_place(database) as place:
        assert await tried(place, await place.person("anne"), password) == said


async def test_guesses_run_out(on_sqlite: Database) -> None:
    """Each is charged to the budget of a sign-in: guessing here is guessing there."""
    async with file_place(on_sqlite) as place:
        account = await place.person("anne")
        said = [await tried(place, account, f"essai {n}") for n in range(12)]
        assert said[0] == Code.BAD_CREDENTIALS and said[-1] == Code.RATE_LIMITED
