"""The record in French: acts, people, and what changed from what to what."""

from typing import Any

import pytest

from console.record.entries import RecordedAct
from console.record.words import NOTHING, ChangeWords, act_words, changes, entry_words, value_words
from foundation import audit

NOON = 1_781_366_400_000
"""12:00 in Montréal, on Saturday 13 June 2026."""


def line(**values: Any) -> RecordedAct:
    row: dict[str, Any] = {
        "id": 1, "stream": "acts", "sequence": 1, "at": NOON, "actor": "agnes", "role": "operator", "act": "pace",
        "subject_kind": "period", "subject_id": "u", "period": "essai", "before": None, "after": None, "reason": None,
        "detail": {}, "hash": "0",
    }  # fmt: skip
    return RecordedAct(**(row | values))


def test_a_value_is_shown_before_and_after() -> None:
    """What stayed is left out; what was there before only has become nothing."""
    before = {"calls_per_minute": 240, "most_live_tokens": 100, "text": "Patience."}
    after = {"calls_per_minute": 1_200, "most_live_tokens": 100}
    assert changes(line(before=before, after=after)) == [
        ChangeWords("Appels par minute", "240", "1\N{NO-BREAK SPACE}200"),
        ChangeWords("Avis", "Patience.", NOTHING),
    ]


def test_what_else_there_is_to_say_follows() -> None:
    """Details have no value before; those that say nothing to a person are left out."""
    found = changes(line(act="refused", detail={"call": "POST /x", "code": "invalid", "key": "0f"}))
    assert found == [ChangeWords("Demande", "", "POST /x"), ChangeWords("Refus", "", "invalid")]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("asked", True, "oui"),
        ("text", None, NOTHING),
        ("granted", [], NOTHING),
        ("granted", ["operator", "approver"], "Conduite des périodes, Approbation"),
        ("asked_role", "clerk", "Commis au courrier"),
        ("roles", ["of a later release"], "of a later release"),
        ("breaks", ["acts: line 1: altered"], "acts: line 1: altered"),
        ("stand", "suspended", "suspendue"),
        ("stand", "unheard of", "unheard of"),
        ("factor", 1.5, "1.5"),
        ("new", {"a": 1}, '{"a":1}'),
    ],
)
def test_values_are_read_as_people_do(name: str, value: Any, words: str) -> None:
    """Yes and no, lists, states by their French name; what is not known stands as it is."""
    assert value_words(name, value) == words


def test_an_instant_has_its_weekday() -> None:
    """In Montréal."""
    words = value_words("opens_at", NOON)
    assert words.startswith("samedi 13")
    assert "12\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}00" in words


def test_a_line_says_who_and_when() -> None:
    """The service by what it is; a name from the shell with that; the day where it was not today."""
    today = entry_words(line(actor="service", role="service", act="open"), NOON + 60_000)
    assert (today.actor, today.what) == ("le service", "Ouverture")
    assert (
        today.when
        == "12\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}00\N{NO-BREAK SPACE}min\N{NO-BREAK SPACE}00\N{NO-BREAK SPACE}s"
    )
    shell = entry_words(line(role=audit.COMMAND_LINE), NOON + 86_400_000)
    assert shell.actor == "agnes (ligne de commande)"
    assert shell.when.startswith("samedi 13 juin 2026")
    assert (
        entry_words(line(actor=audit.COMMAND_LINE, role=audit.COMMAND_LINE), NOON).actor
        == "la ligne de commande"
    )


def test_an_act_of_a_later_release_stands_as_it_is() -> None:
    """The page of an older release shows it rather than fails."""
    assert (act_words("sign_in"), act_words("stop"), act_words("teleport")) == (
        "Connexion", "Arrêt d’urgence", "teleport",
    )  # fmt: skip
