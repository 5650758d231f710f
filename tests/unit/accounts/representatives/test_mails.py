"""The mails' texts: one for each move, without anybody's name, from one line to the next."""

import pytest

from accounts.representatives import mails
from accounts.representatives.states import PowerMove

URL = "https://guichet.example"


@pytest.mark.parametrize("move", PowerMove)
def test_the_candidate_has_a_mail_of_each_move(move: PowerMove) -> None:
    """With the way to the page; and what only the candidate can have done says what to do if it was somebody else."""
    mail = mails.to_candidate("anne@exemple.ca", move, URL)
    assert mail.kind == f"representative_{move}"
    assert f"{URL}/compte/representant" in mail.text
    assert mail.text.startswith("Bonjour,\n") and "'" not in mail.text
    assert (mails.NOT_YOU in mail.text) is (move in mails.BY_CANDIDATE)


@pytest.mark.parametrize("move", list(mails.TO_REPRESENTATIVE))
def test_the_representative_is_not_told_who_it_is_about(move: PowerMove) -> None:
    """No link into anybody's account."""
    mail = mails.to_representative("luc@cabinet.example", move, URL)
    assert "mon-compte" not in mail.text and "Votre page" not in mail.text


@pytest.mark.parametrize("move", [PowerMove.RECEIVE, PowerMove.ACTIVATE])
def test_a_paper_that_comes_while_frozen_is_not_said_to_be_in_force(move: PowerMove) -> None:
    """It is kept; the power stays suspended."""
    text = mails.to_candidate("anne@exemple.ca", move, URL, is_frozen=True).text
    assert "suspendue" in text and "entrée en vigueur" not in text


def test_a_declaration_is_not_read_as_a_submission() -> None:
    """It says so."""
    assert "ne soumet pas votre demande" in mails.to_candidate("a@b.ca", PowerMove.DECLARE, URL).text
