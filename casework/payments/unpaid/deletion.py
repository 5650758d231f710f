"""The deletion of a file that was not paid: its content is destroyed, a tombstone stays (PY-04, PY-05).

`delete` is the act itself, under the file's lock, whoever decided it: the rule (`ending.py`) or a person
(`../deciding.py`). What it leaves: the submission's row with its rank, the events, the movements, the letters, and a
postal address to which money that comes still is returned.
"""

from datetime import date, timedelta

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.personal_data.home_address import HomeAddress
from casework.files import events
from casework.files.events import FileHistory
from casework.files.sheet import FileSheet, sheet
from casework.files.states import FileEventKind
from casework.files.tasks import FileTask
from casework.payments import letters, settling, store
from casework.payments.services import PaymentServices
from casework.payments.unpaid import reminders
from foundation import outbox
from foundation.audit import By
from foundation.calendar.days import day_of, end_of_day
from foundation.encryption.fields import FieldCipher
from foundation.outbox import Effect
from foundation.sql.tables import insert_for
from foundation.subjects import Subject
from submission import store as submission_store
from submission.drafts.lifetime import reminders as draft_lives
from submission.drafts.states import DraftEnd
from submission.drafts.store import draft
from submission.signing import signatures
from submission.store import SUBMISSION

t = store.tombstone.c

KINDS = frozenset({FileEventKind.UNPAID_DELETED, FileEventKind.RETURNED_DELETED})
"""The events that delete a file."""


async def delete(
    conn: AsyncConnection,
    services: PaymentServices,
    of: FileHistory,
    kind: FileEventKind,
    by: By,
    now: int,
    *,
    why: str | None = None,
) -> None:
    """Delete a file whose lock is held. Refusal move_not_allowed where this cannot happen to it: nothing is destroyed.

    The letter is filed, and the content destroyed, in the transaction that records it.
    """
    events.require(of, kind)
    head = await sheet(conn, services.personal, of.submission)
    rules = await reminders.rules_of(conn, services, of.submission)
    until = day_of(now) + timedelta(days=rules.return_days)
    letter = letters.deleted(kind, await settling.last_day(conn, of.submission), until, why)
    await _bury(conn, services, head, until, now)
    await _destroy(conn, services, head, now)
    await events.record(conn, of, kind, by, now, reason=why)
    await letters.send(conn, services, of.submission, letter, now, key=f"deleted:{of.submission}")


async def _bury(
    conn: AsyncConnection, services: PaymentServices, head: FileSheet, until: date, now: int
) -> None:
    """The tombstone, and the task that empties it of the address."""
    subject = Subject.row(SUBMISSION, head.submission)
    address = None
    if head.address is not None:
        text = msgspec.json.encode(head.address).decode()
        address = cipher(services).encrypt(text, place(head.submission))
    row = {
        "submission": head.submission, "deleted_at": now, "return_until": until.isoformat(), "address": address
    }  # fmt: skip
    written = insert_for(conn, store.tombstone).values(row)
    await conn.execute(written.on_conflict_do_nothing(index_elements=[t.submission]))
    await outbox.stage(conn, FileTask.ADDRESS_FORGOTTEN, subject, now, due_at=end_of_day(until) + 1_000)


async def _destroy(conn: AsyncConnection, services: PaymentServices, head: FileSheet, now: int) -> None:
    """What the person filled in goes: the signed answers, the draft, the traces by which likenesses are found, and what
    their browser said of itself."""
    await signatures.destroy(conn, head.receipt, head.programme, services.seals)
    s, trace = submission_store.submission, submission_store.trace
    await conn.execute(sa.update(s).where(s.c.id == head.submission).values(device="{}"))
    await conn.execute(sa.delete(trace).where(trace.c.submission == head.submission))
    theirs = (draft.c.account == head.account, draft.c.programme == head.programme)
    begun = (draft.c.begun_at <= head.submitted_at, draft.c.destroyed_at.is_(None))
    for one in (await conn.execute(sa.select(draft.c.id).where(*theirs, *begun))).scalars().all():
        await draft_lives.destroy(conn, one, DraftEnd.SUBMITTED, now)


def cipher(services: PaymentServices) -> FieldCipher:
    """What seals the address of a tombstone."""
    return services.personal.messages


def place(number: int) -> str:
    """Where the address of a tombstone stands: it opens there alone."""
    return f"tombstone:{number}:address"


async def return_address(conn: AsyncConnection, services: PaymentServices, number: int) -> HomeAddress | None:
    """Where to return what comes for a deleted file; None for a file that is not, or once the day is over."""
    found = sa.select(t.address).where(t.submission == number)
    stored = (await conn.execute(found)).scalar_one_or_none()
    text = None if stored is None else cipher(services).decrypt(stored, place(number))
    return None if text is None else msgspec.json.decode(text, type=HomeAddress)


def forgetting() -> Effect:
    """The effect of the task that empties a tombstone of its address."""

    async def forget(conn: AsyncConnection, subject: Subject, now: int) -> None:
        await conn.execute(
            sa.update(store.tombstone).where(t.submission == subject.number).values(address=None)
        )

    return forget
