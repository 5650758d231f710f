"""Signed texts: what we handed out, and can recognise when it comes back. No I/O.

Keys rotate: the first signs, all verify. A text that none of them signed reads as None."""

import hashlib
import os
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from hmac import compare_digest

from itsdangerous import Signer

LONGEST_COOKIE = 512
"""Characters of a signed text of ours; the longest, a browser with eight accounts, has some 300."""


class Seal(Signer):
    """The library's signer with its keys derived once: by itself it does that for each text anew.

    The library signs with the last key of its list and verifies with all.
    """

    def __init__(self, secret_keys: Sequence[str], salt: str) -> None:
        super().__init__(
            list(reversed(secret_keys)),
            salt=salt,
            sep=".",
            key_derivation="hmac",
            digest_method=hashlib.sha256,
        )
        self._derived: dict[str | bytes, bytes] = {}
        self._halves = [_halves(self.derive_key(key)) for key in reversed(self.secret_keys)]

    def derive_key(self, secret_key: str | bytes | None = None) -> bytes:
        if secret_key is None:
            secret_key = self.secret_keys[-1]
        if secret_key not in self._derived:
            self._derived[secret_key] = super().derive_key(secret_key)
        return self._derived[secret_key]

    def seal(self, text: str) -> str:
        """`sign` for a text. The two halves of the HMAC (RFC 2104) have read the key already: that halves the time."""
        return f"{text}.{_signature(self._halves[0], text).decode()}"

    def opened(self, text: str) -> str | None:
        """`unsign` for an ASCII text, in the same way: None instead of an exception, and every key is tried."""
        signed, _, signature = text.rpartition(".")
        given = signature.encode()
        for halves in self._halves:
            if compare_digest(_signature(halves, signed), given):
                return signed
        return None


class RandomTexts:
    """`secrets.token_urlsafe`, so many bytes each, read from the system a hundred at a time: one read costs as much."""

    def __init__(self, size: int, together: int = 100) -> None:
        self._size, self._together = size, together
        self._left: list[bytes] = []
        self._read_by = 0

    def text(self) -> str:
        """A text that was never given before."""
        if not self._left or self._read_by != os.getpid():  # a fork would give the same ones
            read = secrets.token_bytes(self._size * self._together)
            self._left = [read[at : at + self._size] for at in range(0, len(read), self._size)]
            self._read_by = os.getpid()
        return urlsafe_b64encode(self._left.pop()).rstrip(b"=").decode()


Halves = tuple["hashlib._Hash", "hashlib._Hash"]


def _halves(key: bytes) -> Halves:
    """The two hashes of an HMAC that have read this key of at most 64 bytes."""
    padded = key.ljust(64, b"\0")
    inner, outer = (bytes(byte ^ pad for byte in padded) for pad in (0x36, 0x5C))
    return hashlib.sha256(inner), hashlib.sha256(outer)


def _signature(halves: Halves, text: str) -> bytes:
    inner, outer = halves[0].copy(), halves[1].copy()
    inner.update(text.encode())
    outer.update(inner.digest())
    return urlsafe_b64encode(outer.digest()).rstrip(b"=")


def opened(seal: Seal, text: str) -> str | None:
    """What was signed, or None for a text that was not signed by one of our keys."""
    if len(text) > LONGEST_COOKIE or not text.isascii():
        return None
    return seal.opened(text)
