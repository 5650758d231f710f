"""The calls of the room that are not joins, polls or the feed."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from config.assets import renderer
from foundation.clock import rfc3339
from foundation.sql.database import Database
from server.fast_path import framework_routes
from server.problems import Problems
from tests.support.rooms import Hall, hall, make_period
from waitingroom import api
from waitingroom.period_summary import Summaries, summary

ONE = "/api/v1/periods/essai"


@pytest.fixture
async def h(on_sqlite: Database, redis_url: str) -> AsyncIterator[Hall]:
    await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as found:
        yield found


@pytest.fixture
async def client(h: Hall) -> AsyncIterator[httpx.AsyncClient]:
    problems = Problems("http://guichet.test", renderer())
    calls = api.of_room(h.room)
    fast = framework_routes(api.fast_routes(calls, h.endpoint()))
    routes = [*fast, *api.routes(calls, h.live(h.feed())), *problems.routes()]
    app = Starlette(routes=routes, exception_handlers=problems.handlers())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://guichet.test") as found:
        yield found


async def test_a_period_and_the_list_of_all_say_the_same(h: Hall, client: httpx.AsyncClient) -> None:
    """By one summary; how many wait is there at the first request already. No cache keeps it."""
    await h.join("a")
    one, all_of_them = await client.get(ONE), await client.get("/api/v1/periods")
    assert one.json()["waiting"] == 1
    assert one.headers["cache-control"] == "no-store"
    assert [period["id"] for period in all_of_them.json()] == ["essai"]
    assert all_of_them.json()[0] | {"server_time": None} == one.json() | {"server_time": None}


async def test_the_clock_of_a_period_goes_on_while_its_row_is_remembered(
    h: Hall, client: httpx.AsyncClient
) -> None:
    """Nothing of it is older than the row and the line; an end that comes by the clock is told at once."""
    first = (await client.get(ONE)).json()
    second = (await client.get(ONE)).json()
    assert first["server_time"] <= second["server_time"]
    period, text = await h.period(), Summaries().text  # one for both
    at = {now: json.loads(text(period, None, now)) for now in (period.closes_at - 1, period.closes_at)}
    assert [said["state"] for said in at.values()] == ["open", "closed"]
    for now, said in at.items():
        assert said == summary(period, None, now) | {"server_time": rfc3339(now)}


async def test_an_unknown_period_is_not_found(client: httpx.AsyncClient) -> None:
    """As every wrong name."""
    assert (await client.get("/api/v1/periods/autre")).json()["code"] == "not_found"


async def test_each_challenge_is_another_one(client: httpx.AsyncClient) -> None:
    """Signed by us, for this period."""
    made = [(await client.get(f"{ONE}/challenge")).json() for _ in range(2)]
    assert made[0]["signature"] != made[1]["signature"]


async def test_leaving_needs_a_ticket_and_says_nothing(h: Hall, client: httpx.AsyncClient) -> None:
    """204, also a second time."""
    assert (await client.delete(f"{ONE}/tickets/me")).json()["code"] == "no_ticket"
    joined = await h.join("a")
    for _ in range(2):
        answer = await client.delete(f"{ONE}/tickets/me", headers={"Authorization": f"Bearer {joined.text}"})
        assert (answer.status_code, answer.content) == (204, b"")
    assert (await h.look()).next(9) == []


async def test_the_public_keys_are_public_and_nothing_more(client: httpx.AsyncClient) -> None:
    """RFC 7517; the private halves stay here."""
    (key,) = (await client.get("/.well-known/jwks.json")).json()["keys"]
    assert (key["alg"], key["crv"]) == ("EdDSA", "Ed25519") and "d" not in key
