"""The e-mails say that there is a message, and never what it says."""

import pytest

from casework.mailbox.notices import MessageHead, as_one, to_candidate, to_representative
from foundation.mail.messages import Letter
from foundation.mail.outgoing import Mail

HEAD = MessageHead(id="abc", title="Votre dossier est ouvert", at=1_466_000_000_000, number="D-0000001-95")


def test_the_owner_reads_title_day_file_and_link() -> None:
    mail = to_candidate("a@b.example", HEAD, "https://g.example")
    assert mail.title == HEAD.title
    for part in (
        HEAD.title,
        "juin\u00a02016",
        "D-0000001-95",
        "https://g.example/messages/abc",
        "N’y répondez pas",
    ):
        assert part in mail.text


def test_a_message_about_no_file_has_no_number() -> None:
    head = MessageHead(id="abc", title="Nouvelle fonction", at=0, number=None)
    assert "Dossier" not in to_candidate("a@b.example", head, "https://g.example").text


def test_a_representative_gets_no_link() -> None:
    """There is no access to lead to."""
    mail = to_representative("l@b.example", HEAD)
    assert "http" not in mail.text
    assert "D-0000001-95" in mail.text


FEE = MessageHead(id="def", title="Frais à payer", at=HEAD.at + 1, number=HEAD.number)


def letter(mail: Mail, head: MessageHead) -> Letter:
    """As it is read to be sent."""
    return Letter(to=mail.to, title=mail.title, text=mail.text, id=head.id, at=head.at)


def test_several_are_one_mail_that_names_each() -> None:
    """In the order in which they came, whichever was taken up; each with its day, number and link."""
    url = "https://g.example"
    letters = [letter(to_candidate("a@b.example", head, url), head) for head in (FEE, HEAD)]
    made = as_one(letters)
    assert (made.to, made.id, made.title) == ("a@b.example", "def", "Votre dossier est ouvert; Frais à payer")
    assert made.text.startswith("Bonjour,\n\n2 messages ont été déposés dans la messagerie de votre compte.")
    assert made.text.index(f"{url}/messages/abc") < made.text.index("Titre : Frais à payer")
    assert made.text.count("Dossier : D-0000001-95") == 2 and made.text.count("N’y répondez pas") == 1
    assert "du contenu des messages" in made.text


def test_a_representative_gets_several_without_a_link() -> None:
    """One of them is none: it stays what it was."""
    made = as_one([letter(to_representative("l@b.example", head), head) for head in (HEAD, FEE)])
    assert "2 messages ont été déposés dans le compte d’une personne que vous représentez" in made.text
    assert "http" not in made.text and "Titre : Frais à payer" in made.text


@pytest.mark.parametrize("text", ["", "Bonjour,\n\nAutrement dit.\n\nFin.\n"])
def test_words_of_another_release_are_all_said(text: str) -> None:
    """Under each other, and nothing is cut out of them."""
    odd = Letter(to="a@b.example", title="Avis", text=text, id="x", at=0)
    usual = letter(to_candidate("a@b.example", HEAD, "https://g.example"), HEAD)
    made = as_one([odd, usual])
    assert text in made.text and usual.text in made.text


def test_many_titles_are_a_number() -> None:
    """A line of a mail program holds some."""
    heads = [
        MessageHead(id=str(n), title=f"Rappel numéro {n} : frais à payer", at=n, number=None)
        for n in range(5)
    ]
    made = as_one([letter(to_candidate("a@b.example", head, "https://g.example"), head) for head in heads])
    assert made.title == "5 nouveaux messages"
