"""Where a sign-in may lead."""

import re

import pytest

from accounts.pages import Destinations

OURS = Destinations("/compte", re.compile(r"/(compte|recus/[A-Z]+)"))


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/recus/AB", "/recus/AB"),
        ("/compte", "/compte"),
        ("", "/compte"),
        ("/recus/AB/..", "/compte"),
        ("/recus/AB\n", "/compte"),
        ("//ailleurs.example/recus/AB", "/compte"),
        ("https://ailleurs.example/compte", "/compte"),
    ],
)
def test_a_sign_in_leads_to_our_pages_alone(path: str, leads_to: str) -> None:
    """The whole address must be one of ours; anything else leads to the account's home."""
    assert OURS.safe(path) == leads_to
