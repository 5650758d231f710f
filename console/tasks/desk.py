"""What operators see of tasks, and what they do with those that were set aside; for page, calls and command."""

from collections.abc import Awaitable, Callable, Collection
from enum import StrEnum
from typing import Final, TypeVar

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.roles import Role
from console.record.looks import PageLooks
from console.staff.desk import StaffDesk, StaffMemberHere
from console.tasks import overview
from console.tasks.overview import AsideMail, AsideTask, KindCounts
from console.tasks.queue import QueueProbe, QueueState
from console.typed import wrong_field
from foundation.aside import retrying
from foundation.aside.retrying import LONGEST_REASON
from foundation.audit import By
from foundation.clock import now_ms
from foundation.mail.store import MAIL
from foundation.outbox import TaskState

T = TypeVar("T")

SEES: Final = (Role.OPERATOR,)

MOST_TOGETHER: Final = 500
"""Of one kind that are tried again by one button, in one transaction; the rest by pressing again."""


class TaskAct(StrEnum):
    """What an operator does with a task that was set aside."""

    RETRY = "retry"
    """It is done again by a worker, at once."""
    LEAVE = "leave"
    """It stays undone, and is no alarm any more."""


Step = Callable[[AsyncConnection, int, By, str, int], Awaitable[None]]

STEPS: Final[dict[TaskAct, Step]] = {
    TaskAct.RETRY: retrying.retry_task,
    TaskAct.LEAVE: retrying.leave_task,
}

NO_REASON: Final = "Écrivez pourquoi : la phrase reste au registre."


class TaskView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the page shows, as of the instant `at`. `queue` is None where RQ does not answer."""

    at: int
    kinds: list[KindCounts]
    aside: list[AsideTask]
    has_more: bool
    left: list[AsideTask]
    mails: list[AsideMail]
    mails_in_all: int
    queue: QueueState | None


class TaskDesk:
    """Made once a process. `known` are the kinds that a worker of this release has an effect for."""

    def __init__(self, staff: StaffDesk, known: Collection[str], queue: QueueProbe) -> None:
        self.staff, self.db, self.known, self.queue = staff, staff.db, known, queue
        self.looks = PageLooks(staff.db)

    async def view(self, member: StaffMemberHere, kind: str | None, page: int) -> TaskView:
        """What there is; that it was looked at is on the record. Raises Unavailable."""
        now = now_ms()

        async def look(conn: AsyncConnection) -> TaskView:
            aside, has_more = await overview.aside(conn, TaskState.SET_ASIDE, kind, page)
            left, _ = await overview.aside(conn, TaskState.LEFT, kind, 1)
            mails, in_all = await overview.mails_aside(conn)
            return TaskView(
                at=now, kinds=await overview.by_kind(conn, self.known, now), aside=aside, has_more=has_more,
                left=left, mails=mails, mails_in_all=in_all, queue=None,
            )  # fmt: skip

        await self.looks.saw(member.actor, "tasks")
        found = await self.db.read(look)
        return msgspec.structs.replace(found, queue=await self.queue.state())

    async def act(self, member: StaffMemberHere, act: TaskAct, task: int, reason: str) -> None:
        """Do it with one task. Refusals not_found, move_not_allowed, invalid for no reason."""
        why, by = reason_of(reason), member.actor
        await self._done(member, f"task {act}", lambda conn: STEPS[act](conn, task, by, why, now_ms()))

    async def retry_mail(self, member: StaffMemberHere, mail: int, reason: str) -> None:
        """Post a mail anew. Refusals as `act`."""
        why, by = reason_of(reason), member.actor
        await self._done(
            member, "mail retry", lambda conn: retrying.retry_mail(conn, mail, by, why, now_ms())
        )

    async def retry_kind(self, member: StaffMemberHere, kind: str, reason: str) -> int:
        """Try all of one kind again, 500 at most; how many those are. Of mails those that no server took. Refusal
        invalid for no reason."""
        why, by = reason_of(reason), member.actor
        return await self._done(member, "task retry", lambda conn: retry_all(conn, kind, by, why, now_ms()))

    async def _done(
        self, member: StaffMemberHere, call: str, step: Callable[[AsyncConnection], Awaitable[T]]
    ) -> T:
        return await self.staff.on_record(member, call, lambda: self.db.write(step))


async def retry_all(conn: AsyncConnection, kind: str, by: By, reason: str, now: int) -> int:
    """Try everything of a kind again that was set aside, 500 at most, each with its line on the record."""
    tasks = (await retrying.aside(conn, kind))[:MOST_TOGETHER]
    for task in tasks:
        await retrying.retry_task(conn, task, by, reason, now)
    mails = (await retrying.mails_aside(conn))[:MOST_TOGETHER] if kind == MAIL else []
    for one in mails:
        await retrying.retry_mail(conn, one, by, reason, now)
    return len(tasks) + len(mails)


def reason_of(text: str) -> str:
    """Why, as it was typed. Refusal invalid."""
    reason = " ".join(text.split())
    if not reason:
        raise wrong_field("reason", NO_REASON)
    if len(reason) > LONGEST_REASON:
        raise wrong_field("reason", f"Écrivez au plus {LONGEST_REASON} caractères; il y en a {len(reason)}.")
    return reason
