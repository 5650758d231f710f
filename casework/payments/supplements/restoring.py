"""A lapsed amendment comes back: the payment of its fee had come in time, by a day that two persons put right, or that
is entered only now (PM-01, ADR 0037).

Under the file's lock, once a lapse, with its event. It is awaited again: whoever restores it settles it, or gives it
new days. What its candidate gave up, and what another amendment has followed that costs something, stays as it is
(`due.py`).
"""

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files import events
from casework.files.events import FileHistory
from casework.files.states import FileEventKind
from casework.files.tasks import FileTask
from casework.payments import letters
from casework.payments.services import PaymentServices
from casework.payments.supplements import rows, watching, wording
from casework.payments.supplements.rows import Supplement
from foundation import outbox
from foundation.audit import By
from foundation.subjects import Subject
from submission.store import SUBMISSION


async def restore(
    conn: AsyncConnection, of: FileHistory, one: Supplement, by: By, now: int, *, why: str | None = None
) -> None:
    """Let a lapsed supplement be awaited again; the end of its wait is looked at anew."""
    await rows.mark(conn, one)
    kind, subject = FileTask.SUPPLEMENT_END, Subject.row(SUBMISSION, one.submission)
    key = f"{kind}:{subject}:{one.serial}:restored:{one.lapsed_at}"
    await outbox.stage(conn, kind, subject, now, key=key)
    restored, once = FileEventKind.AMENDMENT_RESTORED, f"{one.serial}:{one.lapsed_at}"
    await events.record(conn, of, restored, by, now, key=once, serial=one.serial, reason=why)


async def tell(conn: AsyncConnection, services: PaymentServices, one: Supplement, now: int) -> None:
    """The letter of one whose payment is here, once a lapse."""
    key = f"{watching.told_key(one)}restored:{one.lapsed_at}"
    await letters.send(conn, services, one.submission, wording.restored(one), now, key=key)
