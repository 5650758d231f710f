"""Signed texts: read with every key of ours, with no other, and never beyond their length."""

import base64

import pytest
from itsdangerous import BadSignature, Signer

from foundation.signing import LONGEST_COOKIE, RandomTexts, Seal, opened

OLD, NEW = "an old key, long enough to sign", "a new key, long enough to sign"


def test_keys_rotate_and_what_the_old_one_signed_is_still_read() -> None:
    """The first key signs, all verify; once the old key is gone its texts are nobody's."""
    text = Seal((OLD,), "browser").seal("v1.hello")
    assert opened(Seal((NEW, OLD), "browser"), text) == "v1.hello"
    assert opened(Seal((NEW,), "browser"), text) is None
    assert opened(Seal((NEW,), "browser"), Seal((NEW, OLD), "browser").seal("x")) == "x"


def test_a_text_is_good_for_its_own_purpose_alone() -> None:
    """Each purpose has keys of its own: a visitor cookie is no ticket."""
    assert opened(Seal((NEW,), "ticket"), Seal((NEW,), "visitor").seal("v1.1")) is None


@pytest.mark.parametrize("change", [lambda text: text[:-1] + "A", lambda text: "w" + text[1:], lambda _: ""])
def test_a_changed_text_is_none(change: object) -> None:
    """One letter is enough, of the text or of the signature."""
    seal = Seal((NEW,), "ticket")
    assert callable(change)
    assert opened(seal, change(seal.seal("v1.1"))) is None


@pytest.mark.parametrize("text", ["é", "x" * (LONGEST_COOKIE + 1), "\udcff"])
def test_what_we_cannot_have_signed_is_not_verified(text: str) -> None:
    """Too long or not ASCII: refused before any hash is computed."""
    assert opened(Seal((NEW,), "ticket"), text) is None


def test_the_quick_signature_is_the_librarys() -> None:
    """The two halves of the HMAC that are kept make what `itsdangerous` makes; another salt makes another."""
    seal = Seal((NEW,), "ticket")
    assert seal.seal("v1.1") == seal.sign("v1.1").decode()
    with pytest.raises(BadSignature):
        Signer(NEW, salt="other").unsign(seal.seal("v1.1"))


def test_random_texts_are_never_given_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither of those that were read together, nor by a process that was forked meanwhile."""
    texts = RandomTexts(24, together=10)
    given = [texts.text() for _ in range(25)]
    assert len(set(given)) == 25
    assert {len(text) for text in given} == {32}
    left = list(texts._left)
    monkeypatch.setattr("foundation.signing.os.getpid", lambda: -1)
    assert base64.urlsafe_b64decode(texts.text()) not in left
