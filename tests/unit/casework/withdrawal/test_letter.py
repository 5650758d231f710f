"""The letter of a withdrawal says who, when, and what follows."""

from datetime import date

from casework.documents import DocumentKind
from casework.files.states import FileStatus
from casework.withdrawal import letter
from casework.withdrawal.means import WithdrawalMeans, sentences
from submission.states import Capacity

WITHDRAWN = WithdrawalMeans(
    status=FileStatus.PAID, kept=82_200, waits=False, under_way=False, in_quota=True, originals=True
)


def test_it_says_everything() -> None:
    said = letter.withdrawn(WITHDRAWN, Capacity.LAWYER, date(2026, 9, 1))
    assert said.kind is DocumentKind.WITHDRAWAL
    assert said.paragraphs[1:] == list(sentences(WITHDRAWN))
    assert [label for label, _ in said.facts] == ["Retirée le", "Retirée par", "Frais gardés"]
    assert "avocat" in dict(said.facts)["Retirée par"]
