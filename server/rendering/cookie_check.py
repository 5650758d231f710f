"""Does this browser keep cookies? Asked with every form that leads nowhere without one (P9, P12).

The form's page brings a cookie and a field that says so. Where the field comes back without any cookie, the browser
refuses them or has just lost them: the form is shown again with what was typed, before anything is looked up. A client
that sends the form without having asked for its page says nothing of cookies, and is not held up.
"""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from foundation.errors import Code, Refusal
from server.cookies import cookie
from server.requests import Headers

COOKIE: Final = "cookie-check"
"""It holds nothing about anybody and lasts as long as the browser runs."""

FIELD: Final = "cookie_check"
"""The hidden field of such a form (`templates/fields.html`)."""


def offered(cookies: Mapping[str, str], *, secure: bool) -> Headers:
    """What the page of such a form brings: the cookie where this browser has shown none yet."""
    return () if cookies else (cookie(COOKIE, "1", secure=secure),)


def offer(request: Request, answer: Response, *, secure: bool) -> Response:
    """The same on an answer of the framework."""
    answer.raw_headers += offered(request.cookies, secure=secure)
    return answer


def require(request: Request, fields: Mapping[str, str]) -> None:
    """Raises Refusal cookies_refused when the form's page brought a cookie and none came back with the form."""
    if FIELD in fields and not request.cookies:
        raise Refusal(Code.COOKIES_REFUSED)
