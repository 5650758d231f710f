"""What a submission freezes: the answers that were visible, with their labels, the version of the form, and a digest.

Letters, the receipt and exports read this and never the draft. Its canonical JSON is one text a content (keys sorted,
no blanks, UTF-8, as RFC 8785 has it for texts). It carries a random salt: the digest stands in its row in the clear,
and without the salt a guess at somebody's answers could be tried against it. Pure, but for the salt.
"""

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from foundation.encryption.fields import FieldCipher, deflated
from submission.forms.evaluation import Evaluation
from submission.forms.model import Form
from submission.forms.wording import AnswerSection, read_aloud

PURPOSE = "signed answers"

SALT_BYTES = 16


class FrozenAnswer(msgspec.Struct, frozen=True):
    """One answer: the field's name and label, its value, and how it is read where that is another text."""

    field: str
    label: str
    value: str
    shown: str = ""

    @property
    def words(self) -> str:
        return self.shown or self.value


class FrozenMember(msgspec.Struct, frozen=True):
    """The answers of one member of a repeated section (`name` is such as « Enfant 2 »), or of the section itself (both
    are empty)."""

    key: str
    name: str
    answers: list[FrozenAnswer]


class FrozenSection(msgspec.Struct, frozen=True):
    """A section as it was signed."""

    id: str
    title: str
    members: list[FrozenMember]


class FrozenAnswers(msgspec.Struct, frozen=True):
    """A whole form as it was signed."""

    programme: str
    form_version: str
    salt: str
    sections: list[FrozenSection]

    def content(self) -> dict[str, dict[str, str]]:
        """The answers of the sections that are not repeated, by section and field."""
        return {
            section.id: {answer.field: answer.value for answer in member.answers}
            for section in self.sections
            for member in section.members
            if not member.key
        }


def cipher(secret_keys: Sequence[str]) -> FieldCipher:
    """Seals and opens frozen answers at rest."""
    return FieldCipher(secret_keys, PURPOSE, deflates=True)


def freeze(programme: str, form: Form, found: Evaluation) -> FrozenAnswers:
    """What is seen of these answers, in the form's order; blank ones are in none."""
    return FrozenAnswers(
        programme, form.version, secrets.token_hex(SALT_BYTES), list(_sections(read_aloud(form, found)))
    )


def _sections(sections: Iterable[AnswerSection]) -> Iterator[FrozenSection]:
    for section in sections:
        members = [
            FrozenMember(
                group.key,
                group.name,
                [
                    FrozenAnswer(
                        line.field, line.label, line.value, "" if line.words == line.value else line.words
                    )
                    for line in group.lines
                    if line.value
                ],
            )
            for group in section.groups
        ]
        yield FrozenSection(section.id, section.title, members)


class FrozenText(NamedTuple):
    """Frozen answers as they are signed: the one text of this content, deflated as it is stored, the digest of the
    text, and the version of the form."""

    form_version: str
    deflated: bytes
    digest: str


def frozen_text(frozen: FrozenAnswers) -> FrozenText:
    """The text that is signed, and its digest."""
    text = canonical(frozen)
    return FrozenText(frozen.form_version, deflated(text.decode()), digest(text))


def canonical(frozen: FrozenAnswers) -> bytes:
    """The one text of this content."""
    return msgspec.json.encode(frozen, order="sorted")


def digest(canonical_text: bytes) -> str:
    """SHA-256, hexadecimal: what is signed."""
    return hashlib.sha256(canonical_text).hexdigest()


def place(receipt: str) -> str:
    """Where the sealed answers of this submission stand: they open there alone."""
    return f"signature:{receipt}:sealed"


def open_sealed(sealed: str, receipt: str, seals: FieldCipher) -> bytes | None:
    """The canonical text that was sealed for this submission; None for what none of the keys sealed there."""
    text = seals.decrypt(sealed, place(receipt))
    return None if text is None else text.encode()


def read(canonical_text: bytes) -> FrozenAnswers:
    """The answers as a value. Raises msgspec.ValidationError for what is none."""
    return msgspec.json.decode(canonical_text, type=FrozenAnswers)
