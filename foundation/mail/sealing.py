"""The keys that mail is encrypted with at rest, the same for a whole process.

Mail is posted deep inside the transactions of all features, and by tasks that are given a connection and no more; so
the keys are not handed through all of them, but named once, where a process opens its database.
"""

from collections.abc import Sequence

from foundation.encryption.fields import FieldCipher

PURPOSE = "mail"

_cipher: FieldCipher | None = None


class NotSealed(RuntimeError):
    """A mail was posted or read in a process that has not said with which keys."""


def seal_with(secret_keys: Sequence[str]) -> None:
    """From now on mail of this process is encrypted by the first of these keys, and decrypted by all."""
    global _cipher
    _cipher = FieldCipher(secret_keys, PURPOSE)


def cipher() -> FieldCipher:
    """The cipher of this process. Raises NotSealed."""
    if _cipher is None:
        raise NotSealed("mail needs SECRET_KEYS: call foundation.mail.sealing.seal_with first")
    return _cipher


def field(key: str, column: str) -> str:
    """Where a text is stored, for the cipher; a key is never changed and never another row's."""
    return f"mail:{key}:{column}"
