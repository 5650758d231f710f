"""The page of a text that came after the end of its session, or in another account: what was written stays on the
screen (P12), with the way to sign in beside it and the button that sends it again."""

from collections.abc import Mapping

import msgspec
from starlette.responses import Response

from accounts.visits import form_owner
from foundation.errors import Code, Refusal, RefusalCause
from server.rendering.forms import Tell, form_answer
from server.rendering.templating import Render
from server.requests import Incoming
from server.responses import response_of

SIGNED_OUT = frozenset({Code.NOT_SIGNED_IN, Code.SESSION_ENDED})


class KeptText(msgspec.Struct, frozen=True, kw_only=True):
    """A text that was sent to `page` in the field `name`, under its heading and label, with other fields beside it."""

    page: str
    heading: str
    label: str
    name: str
    text: str
    press: str
    others: Mapping[str, str] = {}


def of_another(username: str) -> Refusal:
    """The refusal of a text about what the account that is signed in here does not have. Pure."""
    return Refusal(Code.NOT_SIGNED_IN, cause=RefusalCause.SESSION_OF_ANOTHER, signed_in_as=username)


def text_kept(render: Render, tell: Tell, came: Incoming, refusal: Refusal, kept: KeptText) -> Response:
    """The page, with the status of the refusal."""
    answer = form_answer(
        render, tell, came, "text_kept.html", refusal=refusal, errors={}, secret=True, kept=kept,
        is_anothers=form_owner.is_anothers(refusal),
    )  # fmt: skip
    return response_of(answer)
