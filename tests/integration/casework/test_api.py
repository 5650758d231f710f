"""What became of a submission, over HTTP."""

from collections.abc import AsyncIterator

import httpx
import pytest

from foundation.sql.database import Database
from tests.support.candidates.api import SIGNATURE, browsing, called_in, secrets_of
from tests.support.desks import Desk, make_account, make_desk


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database)


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    async with browsing(desk) as browser:
        yield browser


async def test_a_receipt_is_nobody_elses(client: httpx.AsyncClient, desk: Desk) -> None:
    """Somebody else who is signed in gets the same 404 as for a receipt that does not exist."""
    called = await called_in(client, desk)
    await client.post("/api/v1/session", json=secrets_of(token=called.token))
    body = SIGNATURE | {"token": called.token}
    receipt = (await client.post("/api/v1/periods/essai/submissions", json=body)).json()["receipt"]
    await make_account(desk, 2)
    await client.post("/api/v1/session", json=secrets_of(2))
    for text in (receipt, "MPQ-00000-00000-00000-00000", "nothing", "%00", "MPQ-%F0%9F%92%A9"):
        refused = await client.get(f"/api/v1/submissions/{text}")
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
        assert refused.json()["signed_in_as"] == "essai-00002"
    as_typed = receipt.lower().replace("-", " ")
    await client.post("/api/v1/session", json=secrets_of())
    mine = (await client.get(f"/api/v1/submissions/{as_typed}")).json()
    assert mine["receipt"] == receipt
    assert (mine["file"]["status"], mine["checklist"]) == ("awaiting_payment", None)
    assert mine["payment"]["state"] == "due" and mine["payment"]["amount_cents"] > 0
