"""One text has one form, however it was typed; and what earlier releases stored is still found."""

import unicodedata

import pytest

from accounts import normalisation
from accounts.normalisation import (
    earlier_letters,
    earlier_username,
    folded,
    folded_answers,
    is_blank,
    is_unseen,
    letters,
    opaque,
    typed_answers,
    typed_password,
    visible,
)

SAME = [
    ("élise", "e\u0301lise"),  # composed and not
    ("Élise", "ELISE"),
    ("ÉLISE", "élise"),
    ("l'érable", "l’érable"),
    ("l'érable", "l‘erable"),
    ("l'érable", "lʼérable"),
    ("l'érable", "l`érable"),
    ("l'érable", "l´érable"),
    ("l'érable", "l′érable"),
    ("l'érable", "l＇érable"),
    ("Trois-Rivières", "trois\N{EN DASH}rivieres"),
    ("Trois-Rivières", "trois\N{EM DASH}rivières"),
    ("Trois-Rivières", "trois\N{NON-BREAKING HYPHEN}rivières"),
    ("Trois-Rivières", "trois\N{HYPHEN}rivières"),
    ("Trois-Rivières", "trois\N{MINUS SIGN}rivières"),
    ("Trois-Rivières", "trois\N{FULLWIDTH HYPHEN-MINUS}rivières"),
    ("le chien", "le\N{NO-BREAK SPACE}chien"),
    ("le chien", "  le\t chien "),
    ("le chien", "le\N{NARROW NO-BREAK SPACE}chien"),
    ("le chien", "le\N{IDEOGRAPHIC SPACE}chien"),
    ("chien", "ch\N{ZERO WIDTH SPACE}ien"),
    ("chien", "\N{ZERO WIDTH NO-BREAK SPACE}chien"),
    ("chien", "ch\N{SOFT HYPHEN}ien"),
    ("chien", "chien\N{RIGHT-TO-LEFT MARK}"),
    ("chien", "\N{LEFT-TO-RIGHT ISOLATE}chien\N{POP DIRECTIONAL ISOLATE}"),
    ("chien", "ch\N{WORD JOINER}ien\N{VARIATION SELECTOR-16}"),
    ("chien", "ch\N{COMBINING GRAPHEME JOINER}ien"),
    ("chien", "\N{HANGUL FILLER}chien"),
    ("abc 123", "ＡＢＣ　１２３"),
    ("cœur", "COEUR"),
    ("fin", "ﬁn"),
    ("straße", "STRASSE"),
    ("istanbul", "İSTANBUL"),
    ("istanbul", "ıstanbul"),
    ("łódź", "LODZ"),
    ("1990", "١٩٩٠"),
    ('dit "le grand"', "dit “le grand”"),
]
"""Two ways of typing one name or answer."""

OTHER = [
    ("jean-paul", "jeanpaul"),
    ("jean-paul", "jean paul"),
    ("l'an", "lan"),
    ("anne", "ann"),
    ("demo-00001", "demo-00002"),
    ("a", "а"),  # a Cyrillic one is another letter
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_text_typed_in_two_ways_is_one(one: str, other: str) -> None:
    """Case, accents, apostrophes, hyphens, spaces, digits, and what nobody sees make no other name or answer."""
    assert folded(one) == folded(other)
    assert letters(one) == letters(other)
    assert folded_answers(["x", one]) == folded_answers(["x", other])


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_another_text_stays_another(one: str, other: str) -> None:
    """What an eye tells apart is told apart."""
    assert folded(one) != folded(other)


def test_a_form_is_its_own_form() -> None:
    """What is stored is found again: nothing changes a second time."""
    for number in range(0x3100):
        once = folded(chr(number))
        assert folded(once) == once, hex(number)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("mot dé passe", "mot de\u0301 passe", True),
        ("mot de passe", "mot\N{NO-BREAK SPACE}de\N{IDEOGRAPHIC SPACE}passe", True),
        ("Å", "\N{ANGSTROM SIGN}", True),
        ("mot", "MOT", False),
        ("dé", "de", False),
        ("l'an", "l’an", False),
        ("mot ", "mot", False),
        ("Ａ", "A", False),
        ("mot", "mo\N{ZERO WIDTH SPACE}t", False),
        ("ﬁ", "fi", False),
    ],
)
def test_a_password_keeps_every_character(one: str, other: str, is_same: bool) -> None:
    """RFC 8265: composed, spaces of any kind are spaces, and nothing else is the same."""
    assert (opaque(one) == opaque(other)) is is_same


