"""What the forms carry, read and shown again."""

from datetime import date

from casework.mailroom.entries import refused
from console.mailroom import forms


def test_what_is_typed_is_read_whatever_it_is() -> None:
    """Missing fields are empty, too long ones are cut, a NUL is nothing."""
    typed = forms.typed_mail({"number": "D\x001", "note": "x" * 5_000, "else": "y"})
    assert (typed.number, len(typed.note), typed.kind) == ("D1", forms.LONGEST_FIELD, "")


def test_numbers_of_items_are_numbers() -> None:
    """Nonsense is none."""
    assert [forms.whole(text) for text in ("12", "", "-1", "²", "9" * 18, "1.0")] == [
        12,
        None,
        None,
        None,
        None,
        None,
    ]


def test_the_day_before_is_remembered() -> None:
    """What is no day is today."""
    today = date(2026, 11, 30)
    assert forms.remembered("2026-11-28", today) == "2026-11-28"
    assert forms.remembered("demain", today) == forms.remembered("", today) == "2026-11-30"


def test_what_has_changed_stands_side_by_side() -> None:
    """Sentences of before and of now; those that stayed are not said."""
    assert forms.changed(["a", "b"], ["b", "c", "d"]) == [("a", "c"), ("", "d")]
    assert forms.errors_of(refused({"number": "non"})) == {"number": "non"}
    assert forms.new_key() != forms.new_key()
