"""What follows when a switch turns on: it is on the record, and its audience gets one message each (DM-04, DM-05).

The audience is told in parts, each a task of its own that goes on behind the last file of the part before: whatever is
killed in between, each account has one message, by its key. A switch that was ended tells nobody any more.
"""

from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.blocks import Heading, Paragraph, plain
from casework.files import store as files_store
from casework.files.states import FileEventKind, FileStatus
from casework.files.status import MOVES, status_of
from casework.mailbox.delivery import Delivery, deliver_each
from casework.mailbox.services import MailboxServices
from casework.switches.states import MESSAGES, SwitchName, SwitchState, state_of
from casework.switches.store import FEATURE_SWITCH, SWITCH_AUDIENCE, feature_switch
from foundation import audit, outbox
from foundation.outbox import Effect
from foundation.subjects import Subject
from quota.store import period
from submission.states import SubmissionStatus
from submission.store import SUBMISSION, submission

TURN_ON = "switch_on"
"""The act, as the record calls it."""

AT_ONCE = 200
"""Files of one part: some tenths of a second in one transaction."""

AMENDABLE = frozenset(status for status, moves in MOVES.items() if FileEventKind.AMENDED in moves)
"""Statuses in which a file may be amended: paid, and neither decided nor ended."""

f, s, e = feature_switch, submission.c, files_store.file_event.c


class SwitchTask(StrEnum):
    """Kinds of tasks of a switch."""

    TURN_ON = "switch_turn_on"
    """At its instant."""
    TELL = "switch_tell"
    """One part of its audience."""


def turning_on() -> Effect:
    """Say on the record that it is on, and begin to tell."""

    async def turn_on(conn: AsyncConnection, subject: Subject, now: int) -> None:
        row = (await conn.execute(sa.select(f).where(f.c.id == subject.number).with_for_update())).one()
        if state_of(row.on_at, row.approved_at, row.ended_at, now) is not SwitchState.ON:
            return
        await conn.execute(sa.update(f).where(f.c.id == row.id).values(turned_on_at=now))
        await outbox.stage(conn, SwitchTask.TELL, Subject(SWITCH_AUDIENCE, f"{row.id}-0"), now)
        after = {"programme": row.programme, "name": row.name, "on_at": row.on_at}
        await audit.record(
            conn, audit.SERVICE, TURN_ON, Subject.row(FEATURE_SWITCH, row.id), now, after=after
        )

    return turn_on


def telling(services: MailboxServices) -> Effect:
    """Tell one part of the audience, and stage the next."""

    async def tell(conn: AsyncConnection, subject: Subject, now: int) -> None:
        id, _, behind = subject.id.partition("-")
        row = (await conn.execute(sa.select(f).where(f.c.id == int(id)).with_for_update())).one()
        if state_of(row.on_at, row.approved_at, row.ended_at, now) is not SwitchState.ON:
            return
        part = await _part(conn, row.programme, int(behind))
        told = {account: number for number, account, status in reversed(part) if status in AMENDABLE}
        if told:
            await deliver_each(conn, services, _messages(row.id, SwitchName(row.name), told), now)
        last = len(part) < AT_ONCE
        values = {"told": f.c.told + len(told)} | ({"told_at": now} if last else {})
        await conn.execute(sa.update(f).where(f.c.id == row.id).values(values))
        if not last:
            await outbox.stage(
                conn, SwitchTask.TELL, Subject(SWITCH_AUDIENCE, f"{row.id}-{part[-1][0]}"), now
            )

    return tell


async def _part(conn: AsyncConnection, programme: str, behind: int) -> list[tuple[int, int, FileStatus]]:
    """The next files of a programme that were paid once: number, account, status."""
    was_paid = sa.exists().where(e.submission == s.id, e.kind == FileEventKind.PAID)
    of_programme = sa.func.coalesce(period.c.programme, s.ledger) == programme
    found = await conn.execute(
        sa.select(s.id, s.account, s.status)
        .outerjoin(period, period.c.uid == s.period)
        .where(s.id > behind, of_programme, was_paid)
        .order_by(s.id)
        .limit(AT_ONCE)
    )
    files = found.all()
    events = await conn.execute(
        sa.select(e.submission, e.kind).where(e.submission.in_([one.id for one in files])).order_by(e.id)
    )
    happened: dict[int, list[FileEventKind]] = {}
    for row in events:
        happened.setdefault(row.submission, []).append(FileEventKind(row.kind))
    return [
        (one.id, one.account, status_of(SubmissionStatus(one.status), happened.get(one.id, ())))
        for one in files
    ]


def _messages(switch: int, name: SwitchName, told: dict[int, int]) -> list[Delivery]:
    """One message an account, about its file."""
    title, text = MESSAGES[name]
    return [
        Delivery(
            to=account, about=Subject.row(SUBMISSION, number), title=title,
            blocks=[Heading(title, level=1), Paragraph(plain(text))], key=f"switch:{switch}:{account}",
        )
        for account, number in told.items()
    ]  # fmt: skip
