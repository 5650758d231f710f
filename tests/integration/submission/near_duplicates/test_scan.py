"""Scans: what is exact is linked, what is alike is a case, what is not leaves no trace."""

import pytest
import sqlalchemy as sa

from accounts.linkage import paper_register
from accounts.linkage.comparison import PersonRecord, Signal
from accounts.linkage.paper_register import PaperRecord
from accounts.linkage.staging import LinkageTask, stage_scan
from accounts.personal_data.fields import IDENTITY
from accounts.reviews import cases, links
from accounts.reviews import store as reviews_store
from accounts.reviews.states import AccountBar, Decision, ReviewAct, ReviewKind, ReviewState
from accounts.store import account as accounts
from config.demo.people import invented_content
from foundation import outbox
from foundation.clock import now_ms
from foundation.sql.database import Database
from foundation.subjects import Subject
from submission.follow_up import FollowUp
from submission.near_duplicates.scan import likest
from tests.support.candidates.alike import AWA, account_of, awa, done, fresh, pair, scanned, submit
from tests.support.desks import PERSONAL, Desk, make_account, make_desk
from tests.support.rooms import make_period
from tests.support.tasks import EFFECTS, about, rows


async def barred(desk: Desk, account: int) -> AccountBar | None:
    return await desk.db.read(lambda conn: links.barred(conn, account))


async def test_a_second_account_of_one_identity_is_linked_at_once(database: Database) -> None:
    """The newer one may not apply, with the reason on record; scanning again changes nothing."""
    desk = make_desk(database)
    first, second, review = await pair(desk, family_name="NDIAYE")
    assert (review.kind, review.state, review.decision) == (
        ReviewKind.DUPLICATE, ReviewState.DECIDED, Decision.CONFIRMED,
    )  # fmt: skip
    assert review.is_automatic
    assert await barred(desk, second) is AccountBar.DUPLICATE
    assert await barred(desk, first) is None
    (again,) = await scanned(desk, first)
    assert again == await fresh(desk, review)


async def test_what_is_alike_is_a_case_and_bars_nobody(database: Database) -> None:
    """Swapped names, swapped day and month and a new passport reach a person, whom nothing is done to."""
    desk = make_desk(database)
    changes = {
        "family_name": "Awa",
        "given_name": "Ndiaye",
        "birth_date": "1990-02-12",
        "passport": "X7654321",
    }
    first = await account_of(desk, 1, birth_date="1990-12-02")
    second = await account_of(desk, 2, **changes)
    await scanned(desk, first)
    (review,) = await scanned(desk, second)
    assert (review.state, review.decision, review.is_automatic) == (ReviewState.OPEN, None, False)
    assert Signal.BIRTH_DAY_AND_MONTH in review.signals
    assert await barred(desk, second) is None


async def test_who_is_somebody_else_leaves_no_trace(database: Database) -> None:
    """Twins of other names share name, date and contacts, and make no case."""
    desk = make_desk(database)
    await scanned(desk, await account_of(desk, 1))
    assert await scanned(desk, await account_of(desk, 2, given_name="Fatou", passport="AB1234568")) == []
    assert await desk.db.read(cases.counts) == {}


async def test_an_older_account_stays_until_the_newer_one_was_accepted_first(database: Database) -> None:
    """The survivor is by rule, shown in the link."""
    desk = make_desk(database)
    period = await make_period(database)
    first, second = await account_of(desk, 1), await account_of(desk, 2)
    await submit(desk, period, 2)
    await scanned(desk, second)
    await scanned(desk, first)
    assert await barred(desk, first) is AccountBar.DUPLICATE
    assert await barred(desk, second) is None


async def test_a_person_undid_it_and_no_scan_links_again(database: Database) -> None:
    """What people did in a case is decided by people alone from then on."""
    desk = make_desk(database)
    _, second, review = await pair(desk)
    await done(desk, review, ReviewAct.UNDONE)
    assert await barred(desk, second) is None
    (again,) = await scanned(desk, second)
    assert again.state is ReviewState.OPEN
    await done(desk, again, ReviewAct.DISMISSED)
    (again,) = await scanned(desk, second)
    assert again.decision is Decision.DISMISSED
    assert await barred(desk, second) is None


async def test_what_was_signed_is_a_record_too(database: Database) -> None:
    """An account whose submission bears another one's identity is found after the submission."""
    desk = make_desk(database)
    period = await make_period(database)
    await scanned(desk, await account_of(desk, 1))
    identity = invented_content("essai", 2)["identity"] | AWA
    other = await make_account(desk, 2, content=invented_content("essai", 2) | {"identity": identity})
    await submit(desk, period, 2)
    effect = EFFECTS[FollowUp.DUPLICATE_SCAN]
    await database.write(lambda conn: effect(conn, about(1), now_ms()))
    (review,) = await database.read(lambda conn: cases.of_account(conn, PERSONAL.reviews, other))
    assert review.is_automatic
    # The first has not submitted: whose submission was accepted counts.
    assert await barred(desk, other) is None


