"""`POST /api/v1/session/renew`."""

from foundation.sql.database import Database
from tests.integration.accounts.visits.test_pages import client
from tests.support.desks import make_account, make_desk, sign_in


async def test_the_session_is_told_as_it_is_now(on_sqlite: Database) -> None:
    """As `GET /api/v1/session` tells it."""
    desk = make_desk(on_sqlite)
    await make_account(desk)
    signed_in = await sign_in(desk)
    async with client(desk, {"session": signed_in.secret}) as browser:
        answer = await browser.post("/api/v1/session/renew")
    assert answer.status_code == 200
    assert answer.json()["username"] == signed_in.session.username
    assert answer.json()["expires_at"].endswith("Z")
