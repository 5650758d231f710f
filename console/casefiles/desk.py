"""What agents do in a file, for its page and the calls: looks and refusals on the record, acts on what was seen."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Final, TypeVar

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.identities import iso_date
from accounts.roles import Role
from accounts.store import ACCOUNT
from casework.checklists import handling, items, sending
from casework.checklists.generating import PersonalList
from casework.checklists.items import Checklist
from casework.checklists.states import ItemAct
from casework.decisions import deciding, taking
from casework.decisions.deciding import FileDecision
from casework.decisions.rules import DecisionRules
from casework.decisions.services import DecisionServices
from casework.decisions.states import POSSIBLE, DecisionOutcome
from casework.decisions.taking import FileTaking, FileVersion
from casework.files import events
from casework.files.events import FileHistory
from casework.files.numbers import typed_submission
from casework.files.sheet import FileSheet, sheet
from casework.files.states import FileStatus
from console.casefiles.queue import FileQueue, queue
from console.record.looks import PageLooks
from console.staff.desk import StaffDesk, StaffMemberHere
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.subjects import Subject

SEES: Final = (Role.AGENT, Role.APPROVER)
"""Who sees files: agents, and approvers, who are the second person of a decision."""

ACTS: Final = (Role.AGENT,)
"""Who acts in them, but for that second person."""

T = TypeVar("T")

FileWork = Callable[[AsyncConnection, int, Actor, int], Awaitable[T]]
"""What is done in a file: its submission, who does it, the instant."""


class TypedItem(msgspec.Struct, frozen=True):
    """What was typed about a document; what an act does not ask for is not looked at."""

    reason: str = ""
    on_day: str = ""
    tracking: str = ""

    def day(self) -> date:
        """The day that was typed. Refusal invalid."""
        found = iso_date(self.on_day)
        if found is None:
            why = "Entrez une date telle que 2026-06-13."
            raise Refusal(Code.INVALID, fields=[{"name": "on_day", "reason": why}])
        return found


class CaseFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file as an agent sees it, read in one transaction; `version` is what an act says it has seen."""

    sheet: FileSheet
    history: FileHistory
    listed: Checklist | None
    decisions: list[FileDecision]
    rules: DecisionRules | None
    version: FileVersion
    taken: FileTaking | None

    @property
    def status(self) -> FileStatus:
        return self.history.status

    @property
    def proposed(self) -> FileDecision | None:
        """The proposal that waits for a second person."""
        return deciding.proposed(self.decisions)

    @property
    def in_force(self) -> FileDecision | None:
        """The decision that stands."""
        return deciding.in_force(self.decisions)

    @property
    def outcomes(self) -> list[DecisionOutcome]:
        """What can be decided now; nothing while a proposal waits, or without rules."""
        if self.rules is None or self.proposed is not None:
            return []
        return [outcome for outcome in DecisionOutcome if self.status in POSSIBLE[outcome]]

    def takes_two(self, outcome: DecisionOutcome) -> bool:
        """Whether a second person is needed for it now."""
        return self.rules is not None and (self.in_force is not None or self.rules.of(outcome).second_person)


