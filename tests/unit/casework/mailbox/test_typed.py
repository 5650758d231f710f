"""What staff type for a message is read, or refused at its field."""

import pytest

from accounts.identities import Identity
from casework.blocks import Paragraph, plain
from casework.mailbox.titles import LONGEST, checked
from casework.mailbox.typed import LONGEST_TEXT, names_person, read
from foundation.errors import Refusal

ANNE = Identity(family_name="Côté-Roy", given_name="Anne", birth_date="1985-04-02", passport="AB123456")


def refused(title: str, text: str) -> set[str]:
    """The fields that are wrong."""
    with pytest.raises(Refusal) as found:
        read(title, text)
    return {field["name"] for field in found.value.fields["fields"]}


def test_an_empty_line_begins_a_paragraph() -> None:
    """And a title that was read is one that can be sent."""
    said = read("  Votre dossier  ", "Un.\r\nDeux.\r\n \r\n\r\nTrois\tet <b>quatre</b>.\n")
    assert checked(said.title) == "Votre dossier"
    assert said.blocks == [Paragraph(plain("Un. Deux.")), Paragraph(plain("Trois\tet <b>quatre</b>."))]


@pytest.mark.parametrize(
    ("title", "text", "wrong"),
    [
        ("", "x", {"title"}), ("x", " \n ", {"text"}),
        ("x" * (LONGEST + 1), "x" * (LONGEST_TEXT + 1), {"title", "text"}),
        ("a\nb", "x", {"title"}), ("a\x00b", "a\x00b", {"title", "text"}), ("x", "abc\u202ecba", {"text"}),
        ("\u200fx", "x", {"title"}), ("x", "a\u200bb", {"text"}), ("x\u2028y", "x\u2029y", {"title", "text"}),
    ],
)  # fmt: skip
def test_what_cannot_be_sent_is_refused_at_its_field(title: str, text: str, wrong: set[str]) -> None:
    """Nothing, too much, line ends in a title, controls, and what is not seen."""
    assert refused(title, text) == wrong


@pytest.mark.parametrize(
    ("title", "named"),
    [
        ("Dossier de cote-roy", True), ("À l’attention d’ANNE", True), ("Passeport ab123456 reçu", True),
        ("Né le 1985-04-02", True), ("Pour anne@courriel.example", True), ("Compte essai-1", True),
        ("Votre dossier annexe", False), ("Documents reçus", False),
    ],
)  # fmt: skip
def test_a_title_names_nobody(title: str, named: bool) -> None:
    """It stands in an e-mail: words are compared as names are."""
    assert names_person(title, ANNE, "essai-1", "anne@courriel.example") is named


def test_a_name_that_is_empty_is_in_no_title() -> None:
    nobody = Identity(family_name="", given_name="", birth_date="", passport="")
    assert not names_person("Votre dossier", nobody, "essai-1", None)