async def test_the_task_of_a_new_account_scans_it(database: Database) -> None:
    """Registration stages it; the worker does it."""
    desk = make_desk(database)
    first, second = await account_of(desk, 1), await account_of(desk, 2)
    for account in (first, second):
        await database.write(lambda conn, account=account: stage_scan(conn, account, 5))  # type: ignore[misc]
    for task in (1, 2):
        assert await outbox.perform(database, EFFECTS, task, 0)
    assert await barred(desk, second) is AccountBar.DUPLICATE


async def change_identity(desk: Desk, account: int, **changes: str) -> None:
    sealed = PERSONAL.seal_identity("essai-00002", awa(**changes))
    change = sa.update(accounts).where(accounts.c.id == account).values({IDENTITY: sealed})
    await desk.db.write(lambda conn: conn.execute(change))


async def recheck(desk: Desk, review_id: int) -> None:
    effect = EFFECTS[LinkageTask.REVIEW_RECHECK]
    await desk.db.write(lambda conn: effect(conn, Subject.row(reviews_store.REVIEW, review_id), now_ms()))


@pytest.mark.parametrize(
    "changes", [{}, {"given_name": "Ngozi", "birth_date": "1971-10-29", "passport": "Z9"}]
)
async def test_a_decided_case_is_looked_at_again(database: Database, changes: dict[str, str]) -> None:
    """It stays while it goes with what is found; an identity corrected meanwhile opens it again."""
    desk = make_desk(database)
    _, second, review = await pair(desk)
    await change_identity(desk, second, **changes)
    await recheck(desk, review.id)
    found = await fresh(desk, review)
    assert found.state is (ReviewState.OPEN if changes else ReviewState.DECIDED)
    # What was decided stands until somebody decides otherwise.
    assert await barred(desk, second) is AccountBar.DUPLICATE


async def test_a_decision_that_was_not_carried_out_is_found(database: Database) -> None:
    """« Done » without a link is no decision: the case is open again."""
    desk = make_desk(database)
    _, _, review = await pair(desk)
    await database.write(lambda conn: conn.execute(sa.delete(reviews_store.account_link)))
    await recheck(desk, review.id)
    assert (await fresh(desk, review)).state is ReviewState.OPEN


def test_the_likest_pair_counts() -> None:
    """Of all records of two accounts."""
    far, near = PersonRecord(identity=awa(passport="Z", given_name="Ngozi")), PersonRecord(identity=awa())
    found = likest([far, near], [near])
    assert found is not None
    assert found.is_exact
    assert likest([], [near]) is None


async def test_a_paper_application_is_a_flag_and_bars_nobody(database: Database) -> None:
    """« Vous n’avez pas à » is no ban: even the same to the letter a person looks, and the turn stays."""
    desk = make_desk(database)
    account = await account_of(desk, 1)
    line = PaperRecord(reference="P-12", identity=awa())
    new, met = await database.write(
        lambda conn: paper_register.take_over(conn, PERSONAL.reviews, [line], "jeanne", 5)
    )
    assert (new, met) == (1, 0)
    (review,) = await scanned(desk, account)
    assert (review.kind, review.state, review.is_automatic) == (ReviewKind.PAPER, ReviewState.OPEN, False)
    assert await barred(desk, account) is None
    assert (await submit(desk, await make_period(database), 1)).rank == 1
    assert await database.read(lambda conn: cases.may_be_on_paper(conn, account))
    review = await done(desk, review, ReviewAct.CONFIRMED)
    assert await barred(desk, account) is None
    await done(desk, await done(desk, review, ReviewAct.UNDONE), ReviewAct.DISMISSED)
    assert not await database.read(lambda conn: cases.may_be_on_paper(conn, account))


async def test_a_register_that_comes_later_finds_the_accounts(database: Database) -> None:
    """Whoever is alike is looked at again, once."""
    desk = make_desk(database)
    await scanned(desk, await account_of(desk, 1))
    line = PaperRecord(reference="P-12", identity=awa(passport=""))
    take = paper_register.take_over
    assert await database.write(lambda conn: take(conn, PERSONAL.reviews, [line], "jeanne", 5)) == (1, 1)
    assert await database.write(lambda conn: take(conn, PERSONAL.reviews, [line], "jeanne", 6)) == (0, 0)
    (task,) = await rows(database, outbox.task.c.id)
    assert await outbox.perform(database, EFFECTS, task[0], 0)
    assert (await database.read(cases.counts))[ReviewKind.PAPER, ReviewState.OPEN] == 1
