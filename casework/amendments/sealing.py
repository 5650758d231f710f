"""What an amendment says, as it is stored: encrypted, bound to its submission and its place in it."""

import msgspec

from casework.amendments.folding import AmendedLine
from foundation.encryption.fields import FieldCipher
from foundation.errors import Unavailable
from submission.forms.answers import Answers


class AmendmentContent(msgspec.Struct, frozen=True):
    """The answers that it sets, by the form of this version, and what they changed in the words of that day. `sent`
    is the digest of what was typed (`asked.digest_of`), empty of an amendment that is older than digests are."""

    form_version: str
    answers: Answers
    lines: list[AmendedLine]
    sent: str = ""


class AmendmentCipher:
    """Seals and opens what amendments say and what agents ask; nothing opens that was moved to another row."""

    def __init__(self, fields: FieldCipher) -> None:
        self.cipher = fields

    def seal(self, submission: int, serial: int, content: AmendmentContent) -> str:
        """As the row of this submission and serial has it."""
        text = msgspec.json.encode(content).decode()
        return self.cipher.encrypt(text, content_place(submission, serial))

    def opened(self, submission: int, serial: int, stored: str) -> AmendmentContent:
        """What was sealed there. Fails closed: Unavailable where none of the keys opens it."""
        text = self.cipher.decrypt(stored, content_place(submission, serial))
        if text is None:
            raise Unavailable("keys")
        return msgspec.json.decode(text, type=AmendmentContent)

    def seal_question(self, amendment: int, at: int, text: str) -> str:
        """What an agent asks about an amendment."""
        return self.cipher.encrypt(text, question_place(amendment, at))

    def opened_question(self, amendment: int, at: int, stored: str) -> str:
        """The same, in the clear. Unavailable as `opened`."""
        text = self.cipher.decrypt(stored, question_place(amendment, at))
        if text is None:
            raise Unavailable("keys")
        return text


def content_place(submission: int, serial: int) -> str:
    """Where an amendment's content stands, for the cipher."""
    return f"amendment:{submission}:{serial}:content"


def question_place(amendment: int, at: int) -> str:
    """Where an agent's question stands, for the cipher."""
    return f"amendment_review:{amendment}:{at}:text"
