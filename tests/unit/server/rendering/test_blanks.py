"""Pages that are rendered once and filled for each person."""

import pytest
from jinja2 import Environment
from markupsafe import escape

from server.rendering.blanks import Blank, escaped, mark


def test_each_place_gets_its_text() -> None:
    """By name, as often as a place stands there; what stands around it stays."""
    blank = Blank(f"<b>{mark('one')}</b> {mark('two')} {mark('one')}")
    assert blank.filled({b"one": b"1", b"two": b"2"}) == b"<b>1</b> 2 1"


def test_a_mark_goes_through_a_template_unchanged() -> None:
    """Autoescape has nothing to escape in it."""
    template = Environment(autoescape=True).from_string("<p>{{ name }}</p>")
    assert Blank(template.render(name=mark("name"))).filled({b"name": b"Anne"}) == b"<p>Anne</p>"


def test_a_mark_without_a_text_is_an_error() -> None:
    """Rather than a page with a hole."""
    with pytest.raises(KeyError):
        Blank(f"a{mark('number')}b").filled({b"other": b"1"})


def test_a_percent_sign_is_no_mark() -> None:
    """Whatever an operator writes into a notice."""
    assert Blank("5 % %(x)b %%").filled({}) == b"5 % %(x)b %%"


def test_no_text_is_taken_for_a_mark() -> None:
    """Whatever a person has typed: it stands there as it is."""
    typed = f"{mark('other')} %(other)b %".encode()
    assert Blank(mark("typed")).filled({b"typed": typed, b"other": b"of another"}) == typed


@pytest.mark.parametrize(
    "texts",
    [
        [],
        [""],
        ["", ""],
        ["<b>Anne</b>", 'l\'eau & "l’air"', "", "5 %"],
        ["a\0b", "<c>"],
        ["\0"],
        ["\0", ""],
    ],
)
def test_texts_are_escaped_together_as_each_alone(texts: list[str]) -> None:
    """Also where one of them holds what they are held apart by: no text moves into the place of another."""
    assert escaped(texts) == [escape(text).encode() for text in texts]