def test_what_is_shown_is_what_is_seen() -> None:
    """Letters and case stay; what nobody sees goes, and spaces are single ones."""
    assert visible(" \N{ZERO WIDTH SPACE}E\u0301lise\N{NO-BREAK SPACE} \N{SOFT HYPHEN}Roy ") == "Élise Roy"


@pytest.mark.parametrize(
    "text", ["", "  ", "\t", "\N{ZERO WIDTH SPACE}", "\N{NO-BREAK SPACE}\N{RIGHT-TO-LEFT MARK}"]
)
def test_what_nobody_sees_is_empty(text: str) -> None:
    """A field that looks empty is."""
    assert is_blank(text)
    assert not is_blank(f"{text}é")
    assert visible(text) == ""


def test_letters_are_seen() -> None:
    """No letter, digit or mark of the scripts around us is taken for unseen."""
    for text in ("é", "e\u0301"[1], "ß", "ب", "字", "-", "’", " "):
        assert not is_unseen(text), text


# -- what earlier releases stored


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("mot dé passe", "mot dé passe"),
        (unicodedata.normalize("NFD", "mot dé passe"), "mot dé passe"),  # hashed on another system
        ("mot dé passe", unicodedata.normalize("NFD", "mot dé passe")),
        ("mot\N{NO-BREAK SPACE}de", "mot\N{NO-BREAK SPACE}de"),
        ("plain", "plain"),
    ],
)
def test_a_password_of_before_is_among_the_forms_that_are_tried(stored: str, typed: str) -> None:
    """It was hashed as it came; what is typed now is tried composed, apart, and as it came."""
    secret = typed_password(typed, counts=True)
    assert stored in (secret.today, *secret.earlier)
    assert len(secret.earlier) <= 2


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("n’diaye\x1fneo", ["N’Diaye", "Néo"]),
        ("n’diaye\x1fneo", ["n'diaye", "neo"]),
        ("n'diaye\x1fneo", ["n’diaye", "neo"]),
        ("trois-rivieres", ["Trois–Rivières"]),
        ("trois–rivieres", ["Trois–Rivières"]),
        ("erable\x1fle grand chien", [" ÉRABLE ", "Le  Grand\tChien", " "]),
    ],
)
def test_answers_of_before_are_among_the_forms_that_are_tried(stored: str, typed: list[str]) -> None:
    """They were hashed with the apostrophe that was typed: both are tried."""
    secret = typed_answers(typed, counts=True)
    assert stored in (secret.today, *secret.earlier)
    assert len(secret.earlier) <= 2


def test_nearly_everybody_has_one_form() -> None:
    """Plain text costs no second verification, at any account."""
    assert typed_password("a plain password", counts=True).earlier == ()
    assert typed_answers(["Érable", "Trois-Rivières", "Québec"], counts=True).earlier == ()


def test_how_many_forms_are_tried_depends_on_what_was_typed_alone() -> None:
    """The time of an answer tells nobody whether there is an account, or of which release its hash is."""
    for password, answers in (("dé", ["l’an"]), ("de", ["l'an"]), ("a\u00a0b", ["–"])):
        for counts in (True, False):
            assert (
                typed_password(password, counts=counts).earlier
                == typed_password(password, counts=True).earlier
            )
            assert (
                typed_answers(answers, counts=counts).earlier == typed_answers(answers, counts=True).earlier
            )


def test_what_was_stored_once_is_computed_as_it_was() -> None:
    """These are the forms of releases up to 0.2: whoever changes them locks people out, or lets them in twice."""
    assert earlier_username(" RENÉ\N{ZERO WIDTH SPACE}’X ") == "rené\N{ZERO WIDTH SPACE}’x"
    assert earlier_letters("Lefèvre-Œuvrard Nʼx ＡＢ 1985-03-07") == "lefevreoeuvrardnʼxab19850307"
    assert normalisation.FORM == 2
