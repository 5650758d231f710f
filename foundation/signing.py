"""Signed texts: what we handed out, and can recognise when it comes back. No I/O.

Keys rotate: the first signs, all verify. A text that none of them signed reads as None."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Sequence

from itsdangerous import BadSignature, Signer

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
        key = self.derive_key().ljust(64, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in key))

    def derive_key(self, secret_key: str | bytes | None = None) -> bytes:
        if secret_key is None:
            secret_key = self.secret_keys[-1]
        if secret_key not in self._derived:
            self._derived[secret_key] = super().derive_key(secret_key)
        return self._derived[secret_key]

    def seal(self, text: str) -> str:
        """`sign` for a text. The two halves of the HMAC (RFC 2104) have read the key already: that halves the time."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(text.encode())
        outer.update(inner.digest())
        return f"{text}.{urlsafe_b64encode(outer.digest()).rstrip(b'=').decode()}"


def opened(seal: Seal, text: str) -> str | None:
    """What was signed, or None for a text that was not signed by one of our keys."""
    if len(text) > LONGEST_COOKIE or not text.isascii():
        return None
    try:
        return str(seal.unsign(text).decode())
    except BadSignature:
        return None
