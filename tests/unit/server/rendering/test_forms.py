"""Forms that come back: the refusal above the fields, its status and headers, and the way on."""

from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from foundation.errors import Code, Refusal, Unavailable
from server.problems import TABLE
from server.rendering.forms import ShownRefusal, WayOn, form_answer, shown
from server.requests import Incoming

CAME = Incoming({"type": "http", "method": "POST", "path": "/connexion", "headers": []})


def tell(refusal: Refusal) -> Any:
    return TABLE[refusal.code]


class Rendered:
    """Stands in for the templates, and keeps what they were given."""

    def __call__(self, request: Request, template: str, /, status: int = 200, **context: Any) -> Response:
        raise AssertionError(f"{template} is a form: it is an answer, whichever way it was asked for")

    def text(self, template: str, /, **context: Any) -> str:
        self.context = context
        return template


@pytest.mark.parametrize(
    ("refusal", "status", "header", "value"),
    [
        (Refusal(Code.BAD_CREDENTIALS), 401, "www-authenticate", 'Bearer realm="guichet"'),
        (Refusal(Code.RATE_LIMITED, retry_after=90), 429, "retry-after", "90"),
        (Unavailable("sql", retry_after=5), 503, "retry-after", "5"),
        (None, 422, "retry-after", None),
    ],
)
def test_a_refused_form_has_the_status_and_headers_of_its_refusal(
    refusal: Refusal | None, status: int, header: str, value: str | None
) -> None:
    """The page says what the API says; without a refusal it has the status that it is given."""
    render = Rendered()
    answer = form_answer(render, tell, CAME, "a.html", refusal=refusal, errors={"x": "y"}, status=422)
    told = dict(answer.headers).get(header.encode())
    assert (answer.status, told and told.decode()) == (status, value)
    assert render.context["errors"] == {"x": "y"}
    assert isinstance(render.context["refusal"], ShownRefusal | None)


def test_the_wait_is_said_in_words() -> None:
    """Who tried too often reads when to come back, and where to go on if that is elsewhere."""
    refusal = Refusal(Code.RATE_LIMITED, retry_after=90)
    seen = shown(refusal, TABLE[refusal.code], WayOn("/x", "Là"))
    assert seen.sentences[-1] == "Vous pouvez réessayer dans 1 min 30 s."
    assert (seen.href, seen.link) == ("/x", "Là")
