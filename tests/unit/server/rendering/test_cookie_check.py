"""Whether a browser keeps cookies, from what comes back with a form."""

from contextlib import nullcontext

import pytest
from starlette.requests import Request
from starlette.responses import Response

from foundation.errors import Code, Refusal
from server.rendering import cookie_check


def request(cookie: str | None = None) -> Request:
    headers = [] if cookie is None else [(b"cookie", cookie.encode())]
    return Request({"type": "http", "method": "POST", "path": "/connexion", "headers": headers})


@pytest.mark.parametrize(
    ("cookie", "fields", "refused"),
    [
        (None, {cookie_check.FIELD: "1"}, True),
        ("cookie-check=1", {cookie_check.FIELD: "1"}, False),
        ("visitor=v1", {cookie_check.FIELD: "1"}, False),  # any cookie shows that they are kept
        (None, {}, False),  # a client that never asked for the page
        ("visitor=v1", {}, False),
    ],
)
def test_a_form_that_lost_its_cookie_is_refused(
    cookie: str | None, fields: dict[str, str], refused: bool
) -> None:
    """The field says that the page brought a cookie: without any, the browser keeps none."""
    with pytest.raises(Refusal) if refused else nullcontext() as caught:
        cookie_check.require(request(cookie), fields)
    assert caught is None or caught.value.code == Code.COOKIES_REFUSED


@pytest.mark.parametrize(("cookie", "brought"), [(None, True), ("visitor=v1", False)])
def test_a_page_brings_the_cookie_to_whom_has_none(cookie: str | None, brought: bool) -> None:
    """Who has shown a cookie of ours needs no other."""
    answer = cookie_check.offer(request(cookie), Response(), secure=True)
    assert ("set-cookie" in answer.headers) is brought
    if brought:
        assert answer.headers["set-cookie"] == "__Host-cookie-check=1; HttpOnly; Path=/; SameSite=lax; Secure"
