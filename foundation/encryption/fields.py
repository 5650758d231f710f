"""Encryption of single fields at rest: AES-256-GCM under keys derived from SECRET_KEYS. No I/O.

What is written names its key and is bound to its table, row and column, so that a text that was copied to another row
does not open there. Keys rotate: the first encrypts, all decrypt.
"""

import hashlib
import secrets
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = "v1"

DEFLATED = "z1"
"""The version of texts that were deflated (RFC 1951, in zlib's frame) before they were encrypted."""

QUICKEST = 1
"""zlib's level: of a signed form the best one saves hardly more, and takes half as long again."""

NONCE_BYTES = 12
"""Random for each text: by NIST SP 800-38D good for 2^32 texts under one key, and we write thousands."""


class FieldCipher:
    """Encrypts and decrypts the fields of one purpose; another purpose has other keys.

    `deflates` is for long texts that `encrypt` writes: what PostgreSQL would move out of a row stays in it. The length
    at rest then says something of the content, so it is for texts of one person alone, with no secret of ours in them.
    What was written without it is read all the same.
    """

    def __init__(self, secret_keys: Sequence[str], purpose: str, *, deflates: bool = False) -> None:
        self._deflates = deflates
        self._ciphers: dict[str, AESGCM] = {}
        for key in secret_keys:
            derived = HKDF(SHA256(), 32, None, f"guichet field {purpose}".encode()).derive(key.encode())
            self._ciphers.setdefault(hashlib.sha256(derived).hexdigest()[:8], AESGCM(derived))

    @property
    def newest(self) -> str:
        """The id of the key that encrypts."""
        return self._encrypting[0]

    @cached_property
    def _encrypting(self) -> tuple[str, AESGCM]:
        return next(iter(self._ciphers.items()))

    def seal(self, text: str, field: str) -> bytes:
        """The text under the newest key, for a column of bytes; the id of the key is stored beside it."""
        return self.seal_bytes(text.encode(), field)

    def seal_bytes(self, content: bytes, field: str) -> bytes:
        """The same for what is no text, such as a PDF."""
        key_id, cipher = self._encrypting
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + cipher.encrypt(nonce, content, _bound(key_id, field))

    def seal_all(self, texts: Sequence[tuple[str, str]]) -> list[bytes]:
        """Several texts, each with its field, as `seal` does one: the system is asked for their random bytes once."""
        key_id, cipher = self._encrypting
        random, sealed = secrets.token_bytes(NONCE_BYTES * len(texts)), list[bytes]()
        for place, (text, field) in enumerate(texts):
            nonce = random[place * NONCE_BYTES : (place + 1) * NONCE_BYTES]
            sealed.append(nonce + cipher.encrypt(nonce, text.encode(), _bound(key_id, field)))
        return sealed

    def open(self, key_id: str, sealed: bytes, field: str) -> str | None:
        """What was sealed under this key for this field; None for what none of our keys sealed there."""
        content = self.open_bytes(key_id, sealed, field)
        try:
            return None if content is None else content.decode()
        except ValueError:
            return None

    def open_bytes(self, key_id: str, sealed: bytes, field: str) -> bytes | None:
        """The same for what is no text."""
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            return None
        try:
            return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound(key_id, field))
        except (InvalidTag, ValueError):
            return None

    def encrypt(self, text: str, field: str) -> str:
        """The text as it is stored. `field` is where: table, row and column, such as `operator:jeanne:totp_secret`."""
        if self._deflates:
            return self.encrypt_deflated(deflated(text), field)
        return f"{VERSION}.{self.newest}.{urlsafe_b64encode(self.seal(text, field)).decode()}"

    def encrypt_deflated(self, content: bytes, field: str) -> str:
        """What `encrypt` stores of a text that was deflated before: `decrypt` gives the text."""
        sealed = self.seal_bytes(content, _of_deflated(field))
        return f"{DEFLATED}.{self.newest}.{urlsafe_b64encode(sealed).decode()}"

    def decrypt(self, stored: str, field: str) -> str | None:
        """What was encrypted for this field; None for what none of our keys wrote there."""
        version, _, rest = stored.partition(".")
        key_id, _, encoded = rest.partition(".")
        try:
            sealed = urlsafe_b64decode(encoded.encode())
            if version == VERSION:
                return self.open(key_id, sealed, field)
            content = self.open_bytes(key_id, sealed, _of_deflated(field)) if version == DEFLATED else None
            return None if content is None else zlib.decompress(content).decode()
        except ValueError:
            return None

    def is_newest(self, stored: str) -> bool:
        """Whether the first key wrote it: what an older one wrote is written again when it is used."""
        version, _, rest = stored.partition(".")
        return version in {VERSION, DEFLATED} and rest.startswith(f"{self.newest}.")


def deflated(text: str) -> bytes:
    """A long text as `encrypt_deflated` takes it."""
    return zlib.compress(text.encode(), QUICKEST)


def _of_deflated(field: str) -> str:
    """Bound as deflated, so that a stored text whose version was altered opens nowhere."""
    return f"{DEFLATED} {field}"


def _bound(key_id: str, field: str) -> bytes:
    return f"{VERSION} {key_id} {field}".encode()
