"""`POST /api/v1/recovery` says the same of every address."""

import httpx
from starlette.applications import Starlette

from accounts.recovery import api
from foundation.sql.database import Database
from tests.support.desks import make_desk
from tests.support.people.mailboxes import address_of, with_address
from tests.support.people.recoveries import services_of


async def test_every_address_is_answered_alike(on_sqlite: Database) -> None:
    """202 and nothing else."""
    desk = make_desk(on_sqlite)
    await with_address(desk)
    app = Starlette(routes=api.routes(services_of(desk)))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://guichet.test") as client:
        for email in (address_of(1), "inconnu@exemple.invalid", "rien"):
            answer = await client.post("/api/v1/recovery", json={"email": email, "what": "password"})
            assert (answer.status_code, answer.content) == (202, b"")
