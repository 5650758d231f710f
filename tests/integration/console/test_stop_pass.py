"""The pass that lets an operator stop a period while sessions cannot be looked up."""

from starlette.requests import Request

from console.stop_pass import COOKIE, StopPasses
from tests.integration.console.conftest import API, ConsolePlace
from waitingroom.line.stops import digest_of


def asking(place: ConsolePlace, **changed: str) -> Request:
    """A request with the cookies of this operator, or changed ones."""
    cookies = dict(place.operator.cookies) | changed
    text = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return Request({"type": "http", "headers": [(b"cookie", text.encode())]})


async def test_signing_in_gives_a_pass(place: ConsolePlace) -> None:
    """It says whose it is by digest, and is worth nothing without its session or with another one."""
    passes = StopPasses(place.desk.accounts)
    assert passes.by(asking(place)) == digest_of("agnes")
    assert "agnes" not in place.operator.cookies[COOKIE]
    assert passes.by(asking(place, operator="another session")) is None
    assert passes.by(asking(place, operator="")) is None


async def test_a_changed_pass_is_none(place: ConsolePlace) -> None:
    """Neither another name nor a longer time can be written into it."""
    passes = StopPasses(place.desk.accounts)
    text = place.operator.cookies[COOKIE]
    session, by, rest = text.split(":")
    for forged in (f"{session}:{digest_of('boris')}:{rest}", f"{session}:{by}:9{rest}", "x", ""):
        assert passes.by(asking(place, **{COOKIE: forged})) is None


async def test_it_is_not_given_anew_each_time(place: ConsolePlace) -> None:
    """A page that asks each two seconds sets no cookie each time; a browser that lost its pass gets one."""
    again = await place.operator.get(f"{API}/session")
    assert COOKIE not in again.headers.get("set-cookie", "")
    place.operator.cookies.delete(COOKIE)
    given = await place.operator.get(f"{API}/session")
    assert COOKIE in given.headers["set-cookie"]
    assert "HttpOnly" in given.headers["set-cookie"]


async def test_signing_out_takes_it_away(place: ConsolePlace) -> None:
    """With the session."""
    await place.operator.delete(f"{API}/session")
    assert COOKIE not in place.operator.cookies
