"""What staff do with broadcasts, for the pages and the calls: read what was typed, ask for the role, look, act.

The acts themselves are `casework/mailbox/broadcasts.py`'s. Agents and operators write; who agrees is somebody else, and
holds the role of an approver or an operator; stopping takes one of them, and an approver or an operator lets it go on.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.roles import Role
from accounts.store import ACCOUNT, account
from casework.mailbox import audiences, broadcasts
from casework.mailbox.audiences import Audience
from casework.mailbox.broadcasts import Broadcast, BroadcastProgress, ShownAudience
from casework.mailbox.delivery import Rehearsal, rehearse
from casework.mailbox.sending import message_to
from casework.mailbox.services import MailboxServices
from casework.mailbox.states import BroadcastAct, BroadcastState, takes_two
from console.broadcasts import forms
from console.record.looks import PageLooks
from console.staff.desk import StaffDesk, StaffMemberHere
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.sql.group_commit import Work
from foundation.subjects import Subject
from quota.approvals import is_same
from quota.programmes import Programme
from quota.store import period

WRITES: Final = (Role.AGENT, Role.OPERATOR)

AGREES: Final = (Role.APPROVER, Role.OPERATOR)

SEES: Final = (Role.AGENT, Role.OPERATOR, Role.APPROVER)

MAY: Final = {
    BroadcastAct.WRITE: WRITES,
    BroadcastAct.CONFIRM: WRITES,
    BroadcastAct.APPROVE: AGREES,
    BroadcastAct.GIVE_BACK: SEES,
    BroadcastAct.DROP: SEES,
    BroadcastAct.STOP: SEES,
    BroadcastAct.RESUME: AGREES,
}
"""Whose act it is."""

MOST_LISTED: Final = 50

START_SECONDS: Final = 30.0
"""To write a row a person for some tens of thousands of people."""

UPCOMING: Final = frozenset({BroadcastState.DRAFT, BroadcastState.AWAITING_SECOND})
"""States in which it is shown beforehand, as its people will see it."""


UNFINISHED: Final = frozenset({BroadcastState.SENDING, BroadcastState.STOPPED})
"""States in which some have it, and others not."""


class ShownAddressee(msgspec.Struct, frozen=True):
    """One real addressee, and what this account will get."""

    username: str
    rehearsal: Rehearsal


class BroadcastView(msgspec.Struct, frozen=True, kw_only=True):
    """A broadcast as staff see it. Before it is sent: how many it is for, a digest of who, and some of them; then: how
    far it has come."""

    of: Broadcast
    count: int
    digest: str
    shown: Sequence[ShownAddressee]
    progress: BroadcastProgress

    @property
    def is_upcoming(self) -> bool:
        return self.of.state in UPCOMING

    def needs_another(self, name: str) -> bool:
        """Whether this person stopped it for so many that somebody else has to let it go on."""
        stopped = self.of.stopped_by
        return stopped is not None and takes_two(self.progress.left) and is_same(stopped, name)


class PeriodChoice(msgspec.Struct, frozen=True):
    """A period to choose: its uid, and its name."""

    uid: str
    name: str


class BroadcastDesk:
    """Made once a process."""

    def __init__(
        self, staff: StaffDesk, services: MailboxServices, programmes: Mapping[str, Programme]
    ) -> None:
        self.staff, self.db, self.services, self.programmes = staff, staff.db, services, programmes
        self.looks = PageLooks(staff.db)

    async def listed(self) -> Sequence[Broadcast]:
        """The newest ones."""
        return await self.db.read(lambda conn: broadcasts.listed(conn, MOST_LISTED))

    async def under_way(self, found: Sequence[Broadcast]) -> dict[int, BroadcastProgress]:
        """How far those of them have come that are sent now, or were stopped, by id."""

        async def look(conn: AsyncConnection) -> dict[int, BroadcastProgress]:
            moving = [one.id for one in found if one.state in UNFINISHED]
            return {id: await broadcasts.progress(conn, id) for id in moving}

        return await self.db.read(look)

    async def periods(self) -> list[PeriodChoice]:
        """Every period, the newest first."""
        columns = sa.select(period.c.uid, period.c.programme, period.c.ordinal)
        rows = await self.db.read(
            lambda conn: conn.execute(columns.order_by(period.c.programme, period.c.ordinal.desc()))
        )
        names = {id: programme.name for id, programme in self.programmes.items()}
        return [
            PeriodChoice(row.uid, f"{names.get(row.programme, row.programme)}, période {row.ordinal}")
            for row in rows
        ]

    async def period_ids(self) -> dict[str, str]:
        """The public name of each period, as calls have it, by its uid."""
        rows = await self.db.read(lambda conn: conn.execute(sa.select(period.c.uid, period.c.id)))
        return {row.uid: row.id for row in rows}

    async def view(self, member: StaffMemberHere, id: int) -> BroadcastView:
        """The broadcast; that its shown addressees were looked at is on the record first (P16). Refusal not_found."""

        async def look(conn: AsyncConnection) -> BroadcastView:
            of = await broadcasts.find(conn, id)
            progress = await broadcasts.progress(conn, id)
            if of.state not in UPCOMING:
                return BroadcastView(of=of, count=progress.people, digest="", shown=[], progress=progress)
            people = await audiences.found(conn, of.audience)
            told = [message_to(of, one) for one in people.shown]
            names = await _usernames(conn, [one.account for one in people.shown])
            shown = [
                ShownAddressee(names[one.delivery.to], one)
                for one in await rehearse(conn, self.services, told, now_ms())
            ]
            return BroadcastView(
                of=of, count=people.count, digest=people.digest, shown=shown, progress=progress
            )

        found = await self.db.read(look)
        for one in found.shown:
            subject = Subject.row(ACCOUNT, one.rehearsal.delivery.to)
            await self.looks.saw(member.actor, "envoi à un groupe", subject)
        return found

    async def write(
        self, member: StaffMemberHere, fields: Mapping[str, str], id: int | None = None
    ) -> Broadcast:
        """A new one, or another text of one. Refusals not_your_role, invalid, not_found, changed_meanwhile,
        move_not_allowed."""

        async def work(conn: AsyncConnection) -> Broadcast:
            (said, audience), now = forms.read(fields, self.programmes), now_ms()
            audience = await _of_known_period(conn, audience)
            if id is None:
                return await broadcasts.write(conn, member.actor, said, audience, now)
            version = forms.number_in(fields, "version")
            return await broadcasts.rewrite(conn, id, version, member.actor, said, audience, now)

        return await self._done(member, BroadcastAct.WRITE, work)

    async def act(
        self, member: StaffMemberHere, act: BroadcastAct, id: int, fields: Mapping[str, str]
    ) -> Broadcast:
        """Confirm, agree, give back, give up, stop or go on. Refusals as in `casework/mailbox/broadcasts.py`."""
        counted = forms.number_in(fields, "count") if "count" in fields else None
        seen = ShownAudience(forms.number_in(fields, "version"), fields.get("digest", ""), counted)

        async def work(conn: AsyncConnection) -> Broadcast:
            now = now_ms()
            if act is BroadcastAct.RESUME:
                return await broadcasts.resume(conn, id, seen.version, member.actor, now)
            if act is BroadcastAct.CONFIRM:
                return await broadcasts.confirm(conn, id, seen, member.actor, now)
            if act is BroadcastAct.APPROVE:
                return await broadcasts.approve(conn, id, seen, member.actor, now)
            return await broadcasts.end(conn, id, act, member.actor, now)

        return await self._done(member, act, work)

    async def _done(self, member: StaffMemberHere, act: BroadcastAct, work: Work[Broadcast]) -> Broadcast:
        """In one transaction, in a role that may; a refusal is on the record."""
        return await self.staff.on_record(
            member, str(act), lambda: self.db.write(work, seconds=START_SECONDS), MAY.get(act, ())
        )


async def _of_known_period(conn: AsyncConnection, audience: Audience) -> Audience:
    """The same, with the uid of the period that is named, by its public name or its uid. Refusal invalid, at `period`:
    of one that there is none of, or that is another programme's, nobody would be written to."""
    if audience.period is None:
        return audience
    named = sa.or_(period.c.id == audience.period, period.c.uid == audience.period)
    row = (await conn.execute(sa.select(period.c.uid, period.c.programme).where(named))).first()
    if row is None or audience.programme not in {None, row.programme}:
        why = "Choisissez une période de la liste, qui soit du programme choisi."
        raise Refusal(Code.INVALID, fields=[{"name": "period", "reason": why}])
    return msgspec.structs.replace(audience, period=row.uid)


async def _usernames(conn: AsyncConnection, accounts: Sequence[int]) -> dict[int, str]:
    rows = await conn.execute(sa.select(account.c.id, account.c.username).where(account.c.id.in_(accounts)))
    return {row.id: row.username for row in rows}
