"""What stands on an item that fits no file: the number as it was written, a name, a country; encrypted at rest."""

from collections.abc import Sequence

import msgspec

from foundation.encryption.fields import FieldCipher

PURPOSE = "mail item"
"""The purpose of the keys."""


class MailHints(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a clerk reads from an envelope: each may be empty. `note` is the clerk's own."""

    number: str = ""
    name: str = ""
    country: str = ""
    note: str = ""


class UnreadableHints(Exception):
    """A stored text opens with none of our keys: a promise of the store is broken. Tells nothing of it."""


class HintsCipher:
    """Encrypts and opens the hints of items; a row is named by its key, which never changes."""

    def __init__(self, secret_keys: Sequence[str]) -> None:
        self.fields = FieldCipher(secret_keys, PURPOSE)

    def seal(self, key: str, hints: MailHints) -> str:
        """The hints as they are stored beside this key."""
        return self.fields.encrypt(msgspec.json.encode(hints).decode(), field(key))

    def opened(self, key: str, stored: str) -> MailHints:
        """What was sealed there. Raises UnreadableHints."""
        text = self.fields.decrypt(stored, field(key))
        if text is None:
            raise UnreadableHints("mail_item.hints cannot be decrypted: is a key missing from SECRET_KEYS?")
        return msgspec.json.decode(text, type=MailHints)


def field(key: str) -> str:
    """What a stored text is bound to."""
    return f"mail_item:{key}:hints"
