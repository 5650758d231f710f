"""The tasks of record linkage: other records of one account's person are looked for, and decided cases looked at again.

A scan writes the account's blocking keys, reads whoever has one in common, and compares. What is exact is linked at
once; what is alike is a case for a person; anything less leaves no trace.
"""

from collections.abc import Iterable

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.linkage import blocks
from accounts.linkage.comparison import Comparison, PersonRecord, compare, is_exact
from accounts.linkage.keys import open_key
from accounts.linkage.store import DECLARED_SPOUSE, PAPER_RECORD
from accounts.reviews import cases, links
from accounts.reviews.cases import BY_SERVICE, FoundCase, ReviewCase
from accounts.reviews.states import Decision, ReviewAct, ReviewKind, moved
from accounts.store import ACCOUNT
from foundation.outbox import Effect
from foundation.subjects import Subject
from submission import duplicates
from submission.near_duplicates import consequences, records, spouses
from submission.near_duplicates.records import AccountRecords, PersonCiphers
from submission.store import submission


class Likest(msgspec.Struct, frozen=True):
    """What the likest two of some records have in common."""

    comparison: Comparison
    is_exact: bool


def likest(some: Iterable[PersonRecord], others: Iterable[PersonRecord]) -> Likest | None:
    """The likest pair, one of each; None where there are none. Pure."""
    others = tuple(others)
    pairs = [
        Likest(compare(one, other), is_exact(one.identity, other.identity))
        for one in some
        for other in others
    ]
    return max(pairs, key=lambda pair: (pair.is_exact, pair.comparison.score), default=None)


def scanning(ciphers: PersonCiphers) -> Effect:
    """The effect of the task ACCOUNT_SCAN."""

    async def scan(conn: AsyncConnection, subject: Subject, now: int) -> None:
        await scan_account(conn, ciphers, subject.number, now)

    return scan


def scanning_submissions(ciphers: PersonCiphers) -> Effect:
    """The effect of the task of each submission: its traces, and its account again. What it signed is a record too."""

    async def scan(conn: AsyncConnection, subject: Subject, now: int) -> None:
        await duplicates.trace(conn, ciphers.personal, ciphers.seals, subject, now)
        owner = sa.select(submission.c.account).where(submission.c.id == subject.number)
        await scan_account(conn, ciphers, (await conn.execute(owner)).scalar_one(), now)

    return scan


async def scan_account(
    conn: AsyncConnection, ciphers: PersonCiphers, account: int, now: int
) -> list[ReviewCase]:
    """The cases that this account's records make with others."""
    mine = (await records.of_accounts(conn, ciphers, [account])).get(account)
    if mine is None:
        return []
    key = await open_key(conn, ciphers.reviews, now)
    digests = await blocks.write(conn, key, ACCOUNT, account, mine.records)
    met = await blocks.met(conn, ACCOUNT, account, digests)
    found = await _accounts(conn, ciphers, mine, met[ACCOUNT])
    found += await _papers(conn, ciphers, mine, met[PAPER_RECORD])
    await spouses.scan(conn, ciphers, key, mine, met[DECLARED_SPOUSE], now)
    return [
        await consequences.open_or_refresh(conn, ciphers.reviews, one, exact, now) for one, exact in found
    ]


async def _accounts(
    conn: AsyncConnection, ciphers: PersonCiphers, mine: AccountRecords, met: set[int]
) -> list[tuple[FoundCase, bool]]:
    found = []
    for other, theirs in sorted((await records.of_accounts(conn, ciphers, met)).items()):
        like = likest(mine.records, theirs.records)
        if like is not None and (like.is_exact or like.comparison.is_reviewed):
            found.append((_duplicate(mine.account, other, like.comparison), like.is_exact))
    return found


async def _papers(
    conn: AsyncConnection, ciphers: PersonCiphers, mine: AccountRecords, met: set[int]
) -> list[tuple[FoundCase, bool]]:
    found = []
    for number, paper in sorted((await records.of_papers(conn, ciphers, met)).items()):
        like = likest(mine.records, [paper.record])
        if like is not None and like.comparison.is_reviewed:
            case = FoundCase(
                kind=ReviewKind.PAPER, about=f"paper:{mine.account}:{number}", account=mine.account,
                paper_record=number, score=like.comparison.score, signals=like.comparison.signals,
            )  # fmt: skip
            found.append((case, False))
    return found


def _duplicate(account: int, other: int, comparison: Comparison) -> FoundCase:
    first, second = sorted((account, other))
    return FoundCase(
        kind=ReviewKind.DUPLICATE, about=f"duplicate:{first}:{second}", account=second, other_account=first,
        score=comparison.score, signals=comparison.signals,
    )  # fmt: skip


def rechecking(ciphers: PersonCiphers) -> Effect:
    """The effect of the task REVIEW_RECHECK."""

    async def recheck(conn: AsyncConnection, subject: Subject, now: int) -> None:
        review = await cases.find(conn, ciphers.reviews, subject.number)
        if review.decision is None or not await _has_come_apart(conn, ciphers, review):
            return
        if moved(review.state, ReviewAct.RECHECKED) is not None:
            await consequences.do(conn, ciphers.reviews, review, ReviewAct.RECHECKED, BY_SERVICE, "", now)

    return recheck


async def _has_come_apart(conn: AsyncConnection, ciphers: PersonCiphers, review: ReviewCase) -> bool:
    """Whether what was decided is not carried out, or no longer goes with what is known of both."""
    if review.kind != ReviewKind.DUPLICATE or review.other_account is None:
        return False
    known = await records.of_accounts(conn, ciphers, review.accounts)
    if len(known) < 2:
        return False
    linked = [one for one in await links.of_account(conn, review.account) if one.ended_at is None]
    is_linked = any({one.account, one.survivor} <= set(review.accounts) for one in linked) or bool(
        await links.in_force(conn, review.account) or await links.in_force(conn, review.other_account)
    )
    like = likest(known[review.account].records, known[review.other_account].records)
    is_alike = like is not None and (like.is_exact or like.comparison.is_reviewed)
    if review.decision == Decision.CONFIRMED:
        return not is_linked or not is_alike
    return like is not None and like.comparison.score > review.score
