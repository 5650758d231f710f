"""The candidate's calls over HTTP, as `docs/contract.md` has them: bodies, cookies, status codes, refusals."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
import sqlalchemy as sa

from foundation import outbox
from foundation.clock import parse_rfc3339
from foundation.sql.database import Database
from server.problems import TABLE
from submission import store as submission_store
from tests.support.candidates.api import IPAD, SIGNATURE, browsing, called_in, secrets_of
from tests.support.desks import Desk, call, make_account, make_desk
from tests.support.tasks import perform


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database)


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    async with browsing(desk) as browser:
        yield browser


async def test_sign_in_submit_and_read_the_receipt(client: httpx.AsyncClient, desk: Desk) -> None:
    """The whole of the ten minutes and what comes after, in the shapes of the contract."""
    called = await called_in(client, desk)
    signed_in = await client.post("/api/v1/session", json=secrets_of(token=called.token))
    assert (signed_in.status_code, signed_in.json().keys()) == (200, {"username", "expires_at"})
    cookie = signed_in.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie
    assert (await client.get("/api/v1/session")).json() == signed_in.json()
    body = SIGNATURE | {"token": called.token, "device": {"touch_points": 0, "pointer": "fine"}}
    first = await client.post("/api/v1/periods/essai/submissions", json=body)
    assert (first.status_code, first.json()["rank"]) == (201, 1)
    assert first.json().keys() == {"receipt", "rank", "submitted_at", "pay_by"}
    again = await client.post("/api/v1/periods/essai/submissions", json=body)
    assert (again.status_code, again.json()) == (200, first.json())
    for ring in await outbox.due(desk.db, parse_rfc3339(first.json()["submitted_at"]) + 60_000):
        await perform(desk.db, ring.id, ring.attempt)
    receipt = first.json()["receipt"]
    found = (await client.get(f"/api/v1/submissions/{receipt}")).json()
    assert (found["receipt"], found["rank"], found["status"]) == (receipt, 1, "submitted")
    assert found["history"] == [{"status": "submitted", "at": first.json()["submitted_at"]}]
    (document,) = found["documents"]
    assert document.keys() == {"kind", "title", "created_at", "href", "pdf"}
    assert (await client.delete("/api/v1/session")).status_code == 204
    stranger = await client.get(f"/api/v1/submissions/{receipt}")
    assert (stranger.status_code, stranger.json()["code"]) == (404, "not_found")


async def test_an_ipad_that_poses_as_a_mac_is_refused_by_its_probe(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    """The probe in the body decides at sign-in with a token and at submission (DV-03); without a token it does not."""
    called = await called_in(client, desk)
    client.headers["User-Agent"] = IPAD
    probe: dict[str, Any] = {"device": {"touch_points": 5, "pointer": "coarse"}}
    refused = await client.post("/api/v1/session", json=secrets_of(token=called.token, **probe))
    assert (refused.status_code, refused.json()["code"], refused.json()["family"]) == (
        403,
        "device_refused",
        "tablet",
    )
    assert (await client.post("/api/v1/session", json=secrets_of(**probe))).status_code == 200
    body = SIGNATURE | probe | {"token": called.token}
    refused = await client.post("/api/v1/periods/essai/submissions", json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "device_refused")


async def test_another_pointer_than_at_the_join_refuses_nobody_who_was_called(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    """A laptop that was folded while it waited signs in and submits; what its script saw is kept on record."""
    called = await called_in(client, desk)
    client.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"
    seen = {"touch_points": 5, "pointer": "coarse", "any_pointer": "coarse", "any_hover": "none"}
    signed_in = await client.post("/api/v1/session", json=secrets_of(token=called.token, device=seen))
    assert signed_in.status_code == 200
    body = SIGNATURE | {"token": called.token, "device": seen}
    assert (await client.post("/api/v1/periods/essai/submissions", json=body)).status_code == 201
    kept = await desk.db.read(lambda conn: conn.execute(sa.select(submission_store.submission.c.device)))
    evidence = msgspec.json.decode(kept.scalar_one())["evidence"]
    assert evidence["contradiction"] == "admitted as linux, then seen as tablet"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "bad_request"),
        (b"\xff", 400, "bad_request"),
        (b"[]", 422, "invalid"),
        (b"", 422, "invalid"),
        (b'{"username": 1, "password": "x", "answers": []}', 422, "invalid"),
        (b'{"username": "a", "password": "x", "answers": "no"}', 422, "invalid"),
        (
            b'{"username": "a", "password": "x", "answers": [], "device": {"touch_points": "many"}}',
            422,
            "invalid",
        ),
        (b'{"username": "a\\u0000", "password": "x", "answers": []}', 422, "invalid"),
        (b'{"username": "\\ud800", "password": "x", "answers": []}', 400, "bad_request"),
        (b'{"username": "a", "password": "' + b"x" * 2_000 + b'", "answers": []}', 422, "invalid"),
        (
            b'{"username": "a", "password": "x", "answers": ["x"], "token": "' + b"y" * 1_500 + b'"}',
            401,
            None,
        ),
        (
            '{"username": "Ⅷ\u202e٣", "password": "🙂", "answers": ["\u0301", ""]}'.encode(),
            401,
            "bad_credentials",
        ),
    ],
)
async def test_bad_input_to_sign_in_is_a_clear_refusal(
    client: httpx.AsyncClient, body: bytes, status: int, code: str | None
) -> None:
    """Whatever is sent, the answer is a problem document with a code of the contract, never an error of ours."""
    answer = await client.post("/api/v1/session", content=body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["code"] in TABLE and code in (None, answer.json()["code"])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "no_token"),
        ({"token": "a.b.c"}, "no_token"),
        ({"token": 5}, "invalid"),
        ({"signature": {"capacity": 1}}, "invalid"),
        ({"declaration": "yes"}, "invalid"),
    ],
)
async def test_bad_input_to_submit_is_a_clear_refusal(
    client: httpx.AsyncClient, desk: Desk, body: dict[str, Any], code: str
) -> None:
    """Wrong types are `invalid`; what is merely missing is refused by its own code."""
    await called_in(client, desk)
    await client.post("/api/v1/session", json=secrets_of())
    answer = await client.post("/api/v1/periods/essai/submissions", json=body)
    assert answer.json()["code"] == code


async def test_broken_cookies_and_bearers_are_as_none(client: httpx.AsyncClient, desk: Desk) -> None:
    """Cookies nobody of ours made sign nobody in and are no ticket."""
    called = await called_in(client, desk)
    for wrong in ("", "x", "é" * 300, "v1.a.b.c.d", called.ticket[:-1], "a" * 5_000):
        client.cookies.clear()
        headers = {b"Cookie": f"session={wrong}; ticket-essai={wrong}; operator={wrong}".encode()}
        refused = await client.get("/api/v1/session", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (401, "not_signed_in")
        signed_in = await client.post("/api/v1/session", json=secrets_of(token=called.token), headers=headers)
        assert (signed_in.status_code, signed_in.json()["code"]) == (403, "token_other_browser")


async def test_a_bearer_ticket_counts_before_the_cookie(client: httpx.AsyncClient, desk: Desk) -> None:
    """A client that is no browser sends its ticket as Bearer; with both, Bearer counts."""
    called = await called_in(client, desk)
    client.cookies.set("ticket-essai", (await call(desk, called.period, 2)).ticket)
    body = secrets_of(token=called.token)
    assert (await client.post("/api/v1/session", json=body)).json()["code"] == "token_other_browser"
    bearer = {"Authorization": f"Bearer {called.ticket}"}
    assert (await client.post("/api/v1/session", json=body, headers=bearer)).status_code == 200


async def test_too_many_wrong_tries_say_when_to_come_back(client: httpx.AsyncClient, desk: Desk) -> None:
    """429 with Retry-After, as the contract has it."""
    await make_account(desk)
    codes = []
    for _ in range(7):
        answer = await client.post("/api/v1/session", json=secrets_of(password="wrong"))
        codes.append(answer.status_code)
    assert codes == [401] * 5 + [429] * 2
    assert int(answer.headers["retry-after"]) >= 1


async def test_a_session_of_another_account_is_told_whose_it_is(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    """A second tab signed in as somebody else: the token is the first one's, and whoever comes back goes on."""
    called = await called_in(client, desk)
    await make_account(desk, 2)
    await client.post("/api/v1/session", json=secrets_of(token=called.token))
    await client.post("/api/v1/session", json=secrets_of(2))  # in another tab
    body = SIGNATURE | {"token": called.token}
    refused = await client.post("/api/v1/periods/essai/submissions", json=body)
    problem = refused.json()
    assert (refused.status_code, problem["code"], problem["cause"], problem["signed_in_as"]) == (
        409, "token_used", "session_of_another", "essai-00002",
    )  # fmt: skip
    assert "essai-00002" in problem["detail"]
    assert "essai-00001" not in refused.text
    refused = await client.post("/api/v1/session", json=secrets_of(2, token=called.token))
    assert (refused.json()["cause"], refused.json()["signed_in_as"]) == ("bound_to_another", "essai-00002")
    assert (await client.post("/api/v1/session", json=secrets_of(token=called.token))).status_code == 200
    assert (await client.post("/api/v1/periods/essai/submissions", json=body)).status_code == 201
    await client.post("/api/v1/session", json=secrets_of(2))
    refused = await client.post("/api/v1/periods/essai/submissions", json=body)
    assert (refused.json()["code"], refused.json()["cause"]) == ("token_used", "submitted_by_another")


async def test_a_token_of_another_account_names_nobody_where_nobody_is_signed_in(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    """Whose the token is, is nobody else's business."""
    called = await called_in(client, desk)
    await make_account(desk, 2)
    await client.post("/api/v1/session", json=secrets_of(token=called.token))
    await client.delete("/api/v1/session")
    refused = await client.post("/api/v1/session", json=secrets_of(2, token=called.token))
    assert (refused.json()["code"], refused.json()["cause"]) == ("token_used", "bound_to_another")
    assert "signed_in_as" not in refused.json()
    assert "essai-00001" not in refused.text
