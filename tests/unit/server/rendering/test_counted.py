"""Numbers with what they count."""

import re

import pytest

from config.assets import templates
from server.rendering.counted import counted, is_plural


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0 minute"),
        (1, "1 minute"),
        (2, "2 minutes"),
        (60, "60 minutes"),
        (12_345, "12 345 minutes"),
        (1_000_000, "1 000 000 minutes"),
    ],
)
def test_the_plural_begins_at_two(value: int, words: str) -> None:
    """French says « 0 minute » and « 1 minute »."""
    assert counted(value, "minute").replace("\N{NO-BREAK SPACE}", " ") == words


def test_a_plural_of_its_own_or_of_several_words() -> None:
    """What takes more than an s is given whole."""
    for value, words in ((1, "demande a été acceptée"), (2, "demandes ont été acceptées")):
        assert counted(value, "demande a été acceptée", "demandes ont été acceptées").endswith(words)
    assert not is_plural(1.5) and is_plural(2)


def test_templates_count_in_one_way() -> None:
    """No page of the room or of the ten minutes writes a plural behind a figure that may be one."""
    plain = re.compile(r"\}\} (?:secondes|minutes|heures|jours|demandes|personnes|numéros|inscriptions)\b")
    names = [
        name
        for name in templates().list_templates()
        if name.startswith(("room", "leave", "time_left", "called"))
    ]
    assert names
    for name in names:
        source, _, _ = templates().loader.get_source(templates(), name)  # type: ignore[union-attr]
        assert not plain.search(source), name
