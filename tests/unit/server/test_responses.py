"""Answers of the framework's routes."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from server.problems import Problems
from server.responses import json_response, redirect_relatively


def test_json_is_kept_by_no_cache() -> None:
    """The value as it is, with the status that is given."""
    answer = json_response({"états": [1]}, 201)
    assert (answer.status_code, answer.headers["content-type"]) == (201, "application/json")
    assert answer.headers["cache-control"] == "no-store"
    assert bytes(answer.body).decode() == '{"états":[1]}'


def application() -> Starlette:
    async def page(request: Request) -> Response:
        return PlainTextResponse("page")

    mounted = Starlette(routes=[Route("/x", page)])
    routes = [Route("/one", page), Route("/two/", page), Route("/p/{id}", page), Mount("/below", mounted)]
    return Starlette(routes=routes, exception_handlers=Problems("http://x").handlers())


async def redirect_of(app: Starlette, path: str) -> tuple[int, str | None]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://evil.example") as client:
        answer = await client.get(path)
        return answer.status_code, answer.headers.get("location")


@pytest.mark.parametrize(
    ("path", "status", "location"),
    [
        ("/one", 200, None), ("/one/", 307, "/one"), ("/two", 307, "/two/"), ("/one/?a=1&b=%2F", 307, "/one?a=1&b=%2F"),
        ("/p/%C3%A9%25%3F/", 307, "/p/%C3%A9%25%3F"), ("/below", 307, "/below/"), ("/nothing/", 404, None),
        ("//evil.example/", 404, None), ("//evil.example", 404, None), ("//", 404, None), ("/", 404, None),
    ],
)  # fmt: skip
async def test_a_slash_too_many_leads_to_the_right_address_of_ours(
    path: str, status: int, location: str | None
) -> None:
    """By its path alone: the name that it was asked by is nowhere in it."""
    app = application()
    redirect_relatively(app)
    assert await redirect_of(app, f"http://evil.example{path}") == (status, location)


async def test_no_cache_keeps_a_redirect() -> None:
    """The address behind it may come one day."""
    app = application()
    redirect_relatively(app)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
        assert (await client.get("/one/")).headers["cache-control"] == "no-store"


async def test_the_frameworks_own_redirect_believes_the_host() -> None:
    """Twin: without ours the answer leads to whatever host was made up."""
    assert await redirect_of(application(), "/one/") == (307, "http://evil.example/one")
