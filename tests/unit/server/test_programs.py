"""A program that is refused for its headers is told which to send, in words for programmers; people are not."""

import tomllib

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from foundation.errors import Code, Refusal
from server.problems import Problems
from server.programs import AN_AGENT, is_program
from tests.support.places import ROOT
from waitingroom.device import verdict

URL = "https://guichet.example"

AGENTS = tomllib.loads((ROOT / "tests" / "data" / "agents.toml").read_text("utf-8"))["agent"]

PROGRAMS = (
    "", "  ", "python-requests/2.32.3", "curl/8.5.0", "Python/3.11 aiohttp/3.9.5", "Go-http-client/1.1", "node",
    "k6/0.49.0 (https://k6.io/)", "Java/17.0.9", "Java-http-client/17.0.9", "undici", "Gatling/3.10",
    "Apache-HttpClient/4.5.14 (Java/17.0.9)", "okhttp/4.12.0", "axios/1.6.2", "PostmanRuntime/7.36.0", "Locust/2.47",
    "python-httpx/0.27.0", "Wget/1.21.3", "Python-urllib/3.12", "libwww-perl/6.67", "python-geventhttpclient-2.3.1",
    "Mozilla/5.0 (Windows NT; Windows NT 10.0; fr-CA) WindowsPowerShell/5.1",
)  # fmt: skip


@pytest.mark.parametrize("agent", PROGRAMS)
def test_libraries_and_load_generators_are_programs(agent: str) -> None:
    """By their names; and the device rule takes none of them for a computer."""
    assert is_program(agent)
    assert not verdict(agent).allowed


@pytest.mark.parametrize("agent", AGENTS, ids=lambda agent: agent["name"])
def test_a_browser_is_no_program(agent: dict[str, str]) -> None:
    """Neither one of a computer nor one of any device with a person in front of it."""
    if agent["family"] not in ("bot", "unknown"):
        assert not is_program(agent["user_agent"])


def test_the_agent_of_the_hint_is_a_computers() -> None:
    """Whoever does as the hint says gets through."""
    assert verdict(AN_AGENT).allowed
    assert not is_program(AN_AGENT)


@pytest.mark.parametrize(
    ("code", "agent", "hinted"),
    [
        (Code.DEVICE_REFUSED, "python-requests/2.32.3", True),
        (Code.FOREIGN_ORIGIN, "curl/8.5.0", True),
        (Code.FOREIGN_ORIGIN, AN_AGENT, False),
        (Code.DEVICE_REFUSED, "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15", False),
        (Code.ROOM_NOT_OPEN, "curl/8.5.0", False),
    ],
)  # fmt: skip
async def test_the_hint_names_the_headers(code: Code, agent: str, hinted: bool) -> None:
    """Only in these refusals, only to programs."""

    async def refuse(request: Request) -> None:
        raise Refusal(code)

    problems = Problems(f"{URL}/")
    app = Starlette(routes=[Route("/api/v1/x", refuse)], exception_handlers=problems.handlers())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL) as client:
        body = (await client.get("/api/v1/x", headers={"User-Agent": agent})).json()
    assert body["code"] == code
    assert ("hint" in body) is hinted
    if hinted:
        for word in ("User-Agent", AN_AGENT, f"Origin: {URL}", "Authorization: Bearer", "Idempotency-Key"):
            assert word in body["hint"]
