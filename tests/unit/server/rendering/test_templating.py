"""Dates and numbers as they are read in Québec (fr-CA), and templates that get every name they use."""

import pytest
from jinja2 import UndefinedError
from starlette.requests import Request

from config.assets import renderer, templates
from foundation.clock import parse_rfc3339
from server.rendering.templating import clocktime, instant, number, weekday, weekday_instant

OPENING = parse_rfc3339("2016-06-13T12:30:05Z")

DAY_MS = 86_400_000


def test_an_instant_in_words() -> None:
    """In Montréal time, with no-break spaces."""
    assert instant(OPENING) == "13\u00a0juin\u00a02016 à 8\u00a0h\u00a030 (heure de Montréal)"
    assert clocktime(OPENING) == "8\u00a0h\u00a030\u00a0min\u00a005\u00a0s"
    assert weekday(OPENING) == "lundi 13 juin 2016"


def test_an_instant_with_its_weekday() -> None:
    """As programs read it: plain spaces, and seconds only where there are some."""
    assert weekday_instant(OPENING - 5_000) == "lundi 13 juin 2016 à 8 h 30"
    assert weekday_instant(OPENING) == "lundi 13 juin 2016 à 8 h 30 min 05 s"


def test_a_number_with_its_space() -> None:
    """A no-break one."""
    assert number(12_345) == "12\u00a0345"


def test_a_name_that_a_template_does_not_get_is_an_error() -> None:
    """Never an empty place on a page."""
    with pytest.raises(UndefinedError):
        templates().from_string("{{ missing }}").render()


def test_every_template_is_one() -> None:
    """Each is read as Jinja2 reads it: a slip in one would be found by whoever opens its page."""
    made = templates()
    for name in made.list_templates(extensions=["html"]):
        made.parse(made.loader.get_source(made, name)[0], name)  # type: ignore[union-attr]


def test_what_people_typed_is_escaped() -> None:
    """Everywhere, without asking."""
    assert templates().from_string("{{ text }}").render(text="<b>") == "&lt;b&gt;"


def test_the_first_of_a_month_is_an_ordinal() -> None:
    """And no other day is (Office québécois de la langue française)."""
    first = OPENING + 18 * DAY_MS
    assert weekday(first) == "vendredi 1er juillet 2016"
    assert instant(first).startswith("1er\u00a0juillet\u00a02016 à ")
    assert weekday(first + DAY_MS) == "samedi 2 juillet 2016"


@pytest.mark.parametrize(("secret", "coding"), [(False, b"br"), (True, None)])
def test_a_page_with_a_secret_goes_out_as_it_is(secret: bool, coding: bytes | None) -> None:
    """Its length would tell of it, compressed; any other page is in the coding that its reader takes."""
    asked = Request({"type": "http", "path": "/nothing", "headers": [(b"accept-encoding", b"br")]})
    words = {"code": "not_found", "fields": {}, "title": "Rien", "reason": "Rien.", "remedy": "Rien."}
    answer = renderer()(asked, "refus.html", 404, secret=secret, **words)
    assert dict(answer.raw_headers).get(b"content-encoding") == coding
    assert (b"<!doctype html>" in bytes(answer.body).lower()) is secret
