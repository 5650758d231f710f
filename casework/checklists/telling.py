"""What a candidate is told of the list later: reminders, and receipts for what came. Tasks that read again where things
stand, so that nobody is reminded of what is here."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.checklists import letter
from casework.checklists.items import Checklist, ChecklistItem, ItemEvent, e, find
from casework.checklists.sending import stage_reminder
from casework.checklists.services import ChecklistServices
from casework.checklists.states import ChecklistTask, ItemAct
from casework.files import events
from casework.files.sheet import sheet
from casework.files.states import FileStatus
from casework.mailbox.delivery import deliver
from foundation.calendar.days import day_of
from foundation.outbox import Effect
from foundation.subjects import Subject
from server.rendering.templating import day_words


def tellings(services: ChecklistServices) -> Mapping[str, Effect]:
    """The effects of the tasks of lists."""

    async def remind(conn: AsyncConnection, subject: Subject, now: int) -> None:
        """Deliver a reminder if something is still awaited, and stage the next one, by the deadline as it is now."""
        of = await events.history(conn, subject.number, lock=True)
        listed = await find(conn, services.cipher, subject.number)
        if listed is None or of.status is not FileStatus.AWAITING_DOCUMENTS or not listed.awaited:
            return
        due, today = listed.deadline(), day_of(now)
        left = (due.last_day - today).days
        passed = [before for before in listed.days.reminders if left <= before]
        if passed and left >= 0:
            head = await sheet(conn, services.mailbox.personal, subject.number)
            await deliver(
                conn, services.mailbox, head.account, subject, letter.REMINDER_TITLE,
                letter.reminder_blocks(listed, due), now,
                key=f"checklist_reminder:{subject.number}:{due.last_day}:{min(passed)}",
            )  # fmt: skip
        await stage_reminder(conn, listed, now)

    async def tell_received(conn: AsyncConnection, subject: Subject, now: int) -> None:
        """One message with a receipt for each document that came since the last one, and was not undone."""
        await events.history(conn, subject.number, lock=True)
        listed = await find(conn, services.cipher, subject.number)
        if listed is None:
            return
        told = untold(listed)
        mark = sa.update(e).where(e.c.submission == subject.number, e.c.act == ItemAct.RECEIVE)
        await conn.execute(mark.where(e.c.told_at.is_(None)).values(told_at=now))
        if not told:
            return
        head = await sheet(conn, services.mailbox.personal, subject.number)
        said = [(item, f"Reçu le {day_words(event.on_day)}, n° {event.receipt}") for item, event in told]
        await deliver(
            conn, services.mailbox, head.account, subject, letter.RECEIVED_TITLE, letter.received_blocks(said), now,
            key=f"checklist_received:{subject.number}:{max(event.id for _, event in told)}",
        )  # fmt: skip

    return {ChecklistTask.REMIND: remind, ChecklistTask.TELL_RECEIVED: tell_received}


def untold(listed: Checklist) -> list[tuple[ChecklistItem, ItemEvent]]:
    """The receipts that stand and of which nobody was told. Pure."""
    found = [(item, item.received) for item in listed.items]
    return [(item, event) for item, event in found if event is not None and event.told_at is None]
