"""The head that every kind of letter has: who writes from where, to whom, when, and the number to quote. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Final

import msgspec

from accounts.personal_data.home_address import HomeAddress
from casework.blocks import Fact, Letterhead, SignatureBlock, strong
from casework.files.numbers import file_number
from foundation.calendar.days import day_of
from quota.offices.office_addresses import OfficeAddress, OfficeUse, office
from quota.programmes import Programme, office_of_all
from server.rendering.counted import NBSP
from server.rendering.templating import day_words

NUMBER: Final = "Numéro de dossier"


class LetterSender(msgspec.Struct, frozen=True):
    """Who writes: a ministry, as its programme names it, and the offices that it has had."""

    ministry: str = ""
    offices: tuple[OfficeAddress, ...] = ()

    def lines(self, use: OfficeUse, day: date) -> list[str]:
        """Its office for this use on this day, as on an envelope; the ministry alone where none is known."""
        found = office(self.offices, use, day)
        if found is not None:
            return list(found.lines)
        return [self.ministry] if self.ministry else []


NO_SENDER: Final = LetterSender()
"""Of a programme that is not known here."""


def letterhead(
    sender: LetterSender, name: str, address: HomeAddress | None, submission: int, now: int
) -> Letterhead:
    """The head of a letter about a file that is filed at `now` (instant), with the office's address of that day
    (DC-07). An account without an address has its letters in its folder alone, and a head with its name."""
    return _head(sender.lines(OfficeUse.LETTERS, day_of(now)), name, address, file_number(submission), now)


def programme_letterhead(
    sender: LetterSender, name: str, address: HomeAddress | None, now: int
) -> Letterhead:
    """The same of what is about a programme, and no file yet: a decision on a claim."""
    return _head(sender.lines(OfficeUse.LETTERS, day_of(now)), name, address, "", now)


def account_letterhead(
    programmes: Mapping[str, Programme], name: str, address: HomeAddress | None, now: int
) -> Letterhead:
    """The head of a letter about an account, which has no number and is of no programme."""
    found = office_of_all(programmes, OfficeUse.ACCOUNTS, day_of(now))
    return _head([] if found is None else list(found.lines), name, address, "", now)


def _head(sender: list[str], name: str, address: HomeAddress | None, number: str, now: int) -> Letterhead:
    return Letterhead(
        sender=sender,
        to=[name, *(address.whole if address else [])],
        dated=dated(now),
        references=[Fact(NUMBER, strong(number))] if number else [],
    )


def dated(now: int) -> str:
    """The day of a letter, in words that stay on one line."""
    return f"Le {day_words(day_of(now)).replace(' ', NBSP)}"


def signed(sender: LetterSender, now: int) -> list[SignatureBlock]:
    """Who signs: an office, as it is called on that day. Nobody where the programme is not known here."""
    lines = sender.lines(OfficeUse.LETTERS, day_of(now))
    return [SignatureBlock(lines[:1])] if lines else []


def senders(programmes: Mapping[str, Programme]) -> dict[str, LetterSender]:
    """Who writes about the files of a programme, by the programme's id."""
    return {id: LetterSender(one.ministry, one.offices) for id, one in programmes.items()}
