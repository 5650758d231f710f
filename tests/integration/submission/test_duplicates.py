"""Traces that show reviewers who might be the same person."""

import pytest
from sqlalchemy.exc import IntegrityError

from accounts import identities
from foundation.clock import now_ms
from foundation.sql.database import Database
from submission import duplicates
from submission.states import TraceKind
from tests.support.desks import call, make_account, make_desk, sign_in, signed
from tests.support.rooms import make_period
from tests.support.tasks import about


async def test_two_accepted_with_a_trace_in_common_are_shown_to_reviewers(database: Database) -> None:
    """One passport under two names is recorded, not refused; who shares nothing is not (DU-01)."""
    desk = make_desk(database)
    period = await make_period(database)
    for number, family_name in ((1, "Un"), (2, "Deux"), (3, "Trois")):
        passport = "P1" if number < 3 else "P3"
        identity = identities.Identity(
            family_name=family_name, given_name="A", birth_date="1990-01-01", passport=passport
        )
        await make_account(desk, number, identity=identity)
        called = await call(desk, period, number)
        await desk.submit(called.visit(await sign_in(desk, None, number)), "essai", signed(called))
    for one in (about(1), about(2), about(3)):
        await database.write(lambda conn, one=one: duplicates.trace(conn, one, now_ms()))  # type: ignore[misc]
    found = await database.read(lambda conn: duplicates.likenesses(conn, period.uid))
    assert found == [duplicates.Likeness(TraceKind.PASSPORT, 1, 2)]
    with pytest.raises(IntegrityError):
        await database.write(lambda conn: duplicates.trace(conn, about(1), now_ms()))
