"""What an act in a case does, and that all of it is undone."""

import asyncio

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.linkage import paper_register
from accounts.linkage.paper_register import PaperRecord
from accounts.reviews import cases, links
from accounts.reviews.cases import FoundCase, ReviewCase
from accounts.reviews.states import AccountBar, Decision, ReviewAct, ReviewKind, ReviewState
from accounts.store import account as accounts_table
from accounts.store import session
from foundation import audit, outbox
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from foundation.sql.tables import metadata
from quota.store import period as periods
from submission import store
from submission.near_duplicates import consequences
from submission.states import SubmissionStatus
from tests.support.candidates.alike import account_of, awa, done, fresh, pair, scanned, submit
from tests.support.desks import Desk, make_desk, sign_in
from tests.support.rooms import make_period
from tests.support.tasks import EFFECTS, rows

s = store.submission.c

NEAR = {"passport": "CD7654321"}


async def statuses(database: Database) -> list[tuple[int, str]]:
    return [(rank, status) for rank, status in await rows(database, s.rank, s.status)]


async def test_a_confirmed_duplicate_sets_the_later_submission_aside_and_undoing_brings_it_back(
    database: Database,
) -> None:
    """Ranks and the period's accepted stay; the history says what was when."""
    desk = make_desk(database)
    first, second = await account_of(desk, 1), await account_of(desk, 2, **NEAR)
    period = await make_period(database)
    await submit(desk, period, 1)
    await submit(desk, period, 2)
    await scanned(desk, first)
    (review,) = await scanned(desk, second)
    review = await done(desk, review, ReviewAct.CONFIRMED)
    assert await statuses(database) == [(1, SubmissionStatus.SUBMITTED), (2, SubmissionStatus.DUPLICATE)]
    assert await rows(database, periods.c.accepted) == [(2,)]
    review = await done(desk, review, ReviewAct.UNDONE)
    assert await statuses(database) == [(1, SubmissionStatus.SUBMITTED), (2, SubmissionStatus.SUBMITTED)]
    history = await rows(database, store.status_change.c.id, store.status_change.c.status)
    assert [status for _, status in history] == ["submitted", "submitted", "duplicate", "submitted"]
    assert (review.state, review.decision) == (ReviewState.OPEN, None)
    ended = await database.read(lambda conn: links.of_account(conn, second))
    assert [link.ended_at is not None for link in ended] == [True]


async def test_a_duplicate_is_kept_from_a_turn_and_told_why(database: Database) -> None:
    """At the sign-in with a token, before it holds a place for anybody."""
    desk = make_desk(database)
    await pair(desk)
    period = await make_period(database)
    with pytest.raises(Refusal) as refused:
        await submit(desk, period, 2)
    assert refused.value.code == Code.ACCOUNT_EXISTS_FOR_PERSON


async def test_of_two_decisions_at_once_one_is_taken(database: Database) -> None:
    """The other is told that somebody was quicker; there is one decision and one link at most."""
    desk = make_desk(database)
    _, _, review = await pair(desk, **NEAR)
    outcomes = await asyncio.gather(
        *(
            done(desk, review, act, actor=f"agente-{number}")
            for number, act in enumerate((ReviewAct.CONFIRMED, ReviewAct.DISMISSED) * 4)
        ),
        return_exceptions=True,
    )
    taken = [outcome for outcome in outcomes if isinstance(outcome, ReviewCase)]
    refused = [outcome.code for outcome in outcomes if isinstance(outcome, Refusal)]
    assert len(taken) == 1
    assert refused == [Code.ALREADY_DECIDED] * 7
    assert (await fresh(desk, review)).decision is taken[0].decision


async def test_the_person_is_told_and_the_record_says_what(database: Database) -> None:
    """A decision stages its notice and its recheck, and is in the audit without the words of the reason."""
    desk = make_desk(database)
    _, _, review = await pair(desk, **NEAR)
    await done(desk, review, ReviewAct.CONFIRMED, text="Awa et N’Diaye : mêmes pièces")
    kinds = [kind for _, kind in await rows(database, outbox.task.c.id, outbox.task.c.kind)]
    assert kinds == [consequences.REVIEW_NOTICE, "review_recheck"]
    lines = await rows(database, audit.a.c.sequence, audit.a.c.act, audit.a.c.after, audit.a.c.reason)
    act, after, reason = lines[-1][1:]
    assert (act, reason) == ("review_confirmed", None)
    assert "Awa" not in after


