"""What the functions of the mailbox work with."""

from collections.abc import Sequence

import msgspec

from accounts.personal_data.fields import PersonalFields
from casework import blocks
from casework.blocks import Block
from foundation.encryption.fields import FieldCipher


class UnreadableMessage(Exception):
    """A stored message opens with none of our keys, or was moved here from another row. Says nothing of its text."""


class MessageCipher:
    """Encrypts what messages say; a row is named by its id, which never changes."""

    def __init__(self, fields: FieldCipher) -> None:
        self._fields = fields

    def seal(self, id: str, content: list[Block]) -> str:
        """What a message says, as it is stored in its row."""
        return self._fields.encrypt(blocks.written(content), place(id))

    def opened(self, id: str, stored: str) -> list[Block]:
        """What was sealed there. Raises UnreadableMessage."""
        text = self._fields.decrypt(stored, place(id))
        if text is None:
            raise UnreadableMessage("message.blocks cannot be decrypted: is a key missing from SECRET_KEYS?")
        return blocks.read(text)


class MailboxServices(msgspec.Struct, frozen=True, kw_only=True):
    """Made once a process, in `config/`: pages, calls and tasks all work with it."""

    personal: PersonalFields
    public_url: str

    @property
    def cipher(self) -> MessageCipher:
        """What opens messages."""
        return MessageCipher(self.personal.messages)


def mailbox_services(secret_keys: Sequence[str], public_url: str) -> MailboxServices:
    """The services with these keys; links in mails lead to `public_url`."""
    return MailboxServices(personal=PersonalFields(secret_keys), public_url=public_url.rstrip("/"))


def place(id: str) -> str:
    """Where the text of a message is stored, for the cipher."""
    return f"message:{id}:blocks"
