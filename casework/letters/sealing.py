"""Encryption of documents at rest: their blocks and their PDF have a person's name and address.

Documents are filed and read in transactions of every feature, so that the keys are given to the process once, where it
is put together, and not to each of those.
"""

from collections.abc import Sequence
from typing import Any

from casework.letters.store import document_file
from foundation.encryption.fields import FieldCipher
from foundation.encryption.rotation import Rotation, of_rows

PURPOSE = "document"

_ciphers: list[FieldCipher] = []


class UnreadableDocument(Exception):
    """None of our keys opens it, or it was moved from another row."""


def prepare(secret_keys: Sequence[str]) -> None:
    """Give this process the keys of its documents; the first one seals."""
    _ciphers[:] = [FieldCipher(secret_keys, PURPOSE)]


def cipher() -> FieldCipher:
    """Raises RuntimeError where nobody gave this process its keys."""
    if not _ciphers:
        raise RuntimeError("casework.letters.sealing.prepare was not called")
    return _ciphers[0]


def place(document: str, column: str) -> str:
    """Where a sealed content belongs."""
    return f"document_file:{document}:{column}"


def opened(key: str | None, sealed: bytes | None, document: str, column: str) -> bytes | None:
    """What is sealed in a column; None for an empty one. Raises UnreadableDocument."""
    if sealed is None or key is None:
        return None
    content = cipher().open_bytes(key, sealed, place(document, column))
    if content is None:
        raise UnreadableDocument
    return content


def rotation(secret_keys: Sequence[str]) -> Rotation:
    """The documents under the newest key."""
    fields, columns = FieldCipher(secret_keys, PURPOSE), ("blocks", "pdf")

    def resealed(row: Any) -> dict[str, Any] | None:
        if row.key is None or row.key == fields.newest:
            return {}
        values: dict[str, Any] = {"key": fields.newest}
        for column in columns:
            sealed = getattr(row, column)
            if sealed is None:
                continue
            content = fields.open_bytes(row.key, sealed, place(row.document, column))
            if content is None:
                return None
            values[column] = fields.seal_bytes(content, place(row.document, column))
        return values

    return of_rows(document_file, ("key", *columns), resealed)
