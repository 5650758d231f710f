"""Every kind of document that is filed: written as PDF, read back, and no failures found by two checkers.

`docs/letters.md` shows the first page of each; `make guides` makes the pictures anew, and a letter that says something
else than its picture is found here. With `LETTERS_INTO` a folder gets each page, to be looked at.
"""

import io
import json
import os
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pypdfium2
import pytest

from accounts.attempts.missed import MissedAttempts
from accounts.reviews.states import ReviewAct, ReviewKind
from casework import annulment, confirmation, exempt_letters, missed_notice, review_notice
from casework.amendments import letter as amendment_letter
from casework.blocks import Block, Letterhead, spoken
from casework.checklists import letter as list_letter
from casework.decisions import letter as decision_letter
from casework.decisions.states import DecisionOutcome
from casework.documents import DocumentKind
from casework.files.events import FileEvent, FileHistory
from casework.files.states import FileEventKind, FileStatus
from casework.letters import payment_letters
from casework.letters.letterhead import account_letterhead, letterhead, programme_letterhead, senders
from casework.letters.payment_letters import LetterWords
from casework.letters.printed import actions
from casework.letters.rendering import pdf_of
from casework.payments import cheques
from casework.payments import letters as money_letters
from casework.payments.cheques import TypedCheque
from casework.payments.letters import MoneyLetter
from casework.payments.postal import FileMoney, PostalPayment, judge
from casework.payments.states import Instrument, MoneyAct
from casework.payments.supplements import wording
from casework.withdrawal import letter as withdrawal_letter
from foundation.money import dollars
from submission.exempt.states import ExemptClaimAct
from submission.states import Capacity, SubmissionStatus
from tests.support.casework.letters import NOW, failures, head
from tests.support.casework.lists import DECISIONS
from tests.support.casework.supplements import EXTRA_ASKED as EXTRA
from tests.support.drivers.albums import WORDS as KEPT
from tests.support.drivers.albums import in_few_colours, told
from tests.support.places import ROOT
from tests.support.tasks import KNOWN
from tests.unit.casework.amendments.test_letter import ONE
from tests.unit.casework.checklists.test_letter import made
from tests.unit.casework.withdrawal.test_letter import WITHDRAWN

WORDS = LetterWords(KNOWN["demo"].name, senders(KNOWN)["demo"])

PAID = FileEvent(
    kind=FileEventKind.PAID, at=NOW, actor="service", detail={"cents": 82_200, "instrument": "postal_order"}
)

HISTORY = FileHistory(submission=123, standing=SubmissionStatus.SUBMITTED, events=[PAID])

HEAD = letterhead(WORDS.sender, head().identity.full_name, head().address, 123, NOW)

PROGRAMME_HEAD = programme_letterhead(WORDS.sender, head().identity.full_name, head().address, NOW)

ACCOUNT_HEAD = account_letterhead(KNOWN, head().identity.full_name, head().address, NOW)

DAY = date(2026, 9, 1)


def confirmed() -> list[Block]:
    said = confirmation.Confirmation(
        name="Élodie N’Diaye", username="elodie", receipt=head().receipt, programme="demo", ordinal=1, number=1234,
        rank=17, submitted_at=NOW, pay_by=NOW,
    )  # fmt: skip
    return [HEAD, *confirmation.blocks_of(said, WORDS.programme, NOW)]


def annulled() -> list[Block]:
    said = annulment.AnnulmentLetter(
        receipt=head().receipt, programme="demo", ordinal=1, rank=17, submitted_at=NOW, annulled_at=NOW,
        annul_reason="Une panne a empêché des personnes de soumettre leur demande.",
    )  # fmt: skip
    return [HEAD, *annulment.blocks_of(said, WORDS.programme, NOW)]


def exempted() -> list[Block]:
    said = exempt_letters.ExemptConfirmation(
        name="Élodie N’Diaye", username="elodie", receipt=head().receipt, ledger="demo", stream="s", rank=3,
        submitted_at=NOW, pay_by=NOW,
    )  # fmt: skip
    return [HEAD, *exempt_letters.confirmation_blocks(said, WORDS.programme, "Offre d’emploi validée", NOW)]


def exempt_decided() -> list[Block]:
    said = exempt_letters.DecisionLetter(
        act=ExemptClaimAct.REFUSE, programme=WORDS.programme, stream="Offre d’emploi validée", claimed_at=NOW,
        reason="La validation n’est plus en vigueur.",
    )  # fmt: skip
    return [PROGRAMME_HEAD, *exempt_letters.decision_blocks(said, NOW)]


def money(said: MoneyLetter) -> Callable[[], list[Block]]:
    return lambda: money_letters.blocks_of(said, head(), WORDS, NOW)


def returned() -> MoneyLetter:
    payment = PostalPayment(instrument=None, cents=82_200, received_on=DAY)
    of = FileMoney(status=FileStatus.AWAITING_PAYMENT, fee=82_200, pay_by=DAY)
    return money_letters.returned(judge(payment, of))


