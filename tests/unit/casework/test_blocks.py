"""Blocks: what is filed is read again as it was, and is rendered as it is."""

import msgspec
import pytest

from casework import blocks
from casework.blocks import (
    Block,
    Fact,
    Facts,
    Heading,
    Note,
    Paragraph,
    TextRun,
    TextStyle,
    ordinal,
    plain,
    strong,
)
from casework.confirmation import Confirmation, blocks_of
from config.assets import templates

EACH: list[Block] = [
    Heading("Titre", level=1),
    Heading("Sous-titre"),
    Paragraph([*plain("Un <b>"), *strong("deux"), TextRun("e", TextStyle.SUPERSCRIPT)]),
    Facts([Fact("Rang", strong("1 234")), Fact("Période", ordinal(2))]),
    Note(plain("Déposé.")),
]


def test_blocks_are_read_as_they_were_written() -> None:
    """Every kind of block, through the JSON that is filed."""
    assert blocks.read(blocks.written(EACH)) == EACH


def test_the_json_is_as_it_was_first_filed() -> None:
    """Documents are read for decades: what is filed today must be understood, so its form does not change by itself."""
    assert blocks.written(EACH) == (
        '[{"block":"heading","text":"Titre","level":1},{"block":"heading","text":"Sous-titre"},'
        '{"block":"paragraph","text":[{"text":"Un <b>"},{"text":"deux","style":"strong"},'
        '{"text":"e","style":"superscript"}]},'
        '{"block":"facts","facts":[{"label":"Rang","value":[{"text":"1 234","style":"strong"}]},'
        '{"label":"Période","value":[{"text":"2"},{"text":"e","style":"superscript"}]}]},'
        '{"block":"note","text":[{"text":"Déposé."}]}]'
    )


@pytest.mark.parametrize("text", ['[{"block":"script","text":"x"}]', '[{"text":"x"}]', "{}"])
def test_what_is_no_block_is_refused(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(msgspec.ValidationError):
        blocks.read(text)


def test_each_block_is_rendered() -> None:
    """The element of each, and every text escaped."""
    html = templates().get_template("blocks.html").render(blocks=EACH)
    assert [line.strip() for line in html.splitlines() if line.strip()] == [
        "<h1>Titre</h1>",
        "<h2>Sous-titre</h2>",
        '<p>Un &lt;b&gt;<strong class="nowrap">deux</strong><sup>e</sup></p>',
        '<dl class="facts">',
        '<div><dt>Rang</dt><dd><strong class="nowrap">1 234</strong></dd></div>',
        "<div><dt>Période</dt><dd>2<sup>e</sup></dd></div>",
        "</dl>",
        '<p class="muted small">Déposé.</p>',
    ]


@pytest.mark.parametrize(("number", "ending"), [(1, "re"), (2, "e"), (21, "e")])
def test_a_first_period_is_the_premiere(number: int, ending: str) -> None:
    """A period is feminine: 1re, then 2e."""
    assert "".join(run.text for run in ordinal(number)) == f"{number}{ending}"


def test_the_confirmation_begins_with_its_title_and_ends_with_its_filing() -> None:
    """Title, sentence, facts, and when it was filed; every text final (QU-07)."""
    said = Confirmation(
        name="Anne Roy", username="anne", receipt="MPQ-1", programme="demo", ordinal=1, number=1_234, rank=5,
        submitted_at=0, pay_by=1,
    )  # fmt: skip
    title, _, facts, note = blocks_of(said, "Démo", 1_465_821_000_000)
    assert title == Heading("Confirmation d’admission dans le quota", level=1)
    assert isinstance(facts, Facts)
    assert [fact.label for fact in facts.facts][:5] == [
        "Nom",
        "Compte",
        "Programme",
        "Période de réception",
        "Accusé de réception",
    ]
    assert facts.facts[6].value == plain("1\N{NO-BREAK SPACE}234")
    assert isinstance(note, Note)
    assert note.text[0].text.startswith("Document déposé le 13\N{NO-BREAK SPACE}juin\N{NO-BREAK SPACE}2016")
