"""What is accepted in a period that is annulled: void, with its history and a letter to come; nobody submits after."""

import sqlalchemy as sa

from foundation.clock import now_ms
from foundation.outbox import task
from foundation.sql.database import Database
from quota import annulment
from quota.moves import operating
from quota.store import Period
from submission import store
from submission.annulment import void
from submission.follow_up import ANNULMENT
from tests.support.candidates.refusals import code_of
from tests.support.desks import call, make_account, make_desk, sign_in, signed
from tests.support.rooms import make_period, read_period


async def annulled(database: Database, period: Period) -> Period:
    done = await database.write(
        lambda conn: annulment.annul(conn, period.uid, "essai", "agnes", now_ms(), void)
    )
    return done.done()


async def test_every_submission_is_void_and_nobody_submits_any_more(database: Database) -> None:
    """In the transaction that annuls: each accepted one with its history and one letter; who holds a token is told why
    it is no good; a repeat gets the receipt that it had, and what became of it (P3)."""
    desk = make_desk(database)
    period = await make_period(database)
    for number in (1, 2, 3):
        await make_account(desk, number)
    accepted = []
    for number in (1, 2):
        called = await call(desk, period, number)
        signed_in = await sign_in(desk, called, number)
        outcome = await desk.submit(called.visit(signed_in), "essai", signed(called))
        accepted.append((called, signed_in, outcome))
    third, unbound = await call(desk, period, 3), await call(desk, period, 4)
    session = await sign_in(desk, third, 3)
    after = await annulled(database, period)
    assert (after.accepted, after.voided, after.held) == (2, 2, 2)
    s, c = store.submission.c, store.status_change.c
    statuses = await database.read(lambda conn: conn.execute(sa.select(s.status)))
    assert list(statuses.scalars()) == ["annulled"] * 2
    history = await database.read(
        lambda conn: conn.execute(sa.select(c.submission, c.status).order_by(c.submission, c.id))
    )
    assert [row.status for row in history] == ["submitted", "annulled"] * 2
    staged = sa.select(sa.func.count()).where(task.c.kind == ANNULMENT)
    assert (await database.read(lambda conn: conn.execute(staged))).scalar_one() == 2
    assert await code_of(desk.submit(third.visit(session), "essai", signed(third))) == "annulled"
    assert await code_of(sign_in(desk, unbound, 3)) == "annulled"
    called, signed_in, outcome = accepted[0]
    again = await desk.submit(called.visit(signed_in), "essai", signed(called))
    assert (again.receipt, again.repeated, again.status) == (outcome.receipt, True, "annulled")
    assert (await read_period(database, period)).accepted == 2


async def test_a_suspension_outlives_the_end(database: Database) -> None:
    """Closed in a suspension, a period takes no submission until an operator resumes it: then live tokens finish."""
    desk = make_desk(database)
    period = await make_period(database)
    await make_account(desk)
    called = await call(desk, period, 1)
    session = await sign_in(desk, called)
    await database.write(lambda conn: operating.suspend(conn, period.uid, "agnes", now_ms()))
    assert await code_of(desk.submit(called.visit(session), "essai", signed(called))) == "suspended"
    await database.write(lambda conn: operating.close(conn, period.uid, "agnes", now_ms()))
    assert await code_of(desk.submit(called.visit(session), "essai", signed(called))) == "suspended"
    await database.write(lambda conn: operating.resume(conn, period.uid, "agnes", now_ms()))
    assert (await desk.submit(called.visit(session), "essai", signed(called))).rank == 1
