"""Decisions: two people where the programme says so, told once, replaced by another verb only."""

import asyncio
from typing import Any

import pytest

from accounts.reviews import cases
from accounts.reviews.cases import FoundCase
from accounts.reviews.states import ReviewAct, ReviewKind
from casework.decisions import deciding
from casework.decisions.deciding import FileDecision
from casework.decisions.states import DecisionOutcome, ProposalState
from casework.files.states import FileStatus
from casework.mailbox.store import message
from casework.store import document
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.errors import Refusal
from foundation.sql.database import Database
from tests.integration.casework.checklists.test_handling import receive
from tests.support.casework.lists import AGENT, DECISIONS, OTHER, listed, status_of_file
from tests.support.desks import PERSONAL
from tests.support.tasks import rows

REASON = "Le diplôme n’est pas reconnu."


async def examined(db: Database) -> None:
    """File 1, with everything that its list asks for."""
    await listed(db)
    for number in (1, 2, 3, 4):
        await receive(db, number)


async def propose(
    db: Database, outcome: DecisionOutcome, by: Actor = AGENT, reason: str = REASON
) -> FileDecision:
    return await db.write(lambda conn: deciding.propose(conn, DECISIONS, 1, outcome, reason, by, now_ms()))


async def confirm(db: Database, by: Actor = OTHER) -> FileDecision:
    return await db.write(lambda conn: deciding.confirm(conn, DECISIONS, 1, by, now_ms()))


async def replace(db: Database, outcome: DecisionOutcome) -> FileDecision:
    return await db.write(lambda conn: deciding.replace(conn, DECISIONS, 1, outcome, REASON, AGENT, now_ms()))


async def decisions(db: Database) -> list[tuple[DecisionOutcome, ProposalState]]:
    found = await db.read(lambda conn: deciding.of_file(conn, DECISIONS, 1))
    return [(one.outcome, one.state) for one in found]


async def letters(db: Database) -> int:
    return [kind for (kind,) in await rows(db, document.c.kind)].count("decision")


async def test_a_refusal_takes_two_people_and_is_told_once(database: Database) -> None:
    """The proposer cannot confirm; of three who do at once one is the second; nothing is told before."""
    await examined(database)
    assert (await propose(database, DecisionOutcome.REFUSED)).state is ProposalState.PROPOSED
    assert (await letters(database), await status_of_file(database)) == (0, FileStatus.IN_EXAMINATION)
    with pytest.raises(Refusal, match="second_person_needed"):
        await confirm(database, AGENT)
    found: list[Any] = await asyncio.gather(*(confirm(database) for _ in range(3)), return_exceptions=True)
    assert sum(isinstance(one, FileDecision) for one in found) == 1
    assert (await letters(database), await status_of_file(database)) == (1, FileStatus.DECIDED)
    titles = [title for title, _ in await rows(database, message.c.title, message.c.id)]
    assert titles.count("Une décision est rendue dans votre dossier") == 1
    made = (await database.read(lambda conn: deciding.of_file(conn, DECISIONS, 1)))[0]
    assert (made.reason, made.proposed_by, made.settled_by) == (REASON, "agente", "collegue")
    assert len(made.answers) == len(made.rules) == 64


async def test_a_decision_is_replaced_by_two_people_with_a_reason_and_never_erased(
    on_sqlite: Database,
) -> None:
    await examined(on_sqlite)
    await propose(on_sqlite, DecisionOutcome.ACCEPTED)
    assert await decisions(on_sqlite) == [(DecisionOutcome.ACCEPTED, ProposalState.IN_FORCE)]
    with pytest.raises(Refusal, match="already_decided"):
        await propose(on_sqlite, DecisionOutcome.REFUSED)
    waiting = await replace(on_sqlite, DecisionOutcome.CLOSED)
    assert waiting.second_needed and await letters(on_sqlite) == 1
    await confirm(on_sqlite)
    assert await decisions(on_sqlite) == [
        (DecisionOutcome.ACCEPTED, ProposalState.REPLACED),
        (DecisionOutcome.CLOSED, ProposalState.IN_FORCE),
    ]
    assert (await letters(on_sqlite), await status_of_file(on_sqlite)) == (2, FileStatus.DECIDED)


async def test_a_proposal_is_taken_back_untold_and_another_may_follow(on_sqlite: Database) -> None:
    await examined(on_sqlite)
    await propose(on_sqlite, DecisionOutcome.REFUSED)
    with pytest.raises(Refusal, match="already_decided"):
        await propose(on_sqlite, DecisionOutcome.REJECTED)
    await on_sqlite.write(lambda conn: deciding.withdraw(conn, DECISIONS, 1, "Une erreur.", OTHER, now_ms()))
    with pytest.raises(Refusal, match="not_found"):
        await confirm(on_sqlite)
    await propose(on_sqlite, DecisionOutcome.ACCEPTED)
    assert await decisions(on_sqlite) == [
        (DecisionOutcome.REFUSED, ProposalState.WITHDRAWN),
        (DecisionOutcome.ACCEPTED, ProposalState.IN_FORCE),
    ]


async def test_what_cannot_be_decided_is_refused(on_sqlite: Database) -> None:
    """Before the documents are here, without a reason, a replacement of nothing."""
    await listed(on_sqlite)
    for outcome in (DecisionOutcome.ACCEPTED, DecisionOutcome.REFUSED):
        with pytest.raises(Refusal, match="move_not_allowed"):
            await propose(on_sqlite, outcome)
    with pytest.raises(Refusal, match="invalid"):
        await propose(on_sqlite, DecisionOutcome.CLOSED, reason="\u200b")
    with pytest.raises(Refusal, match="move_not_allowed"):
        await replace(on_sqlite, DecisionOutcome.CLOSED)
    assert await decisions(on_sqlite) == []


@pytest.mark.parametrize("kind", [ReviewKind.CESSION, ReviewKind.DUPLICATE])
async def test_nothing_is_decided_before_it_is_known_whether_the_account_was_ceded(
    database: Database, kind: ReviewKind
) -> None:
    """Neither proposed nor confirmed, until a person has decided of the account; a submission keeps its place. Twin:
    any other case of the account stops nothing."""
    await examined(database)
    await propose(database, DecisionOutcome.REFUSED)
    ciphers = PERSONAL.reviews
    about = FoundCase(kind=kind, about=f"{kind}:1", account=1, score=60, signals=())
    case, _ = await database.write(lambda conn: cases.open_case(conn, ciphers, about, now_ms()))
    if kind is ReviewKind.DUPLICATE:
        assert (await confirm(database)).state is ProposalState.IN_FORCE
        return
    with pytest.raises(Refusal, match="review_pending"):
        await confirm(database)
    await database.write(lambda conn: deciding.withdraw(conn, DECISIONS, 1, "Autre.", AGENT, now_ms()))
    with pytest.raises(Refusal, match="review_pending"):
        await propose(database, DecisionOutcome.ACCEPTED)
    assert await status_of_file(database) == FileStatus.IN_EXAMINATION
    dismissed = (ciphers, case, ReviewAct.DISMISSED, "lucie", "Rien de tel.")
    await database.write(lambda conn: cases.act(conn, *dismissed, now_ms()))
    assert (await propose(database, DecisionOutcome.ACCEPTED)).state is ProposalState.IN_FORCE
