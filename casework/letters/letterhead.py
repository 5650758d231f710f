"""The head of a letter about a file: who writes, to whom, when, and the number to quote. Pure."""

from collections.abc import Mapping

from accounts.personal_data.home_address import HomeAddress
from casework.blocks import Fact, Letterhead, SignatureBlock, strong
from casework.files.numbers import file_number
from foundation.calendar.days import day_of
from quota.programmes import Programme
from server.rendering.counted import NBSP
from server.rendering.templating import day_words

NUMBER = "Numéro de dossier"


def letterhead(
    ministry: str, name: str, address: HomeAddress | None, submission: int, now: int
) -> Letterhead:
    """The head of a letter that is filed at `now` (instant). An account without an address has its
    letters in its folder alone, and a head with its name."""
    return Letterhead(
        sender=[ministry] if ministry else [],
        to=[name, *(address.whole if address else [])],
        dated=f"Le {day_words(day_of(now)).replace(' ', NBSP)}",
        references=[Fact(NUMBER, strong(file_number(submission)))],
    )


def signed(ministry: str) -> list[SignatureBlock]:
    """Who signs: an office. Nobody where the programme is not known here."""
    return [SignatureBlock([ministry])] if ministry else []


def ministries(programmes: Mapping[str, Programme]) -> dict[str, str]:
    """Which ministry writes about the files of a programme, by the programme's id."""
    return {id: programme.ministry for id, programme in programmes.items()}