async def found_cession(desk: Desk, account: int) -> ReviewCase:
    found = FoundCase(
        kind=ReviewKind.CESSION,
        about=f"cession:{account}",
        account=account,
        score=70,
        signals=("reset_burst",),
    )
    ciphers = desk.accounts.personal.reviews
    review, _ = await desk.db.write(lambda conn: cases.open_case(conn, ciphers, found, now_ms()))
    return review


async def test_a_ceded_account_is_closed_by_a_person_alone(database: Database) -> None:
    """The case alone does nothing; confirmed, sessions end and what was submitted is refused; undone, it counts."""
    desk = make_desk(database)
    period = await make_period(database)
    account = await account_of(desk, 1)
    await submit(desk, period, 1)
    review = await found_cession(desk, account)
    assert await database.read(lambda conn: links.barred(conn, account)) is None
    review = await done(desk, review, ReviewAct.CONFIRMED)
    assert await database.read(lambda conn: links.barred(conn, account)) is AccountBar.CEDED
    assert await statuses(database) == [(1, SubmissionStatus.CEDED)]
    open_sessions = await database.read(lambda conn: conn.execute(sa.select(session.c.owner)))
    assert open_sessions.scalars().all() == []
    await sign_in(desk, None, 1)  # to read why
    review = await done(desk, review, ReviewAct.UNDONE)
    assert await statuses(database) == [(1, SubmissionStatus.SUBMITTED)]
    assert await database.read(lambda conn: links.barred(conn, account)) is None
    assert review.decision is None


async def test_a_ceded_account_gets_no_turn(database: Database) -> None:
    """Its token stays nobody's."""
    desk = make_desk(database)
    account = await account_of(desk, 1)
    await done(desk, await found_cession(desk, account), ReviewAct.CONFIRMED)
    period = await make_period(database)
    with pytest.raises(Refusal) as refused:
        await submit(desk, period, 1)
    assert refused.value.code == Code.ACCOUNT_CEDED_REFUSED


async def test_a_request_reopens_a_case_and_changes_nothing_else(database: Database) -> None:
    """The person asks for a look: the link stands until somebody decides otherwise, then it ends."""
    desk = make_desk(database)
    _, second, review = await pair(desk)
    review = await done(desk, review, ReviewAct.REQUESTED, actor="candidate", text="Ce n’est pas moi.")
    assert (review.state, review.decision, review.has_request) == (ReviewState.OPEN, Decision.CONFIRMED, True)
    assert await database.read(lambda conn: links.barred(conn, second)) is AccountBar.DUPLICATE
    review = await done(desk, review, ReviewAct.DISMISSED)
    assert await database.read(lambda conn: links.barred(conn, second)) is None
    with pytest.raises(Refusal) as refused:
        await done(desk, review, ReviewAct.CONFIRMED)
    assert refused.value.code == Code.MOVE_NOT_ALLOWED


async def test_nothing_of_a_person_stands_in_the_tables_of_reviews(sqlite_url: str) -> None:
    """Canaries: names, numbers and what was said are in no table that a case writes, nor in its letters and mails."""
    database = Database(sqlite_url)
    desk = make_desk(database)
    names = {"family_name": "Canarisse", "given_name": "Planteline", "passport": "CANARY777"}
    accounts = [
        await account_of(desk, 1, **names),
        await account_of(desk, 2, **names | {"passport": "CANARY888"}),
    ]
    line = PaperRecord(reference="CANARY-P", identity=awa(**names))
    ciphers = desk.accounts.personal.reviews
    await database.write(lambda conn: paper_register.take_over(conn, ciphers, [line], "jeanne", 5))
    for account in accounts:
        found = await scanned(desk, account)
    review = next(one for one in found if one.kind == ReviewKind.DUPLICATE)
    review = await done(desk, review, ReviewAct.ASKED, text="Canarisse, CANARY777 ?")
    await done(desk, review, ReviewAct.CONFIRMED, text="Planteline est Planteline.")
    for id, kind in await rows(database, outbox.task.c.id, outbox.task.c.kind):
        if kind == consequences.REVIEW_NOTICE:
            assert await outbox.perform(database, EFFECTS, id, 0)
    # Identities of accounts are planted as earlier releases wrote them, in plain JSON: those alone are there.
    plain = sa.update(accounts_table).values(identity="{}")
    await database.write(lambda conn: conn.execute(plain))
    written = await database.read(everything)
    await database.close()
    for canary in ("Canarisse", "canarisse", "Planteline", "CANARY", "canary"):
        assert canary not in written


async def everything(conn: AsyncConnection) -> str:
    """Every value of every table but drafts, as text."""
    tables = [table for table in metadata.sorted_tables if not table.name.startswith("draft")]
    return "\n".join([str((await conn.execute(sa.select(table))).all()) for table in tables])
