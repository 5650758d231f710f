"""A submission as its owner sees it."""

import pytest

from casework import receipts
from foundation.errors import Refusal
from foundation.sql.database import Database
from submission.states import Capacity, SubmissionStatus
from tests.support.desks import PERSONAL, call, make_account, make_desk, sign_in, signed
from tests.support.rooms import make_period


async def test_an_account_finds_its_own_submissions_the_latest_first(database: Database) -> None:
    """With their history; those of others are not there, and neither is a receipt that is none."""
    desk = make_desk(database)
    mine, other = await make_account(desk), await make_account(desk, 2)
    receipts_of: dict[str, str] = {}
    periods = {
        "essai": await make_period(database),
        "suite": await make_period(database, id="suite", ordinal=2),
    }
    for name, number in (("essai", 1), ("suite", 1), ("essai", 2)):
        called = await call(desk, periods[name], number)
        at = called.visit(await sign_in(desk, called, number))
        receipts_of[f"{name} {number}"] = (await desk.submit(at, name, signed(called))).receipt
    found = await database.read(lambda conn: receipts.of_account(conn, PERSONAL, mine))
    assert [one.receipt for one in found] == [receipts_of["suite 1"], receipts_of["essai 1"]]
    assert found[0].capacity is Capacity.CANDIDATE
    assert [change.status for change in found[0].history] == [SubmissionStatus.SUBMITTED]
    assert len(await database.read(lambda conn: receipts.of_account(conn, PERSONAL, other))) == 1
    for wrong in (receipts_of["essai 2"], "MPQ-00000-00000-00000-00000", "x", ""):
        with pytest.raises(Refusal, match="not_found"):
            await database.read(lambda conn, w=wrong: receipts.find(conn, PERSONAL, w, mine))  # type: ignore[misc]
    desk.accounts.hasher.close()
