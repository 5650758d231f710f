"""The summary: the answers that were signed, in their labels; only for a file whose fees are here (DM-06)."""

import pytest

from casework.blocks import spoken
from casework.files.states import FileStatus
from casework.letters.letterhead import LetterSender
from casework.letters.payment_letters import LetterWords
from casework.letters.printed import summary
from casework.letters.rendering import pdf_of
from foundation.errors import Code, Refusal
from submission.signing.frozen import FrozenAnswer, FrozenAnswers, FrozenMember, FrozenSection
from submission.signing.signatures import SignedContent
from tests.support.casework.letters import NOW, head

PAID = {
    FileStatus.PAID,
    FileStatus.OPENED,
    FileStatus.AWAITING_DOCUMENTS,
    FileStatus.IN_EXAMINATION,
    FileStatus.DECIDED,
}


@pytest.mark.parametrize("status", list(FileStatus))
def test_a_summary_is_printed_once_the_fees_are_paid(status: FileStatus) -> None:
    """And not before, nor after they went back."""
    if status in PAID:
        summary.require_printable(status)
        return
    with pytest.raises(Refusal) as refused:
        summary.require_printable(status)
    assert refused.value.code == Code.PRINT_NOT_AVAILABLE


WORDS = LetterWords("Démonstration", LetterSender("Ministère"))


def test_a_summary_says_every_answer_and_who_signed() -> None:
    """Sections, members, labels and words; a section that nobody filled says so."""
    answers = FrozenAnswers(
        programme="demo", form_version="3", salt="s",
        sections=[
            FrozenSection("a", "Identité", [FrozenMember("", "", [FrozenAnswer("n", "Nom", "N’Diaye")])]),
            FrozenSection("b", "Famille", [
                FrozenMember("1", "Enfant 1", [FrozenAnswer("d", "Né le", "2010-01-02", "2 janvier 2010")])
            ]),
            FrozenSection("c", "Projets", []),
        ],
    )  # fmt: skip
    content = summary.blocks_of(
        head(),
        LetterWords("Démonstration", LetterSender("Ministère")),
        SignedContent(answers=answers, signature=None),
        NOW,
    )
    said = spoken(content)
    for text in ("Nom N’Diaye", "Enfant 1", "Né le 2 janvier 2010", summary.NOTHING, "Élodie N’Diaye"):
        assert text in said
    assert pdf_of(content, summary.TITLE, "Dossier D-0000123-20", NOW).startswith(b"%PDF")
