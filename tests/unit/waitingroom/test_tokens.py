"""The submission token: minted for a live row, read by any of our keys, remembered for a while."""

import pytest

from quota.states import TokenState
from tests.support.rooms import KEYS
from tests.unit.waitingroom.test_positions import NOW, token
from tests.unit.waitingroom.test_states import period
from waitingroom import tokens as module
from waitingroom.tokens import Claims, Tokens

ISSUER = "http://guichet.test"

OTHER = ("the key of last year, long enough to be one",)


def minted(keys: tuple[str, ...] = KEYS) -> str:
    return Tokens(keys, ISSUER).mint(period(), token(TokenState.LIVE), NOW)


def test_a_token_says_period_number_and_row() -> None:
    """Of this period, or of none."""
    ours = Tokens(KEYS, ISSUER)
    assert ours.read(minted()) == Claims("essai", 7, "j")
    assert ours.read(minted(), "essai") == Claims("essai", 7, "j")
    assert ours.read(minted(), "autre") is None


def test_keys_rotate() -> None:
    """The first key signs, all verify; a key that is gone verifies no more. All public halves are published."""
    text = minted(OTHER)
    assert Tokens((*KEYS, *OTHER), ISSUER).read(text) is not None
    assert Tokens(KEYS, ISSUER).read(text) is None
    published = Tokens((*KEYS, *OTHER), ISSUER).jwks()["keys"]
    assert isinstance(published, list) and len(published) == 2
    assert all("d" not in key for key in published)


def test_another_house_is_none_of_ours() -> None:
    """The same keys behind another address: a copy of the service for exercises."""
    assert Tokens(KEYS, "http://exercise.test").read(minted()) is None


def test_so_many_are_remembered_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest is forgotten, and made or checked again when it comes."""
    monkeypatch.setattr(module, "REMEMBERED", 2)
    ours = Tokens(KEYS, ISSUER)
    texts = [ours.mint(period(id=f"p{n}"), token(TokenState.LIVE), NOW) for n in range(4)]
    assert list(ours._ours) == texts[2:]
    assert ours.read(texts[0]) == Claims("p0", 7, "j")
