"""What every answer has: an id, its own or the clean one it came with, and headers that close a page to others."""

import pytest

from foundation.errors import Code, Refusal, Stale
from foundation.events import Events
from server.problems import REQUEST_ID, Problems
from server.response_defaults import ResponseDefaults, id_for, lines, method_of, security_headers


def defaults() -> ResponseDefaults:
    return ResponseDefaults(Problems("https://guichet.example"), Events(), "https://guichet.example")


@pytest.mark.parametrize("given", [b"proxy-4711.a_b", b"12345678"])
def test_a_clean_id_is_kept(given: bytes) -> None:
    """So that a proxy's log and ours can be joined."""
    assert id_for(given) == given


@pytest.mark.parametrize("given", [None, b"", b"short", b"x" * 65, b"with space 1", b"line\nbreak"])
def test_any_other_is_replaced_by_one_of_ours(given: bytes | None) -> None:
    """And no two of ours are alike."""
    assert id_for(given) != given
    assert id_for(given) != id_for(given)


def test_hsts_only_behind_tls() -> None:
    """Or the demo could never be reached again."""
    assert b"strict-transport-security" in dict(security_headers("https://a.example"))
    assert b"strict-transport-security" not in dict(security_headers("http://127.0.0.1:8000"))


def test_a_header_of_the_answers_own_goes_before_ours() -> None:
    """A default is added, never doubled."""
    added = defaults().added_to([(b"X-Frame-Options", b"SAMEORIGIN")])
    assert [value for name, value in added if name.lower() == b"x-frame-options"] == [b"SAMEORIGIN"]


@pytest.mark.parametrize(
    "own", [[], [(b"Cache-Control", b"public, max-age=60")], [(b"cache-control", b"no-store")]]
)
def test_no_cache_keeps_a_no_nor_what_says_nothing(own: list[tuple[bytes, bytes]]) -> None:
    """Whoever says it: the framework answers a range that there is not with the headers of the file."""
    for status in (400, 404, 405, 416, 500):
        added = defaults().added_to(own, status)
        assert [value for name, value in added if name.lower() == b"cache-control"] == [b"no-store"]
    for status in (200, 303):  # how long something is good it says itself, or it is not kept
        added = defaults().added_to(own, status)
        kept = [pair for pair in added if pair[0].lower() == b"cache-control"]
        assert kept == (own or [(b"cache-control", b"no-store")])
    unchanged = [pair for pair in defaults().added_to(own, 304) if pair[0].lower() == b"cache-control"]
    assert unchanged == own


@pytest.mark.parametrize(
    ("error", "status"), [(Refusal(Code.NO_TICKET), 401), (Stale(), 503), (KeyError("a name"), 500)]
)
def test_what_a_handler_raised_is_an_answer(error: Exception, status: int) -> None:
    """An expected "no" with its code; a stale line as a store that is away; and no word of anything else."""
    response = defaults().failed(
        {"type": "http", "path": "/api/v1/x", "headers": [], REQUEST_ID: "i"}, error, "/x"
    )
    assert response.status_code == status
    assert b"a name" not in response.body


def test_methods_that_are_none_are_one_figure() -> None:
    """Or anybody could make a million figures."""
    assert [method_of(scope) for scope in ({"method": "GET"}, {"method": "FROB"}, {})] == [
        "GET",
        "other",
        "WS",
    ]


def test_header_lines_end_each() -> None:
    """As they are sent."""
    assert lines([(b"a", b"1"), (b"b", b"2")]) == b"a: 1\r\nb: 2\r\n"
