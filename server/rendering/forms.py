"""Forms that come back: what was refused stands above the fields, and what was typed stays in them (P9, P12)."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from foundation.errors import Code, Refusal
from server.problems import RefusalText
from server.rendering.durations import duration_words
from server.rendering.page_answers import page_answer
from server.rendering.templating import Render
from server.requests import Answer, Headers, Incoming

Tell = Callable[[Refusal], RefusalText]
"""The texts of a refusal, counted like any other (`Problems.tell`)."""


class WayOn(NamedTuple):
    """Where a refusal leads when the form is not the place to go on; both empty when it is."""

    href: str = ""
    link: str = ""


class ShownRefusal(msgspec.Struct, frozen=True):
    """A refusal as a form shows it: above the fields, with one way on."""

    title: str
    sentences: list[str]
    href: str = ""
    link: str = ""


def shown(refusal: Refusal, words: RefusalText, way_on: WayOn) -> ShownRefusal:
    """A refusal in the form's words: what happened and why, what to do, and the way on if it is not this form."""
    sentences = [words.reason, words.remedy]
    seconds = refusal.fields.get("retry_after")
    if refusal.code == Code.RATE_LIMITED and seconds:
        sentences.append(f"Vous pouvez réessayer dans {duration_words(int(seconds) * 1000)}.")
    return ShownRefusal(words.title, sentences, way_on.href, way_on.link)


def form_answer(
    render: Render,
    tell: Tell,
    came: Incoming,
    template: str,
    /,
    *,
    refusal: Refusal | None = None,
    way_on: WayOn = WayOn(),  # noqa: B008  a value that never changes
    errors: Mapping[str, str],
    status: int = 200,
    headers: Headers = (),
    secret: bool = False,
    **context: Any,
) -> Answer:
    """A template with `refusal` (as `ShownRefusal`) and `errors` by field; the refusal's status, or the one given.

    `secret`: it shows again what nobody else may guess, and is not compressed (`docs/caching.md`).
    """
    seen = None
    if refusal is not None:
        words = tell(refusal)
        status = words.status
        seen = shown(refusal, words, way_on)
        headers = (*headers, *_headers(status, refusal))
    text = render.text(template, refusal=seen, errors=errors, **context)
    codings = None if secret else came.headers.get(b"accept-encoding")
    return page_answer(codings, text.encode(), status, headers)


def _headers(status: int, refusal: Refusal) -> Headers:
    """What the status itself asks for, as in the API."""
    if status == 401:
        return ((b"www-authenticate", b'Bearer realm="guichet"'),)
    if status in (429, 503):
        return ((b"retry-after", str(refusal.fields.get("retry_after", 2)).encode()),)
    return ()
