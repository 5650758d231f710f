"""Cookies are closed to scripts and other sites."""

import re

import pytest
from starlette.responses import Response

from server.cookies import attributes, cookie_of, drop_cookie, full_name, set_cookie
from tests.support.places import ROOT
from tests.support.sources import FOLDERS


@pytest.mark.parametrize("secure", [False, True])
def test_our_cookies_are_closed_to_scripts_and_other_sites(secure: bool) -> None:
    """HttpOnly and SameSite=Lax always, Secure behind TLS."""
    response = Response()
    set_cookie(response, "ticket-demo", "abc.def", secure=secure, max_age=60)
    cookie = response.headers["set-cookie"]
    assert cookie.startswith(f"{full_name('ticket-demo', secure)}=abc.def;")
    for part in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=60"):
        assert part in cookie
    assert ("Secure" in cookie) is secure


def test_behind_tls_a_name_says_that_the_cookie_is_this_hosts_alone() -> None:
    """What browsers ask of such a name is there: Secure, Path=/, and no Domain."""
    assert (full_name("visitor", True), full_name("visitor", False)) == ("__Host-visitor", "visitor")
    ends = attributes(True, None)
    assert "; Secure" in ends and "; Path=/;" in ends and "Domain" not in ends


@pytest.mark.parametrize(
    ("cookies", "value"),
    [
        ({"__Host-visitor": "new"}, "new"),
        ({"visitor": "old"}, "old"),
        ({"visitor": "planted", "__Host-visitor": "new"}, "new"),
        ({"__Host-visitor": "", "visitor": "old"}, "old"),
        ({"ticket": "x"}, None),
        ({}, None),
    ],
    ids=str,
)
def test_a_cookie_of_yesterday_counts_where_there_is_none_of_today(
    cookies: dict[str, str], value: str | None
) -> None:
    """Nobody loses a place because a name has changed; nobody plants one over it."""
    assert cookie_of(cookies, "visitor") == value


def test_both_names_are_taken_out_of_the_browser() -> None:
    """Or signing out would leave the cookie of yesterday behind."""
    response = Response()
    drop_cookie(response, "session", secure=True)
    dropped = [value.decode() for name, value in response.raw_headers if name == b"set-cookie"]
    assert [one.partition("=")[0] for one in dropped] == ["__Host-session", "session"]
    assert all("Max-Age=0" in one and "Path=/" in one for one in dropped)


READS = re.compile(r"cookies\.get\(|cookies\[|\bin [\w.()]*cookies\b")
"""A cookie that is looked for by its name in what a request carries."""


def test_cookies_are_read_under_both_names_everywhere() -> None:
    """Whoever looks for the bare name alone finds nothing behind TLS."""
    reading = {
        str(path.relative_to(ROOT))
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        if folder != "loadtests" and READS.search(path.read_text("utf-8"))
    }
    assert reading == {"server/cookies.py", "accounts/sessions.py"}  # they look for both
