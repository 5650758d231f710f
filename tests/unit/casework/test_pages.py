"""The pages to which a sign-in may lead are the ones that there are."""

import pytest

from casework.pages import DESTINATIONS

RECEIPT = "/recus/MPQ-7K2QX-AAAAA-BBBBB-CCCCC"


@pytest.mark.parametrize("path", ["/compte", "/documents", "/documents/abcdefghijklmnop", RECEIPT])
def test_a_sign_in_leads_back_to_the_page_that_asked(path: str) -> None:
    """Each page of the account."""
    assert DESTINATIONS.safe(path) == path


@pytest.mark.parametrize("path", ["/operateur", "/documents/a", f"{RECEIPT}/x", f"{RECEIPT}?a=b", "/comptes"])
def test_and_to_no_other(path: str) -> None:
    """What is nearly one of them leads home."""
    assert DESTINATIONS.safe(path) == "/compte"
