"""The letter says what was decided, why, and what can be done about it until when (RX-07)."""

from datetime import date

from casework import blocks
from casework.decisions import letter
from casework.decisions.states import DecisionOutcome
from casework.letters.letterhead import LetterSender
from casework.letters.payment_letters import LetterWords
from tests.support.casework.lists import DECISIONS
from tests.support.casework.sheets import HEAD

DAY = date(2026, 9, 1)


def said(
    outcome: DecisionOutcome, programme: str = "prtq-2016", day: date = DAY, replaces: date | None = None
) -> str:
    rules, words = DECISIONS.rules[programme], LetterWords("Programme", LetterSender("Ministère"))
    return blocks.written(
        letter.decision_blocks(
            HEAD,
            words,
            outcome,
            "Un motif.\nUn autre.",
            rules,
            day,
            0,
            replaces=replaces,
        )
    )


def test_a_refusal_has_reasons_remedy_and_its_last_day() -> None:
    """90 civil days from 1 September 2026 (RX-01)."""
    found = said(DecisionOutcome.REFUSED)
    for words in (
        "Refusée",
        "Un motif.",
        "Un autre.",
        "Réexamen administratif",
        "30 novembre 2026",
        HEAD.number,
    ):
        assert words in found, words


def test_the_remedy_has_the_name_of_its_day() -> None:
    """RX-04."""
    assert "Révision administrative" in said(DecisionOutcome.REFUSED, day=date(2016, 9, 1))


def test_without_a_remedy_the_letter_says_whom_to_ask() -> None:
    assert letter.NO_REMEDY in said(DecisionOutcome.ACCEPTED)


def test_a_replacement_says_what_it_replaces() -> None:
    assert "remplace la décision du 13 juin 2026" in said(
        DecisionOutcome.ACCEPTED, replaces=date(2026, 6, 13)
    )


def test_the_message_does_not_say_what_was_decided() -> None:
    for is_replaced in (True, False):
        told = blocks.written(letter.told_blocks(is_replaced)) + letter.MESSAGE_TITLE
        assert not any(word in told.casefold() for word in ("refus", "accept", "rejet"))
