"""What a candidate is told of the list later: reminders, receipts for what came, answers to explanations. Tasks that
read again where things stand, so that nobody is reminded of what is here."""

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

    async def tell(conn: AsyncConnection, subject: Subject, now: int) -> None:
        """One message about each document that the office has acted about since the last one: receipts, refusals and
        all others, with the reasons."""
        await events.history(conn, subject.number, lock=True)
        listed = await find(conn, services.cipher, subject.number)
        if listed is None:
            return
        told = untold(listed)
        mark = sa.update(e).where(e.c.submission == subject.number, e.c.act != ItemAct.EXPLAIN)
        await conn.execute(mark.where(e.c.told_at.is_(None)).values(told_at=now))
        if not told:
            return
        head = await sheet(conn, services.mailbox.personal, subject.number)
        title, said = letter.told_blocks(listed, told)
        await deliver(
            conn, services.mailbox, head.account, subject, title, said, now,
            key=f"checklist_told:{subject.number}:{max(event.id for _, event in told)}",
        )  # fmt: skip

    return {ChecklistTask.REMIND: remind, ChecklistTask.TELL: tell}


def untold(listed: Checklist) -> list[tuple[ChecklistItem, ItemEvent]]:
    """What the office did and nobody was told of, in the order of the list; of a receipt that was undone before it was
    told nothing is said. Pure."""
    found: list[tuple[ChecklistItem, ItemEvent]] = []
    for item in listed.items:
        of_item: list[ItemEvent] = []
        for event in item.events:
            if event.act is ItemAct.EXPLAIN or event.told_at is not None:
                continue
            if event.act is ItemAct.UNDO_RECEIPT and of_item and of_item[-1].act is ItemAct.RECEIVE:
                of_item.pop()
            else:
                of_item.append(event)
        found += [(item, event) for event in of_item]
    return found
