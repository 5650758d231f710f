"""Finding the file that an item belongs to, before anything is entered: by its number, its receipt, the reference of a
procuration, or name and date of birth (PA-12).

A number with a wrong digit is nobody's: no neighbour's file opens. Who it is, the programme and the status are shown
before the act, to be compared with the paper.
"""

from datetime import date
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import normalisation
from accounts.linkage import by_name
from accounts.representatives import powers
from accounts.representatives.declaration import parties
from accounts.representatives.procurations.references import PREFIX as REFERENCE
from accounts.representatives.procurations.references import typed_reference
from casework.files import events
from casework.files.events import FileHistory
from casework.files.numbers import typed_submission
from casework.files.sheet import FileSheet, sheet
from casework.files.states import STATUSES, FileStatus
from casework.mailroom.entries import refused
from casework.mailroom.services import MailroomServices
from foundation.calendar.days import day_of
from foundation.errors import Code, Refusal
from submission.receipt_numbers import PREFIX as RECEIPT
from submission.receipt_numbers import typed_receipt
from submission.store import submission

MOST_FOUND: Final = 20

WRONG_NUMBER: Final = (
    "Vérifiez le numéro : un chiffre ne correspond pas aux deux derniers, qui servent de contrôle. "
    "Aucun dossier n’est ouvert."
)

UNKNOWN: Final = "Aucun dossier n’a ce numéro. Vérifiez-le, ou gardez la pièce en attente."

NOTHING: Final = (
    "Entrez un numéro de dossier, un numéro d’accusé de réception ou la référence d’une procuration."
)

s = submission.c


class FileAtHand(msgspec.Struct, frozen=True, kw_only=True):
    """The file that an item belongs to. Of a candidate who has named a representative and submitted nothing yet,
    `submission` is None. `reference` is that of the procuration that was typed."""

    account: int
    name: str
    submission: int | None = None
    number: str = ""
    programme: str = ""
    status: FileStatus | None = None
    submitted_on: date | None = None
    pay_by: int | None = None
    reference: str = ""

    @property
    def status_words(self) -> str:
        """Where the file stands, in French."""
        return "Aucune demande soumise" if self.status is None else STATUSES[self.status]


class FoundPerson(msgspec.Struct, frozen=True, kw_only=True):
    """A file that a search by name has found."""

    submission: int
    number: str
    name: str
    programme: str
    status: FileStatus


async def file_at_hand(
    conn: AsyncConnection, services: MailroomServices, typed: str, *, lock: bool = False
) -> FileAtHand | None:
    """The file of what was typed; None where there is none of this number. With `lock` nothing else happens to it.

    Refusal invalid for a number whose check digits are wrong, and for what is no number at all.
    """
    letters = normalisation.letters(typed).upper()
    if not letters:
        raise refused({"number": NOTHING})
    if letters.startswith((REFERENCE, RECEIPT)):
        return await (_of_reference if letters.startswith(REFERENCE) else _of_receipt)(
            conn, services, typed, lock
        )
    number = typed_submission(typed)
    if number is None:
        raise refused({"number": WRONG_NUMBER if any(map(str.isdigit, letters)) else NOTHING})
    return await of_submission(conn, services, number, lock=lock)


async def of_submission(
    conn: AsyncConnection, services: MailroomServices, number: int, *, lock: bool = False
) -> FileAtHand | None:
    """The file of a submission, if there is one of this number."""
    try:
        history = await events.history(conn, number, lock=lock)
        return at_hand(await sheet(conn, services.personal, number), history, services)
    except Refusal as refusal:
        if refusal.code != Code.NOT_FOUND:
            raise
        return None


def at_hand(
    head: FileSheet, history: FileHistory, services: MailroomServices, reference: str = ""
) -> FileAtHand:
    """What is shown of a file before the act. Pure."""
    return FileAtHand(
        account=head.account, name=head.identity.full_name, submission=head.submission, number=head.number,
        programme=services.programmes.get(head.programme, head.programme), status=history.status,
        submitted_on=day_of(head.submitted_at), pay_by=head.pay_by, reference=reference,
    )  # fmt: skip


async def _of_receipt(
    conn: AsyncConnection, services: MailroomServices, typed: str, lock: bool
) -> FileAtHand | None:
    receipt = typed_receipt(typed)
    if receipt is None:
        raise refused(
            {
                "number": "Ce n’est pas un numéro d’accusé de réception : MPQ, puis quatre groupes de cinq signes."
            }
        )
    number = (await conn.execute(sa.select(s.id).where(s.receipt == receipt))).scalar_one_or_none()
    return None if number is None else await of_submission(conn, services, number, lock=lock)


async def _of_reference(
    conn: AsyncConnection, services: MailroomServices, typed: str, lock: bool
) -> FileAtHand | None:
    reference = typed_reference(typed)
    if reference is None:
        raise refused(
            {
                "number": "Vérifiez la référence : une lettre ne correspond pas à la dernière, qui sert de contrôle."
            }
        )
    try:
        of = await powers.by_reference(conn, services.representatives.details, reference)
    except Refusal as refusal:
        if refusal.code != Code.NOT_FOUND:
            raise
        return None
    newest = sa.select(sa.func.max(s.id)).where(s.account == of.account)
    number = (await conn.execute(newest)).scalar_one_or_none()
    found = None if number is None else await of_submission(conn, services, number, lock=lock)
    if found is not None:
        return msgspec.structs.replace(found, reference=of.reference)
    candidate = await parties.candidate_of(conn, services.representatives, of.account)
    return FileAtHand(account=of.account, name=candidate.identity.full_name, reference=of.reference)


async def people(
    conn: AsyncConnection, services: MailroomServices, name: str, birth_date: str, now: int
) -> list[FoundPerson]:
    """The files of persons of this name, words in any order, that were born on this day; a few at most."""
    accounts = await by_name.accounts_named(conn, services.personal, name, birth_date, now)
    rows = await conn.execute(sa.select(s.id).where(s.account.in_(accounts)).order_by(s.id).limit(MOST_FOUND))
    found = [await of_submission(conn, services, number) for number in rows.scalars()]
    return [
        FoundPerson(
            submission=one.submission,
            number=one.number,
            name=one.name,
            programme=one.programme,
            status=one.status,
        )
        for one in found
        if one is not None and one.submission is not None and one.status is not None
    ]
