"""The head of a letter: an envelope's lines, the day, the number to quote."""

from accounts.personal_data.home_address import HomeAddress
from casework.blocks import SignatureBlock, spoken
from casework.letters.letterhead import letterhead, signed


def test_a_head_has_all_that_an_envelope_needs() -> None:
    """And the number of the file."""
    address = HomeAddress(["12, rue de l’Église", "Montréal (Québec)  H2X 1Y4"], "CA")
    head = letterhead("Ministère", "Anne Roy", address, 123, 1_465_800_000_000)
    assert head.to == ["Anne Roy", "12, rue de l’Église", "Montréal (Québec)  H2X 1Y4", "Canada"]
    assert spoken([head]).splitlines()[-2:] == [
        "Le 13\N{NO-BREAK SPACE}juin\N{NO-BREAK SPACE}2016",
        "Numéro de dossier D-0000123-20",
    ]


def test_what_is_not_known_is_left_out() -> None:
    """No address, and a programme whose file is gone: no empty lines, nobody's signature."""
    head = letterhead("", "Anne Roy", None, 123, 0)
    assert (head.sender, head.to) == ([], ["Anne Roy"])
    assert signed("") == [] and signed("Ministère") == [SignatureBlock(["Ministère"])]
