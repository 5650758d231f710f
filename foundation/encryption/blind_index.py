"""Blind indexes: keyed hashes by which an encrypted field is looked up and held unique, and by which nothing is read.

Keys rotate as those of the ciphers do: the first makes what is stored, all are looked for.
"""

import hmac
from collections.abc import Sequence

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class BlindIndex:
    """The keyed hash of one field; another field has other keys, so that two tables cannot be joined by them."""

    def __init__(self, secret_keys: Sequence[str], field: str) -> None:
        info = f"guichet blind index {field}".encode()
        self._keys = [HKDF(SHA256(), 32, None, info).derive(key.encode()) for key in secret_keys]

    def stored(self, text: str) -> str:
        """What is written: HMAC-SHA256 under the first key, hexadecimal."""
        return hmac.digest(self._keys[0], text.encode(), "sha256").hex()

    def sought(self, text: str) -> tuple[str, ...]:
        """All that may have been written for this text, the newest first."""
        return tuple(hmac.digest(key, text.encode(), "sha256").hex() for key in self._keys)
