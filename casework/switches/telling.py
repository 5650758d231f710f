"""What follows when a switch turns on: it is on the record, and its audience gets one message each (DM-04, DM-05).

The audience is told by a broadcast (`casework/mailbox/broadcasts.py`) that its two persons wanted with the switch:
staff see how far it has come, and stop it. Whatever is killed in between, each account has one message. A switch that
was ended tells nobody any more.
"""

from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files.states import FileEventKind
from casework.files.status import MOVES
from casework.mailbox import broadcasts
from casework.mailbox.audiences import Audience, AudienceKind
from casework.mailbox.typed import TypedMessage
from casework.switches.states import MESSAGES, SwitchName, SwitchState, state_of
from casework.switches.store import FEATURE_SWITCH, feature_switch
from foundation import audit, outbox
from foundation.outbox import Effect
from foundation.subjects import Subject

TURN_ON = "switch_on"
"""The act, as the record calls it."""

AMENDABLE = frozenset(status for status, moves in MOVES.items() if FileEventKind.AMENDED in moves)
"""Statuses in which a file may be amended: paid, and neither decided nor ended."""

f = feature_switch


class SwitchTask(StrEnum):
    """Kinds of tasks of a switch."""

    TURN_ON = "switch_turn_on"
    """At its instant."""
    TELL = "switch_tell"
    """Its audience is written to."""


def turning_on() -> Effect:
    """Say on the record that it is on, and begin to tell."""

    async def turn_on(conn: AsyncConnection, subject: Subject, now: int) -> None:
        row = (await conn.execute(sa.select(f).where(f.c.id == subject.number).with_for_update())).one()
        if state_of(row.on_at, row.approved_at, row.ended_at, now) is not SwitchState.ON:
            return
        await conn.execute(sa.update(f).where(f.c.id == row.id).values(turned_on_at=now))
        await outbox.stage(conn, SwitchTask.TELL, Subject.row(FEATURE_SWITCH, row.id), now)
        after = {"programme": row.programme, "name": row.name, "on_at": row.on_at}
        await audit.record(
            conn, audit.SERVICE, TURN_ON, Subject.row(FEATURE_SWITCH, row.id), now, after=after
        )

    return turn_on


def telling() -> Effect:
    """Begin the broadcast to its audience: a row a person, a task a batch."""

    async def tell(conn: AsyncConnection, subject: Subject, now: int) -> None:
        row = (await conn.execute(sa.select(f).where(f.c.id == subject.number).with_for_update())).one()
        if state_of(row.on_at, row.approved_at, row.ended_at, now) is not SwitchState.ON:
            return
        said = TypedMessage(*MESSAGES[SwitchName(row.name)])
        await broadcasts.start_of_switch(
            conn, row.id, (row.author, row.approver), said, audience_of(row.programme), now
        )

    return tell


def audience_of(programme: str) -> Audience:
    """Everybody of a programme whose file may be amended. Pure."""
    return Audience(kind=AudienceKind.APPLICANTS, programme=programme, statuses=tuple(sorted(AMENDABLE)))
