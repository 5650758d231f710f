"""Who may sign for a candidate."""

from typing import Any

import pytest
import sqlalchemy as sa

from accounts.representatives.disclosure import Power, SigningGround
from accounts.representatives.states import PowerState, RepresentativeKind
from accounts.representatives.store import representative
from foundation.clock import now_ms
from foundation.sql.database import Database
from submission.signing import frozen, signatures, signers
from submission.states import Capacity
from tests.support.candidates.refusals import code_of
from tests.support.desks import call, make_account, make_desk, sign_in, signed
from tests.support.rooms import KEYS, make_period

LAWYER = RepresentativeKind.LAWYER


@pytest.mark.parametrize(
    ("state", "allowed", "flagged"),
    [
        (PowerState.DECLARED, True, True),
        (PowerState.RECEIVED, True, True),
        (PowerState.ACTIVE, True, False),
        (PowerState.FROZEN, False, False),
        (PowerState.REVOKED, False, False),
    ],
)
def test_a_lawyer_on_the_file_signs_and_is_flagged_until_the_procuration_is_in_force(
    state: PowerState, allowed: bool, flagged: bool
) -> None:
    """The procuration may be under way (RP-01); a power that is suspended or over signs nothing."""
    found = signers.verdict(Capacity.LAWYER, Power("r1", 1, LAWYER, state), {LAWYER})
    assert found is not None and (found.allowed, found.flagged) == (allowed, flagged)


def test_only_a_lawyer_and_only_one_on_the_file() -> None:
    """Nobody is on a file by saying so; a consultant on it signs as no lawyer; a candidate signs alone."""
    consultant = Power("r1", 1, RepresentativeKind.CONSULTANT, PowerState.ACTIVE)
    for power in (None, consultant):
        found = signers.verdict(Capacity.LAWYER, power, {LAWYER})
        assert found is not None and found.ground is SigningGround.NOT_ON_FILE
    assert signers.verdict(Capacity.CANDIDATE, None, set()) is None


def test_the_page_offers_what_the_programme_lets() -> None:
    """Where no representative may sign, nobody is offered to."""
    assert list(signers.offered({LAWYER})) == [Capacity.CANDIDATE, Capacity.LAWYER]
    assert list(signers.offered(set())) == [Capacity.CANDIDATE]


async def declare(db: Database, account: int, state: PowerState) -> None:
    """A lawyer on this file."""
    row: dict[str, Any] = {
        "id": "r1", "account": account, "reference": "r1", "kind": LAWYER, "state": state, "details": "",
        "declared_at": now_ms(),
    }  # fmt: skip
    await db.write(lambda conn: conn.execute(sa.insert(representative).values(row)))


@pytest.mark.parametrize("state", [None, PowerState.DECLARED, PowerState.FROZEN], ids=str)
async def test_whose_signature_is_taken_is_in_its_record(
    database: Database, state: PowerState | None
) -> None:
    """Who signed, in which capacity and by which ground; refused, it costs nothing and the candidate signs."""
    desk = make_desk(database)
    period = await make_period(database)
    account = await make_account(desk)
    if state is not None:
        await declare(database, account, state)
    called = await call(desk, period, 1)
    visit = called.visit(await sign_in(desk, called))
    by_lawyer = signed(called, capacity=Capacity.LAWYER)
    if state is not PowerState.DECLARED:
        assert await code_of(desk.submit(visit, "essai", by_lawyer)) == "representative_not_recognised"
    accepted = await desk.submit(
        visit, "essai", by_lawyer if state is PowerState.DECLARED else signed(called)
    )
    assert accepted.rank == 1
    found = await database.read(
        lambda conn: signatures.find(conn, accepted.receipt, "demo", frozen.cipher(KEYS))
    )
    assert found.signature is not None
    if state is PowerState.DECLARED:
        assert (found.signature.representative, found.signature.ground) == ("r1", "awaiting_procuration")
    else:
        assert (found.signature.representative, found.signature.ground) == (None, None)
