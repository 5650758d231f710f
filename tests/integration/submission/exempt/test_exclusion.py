"""One application an account and a person a programme, in its quota or outside it (P4)."""

import asyncio
from collections.abc import Awaitable

import msgspec
import pytest

from accounts.identities import Identity
from foundation.errors import Refusal
from foundation.sql.database import Database
from submission.exempt import exclusion
from submission.exempt.exclusion import NOTHING_OUTSIDE, LockedPeriod
from submission.submit import Accepted
from tests.support.candidates.exempt import accepted_claim, submit_outside
from tests.support.desks import call, make_account, make_desk, sign_in, signed
from tests.support.rooms import make_period, read_period

SAME = Identity(family_name="Côté", given_name="Inès", birth_date="1980-01-02", passport="AB 12 34")

SAME_TOO = msgspec.structs.replace(SAME, family_name="COTE", passport="ab1234")


async def outcome(work: Awaitable[Accepted]) -> str:
    """What became of a submission, in a word."""
    try:
        await work
    except Refusal as refusal:
        return str(refusal.code)
    return "accepted"


async def test_who_has_a_place_of_the_quota_submits_nothing_outside(database: Database) -> None:
    """The same account is told its receipt; the same person's other account only that there is one."""
    desk = make_desk(database)
    period = await make_period(database)
    await accepted_claim(desk, await make_account(desk, 1, identity=SAME))
    await accepted_claim(desk, await make_account(desk, 2, identity=SAME_TOO), "VEO-2")
    called = await call(desk, period, 1)
    here = await sign_in(desk, called, 1)
    accepted = await desk.submit(called.visit(here), period.id, signed(called))
    with pytest.raises(Refusal, match="duplicate_account") as refused:
        await submit_outside(desk, here)
    assert refused.value.fields["receipt"] == accepted.receipt
    with pytest.raises(Refusal, match="duplicate_person") as refused:
        await submit_outside(desk, await sign_in(desk, number=2))
    assert "receipt" not in refused.value.fields


@pytest.mark.parametrize("first", [1, 2])
async def test_ones_own_place_is_said_before_another_accounts(database: Database, first: int) -> None:
    """Whose name was put right meanwhile is the person of another account too, and is told their own receipt."""
    desk = make_desk(database)
    period = await make_period(database)
    own = await make_account(desk, 1)
    await make_account(desk, 2, identity=SAME)
    receipts = {}
    for which in (first, 3 - first):
        called = await call(desk, period, which)
        here = await sign_in(desk, called, which)
        receipts[which] = (await desk.submit(called.visit(here), period.id, signed(called))).receipt
    locked = [LockedPeriod(period.uid, period.person_key)]
    with pytest.raises(Refusal, match="duplicate_account") as refused:
        await database.read(lambda conn: exclusion.refuse_accepted(conn, locked, own, SAME_TOO))
    assert refused.value.fields["receipt"] == receipts[1]


async def test_who_has_submitted_outside_gets_no_place(database: Database) -> None:
    """Nor does the person's other account; somebody else does, and the token stays theirs."""
    desk = make_desk(database)
    period = await make_period(database)
    await accepted_claim(desk, await make_account(desk, 1, identity=SAME))
    await make_account(desk, 2, identity=SAME_TOO)
    await make_account(desk, 3)
    await submit_outside(desk, await sign_in(desk, number=1))
    found = []
    for which in (1, 2, 3):
        called = await call(desk, period, which)
        here = await sign_in(desk, called, which)
        found.append(await outcome(desk.submit(called.visit(here), period.id, signed(called))))
    assert found == ["duplicate_account", "duplicate_person", "accepted"]
    assert (await read_period(database, period)).accepted == 1


@pytest.mark.parametrize("turn", range(3), ids=["first", "second", "third"])
async def test_of_two_at_once_one_is_accepted(database: Database, turn: int) -> None:
    """One person presses in the room and outside it in the same moment: one submission, whichever it is."""
    desk = make_desk(database)
    period = await make_period(database)
    await accepted_claim(desk, await make_account(desk, 1))
    called = await call(desk, period, 1)
    here = await sign_in(desk, called, 1)
    found = await asyncio.gather(
        outcome(desk.submit(called.visit(here), period.id, signed(called))),
        outcome(submit_outside(desk, here)),
    )
    assert sorted(found) == ["accepted", "duplicate_account"]


async def test_without_the_look_at_the_ledger_both_are_accepted(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: where the quota does not look outside, one person has two."""

    async def blind(*_: object) -> exclusion.SubmittedOutside:
        return NOTHING_OUTSIDE

    desk = make_desk(database)
    period = await make_period(database)
    await accepted_claim(desk, await make_account(desk, 1))
    called = await call(desk, period, 1)
    here = await sign_in(desk, called, 1)
    await submit_outside(desk, here)
    monkeypatch.setattr(exclusion, "submitted_outside", blind)
    assert await outcome(desk.submit(called.visit(here), period.id, signed(called))) == "accepted"
