"""The answers of drafts, each encrypted by itself: what is stored, and what it says. No I/O.

A section is one row. Each answer in it is sealed under the newest key and bound to table, row, section and field, so
that an answer that was copied to another place does not open there. What is empty stays empty: it says nothing.
"""

from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from foundation.encryption.fields import FieldCipher
from submission.forms.answers import SectionAnswers

PURPOSE: Final = "draft answers"

MOST_OPENED: Final = 4_000
"""Drafts that a process remembers as they read, by their revision: some 4 kB each, and some 15 kB of one that was
reviewed or saved in. Whoever reviews, submits soon."""

Sealed = dict[str, bytes | list[dict[str, bytes]]]
"""A section's answers as they are stored: by field, and of a repeated section the members with their plain keys."""

_DECODER = msgspec.msgpack.Decoder(Sealed)


class SealedSection(NamedTuple):
    """The id of the key, and the answers as MessagePack."""

    key: str
    answers: bytes


class UnreadableAnswers(Exception):
    """Answers that none of SECRET_KEYS opens: a key was taken away before what it wrote was encrypted anew."""


class StoredSection(msgspec.Struct, frozen=True, gc=False):
    """A section as it was saved last. Its answers are shared: nobody changes them.

    No reference cycle goes through it, and the collector need not look at one for each section that is remembered.
    """

    version: int
    answers: SectionAnswers
    updated_at: int = 0
    read_again: str | None = None


class OpenedSections(dict[str, StoredSection]):
    """The sections of a draft as they read, and what followed from them (`evaluated.py`): for as long as they are
    remembered nobody works it out again."""

    def __init__(
        self, sections: Mapping[str, StoredSection], parts: dict[Hashable, Any] | None = None
    ) -> None:
        super().__init__(sections)
        self.evaluated: Any = None
        """What followed last."""
        self.parts = parts
        """Of a draft that is saved in: what followed from each section, handed on from one save to the next."""

    def saved(self, section: str, stored: StoredSection) -> "OpenedSections":
        """The same with this section as it was saved now."""
        return OpenedSections(self | {section: stored}, {} if self.parts is None else self.parts)


class DraftCiphers:
    """Seals and opens the answers of drafts; one for a process, as it remembers what it has opened."""

    def __init__(self, secret_keys: Sequence[str]) -> None:
        self.fields = FieldCipher(secret_keys, PURPOSE)
        self._opened = OrderedDict[Hashable, dict[str, StoredSection]]()

    def seal(self, place: str, answers: SectionAnswers) -> SealedSection:
        """The answers as they are stored; `place` is the row, as `place_of` names it."""
        sealed: Sealed = dict.fromkeys(answers, b"")
        filled: list[str] = []
        texts: list[tuple[str, str]] = []
        for field, answer in answers.items():
            if not isinstance(answer, str):
                sealed[field] = [self._seal_member(place, member) for member in answer]
            elif answer:
                filled.append(field)
                texts.append((answer, f"{place}:{field}"))
        sealed.update(zip(filled, self.fields.seal_all(texts), strict=True))
        return SealedSection(self.fields.newest, msgspec.msgpack.encode(sealed))

    def open(self, place: str, stored: SealedSection) -> SectionAnswers:
        """What was sealed for this row. Raises UnreadableAnswers."""
        opened: SectionAnswers = {}
        for field, sealed in _DECODER.decode(stored.answers).items():
            if isinstance(sealed, bytes):
                opened[field] = self._open(stored.key, sealed, f"{place}:{field}")
            else:
                opened[field] = [self._open_member(stored.key, place, member) for member in sealed]
        return opened

    def remembered(self, state: Hashable) -> dict[str, StoredSection] | None:
        """The sections of a draft in this state, if they were opened here lately."""
        found = self._opened.get(state)
        if found is not None:
            self._opened.move_to_end(state)
        return found

    def remember(self, state: Hashable, sections: dict[str, StoredSection]) -> None:
        """`state` names the draft and everything that changes with it: a row's id alone may be given again."""
        self._opened[state] = sections
        if len(self._opened) > MOST_OPENED:
            self._opened.popitem(last=False)

    def _seal(self, answer: str, field: str) -> bytes:
        return self.fields.seal(answer, field) if answer else b""

    def _open(self, key: str, sealed: bytes, field: str) -> str:
        if not sealed:
            return ""
        answer = self.fields.open(key, sealed, field)
        if answer is None:
            raise UnreadableAnswers
        return answer

    def _seal_member(self, place: str, member: dict[str, str]) -> dict[str, bytes]:
        key = member["key"]
        sealed = {
            name: self._seal(text, f"{place}:{key}:{name}") for name, text in member.items() if name != "key"
        }
        return {"key": key.encode(), **sealed}

    def _open_member(self, key_id: str, place: str, member: dict[str, bytes]) -> dict[str, str]:
        key = member["key"].decode()
        opened = {
            name: self._open(key_id, text, f"{place}:{key}:{name}")
            for name, text in member.items()
            if name != "key"
        }
        return {"key": key, **opened}


def place_of(draft: int, section: str) -> str:
    """Where the answers of a section stand."""
    return f"draft_section:{draft}:{section}"


def past_place(uid: str, section: str) -> str:
    """Where the answers of a text that was set aside stand."""
    return f"draft_past:{uid}:{section}"
