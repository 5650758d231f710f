"""What the list says: who, until when, where to, and each document with its number, format and person."""

from datetime import date

from casework import blocks
from casework.checklists import letter
from casework.checklists.items import Checklist
from casework.checklists.rules import DayRules, PostalAddress
from casework.letters.letterhead import LetterSender
from casework.letters.payment_letters import LetterWords
from tests.support.casework.sheets import HEAD
from tests.unit.casework.checklists.test_items import item, listed

WORDS = LetterWords("Démonstration", LetterSender("Ministère"))

ADDRESS = PostalAddress(id="post", lines=("Ministère", "Montréal"), source="DC-07")


def text_of(content: list[blocks.Block]) -> str:
    return blocks.written(content)


def made() -> Checklist:
    one = listed(item())
    return Checklist(
        submission=1, programme="demo", version="1", rules="", answers="", sent_at=0, sent_on=date(2016, 6, 13),
        days=DayRules(), addresses=[ADDRESS], items=one.items,
    )  # fmt: skip


def test_the_list_names_file_day_address_and_each_document() -> None:
    said = text_of(letter.list_blocks(HEAD, WORDS, made(), made().deadline(), True, 0))
    for words in (HEAD.number, "12 septembre 2016", "Ministère, Montréal", "1. A", "Original", letter.SAMPLE):
        assert words in said, words
    assert "qui vous sera retourné" in said
    assert letter.SAMPLE not in text_of(letter.list_blocks(HEAD, WORDS, made(), made().deadline(), False, 0))


def test_titles_of_messages_say_that_something_is_there_and_not_what() -> None:
    for title in (letter.MESSAGE_TITLE, letter.REMINDER_TITLE, letter.RECEIVED_TITLE):
        assert "passeport" not in title.casefold() and len(title) < 80
