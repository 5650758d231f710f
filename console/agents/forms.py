"""Forms of the agents' desk that come back: what is to be corrected by field, and what was refused above them."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from foundation.errors import Code, Refusal
from server.rendering.forms import Tell, WayOn, form_answer
from server.rendering.templating import Render
from server.requests import incoming
from server.responses import response_of


class DeskForms:
    """Renders pages of the desk, after a refusal with its status, its reason, and what was typed."""

    def __init__(self, render: Render, tell: Tell) -> None:
        self.render, self.tell = render, tell

    def page(
        self,
        request: Request,
        template: str,
        refusal: Refusal | None = None,
        typed: Mapping[str, str] | None = None,
        **context: Any,
    ) -> Response:
        """A page; `refusal` of fields is shown at the fields, any other one above them."""
        errors = errors_of(refusal)
        above = None if refusal is None or errors else refusal
        return response_of(
            form_answer(
                self.render, self.tell, incoming(request), template, refusal=above, way_on=WayOn(), errors=errors,
                status=422 if errors else 200, secret=bool(typed), typed=typed or {}, **context,
            )
        )  # fmt: skip


def errors_of(refusal: Refusal | None) -> dict[str, str]:
    """What is to be corrected, as a sentence a field. Pure."""
    if refusal is None or refusal.code != Code.INVALID:
        return {}
    return {field["name"]: field["reason"] for field in refusal.fields.get("fields", [])}
