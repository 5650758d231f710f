"""What a reply leads to: every reply on all terms, as a table of cases."""

import pytest

from foundation.errors import Code
from quota.states import TokenState
from waitingroom.joins.outcome import JoinOutcome, JoinStep, frees, join_outcome, row_step, seen_outcome
from waitingroom.line.replies import EnteredReply, EnterReply, JoinReply, SeenReply
from waitingroom.line.states import JoinTerms

GIVE, KEEP, REFUSE = JoinStep.GIVE, JoinStep.KEEP, JoinStep.REFUSE

FREE, OWES, PROVED, NONE = JoinTerms.PLAIN, JoinTerms.OWES, JoinTerms.PROVED, JoinTerms.NONE


@pytest.mark.parametrize(
    ("reply", "terms", "step", "owes", "code"),
    [
        (JoinReply.NEW, FREE, GIVE, False, None),
        (JoinReply.NEW, OWES, GIVE, True, None),
        (JoinReply.NEW, PROVED, GIVE, False, None),
        (JoinReply.SAME, FREE, KEEP, False, None),
        (JoinReply.SAME, OWES, KEEP, False, None),
        (JoinReply.SAME, PROVED, KEEP, False, None),
        (JoinReply.SAME, NONE, KEEP, False, None),
        (JoinReply.OWES, FREE, KEEP, True, None),
        (JoinReply.OWES, OWES, KEEP, True, None),
        (JoinReply.OWES, NONE, KEEP, True, None),
        (JoinReply.ASK, FREE, JoinStep.READ_ROW, False, None),
        (JoinReply.ASK, OWES, JoinStep.READ_ROW, False, None),
        (JoinReply.PROOF, NONE, REFUSE, False, Code.PROOF_REQUIRED),
        (JoinReply.EARLY, FREE, REFUSE, False, Code.ROOM_NOT_OPEN),
        (JoinReply.FULL, FREE, REFUSE, False, Code.QUOTA_REACHED),
        (JoinReply.CLOSED, PROVED, REFUSE, False, Code.PERIOD_CLOSED),
        (EnterReply.NEW, FREE, GIVE, False, None),
        (EnterReply.NEW, OWES, GIVE, True, None),
        (EnterReply.SAME, OWES, KEEP, False, None),
        (EnterReply.OWES, FREE, KEEP, True, None),
        (EnterReply.LATE, FREE, JoinStep.ASK_NUMBER, False, None),
        (EnterReply.LATE, OWES, JoinStep.ASK_NUMBER, False, None),
        (EnterReply.PROOF, NONE, REFUSE, False, Code.PROOF_REQUIRED),
        (EnterReply.EARLY, FREE, REFUSE, False, Code.ROOM_NOT_OPEN),
    ],
)
def test_a_reply_to_a_join_leads_to_one_step(
    reply: JoinReply | EnterReply, terms: JoinTerms, step: JoinStep, owes: bool, code: Code | None
) -> None:
    """What is new owes what its terms say; what one has already owes what the line says."""
    assert join_outcome(reply, terms) == JoinOutcome(step, owes, code)


@pytest.mark.parametrize("reply", [*JoinReply, *EnterReply])
@pytest.mark.parametrize("terms", JoinTerms)
def test_every_reply_leads_somewhere(reply: JoinReply | EnterReply, terms: JoinTerms) -> None:
    """But RAISE, which the batch answers; and only a refusal has a code."""
    if reply in (JoinReply.RAISE, EnterReply.RAISE):
        with pytest.raises(KeyError):
            join_outcome(reply, terms)
        return
    outcome = join_outcome(reply, terms)
    assert (outcome.code is not None) == (outcome.step is REFUSE)


@pytest.mark.parametrize(
    ("reply", "step", "owes"),
    [
        (SeenReply.WAITING, KEEP, False),
        (SeenReply.RESTORED, KEEP, False),
        (SeenReply.GONE, JoinStep.READ_ROW, False),
        (EnteredReply.ENTERED, KEEP, False),
        (EnteredReply.RESTORED, KEEP, False),
        (EnteredReply.OWES, KEEP, True),
        (EnteredReply.LATE, JoinStep.ASK_NUMBER, False),
    ],
)
def test_a_ticket_that_is_presented_leads_to_one_step(
    reply: SeenReply | EnteredReply, step: JoinStep, owes: bool
) -> None:
    """It is kept, looked up, or of no use for a number."""
    assert seen_outcome(reply) == JoinOutcome(step, owes)


@pytest.mark.parametrize(
    ("state", "step"),
    [
        (TokenState.LIVE, KEEP),
        (TokenState.USED, JoinStep.REPLACE),
        (TokenState.LAPSED, JoinStep.REPLACE),
        (TokenState.LEFT, JoinStep.REPLACE),
        (None, JoinStep.REPLACE),
    ],
)
def test_only_a_token_that_lives_keeps_a_number_that_is_gone(
    state: TokenState | None, step: JoinStep
) -> None:
    """After a submission too: a lawyer comes back for the next client (SW-02)."""
    assert row_step(state) is step


@pytest.mark.parametrize("terms", JoinTerms)
def test_only_a_proof_frees_and_only_what_owes(terms: JoinTerms) -> None:
    """The instant since when it owes stands in the ticket; 0 owes nothing."""
    assert frees(1_700_000_000_000, terms) is (terms is PROVED)
    assert frees(0, terms) is False
