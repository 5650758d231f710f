"""Values of a form: their canonical form, and what is wrong with them."""

from datetime import date

import pytest

from submission.forms.model import FieldType, FormField
from submission.forms.values import canonical, problem_of, tidied

TODAY = date(2016, 6, 13)

OPTIONS = {"a": "Premier", "b": "Deuxième"}


def asked(kind: str, **more: object) -> FormField:
    """A field of this type."""
    options = OPTIONS if kind in {"choice", "choices"} else {}
    return FormField(
        id="x",
        type=FieldType(kind),
        label="X",
        help="X",
        paper="A-1",
        options=options,
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("kind", "typed", "stored"),
    [
        ("text", "  Jean   Roy ", "Jean Roy"),
        ("text", "Jean\x00\u202eRoy\u200b", "JeanRoy"),
        ("text", "a\tb\nc", "a b c"),
        ("text", "e\u0301", "é"),
        ("text", "\ud800", ""),
        ("lines", " a  b \r\n\r\n c\x07 ", "a b\n\nc"),
        ("date", "2016-6-3", "2016-06-03"),
        ("date", "2016/06/03", "2016-06-03"),
        ("date", "3 juin 2016", "3 juin 2016"),
        ("date", "2016-13-01", "2016-13-01"),
        ("year", "2 009", "2009"),
        ("number", "1 250", "1250"),
        ("number", "007", "7"),
        ("number", "douze", "douze"),
        ("number", "٣", "٣"),
        ("amount", "1 250,5 $", "1250.50"),
        ("amount", "1250.00", "1250"),
        ("amount", "1,2,3", "1,2,3"),
        ("yes_no", "Oui", "oui"),
        ("yes_no", "peut-être", "peut-être"),
        ("box", "true", "oui"),
        ("box", "non", ""),
        ("choice", "a", "a"),
        ("choice", "deuxieme", "b"),
        ("choice", "c", "c"),
        ("choices", "b a", "a b"),
        ("choices", "b c", "b c"),
        ("country", "France", "FR"),
        ("country", "Atlantide", "Atlantide"),
        ("telephone", " +1 514  555-0123 ", "+1 514 555-0123"),
        ("number", " ", ""),
    ],
    ids=[str(n) for n in range(31)],
)
def test_the_canonical_form(kind: str, typed: str, stored: str) -> None:
    """What cannot be read stays as it was typed; what is already canonical stays as it is."""
    assert canonical(asked(kind), typed) == stored
    assert canonical(asked(kind), stored) == stored


@pytest.mark.parametrize(
    ("kind", "more", "good", "bad"),
    [
        ("text", {"longest": 3}, ["abc"], ["abcd"]),
        ("email", {}, ["a@b.co", "é@é.ca"], ["a", "a@b", "a b@c.co", "a@@b.co", "a@b.co, c@d.co"]),
        ("telephone", {}, ["n’importe quoi"], ["0" * 41]),
        (
            "date",
            {},
            ["2016-06-14", "1850-01-01"],
            ["2016-02-30", "x", "1849-12-31", "2151-01-01", "20160614"],
        ),
        ("date", {"past": True}, ["2016-06-13"], ["2016-06-14"]),
        ("year", {"least": 1950, "most": 2100}, ["1950", "2100"], ["50", "1949", "2101", "x", "20166"]),
        ("number", {"least": 0, "most": 10}, ["0", "10"], ["-1", "11", "1.5", "x", "9" * 30]),
        ("amount", {"least": 1}, ["1", "1250.50"], ["0", "1.5", "x", "-1", "1e9"]),
        ("yes_no", {}, ["oui", "non"], ["o", "Oui"]),
        ("box", {}, ["oui"], ["non", "x"]),
        ("choice", {}, ["a", "b"], ["c", "a b"]),
        ("choices", {}, ["a", "a b"], ["c", "a c"]),
        ("country", {}, ["FR", "CA"], ["XX", "Atlantide"]),
    ],
    ids=[str(n) for n in range(13)],
)
def test_what_is_wrong_with_a_value(
    kind: str, more: dict[str, object], good: list[str], bad: list[str]
) -> None:
    """In French, what to do; of a right value nothing."""
    problem = problem_of(asked(kind, **more))
    assert [problem(value, TODAY) for value in good] == [""] * len(good)
    assert all(problem(value, TODAY).endswith(".") for value in bad)


def test_joiners_stay() -> None:
    """Persian and Hindi are not written without them."""
    assert tidied("می\u200cخواهم") == "می\u200cخواهم"
