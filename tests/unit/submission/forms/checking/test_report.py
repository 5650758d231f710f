"""What a form asks, for whoever writes it."""

from submission.forms.checking.report import unmapped, what_is_asked
from tests.support.forms.small import family, field, form, section


def test_a_form_is_summed_up() -> None:
    """In one sentence."""
    assert what_is_asked(family()) == (
        "essai, version 1, from 2016-01-01: 3 sections (1 repeated), 8 fields, 4 conditions, 0 rules with dates."
    )


def test_what_the_paper_form_does_not_ask_is_named_with_its_reason() -> None:
    """A mapping with named exceptions (DR-06)."""
    other = field("b").replace('paper = "A-1"', 'beyond_paper = "Nouveau."')
    assert unmapped(form(section("a", field("c"), other))) == ["a.b is not on the paper form: Nouveau."]
