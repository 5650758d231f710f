"""What is frozen: one text a content, what was asked for and nothing else, sealed to its place."""

from datetime import date

import msgspec

from submission.forms.answers import Answers
from submission.forms.evaluation import evaluate
from submission.forms.files import narrowed
from submission.signing import frozen
from submission.signing.frozen import FrozenAnswers
from tests.support.forms.filled import DEMO_FORM
from tests.support.rooms import KEYS

CONTENT: Answers = {
    "training": {"diploma": "Maîtrise", "field": "", "school": "Laval", "year": "2010"},
    "languages": {"french": "C1"},
}


def answers(asked: tuple[str, ...] = ("training",)) -> FrozenAnswers:
    form = narrowed(DEMO_FORM, asked)
    return frozen.freeze("demo", form, evaluate(form, CONTENT, date(2016, 6, 13)))


def test_only_what_was_asked_for_and_filled_in_is_frozen() -> None:
    """With the label of the page beside each answer; a section that the programme does not ask for goes nowhere."""
    (section,) = answers().sections
    assert (section.id, section.title) == ("training", "Formation")
    assert [(one.field, one.label, one.words) for one in section.members[0].answers] == [
        ("diploma", "Diplôme", "Maîtrise"),
        ("school", "Établissement", "Laval"),
        ("year", "Année d’obtention", "2010"),
    ]
    assert answers().content() == {"training": {"diploma": "Maîtrise", "school": "Laval", "year": "2010"}}


def test_one_content_is_one_text() -> None:
    """Keys in order, no blanks, letters as they are: what was read back is the same text, with the same digest."""
    text = frozen.canonical(answers())
    assert text.startswith(b'{"form_version":"1","programme":"demo","salt":"') and "Maîtrise".encode() in text
    assert frozen.canonical(frozen.read(text)) == text
    assert msgspec.json.decode(text) == msgspec.json.decode(msgspec.json.format(text))
    assert len(frozen.digest(text)) == 64


def test_the_digest_of_the_same_answers_cannot_be_guessed() -> None:
    """Each submission has a salt of its own: two people of the same answers have two digests."""
    one, other = answers(), answers()
    assert one.sections == other.sections
    assert frozen.digest(frozen.canonical(one)) != frozen.digest(frozen.canonical(other))


def test_what_is_sealed_opens_in_its_own_place_alone() -> None:
    """Copied into another submission's row it is no text, and so it is for other keys."""
    seals, text = frozen.cipher(KEYS), frozen.canonical(answers())
    sealed = seals.encrypt(text.decode(), frozen.place("MPQ-1"))
    assert "Maîtrise" not in sealed
    assert frozen.open_sealed(sealed, "MPQ-1", seals) == text
    assert frozen.open_sealed(sealed, "MPQ-2", seals) is None
    assert frozen.open_sealed(sealed, "MPQ-1", frozen.cipher(["another key, as long as keys are"])) is None