def decided() -> list[Block]:
    rules, reason = DECISIONS.rules["prtq-2016"], "Un motif.\nUn autre."
    outcome = DecisionOutcome.REFUSED
    return decision_letter.decision_blocks(head(), WORDS, outcome, reason, rules, DAY, NOW)


EACH: dict[DocumentKind, Callable[[], list[Block]]] = {
    DocumentKind.CONFIRMATION: confirmed,
    DocumentKind.ANNULMENT: annulled,
    DocumentKind.EXEMPT_CONFIRMATION: exempted,
    DocumentKind.EXEMPT_DECISION: exempt_decided,
    DocumentKind.REVIEW_NOTICE: lambda: [
        ACCOUNT_HEAD,
        *review_notice.blocks_of(ReviewKind.DUPLICATE, ReviewAct.LINKED, True, NOW),
    ],
    DocumentKind.MISSED_NOTICE: lambda: [
        ACCOUNT_HEAD,
        *missed_notice.blocks_of(MissedAttempts(12, 1, NOW), NOW),
    ],
    DocumentKind.PAYMENT_CONFIRMATION: lambda: payment_letters.confirmation_blocks(head(), WORDS, PAID, NOW),
    DocumentKind.FILE_OPENING: lambda: payment_letters.opening_blocks(head(), WORDS, PAID, NOW),
    DocumentKind.ACTIONS_RECORD: lambda: actions.blocks_of(
        head(), WORDS, [(NOW, SubmissionStatus.SUBMITTED)], HISTORY, [], NOW
    ),
    DocumentKind.AMENDMENT: lambda: amendment_letter.blocks_of(
        head(), ONE, WORDS.programme, WORDS.sender, NOW
    ),
    DocumentKind.CHECKLIST: lambda: list_letter.list_blocks(
        head(), WORDS, made(), made().deadline(), True, NOW
    ),
    DocumentKind.DECISION: decided,
    DocumentKind.PAYMENT_RETURNED: money(returned()),
    DocumentKind.PAYMENT_DECISION: money(
        money_letters.decided(MoneyAct.ACCEPT, dollars(90_000), DAY, 7_800, "Le surplus est remboursé.")
    ),
    DocumentKind.FILE_DELETED: money(
        money_letters.deleted(FileEventKind.UNPAID_DELETED, DAY, date(2026, 11, 30), None)
    ),
    DocumentKind.SUPPLEMENT_CONFIRMATION: money(wording.confirmed(EXTRA, DAY, Instrument.CARD)),
    DocumentKind.REFUND_CHEQUE: money(cheques.letter(500, TypedCheque("A-12", DAY))),
    DocumentKind.WITHDRAWAL: lambda: money_letters.blocks_of(
        withdrawal_letter.withdrawn(WITHDRAWN, Capacity.CANDIDATE, DAY), head(), WORDS, NOW
    ),
}


def test_every_kind_is_here() -> None:
    """A new kind of document is written and checked before it is filed."""
    assert set(EACH) == set(DocumentKind)


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_two_checkers_find_no_failures_in(kind: DocumentKind, tmp_path: Path) -> None:
    """Nor the reading back, which would have raised."""
    content = EACH[kind]()
    assert isinstance(content[0], Letterhead) and len(content[0].sender) >= 3, "who writes, and from where"
    pdf = pdf_of(content, kind, f"Dossier {head().number}", NOW)
    assert failures(pdf, tmp_path) == []
    if into := os.environ.get("LETTERS_INTO"):
        for number, page in enumerate(pypdfium2.PdfDocument(pdf), 1):
            page.render(scale=1.1).to_pil().save(Path(into) / f"{kind}-{number}.png")


SHOWN = ROOT / "docs" / "letters"


def test_the_letters_of_the_docs_are_of_today(request: pytest.FixtureRequest) -> None:
    """Each says what its picture says, and the page shows each."""
    content = {f"{kind}.png": written() for kind, written in EACH.items()}
    words = {name: told(spoken(blocks)) for name, blocks in content.items()}
    if request.config.getoption("--take-pictures"):
        for name, blocks in content.items():
            (SHOWN / name).write_bytes(first_page(blocks))
        kept = json.dumps(words, indent=2, sort_keys=True) + "\n"
        (SHOWN / KEPT).write_text(kept, encoding="utf-8")
    assert json.loads((SHOWN / KEPT).read_text(encoding="utf-8")) == words, (
        "run `make guides`, and look at it"
    )
    page = (ROOT / "docs" / "letters.md").read_text(encoding="utf-8")
    assert (
        set(re.findall(r"\(letters/(.+?\.png)\)", page))
        == set(words)
        == {one.name for one in SHOWN.glob("*.png")}
    )


def first_page(content: list[Block]) -> bytes:
    """Of its PDF, as a picture."""
    picture = io.BytesIO()
    pdf = pypdfium2.PdfDocument(pdf_of(content, "lettre", f"Dossier {head().number}", NOW))
    pdf[0].render(scale=1.1).to_pil().save(picture, "PNG")
    return in_few_colours(picture.getvalue())
