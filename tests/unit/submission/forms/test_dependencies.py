"""Which question is decided before which."""

import pytest

from submission.forms.dependencies import FormCircleError, _sorted, fields_in_order, in_order
from tests.support.forms.small import family, field, form, section


def test_a_question_stands_after_what_it_depends_on() -> None:
    """Also where the form asks for it earlier; otherwise the form's order stays."""
    asked = form(
        section("first", field("a", more='when = { is = "filled", field = "second.b" }'), field("c")),
        section("second", field("b"), more='when = { is = "filled", field = "first.c" }'),
    )
    assert in_order(asked) == ["first", "first.c", "second", "second.b", "first.a"]


def test_a_repeated_section_is_one_question() -> None:
    """What asks for its members stands after it, and its fields have an order of their own."""
    asked = family()
    order = in_order(asked)
    assert order.index("care") > order.index("children")
    children = asked.section("children")
    assert children is not None
    assert fields_in_order(children) == ["name", "born", "school"]


def test_a_circle_is_named() -> None:
    """The nodes of the circle alone, in its order."""
    with pytest.raises(FormCircleError) as raised:
        _sorted({"a": {"b"}, "b": {"c"}, "c": {"b"}})
    assert raised.value.nodes == ["b", "c", "b"]
