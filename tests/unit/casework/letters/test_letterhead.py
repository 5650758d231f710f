"""The head of a letter: an envelope's lines, the day, the number to quote."""

from datetime import date

import pytest

from accounts.personal_data.home_address import HomeAddress
from casework.blocks import SignatureBlock, spoken
from casework.letters.letterhead import (
    NO_SENDER,
    LetterSender,
    account_letterhead,
    letterhead,
    programme_letterhead,
    senders,
    signed,
)
from foundation.clock import parse_rfc3339
from quota.offices.office_addresses import OfficeAddress, OfficeUse
from tests.support.tasks import KNOWN

ADDRESS = HomeAddress(["12, rue de l’Église", "Montréal (Québec)  H2X 1Y4"], "CA")

NOW = 1_465_800_000_000

BEFORE, AFTER = parse_rfc3339("2021-10-01T03:59:00Z"), parse_rfc3339("2021-10-01T04:00:00Z")
"""The last minute of September in Montréal, and the first of October: the ministry's name changes between them."""


def test_a_head_has_all_that_an_envelope_needs() -> None:
    """And the number of the file."""
    head = letterhead(LetterSender("Ministère"), "Anne Roy", ADDRESS, 123, NOW)
    assert head.to == ["Anne Roy", "12, rue de l’Église", "Montréal (Québec)  H2X 1Y4", "Canada"]
    assert spoken([head]).splitlines()[-2:] == [
        "Le 13\N{NO-BREAK SPACE}juin\N{NO-BREAK SPACE}2016",
        "Numéro de dossier D-0000123-20",
    ]


def test_what_is_not_known_is_left_out() -> None:
    """No address, and a programme whose file is gone: no empty lines, nobody's signature."""
    head = letterhead(NO_SENDER, "Anne Roy", None, 123, 0)
    assert (head.sender, head.to) == ([], ["Anne Roy"])
    assert signed(NO_SENDER, NOW) == []
    assert signed(LetterSender("Ministère"), NOW) == [SignatureBlock(["Ministère"])]


@pytest.mark.parametrize(("now", "name"), [(BEFORE, "Diversité"), (AFTER, "Francisation")])
def test_a_letter_has_the_address_of_its_day(now: int, name: str) -> None:
    """To the minute, in Montréal; who signs is called as who writes (DC-07)."""
    sender = senders(KNOWN)["prtq-2016"]
    for head in (
        letterhead(sender, "Anne Roy", None, 123, now),
        programme_letterhead(sender, "Anne Roy", None, now),
        account_letterhead(KNOWN, "Anne Roy", None, now),
    ):
        assert name in head.sender[0] and head.sender[-1] == "Montréal (Québec)  H2Y 1T8"
    assert name in signed(sender, now)[0].lines[0]


def test_a_programme_s_own_office_comes_before_that_of_all() -> None:
    """And its ministry's name alone is written where no office is known that day."""
    day, uses = date(2016, 6, 13), (OfficeUse.LETTERS,)
    own = OfficeAddress(uses=uses, programmes=("demo",), lines=("Une", "Adresse"), source="DC-07")
    of_all = OfficeAddress(uses=uses, lines=("Une", "Autre"), source="DC-07")
    assert LetterSender("Ministère", (of_all, own)).lines(OfficeUse.LETTERS, day) == ["Une", "Adresse"]
    assert LetterSender("Ministère", (own,)).lines(OfficeUse.PAYMENTS, day) == ["Ministère"]


def test_what_is_about_an_account_quotes_no_file() -> None:
    """It has no number to quote."""
    assert account_letterhead(KNOWN, "Anne Roy", ADDRESS, NOW).references == []
