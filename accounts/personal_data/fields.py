"""What an account holds about a person, as it stands in the table: encrypted, each text bound to its row and column.

Identities and questions of earlier releases are plain JSON: they are read as they are, and `guichet accounts encrypt`
or `guichet keys rotate` puts an end to them.
"""

from collections.abc import Sequence

import msgspec

from accounts.identities import Identity
from accounts.linkage import keys
from accounts.personal_data.home_address import HomeAddress
from accounts.representatives.declaration.details import DetailsCipher
from foundation.encryption.blind_index import BlindIndex
from foundation.encryption.fields import FieldCipher

IDENTITY, EMAIL, ADDRESS, QUESTIONS = "identity", "email", "address", "questions"
"""The encrypted columns of `account`."""


class UnreadableField(Exception):
    """A stored text opens with none of our keys, or was moved here from another row: a promise of the store is broken.

    The message names the column, never what stands in it.
    """


class PersonalFields:
    """Encrypts and reads the personal columns of accounts; a row is named by its user name, which never changes."""

    def __init__(self, secret_keys: Sequence[str]) -> None:
        self._cipher = FieldCipher(secret_keys, "candidate")
        self.reviews = keys.cipher(secret_keys)
        self.representatives = DetailsCipher(secret_keys)
        self.messages = FieldCipher(secret_keys, "message")
        self.checklists = FieldCipher(secret_keys, "checklist")
        self.decisions = FieldCipher(secret_keys, "decision")
        self.amendments = FieldCipher(secret_keys, "amendment")
        self.emails = BlindIndex(secret_keys, "account.email")
        self.alike_emails = BlindIndex(secret_keys, "account.email_alike")

    def seal(self, username: str, column: str, text: str) -> str:
        """A text as it is stored in this column of this account."""
        return self._cipher.encrypt(text, _field(username, column))

    def opened(self, username: str, column: str, stored: str) -> str:
        """What was sealed there. Raises UnreadableField."""
        text = self._cipher.decrypt(stored, _field(username, column))
        if text is None:
            raise UnreadableField(f"account.{column} cannot be decrypted: is a key missing from SECRET_KEYS?")
        return text

    def seal_identity(self, username: str, identity: Identity) -> str:
        return self.seal(username, IDENTITY, msgspec.json.encode(identity).decode())

    def identity(self, username: str, stored: str) -> Identity:
        """Who the account is, also from the plain JSON of earlier releases. Raises UnreadableField."""
        text = stored if is_plain(stored) else self.opened(username, IDENTITY, stored)
        return msgspec.json.decode(text, type=Identity)

    def home_address(self, username: str, stored: str) -> HomeAddress:
        """Where the account's person lives. Raises UnreadableField."""
        return msgspec.json.decode(self.opened(username, ADDRESS, stored), type=HomeAddress)

    def seal_questions(self, username: str, asked: Sequence[str]) -> str:
        """Security questions, which people type themselves: they may name whoever they know."""
        return self.seal(username, QUESTIONS, msgspec.json.encode(asked).decode())

    def questions(self, username: str, stored: str) -> list[str]:
        """The questions of an account, also from the plain JSON of earlier releases. Raises UnreadableField."""
        text = stored if is_plain(stored) else self.opened(username, QUESTIONS, stored)
        return msgspec.json.decode(text, type=list[str])

    def is_newest(self, stored: str) -> bool:
        """Whether the first key wrote it."""
        return self._cipher.is_newest(stored)


def is_plain(stored: str) -> bool:
    """Whether this identity, or these questions, were written before they were encrypted."""
    return stored.startswith(("{", "["))


def _field(username: str, column: str) -> str:
    return f"account:{username}:{column}"