class CasefileDesk:
    """Made once a process."""

    def __init__(self, staff: StaffDesk, services: DecisionServices) -> None:
        self.staff, self.db, self.services, self.lists = staff, staff.db, services, services.lists
        self.looks = PageLooks(staff.db)

    async def queue(self, member: StaffMemberHere, status: FileStatus, page: int) -> FileQueue:
        """The files of a status, by their numbers alone; a look, on the record."""
        await self.looks.saw(member.actor, "casefiles")
        return await self.db.read(lambda conn: queue(conn, status, page, now_ms()))

    async def view(self, member: StaffMemberHere, number: str) -> CaseFile:
        """One file; that it was looked at is on the record first (P16). Refusal not_found."""
        submission = submission_of(number)
        found = await self.db.read(lambda conn: self._read(conn, submission))
        await self.looks.saw(member.actor, "casefile", Subject.row(ACCOUNT, found.sheet.account))
        return found

    async def preview(self, member: StaffMemberHere, number: str) -> tuple[CaseFile, PersonalList]:
        """The list that would go out now; a look. Refusal not_found for a programme without rules."""
        found = await self.view(member, number)
        made = await self.db.read(lambda conn: sending.preview(conn, self.lists, found.sheet, now_ms()))
        return found, made

    async def take(self, member: StaffMemberHere, number: str) -> FileTaking:
        """Refusals not_your_role, not_found, conflict."""
        submission = submission_of(number)
        return await self._do(
            member, "take", lambda conn: taking.take(conn, submission, member.actor, now_ms())
        )

    async def leave(self, member: StaffMemberHere, number: str) -> None:
        """Harmless for who does not have it. Refusals not_your_role, not_found."""
        submission = submission_of(number)
        await self._do(member, "leave", lambda conn: taking.leave(conn, submission, member.actor, now_ms()))

    async def send_list(
        self, member: StaffMemberHere, number: str, version: str | None, seen: str
    ) -> Checklist:
        """Send the list that was seen, or what it adds to the one that went out. Refusals of
        `sending.send` and `sending.extend`, conflict, not_your_role."""

        async def work(conn: AsyncConnection, submission: int, by: Actor, now: int) -> Checklist:
            has_list = await items.find(conn, None, submission) is not None
            send = sending.extend if has_list else sending.send
            return await send(conn, self.lists, submission, seen, by, now)

        return await self.act(member, number, version, "send_list", work)

    async def resume_list(self, member: StaffMemberHere, number: str, version: str | None) -> FileStatus:
        """Go on with the list of before. Refusals of `sending.resume`, conflict, not_your_role."""

        async def work(conn: AsyncConnection, submission: int, by: Actor, now: int) -> FileStatus:
            return await sending.resume(conn, submission, by, now)

        return await self.act(member, number, version, "resume_list", work)

    async def item(
        self,
        member: StaffMemberHere,
        number: str,
        version: str | None,
        item: int,
        act: ItemAct,
        typed: TypedItem,
    ) -> None:
        """One act about one document. Refusals of `handling`, conflict, not_your_role; not_found for an explanation,
        which is the candidate's."""

        async def work(conn: AsyncConnection, submission: int, by: Actor, now: int) -> None:
            match act:
                case ItemAct.EXPLAIN:
                    raise Refusal(Code.NOT_FOUND)
                case ItemAct.RECEIVE:
                    await handling.receive_item(conn, submission, item, typed.day(), by, now)
                case ItemAct.UNDO_RECEIPT:
                    await handling.undo_receipt(conn, submission, item, by, now)
                case ItemAct.GIVE_BACK:
                    await handling.give_back(conn, submission, item, typed.day(), typed.tracking, by, now)
                case _:
                    await handling.decide(conn, self.lists, submission, item, act, typed.reason, by, now)

        await self.act(member, number, version, f"item_{act}", work)

    async def decide(
        self, member: StaffMemberHere, number: str, version: str | None, outcome: DecisionOutcome, reason: str
    ) -> FileDecision:
        """Propose a decision, or one in place of that in force. Refusals of `deciding`, conflict, not_your_role."""

        async def work(conn: AsyncConnection, submission: int, by: Actor, now: int) -> FileDecision:
            of = await events.history(conn, submission)
            make = deciding.replace if of.status is FileStatus.DECIDED else deciding.propose
            return await make(conn, self.services, submission, outcome, reason, by, now)

        return await self.act(member, number, version, "decide", work)

    async def confirm(self, member: StaffMemberHere, number: str, version: str | None) -> FileDecision:
        """The second person. Refusals of `deciding.confirm`, conflict where the file changed."""

        async def work(conn: AsyncConnection, submission: int, by: Actor, now: int) -> FileDecision:
            return await deciding.confirm(conn, self.services, submission, by, now)

        return await self.act(member, number, version, "confirm", work, second=True)

    async def withdraw(self, member: StaffMemberHere, number: str, version: str | None, reason: str) -> None:
        """Take a proposal back, or do not follow it. Refusals of `deciding.withdraw`, conflict."""

        async def work(conn: AsyncConnection, submission: int, by: Actor, now: int) -> None:
            await deciding.withdraw(conn, self.services, submission, reason, by, now)

        await self.act(member, number, version, "withdraw", work, second=True)

    async def act(
        self,
        member: StaffMemberHere,
        number: str,
        version: str | None,
        name: str,
        work: FileWork[T],
        *,
        second: bool = False,
    ) -> T:
        """Do it under the file's lock, to what was seen; without a `version`, as a program may come, only somebody
        else's taking stands against it. The second person writes into a file that somebody else has taken."""
        submission = submission_of(number)

        async def guarded(conn: AsyncConnection) -> T:
            now = now_ms()
            await taking.writing(conn, submission, version, member.actor, now, takes=not second)
            return await work(conn, submission, member.actor, now)

        return await self._do(member, name, guarded, SEES if second else ACTS)

    async def _do(
        self,
        member: StaffMemberHere,
        name: str,
        work: Callable[[AsyncConnection], Awaitable[T]],
        roles: tuple[Role, ...] = ACTS,
    ) -> T:
        return await self.staff.on_record(member, f"casefile {name}", lambda: self.db.write(work), roles)

    async def _read(self, conn: AsyncConnection, submission: int) -> CaseFile:
        head = await sheet(conn, self.lists.mailbox.personal, submission)
        return CaseFile(
            sheet=head,
            history=await events.history(conn, submission),
            listed=await items.find(conn, self.lists.cipher, submission),
            decisions=await deciding.of_file(conn, self.services, submission),
            rules=self.services.rules.get(head.programme),
            version=await taking.version(conn, submission),
            taken=await taking.taken(conn, submission, now_ms()),
        )


def submission_of(number: str) -> int:
    """The submission of a file's number as it is typed. Refusal not_found. Pure."""
    found = typed_submission(number)
    if found is None:
        raise Refusal(Code.NOT_FOUND)
    return found
