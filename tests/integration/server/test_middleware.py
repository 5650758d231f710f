"""The frame around every request, on a real server: ids, headers, origins, sizes, times, last resort."""

import json

import pytest

from tests.support.plain_app import CountedEvents, ask, code_of, in_middleware
from tests.support.processes.serving import raw, serving, status_of


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/echo"), ("GET", "/nothing"), ("PUT", "/echo"), ("GET", "/fail"), ("GET", "/a%00")],
)
def test_every_answer_has_an_id_and_the_security_headers(port: int, method: str, path: str) -> None:
    """Answers, refusals and the last resort alike."""
    status, headers, body = ask(port, method, path)
    assert len(headers["x-request-id"]) >= 8
    assert headers["content-security-policy"].startswith(
        "default-src 'none'; script-src 'self'; style-src 'self';"
    )
    assert "unsafe" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "strict-transport-security" not in headers
    if status >= 400:
        assert json.loads(body)["request_id"] == headers["x-request-id"]


def test_behind_tls_browsers_are_told_to_stay_there() -> None:
    """HSTS is sent when the public address is https."""
    with serving(in_middleware(public_url="https://guichet.example")) as port:
        _, headers, _ = ask(port, "GET", "/echo")
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert "wss://guichet.example" in headers["content-security-policy"]


@pytest.mark.parametrize(("given", "kept"), [("proxy-4711.a_b", True), ("short", False), ("x" * 65, False)])
def test_an_id_from_outside_is_kept_if_it_is_short_and_clean(port: int, given: str, kept: bool) -> None:
    """A proxy's log and ours can be joined; nobody writes into our log."""
    _, headers, _ = ask(port, "GET", "/echo", X_Request_ID=given)
    assert (headers["x-request-id"] == given) is kept


def test_an_id_with_odd_characters_is_replaced(port: int) -> None:
    """Quotes, blanks and non-ASCII never reach a log line."""
    for given in (b'a"b","level":"x', b"abc defgh", b"abc\xe9defgh"):
        got = raw(port, b"GET /echo HTTP/1.1\r\nHost: x\r\nX-Request-ID: " + given + b"\r\n\r\n")
        assert given not in got
        assert status_of(got) == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
def test_a_wrong_method_is_a_refusal_that_names_the_right_ones(port: int, method: str) -> None:
    """405 with `Allow`, as a problem document."""
    status, headers, body = ask(port, method, "/echo")
    assert (status, code_of(body), headers["allow"]) == (405, "method_not_allowed", "DELETE, GET, HEAD, POST")


def test_the_last_resort_says_nothing_of_the_error(port: int) -> None:
    """An unexpected error is a 500 in our form, and the connection goes on."""
    status, _, body = ask(port, "GET", "/fail")
    assert (status, code_of(body)) == (500, "unavailable")
    assert b"canary" not in body


def test_an_answer_that_broke_off_is_cut(port: int) -> None:
    """Half an answer must not look whole: the connection is closed before the announced end."""
    got = raw(port, b"GET /cut HTTP/1.1\r\nHost: x\r\n\r\n")
    assert got.endswith(b"half")


def test_requests_are_counted_by_template_not_by_path() -> None:
    """Neither paths nor odd methods can make figures without end."""
    counted = CountedEvents()
    with serving(in_middleware(counted)) as port:
        ask(port, "GET", "/things/secret-id?token=x")
        ask(port, "GET", "/nothing/secret-id")
        ask(port, "PROPFIND", "/echo")
    requests = [
        {key: row[key] for key in ("route", "method", "status")} for row in counted.seen if "route" in row
    ]
    assert requests == [
        {"route": "/things/{id}", "method": "GET", "status": "200"},
        {"route": "unmatched", "method": "GET", "status": "404"},
        {"route": "/echo", "method": "other", "status": "405"},
    ]
