"""What an act in a case does to accounts and submissions, in its transaction; all of it can be undone (ADR 0028).

Ranks and the period's `accepted` never change: what is set aside is another status of the same row, with its history.
"""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.linkage.staging import LinkageTask
from accounts.reviews import cases, links
from accounts.reviews.cases import BY_SERVICE, FoundCase, ReviewCase
from accounts.reviews.links import LinkReason
from accounts.reviews.states import AccountBar, Decision, ReviewAct, ReviewKind
from accounts.reviews.store import REVIEW
from accounts.states import SessionRole
from accounts.store import session
from foundation import audit, outbox
from foundation.audit import By
from foundation.encryption.fields import FieldCipher
from foundation.subjects import Subject
from submission import store
from submission.near_duplicates import survivor
from submission.states import SubmissionStatus

s = store.submission

REVIEW_NOTICE = "review_notice"
"""The kind of the task that tells a case's person what was done: a letter in the account, and a mail."""

REVIEW_EVENT = "review_event"
"""The kind of subject that one event of a case is; its key is `review_event.id`."""

TOLD = frozenset(
    {ReviewAct.LINKED, ReviewAct.ASKED, ReviewAct.CONFIRMED, ReviewAct.DISMISSED, ReviewAct.UNDONE}
)
"""Acts that the person is told of. That something was merely found is told to nobody."""

RECHECK_MS = 86_400_000
"""A day after a decision it is looked at again: is it carried out, and does it still go with what is found?"""


async def do(
    conn: AsyncConnection,
    ciphers: FieldCipher,
    review: ReviewCase,
    act: ReviewAct,
    actor: By,
    text: str,
    now: int,
) -> ReviewCase:
    """Do something in a case, with everything that follows from it. Refusals move_not_allowed, already_decided."""
    name = audit.acting(actor).name
    before = review
    review, event = await cases.act(conn, ciphers, review, act, name, text, now)
    match act:
        case ReviewAct.LINKED | ReviewAct.CONFIRMED:
            await _carry_out(conn, review, act, now)
        case ReviewAct.DISMISSED | ReviewAct.UNDONE:
            await _take_back(conn, review, now)
    if act in TOLD:
        subject = Subject.row(REVIEW_EVENT, event)
        await outbox.stage(conn, REVIEW_NOTICE, subject, now)
    if review.decision is not None:
        await stage_recheck(conn, review, now)
    await audit.record(
        conn, actor, f"review_{act}", Subject.row(REVIEW, review.id), now,
        before={"state": before.state, "decision": before.decision},
        after={"state": review.state, "decision": review.decision}, kind=review.kind,
    )  # fmt: skip
    return review


async def stage_recheck(conn: AsyncConnection, review: ReviewCase, now: int) -> None:
    """Have a decided case looked at again in a day."""
    subject = Subject.row(REVIEW, review.id)
    key = f"{LinkageTask.REVIEW_RECHECK}:{review.id}:{review.version}"
    await outbox.stage(conn, LinkageTask.REVIEW_RECHECK, subject, now, due_at=now + RECHECK_MS, key=key)


async def _carry_out(conn: AsyncConnection, review: ReviewCase, act: ReviewAct, now: int) -> None:
    match review.kind:
        case ReviewKind.DUPLICATE if review.other_account is not None:
            reason = LinkReason.EXACT if act == ReviewAct.LINKED else LinkReason.DECIDED
            await _link(conn, review, reason, now)
        case ReviewKind.CESSION:
            await links.bar(conn, review.account, AccountBar.CEDED)
            await _set_aside(conn, [review.account], SubmissionStatus.CEDED, now)
            theirs = (session.c.role == SessionRole.CANDIDATE, session.c.owner == review.account)
            await conn.execute(sa.delete(session).where(*theirs))


async def _link(conn: AsyncConnection, review: ReviewCase, reason: LinkReason, now: int) -> None:
    """Link the account that does not count to the one that does, and set aside its submissions in the same periods."""
    standings = await survivor.read(conn, review.accounts)
    if len(standings) < 2:
        return  # one of them is gone meanwhile, and with it what there was to decide
    one, other = standings.values()
    kept = survivor.survivor(one, other)
    lost = one.account if kept is other else other.account
    if not await links.link(conn, lost, kept.account, review.id, reason, now):
        return
    end = await links.end_of_chain(conn, kept.account)
    theirs = sa.select(s.c.period).where(s.c.account == end, s.c.status == SubmissionStatus.SUBMITTED)
    await _set_aside(conn, [lost], SubmissionStatus.DUPLICATE, now, s.c.period.in_(theirs))


async def _take_back(conn: AsyncConnection, review: ReviewCase, now: int) -> None:
    if review.kind == ReviewKind.CESSION:
        await links.unbar(conn, review.account, AccountBar.CEDED)
        await _bring_back(conn, [review.account], SubmissionStatus.CEDED, now)
        return
    ended = await links.end(conn, review.id, now)
    await _bring_back(conn, [link.account for link in ended], SubmissionStatus.DUPLICATE, now)


async def _set_aside(
    conn: AsyncConnection,
    accounts: Collection[int],
    status: SubmissionStatus,
    now: int,
    *which: sa.ColumnElement[bool],
) -> None:
    """Give their accepted submissions this status, with its line in the history; no count goes down."""
    await _change(conn, accounts, SubmissionStatus.SUBMITTED, status, now, *which)


async def _bring_back(
    conn: AsyncConnection, accounts: Collection[int], status: SubmissionStatus, now: int
) -> None:
    await _change(conn, accounts, status, SubmissionStatus.SUBMITTED, now)


async def _change(
    conn: AsyncConnection,
    accounts: Collection[int],
    before: SubmissionStatus,
    after: SubmissionStatus,
    now: int,
    *which: sa.ColumnElement[bool],
) -> None:
    theirs = (s.c.account.in_(accounts), s.c.status == before, *which)
    changed = (
        await conn.execute(sa.update(s).where(*theirs).values(status=after).returning(s.c.id))
    ).scalars()
    rows = [{"submission": id, "status": after, "at": now} for id in changed]
    if rows:
        await conn.execute(sa.insert(store.status_change), rows)


async def open_or_refresh(
    conn: AsyncConnection, ciphers: FieldCipher, found: FoundCase, is_exact: bool, now: int
) -> ReviewCase:
    """The case about what was found. What is exact is linked at once, unless anybody did anything in the case before:
    from then on it is decided by people alone."""
    review, is_new = await cases.open_case(conn, ciphers, found, now)
    is_stronger = found.score > review.score
    review = await cases.strengthen(conn, ciphers, review, found)
    if is_exact and (is_new or not await cases.was_touched(conn, review.id)):
        return await do(conn, ciphers, review, ReviewAct.LINKED, BY_SERVICE, "", now)
    if is_stronger and review.decision == Decision.DISMISSED and not is_new:
        return await do(conn, ciphers, review, ReviewAct.RECHECKED, BY_SERVICE, "", now)
    return review
