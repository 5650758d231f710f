"""The desk of reviews: the queue, one case with both records, and what is done in it; pages and API ask it.

Whoever opens a case is on record as having looked at it before anything of it is shown (P16). Nothing is decided here:
the moves are `accounts/reviews/cases.py`'s, what follows from them is `submission/near_duplicates/consequences.py`'s.
"""

from collections.abc import Mapping

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.linkage.paper_register import PaperRecord
from accounts.reviews import cases, links
from accounts.reviews.cases import LONGEST_TEXT, ReviewCase, ReviewEvent
from accounts.reviews.links import AccountLink
from accounts.reviews.states import ReviewAct, ReviewKind, ReviewState, moved
from accounts.reviews.store import REVIEW
from accounts.roles import Role
from console.record.looks import PageLooks
from console.reviews.side_by_side import AccountSummary, ComparedRow, Evidence, evidence_of, rows_of
from console.staff.desk import StaffDesk, StaffMemberHere
from console.typed import wrong_field
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.subjects import Subject
from quota.store import period
from server.rendering.templating import instant
from submission.near_duplicates import consequences, records, survivor
from submission.near_duplicates.records import AccountRecords, PersonCiphers
from submission.states import STATUSES, SubmissionStatus
from submission.store import submission

REVIEWERS = (Role.AGENT,)
"""Who decides reviews."""

BY_STAFF = {
    "confirm": ReviewAct.CONFIRMED, "dismiss": ReviewAct.DISMISSED, "ask": ReviewAct.ASKED, "undo": ReviewAct.UNDONE,
}  # fmt: skip
"""What staff can do in a case, by the word in an address."""

A_PAGE = 50
"""Cases on one page."""


class OpenedCase(msgspec.Struct, frozen=True, kw_only=True):
    """A case with everything that a decision rests on."""

    review: ReviewCase
    events: list[ReviewEvent]
    evidence: list[Evidence]
    rows: list[ComparedRow]
    link: AccountLink | None
    survivor: int | None
    is_gone: bool

    @property
    def possible(self) -> list[str]:
        """What can be done in it now."""
        return [word for word, act in BY_STAFF.items() if moved(self.review.state, act) is not None]


class ReviewDesk:
    """Made once a process."""

    def __init__(self, staff: StaffDesk, ciphers: PersonCiphers) -> None:
        self.staff, self.db, self.ciphers = staff, staff.db, ciphers
        self.looks = PageLooks(staff.db)

    async def queue(
        self, member: StaffMemberHere, kind: ReviewKind | None, state: ReviewState, page: int
    ) -> tuple[list[ReviewCase], bool]:
        """A page of the queue, and whether there is another one behind it."""
        await self.looks.saw(member.actor, "vérifications")
        kinds = tuple(ReviewKind) if kind is None else (kind,)
        found = await self.db.read(
            lambda conn: cases.queue(
                conn, self.ciphers.reviews, kinds, [state], A_PAGE + 1, A_PAGE * (page - 1)
            )
        )
        return found[:A_PAGE], len(found) > A_PAGE

    async def counts(self) -> dict[tuple[ReviewKind, ReviewState], int]:
        """How many cases there are of each kind in each state."""
        return await self.db.read(cases.counts)

    async def open(self, member: StaffMemberHere, id: int) -> OpenedCase:
        """One case, once the look at it is on record. Refusal not_found."""
        await self.db.read(lambda conn: cases.find(conn, self.ciphers.reviews, id))
        await self.looks.saw(member.actor, "vérification", Subject.row(REVIEW, id))
        return await self.db.read(lambda conn: self._opened(conn, id))

    async def do(
        self, member: StaffMemberHere, id: int, word: str, version: int | None, reason: str
    ) -> ReviewCase:
        """What a button or a call does. Refusals not_found, invalid, move_not_allowed, already_decided."""
        act, said = BY_STAFF.get(word), reason.strip()
        if act is None:
            raise Refusal(Code.NOT_FOUND)
        if not said:
            raise wrong_field("reason", "doit être rempli : la personne et le registre ont droit au motif")
        if len(said) > LONGEST_TEXT:
            raise wrong_field("reason", f"doit avoir {LONGEST_TEXT} caractères au plus")

        async def work(conn: AsyncConnection) -> ReviewCase:
            review = await cases.find(conn, self.ciphers.reviews, id)
            if version is not None and review.version != version:
                raise Refusal(Code.ALREADY_DECIDED)
            return await consequences.do(
                conn, self.ciphers.reviews, review, act, member.actor, said, now_ms()
            )

        return await self.db.write(work)

    async def _opened(self, conn: AsyncConnection, id: int) -> OpenedCase:
        review = await cases.find(conn, self.ciphers.reviews, id)
        known = await records.of_accounts(conn, self.ciphers, review.accounts)
        other = await self._other(conn, review, known)
        standings = {account: await _standing(conn, known[account]) for account in known}
        one = known.get(review.account)
        lines = [] if one is None else rows_of(one, other, standings)
        decided_by = await survivor.read(conn, known)
        kept = survivor.survivor(*decided_by.values()).account if len(decided_by) == 2 else None
        return OpenedCase(
            review=review, events=await cases.events(conn, self.ciphers.reviews, id),
            evidence=evidence_of(review.signals), rows=lines, link=await links.last_of(conn, id),
            survivor=kept, is_gone=len(known) < len(review.accounts),
        )  # fmt: skip

    async def _other(
        self, conn: AsyncConnection, review: ReviewCase, known: Mapping[int, AccountRecords]
    ) -> AccountRecords | PaperRecord | None:
        if review.paper_record is not None:
            return (await records.of_papers(conn, self.ciphers, [review.paper_record])).get(
                review.paper_record
            )
        return None if review.other_account is None else known.get(review.other_account)


async def _standing(conn: AsyncConnection, account: AccountRecords) -> AccountSummary:
    columns = sa.select(
        submission.c.receipt, submission.c.rank, submission.c.status, submission.c.submitted_at
    )
    rows = await conn.execute(
        columns.add_columns(period.c.id.label("period_id"))
        .join(period, period.c.uid == submission.c.period)
        .where(submission.c.account == account.account)
        .order_by(submission.c.submitted_at, submission.c.id)
    )
    said = tuple(
        f"{row.receipt}, {row.period_id}, {instant(row.submitted_at)} : {STATUSES[SubmissionStatus(row.status)]}"
        for row in rows
    )
    return AccountSummary(created=instant(account.created_at), submissions=said)
