"""What a clerk types, as values or refused by field."""

from datetime import date

import pytest

from casework.mailroom.entries import TypedMail, read
from casework.mailroom.states import MailKind
from foundation.errors import Refusal

TODAY = date(2026, 11, 30)

WHOLE = {
    "number": "D-0000001-03",
    "kind": "paper_modification",
    "received_on": "2026-11-28",
    "changed_on": "2026-11-02",
}


def wrong(**changed: str) -> dict[str, str]:
    """The fields that are refused, with their sentences."""
    with pytest.raises(Refusal) as refused:
        read(TypedMail(**(WHOLE | changed)), TODAY)
    return {field["name"]: field["reason"] for field in refused.value.fields["fields"]}


def test_days_are_days() -> None:
    """A month without its zero is read; the texts are cleaned."""
    entry = read(
        TypedMail(**(WHOLE | {"received_on": " 2026-11-8 ", "changed_on": "2026-11-01", "note": " a  b "})),
        TODAY,
    )
    assert (entry.kind, entry.received_on, entry.postmarked_on) == (
        MailKind.PAPER_MODIFICATION,
        date(2026, 11, 8),
        None,
    )
    assert (entry.changed_on, entry.hints.note, entry.hints.number) == (
        date(2026, 11, 1),
        "a b",
        "D-0000001-03",
    )


@pytest.mark.parametrize(("changed", "field", "word"), [
    ({"kind": "colis"}, "kind", "Choisissez"),
    ({"received_on": ""}, "received_on", "arrivée"),
    ({"received_on": "28/11/2026"}, "received_on", "2026-06-13"),
    ({"received_on": "2026-02-30"}, "received_on", "calendrier"),
    ({"received_on": "2026-12-01"}, "received_on", "à venir"),
    ({"received_on": "2025-11-28", "changed_on": "2025-11-02"}, "received_on", "plus d’un an"),
    ({"received_on": "0000-01-01"}, "received_on", "calendrier"),
    ({"postmarked_on": "2026-11-29"}, "postmarked_on", "cachet"),
    ({"postmarked_on": "hier"}, "postmarked_on", "2026-06-13"),
    ({"changed_on": ""}, "changed_on", "changement"),
    ({"changed_on": "2026-11-29"}, "changed_on", "postérieur"),
    ({"note": "x" * 501}, "note", "500"),
], ids=range(12))  # fmt: skip
def test_what_cannot_be_is_named(changed: dict[str, str], field: str, word: str) -> None:
    """Each by its field, with a sentence."""
    found = wrong(**changed)
    assert list(found) == [field] and word.casefold() in found[field].casefold()


def test_everything_wrong_is_named_at_once() -> None:
    """Not one after another."""
    assert set(wrong(kind="", received_on="x", postmarked_on="y")) == {"kind", "received_on", "postmarked_on"}
