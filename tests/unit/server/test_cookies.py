"""Cookies are closed to scripts and other sites."""

import pytest
from starlette.responses import Response

from server.cookies import set_cookie


@pytest.mark.parametrize("secure", [False, True])
def test_our_cookies_are_closed_to_scripts_and_other_sites(secure: bool) -> None:
    """HttpOnly and SameSite=Lax always, Secure behind TLS."""
    response = Response()
    set_cookie(response, "ticket-demo", "abc.def", secure=secure, max_age=60)
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("ticket-demo=abc.def;")
    for part in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=60"):
        assert part in cookie
    assert ("Secure" in cookie) is secure
