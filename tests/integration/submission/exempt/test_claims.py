"""Claims to an exempt stream: made, withdrawn, decided, once each."""

import asyncio

import pytest
import sqlalchemy as sa

from foundation import audit
from foundation.clock import now_ms
from foundation.errors import Refusal
from foundation.sql.database import Database
from submission.exempt import claims
from submission.exempt.claims import typed_proof, typed_reason
from submission.exempt.states import ExemptClaimAct, ExemptClaimState
from submission.exempt.store import exempt_claim
from tests.support.candidates.exempt import SEALS, STREAM, accepted_claim, decide, declare
from tests.support.desks import PERSONAL, make_account, make_desk


async def test_a_claim_is_made_once_and_its_number_is_sealed(database: Database) -> None:
    """The number is in no column; a second claim is refused while one stands, and may be made after a withdrawal."""
    desk = make_desk(database)
    account = await make_account(desk)
    claim = await declare(desk, account, " veo-2016 0042 ")
    assert (claim.state, claim.version) == (ExemptClaimState.DECLARED, 1)
    row = (await database.read(lambda conn: conn.execute(sa.select(exempt_claim)))).one()
    assert "0042" not in str(tuple(row))
    assert await database.read(lambda conn: claims.proof_of(conn, SEALS, claim)) == ("veo-2016 0042", 0)
    with pytest.raises(Refusal, match="claim_pending"):
        await declare(desk, account)
    await database.write(lambda conn: claims.withdraw(conn, account, "demo", now_ms()))
    again = await declare(desk, account)
    assert [one.id for one in await database.read(lambda conn: claims.of_account(conn, account))] == [
        again.id, claim.id
    ]  # fmt: skip


async def test_the_same_number_elsewhere_is_shown(database: Database) -> None:
    """However it is spelt; an account of one's own does not count."""
    desk = make_desk(database)
    one, other = await make_account(desk, 1), await make_account(desk, 2)
    await declare(desk, one, "VEO-2016-0042")
    claim = await declare(desk, other, "veo 2016 0042")
    assert await database.read(lambda conn: claims.proof_of(conn, SEALS, claim)) == ("veo 2016 0042", 1)


async def test_there_is_no_such_stream(database: Database) -> None:
    """A stream that the programme's file does not have is not found."""
    desk = make_desk(database)
    with pytest.raises(Refusal, match="not_found"):
        await declare(desk, await make_account(desk), stream="autre")


async def test_a_decision_is_on_the_record_with_its_reason(database: Database) -> None:
    """Who, from what to what, why; the claim has the newest."""
    desk = make_desk(database)
    claim = await accepted_claim(desk, await make_account(desk))
    assert (claim.state, claim.decided_by, claim.reason) == ("accepted", "lucie", "Preuve vérifiée.")
    a = audit.audit.c
    (line,) = await database.read(
        lambda conn: conn.execute(sa.select(a.actor, a.act, a.before, a.after, a.reason))
    )
    assert tuple(line) == (
        "lucie", "claim_accept", '{"state":"declared"}', '{"state":"accepted"}', "Preuve vérifiée."
    )  # fmt: skip


async def test_of_two_agents_one_decides(database: Database) -> None:
    """Both saw the same version: the second is told what it is now, and nothing of theirs is written."""
    desk = make_desk(database)
    claim = await declare(desk, await make_account(desk))

    async def one(act: ExemptClaimAct, by: str) -> str:
        """Who decided, or why they did not, and which version they were told."""
        try:
            await database.write(
                lambda conn: claims.decide(
                    conn, PERSONAL, claim.id, act, "Motif.", claim.version, by, now_ms()
                )
            )
        except Refusal as refusal:
            return f"{refusal.code} {refusal.fields['current']['version']}"
        return by

    outcomes = await asyncio.gather(one(ExemptClaimAct.ACCEPT, "lucie"), one(ExemptClaimAct.REFUSE, "marc"))
    assert sorted(outcomes).count("changed_meanwhile 2") == 1
    after = await database.read(lambda conn: claims.find(conn, claim.id))
    assert after.decided_by in outcomes
    count = sa.select(sa.func.count()).select_from(audit.audit).where(audit.audit.c.act.like("claim_%"))
    assert (await database.read(lambda conn: conn.execute(count))).scalar_one() == 1


async def test_without_the_version_two_agents_both_decide(database: Database) -> None:
    """Twin: who decides on whatever stands there overwrites a colleague without knowing."""
    desk = make_desk(database)
    claim = await declare(desk, await make_account(desk))
    await decide(desk, claim, ExemptClaimAct.ACCEPT, "lucie")
    after = await decide(desk, claim, ExemptClaimAct.REFUSE, "marc")
    assert (after.state, after.version) == ("refused", 3)


async def test_a_refusal_is_undone_unless_another_claim_stands(database: Database) -> None:
    """A new decision takes the place of the old one; not beside a claim that was made since."""
    desk = make_desk(database)
    account = await make_account(desk)
    claim = await declare(desk, account)
    await decide(desk, claim, ExemptClaimAct.REFUSE)
    assert (await decide(desk, claim, ExemptClaimAct.ACCEPT)).state == "accepted"
    await decide(desk, claim, ExemptClaimAct.REFUSE)
    await declare(desk, account)
    with pytest.raises(Refusal, match="claim_pending"):
        await decide(desk, claim, ExemptClaimAct.ACCEPT)
    with pytest.raises(Refusal, match="move_not_allowed"):
        await decide(desk, claim, ExemptClaimAct.REMOVE)


async def test_the_queue_is_bounded_and_oldest_first(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some at a time, on from where the page ended; the counts are of all."""
    monkeypatch.setattr(claims, "MOST_LISTED", 2)
    desk = make_desk(database)
    made = [await declare(desk, await make_account(desk, n), stream=STREAM) for n in (1, 2, 3)]
    waiting = (ExemptClaimState.DECLARED,)
    first = await database.read(lambda conn: claims.waiting(conn, waiting))
    after = (first[-1].claimed_at, first[-1].id)
    rest = await database.read(lambda conn: claims.waiting(conn, waiting, after))
    assert [one.id for one in (*first, *rest)] == [one.id for one in made]
    counts = await database.read(claims.counts)
    assert (counts[ExemptClaimState.DECLARED], counts[ExemptClaimState.USED]) == (3, 0)


@pytest.mark.parametrize("text", ["", "abc", "-- --", "x" * 61, "\u202e1\u202c"], ids=range(5))
def test_what_can_be_no_proof_number(text: str) -> None:
    """Too short, too long, or nothing that is seen."""
    with pytest.raises(Refusal, match="invalid"):
        typed_proof(text)


def test_a_reason_is_words() -> None:
    """Blank ones and endless ones are refused; what is not seen is taken out."""
    assert typed_reason(" vu\u200b  au comptoir ") == "vu au comptoir"
    for text in (None, " \u200b", "x" * 1_001):
        with pytest.raises(Refusal, match="invalid"):
            typed_reason(text)
