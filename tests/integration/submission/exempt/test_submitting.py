"""Submissions outside the quota: every other rule holds, and the quota never moves."""

from typing import Any

import pytest
import sqlalchemy as sa

from foundation.errors import Refusal
from foundation.sql.database import Database
from submission import store
from submission.exempt import submitting
from submission.exempt.states import ExemptClaimAct
from submission.states import Capacity
from submission.submit import Signing
from tests.support.candidates.exempt import SIGNED, STREAM, accepted_claim, decide, declare, submit_outside
from tests.support.desks import PHONE, call, days_ago, make_account, make_desk, sign_in, signed, visit
from tests.support.rooms import make_period, read_period


async def test_a_submission_while_the_room_is_open(database: Database) -> None:
    """A rank of the ledger and a receipt; no place, no number; a repeat is the same receipt (EX-02, P3)."""
    desk = make_desk(database)
    period = await make_period(database)
    await accepted_claim(desk, await make_account(desk, 1))
    await accepted_claim(desk, await make_account(desk, 2), "VEO-2")
    one, other = await sign_in(desk, number=1), await sign_in(desk, number=2)
    first, second = await submit_outside(desk, one), await submit_outside(desk, other)
    assert (first.rank, second.rank, first.repeated) == (1, 2, False)
    again = await submit_outside(desk, one)
    assert (again.receipt, again.rank, again.repeated) == (first.receipt, 1, True)
    assert await read_period(database, period) == period
    rows = await database.read(lambda conn: conn.execute(sa.select(store.submission)))
    assert {(row.period, row.number, row.ledger, row.stream) for row in rows} == {
        (None, None, "demo", STREAM)
    }
    kinds = await database.read(
        lambda conn: conn.execute(sa.text("select kind from task order by subject_id, kind"))
    )
    assert [row.kind for row in kinds] == ["exempt_confirmation", "payment_watch"] * 2


async def test_only_with_a_claim_that_an_agent_accepted(database: Database) -> None:
    """None, one that waits, a refused one, one of the other stream: each is refused, and nothing is written."""
    desk = make_desk(database)
    account = await make_account(desk)
    here = await sign_in(desk)

    async def refused(stream: str = STREAM) -> None:
        with pytest.raises(Refusal, match="claim_not_accepted"):
            await submit_outside(desk, here, stream=stream)

    await refused()
    claim = await declare(desk, account)
    await refused()
    await decide(desk, claim, ExemptClaimAct.REFUSE)
    await refused()
    await decide(desk, claim, ExemptClaimAct.ACCEPT)
    await refused("resident_temporaire_autorise")
    assert (await submit_outside(desk, here)).rank == 1


async def test_all_other_rules_hold(database: Database) -> None:
    """Device, draft complete and alive, declaration and signature, the lawyer on file: as in the ten minutes."""
    desk = make_desk(database)
    await accepted_claim(desk, await make_account(desk))
    here = await sign_in(desk)
    with pytest.raises(Refusal, match="device_refused"):
        await submitting.submit(desk, visit({}, here, verdict=PHONE), "demo", STREAM, SIGNED)
    for wrong, code in (
        (Signing(declaration=False, capacity=Capacity.CANDIDATE), "signature_missing"),
        (Signing(declaration=True), "signature_missing"),
        (Signing(declaration=True, capacity=Capacity.LAWYER), "representative_not_recognised"),
    ):
        with pytest.raises(Refusal, match=code):
            await submit_outside(desk, here, wrong)
    with pytest.raises(Refusal, match="not_signed_in"):
        await submitting.submit(desk, visit(), "demo", STREAM, SIGNED)
    with pytest.raises(Refusal, match="not_found"):
        await submitting.submit(desk, visit({}, here), "demo", "autre", SIGNED)


@pytest.mark.parametrize(
    ("values", "code"),
    [({"draft": False}, "draft_incomplete"), ({"begun_at": days_ago(91)}, "draft_expired")],
    ids=["none", "expired"],
)
async def test_a_draft_is_complete_and_alive(database: Database, values: dict[str, Any], code: str) -> None:
    """Without one, or with one whose days are over, nothing is submitted."""
    desk = make_desk(database)
    await accepted_claim(desk, await make_account(desk, **values))
    with pytest.raises(Refusal, match=code):
        await submit_outside(desk, await sign_in(desk))


async def test_a_false_claim_takes_its_submission_away(database: Database) -> None:
    """It is removed, keeps its rank, enters no quota; the person may still apply in a period; undoing is refused then,
    and works where they did not."""
    desk = make_desk(database)
    account = await make_account(desk)
    claim = await accepted_claim(desk, account)
    accepted = await submit_outside(desk, await sign_in(desk))
    assert (await decide(desk, claim, ExemptClaimAct.REMOVE)).state == "removed"
    assert await statuses(database, accepted.receipt) == ["submitted", "removed"]
    assert (await decide(desk, claim, ExemptClaimAct.REINSTATE)).state == "used"
    assert await statuses(database, accepted.receipt) == ["submitted", "removed", "submitted"]
    await decide(desk, claim, ExemptClaimAct.REMOVE)
    period = await make_period(database)
    called = await call(desk, period, 1)
    here = await sign_in(desk, called)
    assert (await desk.submit(called.visit(here), period.id, signed(called))).rank == 1
    assert (await read_period(database, period)).accepted == 1
    with pytest.raises(Refusal, match="duplicate_account"):
        await decide(desk, claim, ExemptClaimAct.REINSTATE)
    assert await statuses(database, accepted.receipt) == ["submitted", "removed", "submitted", "removed"]


async def statuses(db: Database, receipt: str) -> list[str]:
    """The history of a submission."""
    s, c = store.submission.c, store.status_change.c
    found = sa.select(c.status).join(store.submission, s.id == c.submission).where(s.receipt == receipt)
    return list((await db.read(lambda conn: conn.execute(found.order_by(c.id)))).scalars())
