"""Making a list out and sending it: seen by an agent first, sent as it was seen, once a file (DC-01)."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework import documents
from casework.amendments.frozen_now import answers_now
from casework.checklists import letter, store
from casework.checklists.completing import settle_file
from casework.checklists.generating import AskedItem, PersonalList, generated
from casework.checklists.items import Checklist, find, required
from casework.checklists.rules import ChecklistRules
from casework.checklists.services import ChecklistServices
from casework.checklists.states import ChecklistTask
from casework.documents import DocumentKind
from casework.files import events
from casework.files.sheet import FileSheet, sheet
from casework.files.states import FileEventKind, FileStatus
from casework.letters.letterhead import NO_SENDER
from casework.letters.payment_letters import LetterWords
from casework.mailbox.delivery import deliver
from foundation import outbox
from foundation.audit import By
from foundation.calendar.days import day_of, instant_on
from foundation.errors import Code, Refusal
from foundation.outbox import key_of
from foundation.subjects import Subject
from quota.frozen_rules import announced_name
from submission.store import SUBMISSION

REMINDED_AT: Final = time(8)
"""Reminders go out in the morning, in Montréal."""


READY: Final = frozenset({FileStatus.PAID, FileStatus.OPENED})
"""Statuses of a file that is open and has no list yet."""


async def preview(
    conn: AsyncConnection, services: ChecklistServices, head: FileSheet, now: int
) -> PersonalList:
    """The list that would go out now, of the answers with their amendments. Refusal not_found for a programme without
    rules."""
    rules = _rules(services, head.programme)
    found = await answers_now(conn, services.amendments, head, now)
    return generated(rules, found.answers, found.digest, day_of(now))


async def send(
    conn: AsyncConnection, services: ChecklistServices, submission: int, seen: str, by: By, now: int
) -> Checklist:
    """Send the list whose digest an agent has seen: rows, event, document, message and the first reminder together.

    Refusals not_found, move_not_allowed (the file is not paid, or has its list), changed_meanwhile where the rules or
    the day make another list than the one that was seen.
    """
    of = await events.history(conn, submission, lock=True)
    if of.status not in READY or await find(conn, None, submission) is not None:
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": of.status, "to": FileEventKind.CHECKLIST_SENT})
    head, today = await sheet(conn, services.mailbox.personal, submission), day_of(now)
    made = await preview(conn, services, head, now)
    if made.digest != seen:
        raise Refusal(Code.CHANGED_MEANWHILE, current=made.digest)
    rules = _rules(services, head.programme)
    await events.record(
        conn, of, FileEventKind.CHECKLIST_SENT, by, now, on_day=today, items=len(made.items),
        rules=made.rules, answers=made.answers, version=made.version, days=rules.days.to_send,
    )  # fmt: skip
    await _write(conn, services, submission, made, rules, now)
    await settle_file(conn, submission, None, by, now)
    listed = await required(conn, services.cipher, submission)
    await _tell(conn, services, head, made, listed, rules, now)
    await stage_reminder(conn, listed, now)
    return listed


async def extend(
    conn: AsyncConnection, services: ChecklistServices, submission: int, seen: str, by: By, now: int
) -> Checklist:
    """Add to a list that went out what the answers ask for since, such as the documents of a dependant who was added:
    what was asked stays, what is new has days of its own from today on (PM-01).

    Refusals not_found, move_not_allowed (nothing is new, or the file awaits no documents), changed_meanwhile as `send`.
    """
    of = await events.history(conn, submission, lock=True)
    head, today = await sheet(conn, services.mailbox.personal, submission), day_of(now)
    listed = await required(conn, services.cipher, submission)
    made = await preview(conn, services, head, now)
    if made.digest != seen:
        raise Refusal(Code.CHANGED_MEANWHILE, current=made.digest)
    new = added(made, listed)
    if not new or of.status not in {FileStatus.AWAITING_DOCUMENTS, FileStatus.IN_EXAMINATION}:
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": of.status, "to": FileEventKind.CHECKLIST_SENT})
    await events.record(
        conn, of, FileEventKind.CHECKLIST_SENT, by, now, key=str(len(of.events)), on_day=today, items=len(new),
        rules=made.rules, answers=made.answers, version=made.version, days=listed.days.to_send,
        added=len(listed.items) + 1,
    )  # fmt: skip
    after = len(listed.items)
    rows = [_row(services, submission, after + number, item, today) for number, item in enumerate(new, 1)]
    await conn.execute(sa.insert(store.checklist_item), rows)
    listed = await required(conn, services.cipher, submission)
    await _tell(conn, services, head, made, listed, _rules(services, head.programme), now)
    await stage_reminder(conn, listed, now)
    return listed


def added(made: PersonalList, listed: Checklist) -> list[AskedItem]:
    """What a list would ask for now and did not ask for when it went out. Pure."""
    known = {item.key for item in listed.items}
    return [item for item in made.items if item.key not in known]


async def resume(conn: AsyncConnection, submission: int, by: By, now: int) -> FileStatus:
    """Go on with the list that went out before the payment was reversed and made again; where the file stands.

    Nothing of the list begins anew, neither its items nor its days. Refusals not_found, move_not_allowed.
    """
    of = await events.history(conn, submission, lock=True)
    listed = await required(conn, None, submission)
    await events.record(
        conn,
        of,
        FileEventKind.CHECKLIST_SENT,
        by,
        now,
        key=str(len(of.events)),
        on_day=listed.sent_on,
        resumed=True,
    )
    return await settle_file(conn, submission, None, by, now)


def _rules(services: ChecklistServices, programme: str) -> ChecklistRules:
    rules = services.rules.get(programme)
    if rules is None:
        raise Refusal(Code.NOT_FOUND)
    return rules


async def _write(
    conn: AsyncConnection,
    services: ChecklistServices,
    submission: int,
    made: PersonalList,
    rules: ChecklistRules,
    now: int,
) -> None:
    values = {
        "submission": submission,
        "programme": made.programme,
        "version": made.version,
        "rules": made.rules,
        "answers": made.answers,
        "digest": made.digest,
        "sent_at": now,
        "sent_on": made.day.isoformat(),
        "days": msgspec.json.encode(rules.days).decode(),
        "addresses": msgspec.json.encode(made.addresses).decode(),
    }
    await conn.execute(sa.insert(store.checklist).values(values))
    rows = [_row(services, submission, number, item, made.day) for number, item in enumerate(made.items, 1)]
    if rows:
        await conn.execute(sa.insert(store.checklist_item), rows)


def _row(
    services: ChecklistServices, submission: int, number: int, item: AskedItem, day: date
) -> dict[str, object]:
    return {
        "submission": submission,
        "number": number,
        "key": item.key,
        "person": item.person,
        "name": services.cipher.sealed_name(submission, number, item.name),
        "title": item.title,
        "help": item.help,
        "format": item.format,
        "translation": item.translation,
        "give_back": item.give_back,
        "address": item.address,
        "asked_on": day.isoformat(),
    }


async def _tell(
    conn: AsyncConnection,
    services: ChecklistServices,
    head: FileSheet,
    made: PersonalList,
    listed: Checklist,
    rules: ChecklistRules,
    now: int,
) -> None:
    about, due = Subject.row(SUBMISSION, head.submission), listed.deadline()
    words = words_of(services, head)
    content = letter.list_blocks(head, words, listed, due, rules.sample, now)
    serial = await documents.next_serial(conn, about, DocumentKind.CHECKLIST)
    kind = DocumentKind.CHECKLIST
    filed = await documents.file(conn, head.account, about, kind, letter.TITLE, content, now, serial)
    await deliver(
        conn, services.mailbox, head.account, about, letter.MESSAGE_TITLE, letter.sent_blocks(made, due), now,
        key=f"checklist:{head.submission}:{serial}", attachments=(filed,),
    )  # fmt: skip


async def stage_reminder(conn: AsyncConnection, listed: Checklist, now: int) -> None:
    """Stage the next reminder that is still to come; none where the last one has passed."""
    due, today = listed.deadline().last_day, day_of(now)
    for before in next_reminders(listed.days.reminders, due, today):
        subject, day = Subject.row(SUBMISSION, listed.submission), due - timedelta(days=before)
        key = f"{key_of(ChecklistTask.REMIND, subject)}:{day}"
        await outbox.stage(
            conn, ChecklistTask.REMIND, subject, now, due_at=instant_on(day, REMINDED_AT), key=key
        )
        return


def words_of(services: ChecklistServices, head: FileSheet) -> LetterWords:
    """What letters of a file say besides its sheet."""
    return LetterWords(
        programme=announced_name(head.rules, head.programme, services.names),
        sender=services.senders.get(head.programme, NO_SENDER),
    )


def next_reminders(reminders: Sequence[int], last_day: date, today: date) -> list[int]:
    """The reminders whose day is still to come, the first one first. Pure."""
    return [before for before in reminders if last_day - timedelta(days=before) > today]
