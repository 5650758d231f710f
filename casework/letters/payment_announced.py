"""Saying that the letters of a payment are there: one message and one e-mail a payment, once both are filed.

The two letters are filed by two tasks, in any order, by two workers at once. Each looks, after it has filed and in its
transaction, whether the other letter is there. Filing takes the audit's lock, which stays until the transaction ends:
of two that file at once the second one sees what the first one filed, and says it.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.documents import DocumentKind, UnfiledDocument
from casework.files.events import of_kind
from casework.files.states import FileEventKind
from casework.mailbox.filed import FiledLetters, announce_each
from casework.mailbox.services import MailboxServices
from casework.store import document
from foundation.sql.tables import among
from foundation.subjects import Subject
from submission.store import SUBMISSION

CONFIRMATION_TITLE: Final = "Confirmation de paiement"

OPENING_TITLE: Final = "Lettre d’ouverture de dossier"

BOTH_TITLE: Final = "Confirmation de paiement et lettre d’ouverture de dossier"
"""Of the message about the first payment, which opens the file."""

CONFIRMATION, OPENING = DocumentKind.PAYMENT_CONFIRMATION, DocumentKind.FILE_OPENING

d = document.c

_FILED = sa.select(d.subject_id, d.kind, d.serial, d.id).where(
    d.subject_kind == SUBMISSION, among(d.subject_id, "files"), d.kind.in_((CONFIRMATION, OPENING))
)


class FiledOfPayment(NamedTuple):
    """The letters of a file that are there: the opening, and the confirmation of each payment by its serial number."""

    opening: str | None
    confirmations: Mapping[int, str]


async def announce(
    conn: AsyncConnection, services: MailboxServices, filed: Sequence[UnfiledDocument], now: int
) -> None:
    """Say of each payment that has all its letters now, by one of these that were just filed, that they are there; of a
    file that is opened without fees, that its one letter is (PY-10)."""
    if not filed:
        return
    found = await there(conn, {one.subject.id for one in filed})
    openings = [one.subject.number for one in filed if one.kind is OPENING]
    free = {number for number, one in (await of_kind(conn, openings, FileEventKind.OPENED)).items() if one}
    said = [
        told
        for one in filed
        for told in announced(one, found[one.subject.id], is_free=one.subject.number in free)
    ]
    await announce_each(conn, services, said, now)


def announced(one: UnfiledDocument, found: FiledOfPayment, *, is_free: bool = False) -> list[FiledLetters]:
    """The payments whose last letter this is: its own of a confirmation; of the opening each that was confirmed before
    it. None while the opening is not there. Of a file without fees the opening stands alone. Pure."""
    if found.opening is None:
        return []
    if is_free:
        letters = [(found.opening, OPENING_TITLE)]
        key = f"payment_letters:{one.subject.id}:free"
        return [
            FiledLetters(
                account=one.account, about=one.subject, title=OPENING_TITLE, letters=letters, key=key
            )
        ]
    serials = [one.serial] if one.kind is CONFIRMATION else sorted(found.confirmations)
    return [_of_payment(one.account, one.subject, serial, found) for serial in serials]


def _of_payment(account: int, file: Subject, serial: int, found: FiledOfPayment) -> FiledLetters:
    letters, title = [(found.confirmations[serial], CONFIRMATION_TITLE)], CONFIRMATION_TITLE
    if serial == 1 and found.opening is not None:
        letters, title = [*letters, (found.opening, OPENING_TITLE)], BOTH_TITLE
    return FiledLetters(
        account=account, about=file, title=title, letters=letters, key=f"payment_letters:{file.id}:{serial}"
    )


async def there(conn: AsyncConnection, files: Collection[str]) -> Mapping[str, FiledOfPayment]:
    """The letters of payments that are filed, of each of these files (the keys of their subjects)."""
    openings = dict[str, str]()
    confirmations: dict[str, dict[int, str]] = {one: {} for one in files}
    for row in await conn.execute(_FILED, {"files": sorted(files)}):
        if row.kind == OPENING:
            openings[row.subject_id] = row.id
        else:
            confirmations[row.subject_id][row.serial] = row.id
    return {one: FiledOfPayment(openings.get(one), confirmations[one]) for one in files}
