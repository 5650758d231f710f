"""Outcomes and proposals: each has its words, and each can be decided somewhere."""

from casework.decisions.states import (
    OUTCOME_TEXTS,
    OUTCOMES,
    POSSIBLE,
    PROPOSALS,
    DecisionOutcome,
    ProposalState,
)
from casework.files.states import FileEventKind, FileStatus
from casework.files.status import moved


def test_every_outcome_and_state_has_its_words() -> None:
    assert set(OUTCOMES) == set(OUTCOME_TEXTS) == set(POSSIBLE) == set(DecisionOutcome)
    assert set(PROPOSALS) == set(ProposalState)


def test_what_is_possible_is_what_the_files_table_allows() -> None:
    """An outcome is decided where the file can be, or replaced where it is."""
    for statuses in POSSIBLE.values():
        for status in statuses:
            kind = FileEventKind.DECISION_REPLACED if status is FileStatus.DECIDED else FileEventKind.DECIDED
            assert moved(status, kind) is FileStatus.DECIDED


def test_nobody_is_accepted_or_refused_before_all_is_examined() -> None:
    for outcome in (DecisionOutcome.ACCEPTED, DecisionOutcome.REFUSED):
        assert POSSIBLE[outcome] == {FileStatus.IN_EXAMINATION, FileStatus.DECIDED}
