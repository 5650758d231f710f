"""E-mail addresses: one is one however it is typed, and a slip is suggested, never refused."""

import pytest

from accounts.personal_data import email_addresses
from accounts.personal_data.email_addresses import EmailAddress


def read(text: str) -> EmailAddress:
    found = email_addresses.read(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Eve@Exemple.test", "eve@exemple.TEST"),
        ("rene\u0301e@été.test", "renée@xn--t-9fab.test"),
        (" eve@exemple.test\u200b", "eve@exemple.test"),
        ("ＥＶＥ@exemple.test".lower(), "ｅｖｅ@exemple.test"),
    ],
    ids=["case", "composition", "unseen", "width"],
)
def test_one_address_has_one_canonical_form(one: str, other: str) -> None:
    """Case, composition, punycode and what is not seen make no other address (AC-02)."""
    assert read(one).canonical == read(other).canonical


def test_tags_and_dots_make_another_address_that_is_alike() -> None:
    """They are a signal: only the provider knows whether both are one box."""
    one, other = read("eve.essai+visa@googlemail.com"), read("eveessai@gmail.com")
    assert one.canonical != other.canonical and one.alike == other.alike
    assert read("+@exemple.test").alike == "+@exemple.test"


@pytest.mark.parametrize(
    "text",
    ["", "eve", "eve@", "@exemple.test", "eve@exemple", "a b@exemple.test", "eve@exemple.test\nbcc: x", "e" * 300,
     "eve@exemple.test, autre@exemple.test", "<eve@exemple.test>"],
    ids=["empty", "bare", "no-domain", "no-name", "no-dot", "blank", "header", "long", "two", "brackets"],
)  # fmt: skip
def test_what_is_no_address_is_none(text: str) -> None:
    """Nothing that a mail server or a header would stumble over."""
    found = email_addresses.read(text)
    assert found is None or "\n" not in found.typed


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("eve@gmial.com", "eve@gmail.com"),
        ("eve@hotmial.com", "eve@hotmail.com"),
        ("eve@gmail.co", "eve@gmail.com"),
        ("eve@yaho.fr", "eve@yahoo.fr"),
        ("eve@gmail.com", ""),
        ("eve@exemple.test", ""),
        ("eve@live.fr", ""),
    ],
    ids=["turned", "turned-too", "cut", "missing", "right", "other", "known"],
)
def test_a_slip_in_a_well_known_domain_is_suggested(typed: str, meant: str) -> None:
    """One letter too many, too few, wrong, or two turned round; known domains are never questioned."""
    assert email_addresses.suggestion(read(typed)) == meant
