"""What is typed into the calculator: read strictly, and refused in French, field by field."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.calendar.closures import CalendarKind
from foundation.calendar.spans import SpanUnit
from foundation.errors import Code, Refusal
from publicsite.calculator.typed import Asked, AskedText, amount_in, day_in, read


def wrong(**values: str) -> dict[str, str]:
    """The fields that are refused, with the reason."""
    whole = {"start": "2026-11-30", "amount": "30"} | values
    with pytest.raises(Refusal) as refused:
        read(AskedText(**whole))
    assert refused.value.code == Code.INVALID
    return {one["name"]: one["reason"] for one in refused.value.fields["fields"]}


def test_a_whole_question_is_read() -> None:
    """Unit and calendar are those of a file where none is named."""
    assert read(AskedText(start=" 2026-2-3 ", amount="1 000")) == Asked(
        start=date(2026, 2, 3), amount=1000, unit=SpanUnit.CALENDAR_DAYS, calendar=CalendarKind.PUBLIC_SERVICE
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Entrez une date en chiffres"),
        ("30/11/2026", "Entrez une date en chiffres"),
        ("2026-02-30", "Le 30 février 2026 n’existe pas : ce mois a 28 jours."),
        ("2028-02-30", "Le 30 février 2028 n’existe pas : ce mois a 29 jours."),
        ("2026-13-01", "Il n’y a pas de mois 13"),
        ("2026-11-00", "Le 0 novembre 2026 n’existe pas"),
        ("0000-01-01", "Entrez une année de 2003 à 2100"),
        ("9999-12-31", "Entrez une année de 2003 à 2100"),
        ("٢٠٢٦-١١-٣٠", "Entrez une date en chiffres"),
    ],
)
def test_a_day_that_is_none_says_why(text: str, reason: str) -> None:
    assert wrong(start=text)["start"].startswith(reason)


@pytest.mark.parametrize("text", ["", "-1", "1.5", "1,5", "1e3", "9" * 39, "36526", "trente", "٣٠", "0x10"])
def test_a_number_that_is_none_says_its_bounds(text: str) -> None:
    assert list(wrong(amount=text)) == ["amount"]
    assert "de 0 à 36" in wrong(amount=text)["amount"]


def test_bounds_are_those_of_the_unit() -> None:
    assert amount_in("1200", SpanUnit.CALENDAR_MONTHS) == 1200
    assert isinstance(amount_in("1201", SpanUnit.CALENDAR_MONTHS), str)


def test_every_wrong_field_is_named_in_the_order_of_the_form() -> None:
    found = wrong(start="x", amount="x", unit="x", calendar="x")
    assert list(found) == ["start", "amount", "unit", "calendar"]


def test_of_a_query_only_its_fields_are_taken() -> None:
    """Cut to what is looked at."""
    typed = AskedText.of({"start": "x" * 100, "utm": "y"})
    assert (typed.start, typed.unit) == ("x" * 40, SpanUnit.CALENDAR_DAYS)


@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_is_typed_is_read_or_refused(start: str, amount: str) -> None:
    """Never another error."""
    assert isinstance(day_in(start), date | str)
    assert isinstance(amount_in(amount, SpanUnit.BUSINESS_DAYS), int | str)
