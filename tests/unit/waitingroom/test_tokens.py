"""The submission token: minted for a live row, read by any of our keys, remembered for a while."""

import base64
import json

import pytest
from joserfc import jws, jwt

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


def test_the_name_that_every_library_knows() -> None:
    """In header and key set: RFC 8037's `EdDSA`, because most libraries refuse RFC 9864's `Ed25519`."""
    published = Tokens(KEYS, ISSUER).jwks()["keys"]
    assert isinstance(published, list)
    (key,) = published
    assert jws.extract_compact(minted().encode()).headers()["alg"] == key["alg"] == "EdDSA"
    assert (key["kty"], key["crv"], key["use"]) == ("OKP", "Ed25519", "sig")


def test_a_token_of_an_earlier_release_is_still_ours() -> None:
    """It carries the new name; no third name is taken, nor no name."""
    ours = Tokens(KEYS, ISSUER)
    said = {"iss": ISSUER, "aud": "essai", "sub": "7", "jti": "j"}
    key = module._key(KEYS[0])
    earlier = jwt.encode({"alg": "Ed25519", "kid": key.kid}, said, key, algorithms=["Ed25519"])
    assert ours.read(earlier) == Claims("essai", 7, "j")
    for other in ("Ed448", "ES256", "HS256", "none", ""):
        head = (
            base64.urlsafe_b64encode(json.dumps({"alg": other, "kid": key.kid}).encode())
            .rstrip(b"=")
            .decode()
        )
        assert ours.read(".".join((head, *earlier.split(".")[1:]))) is None


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
