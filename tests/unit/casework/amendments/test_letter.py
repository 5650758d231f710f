"""The document of an amendment says what was and what is."""

from datetime import date

import msgspec

from accounts.identities import Identity
from casework.amendments.folding import AmendedLine
from casework.amendments.letter import blocks_of
from casework.amendments.reading import FileAmendment
from casework.amendments.sealing import AmendmentContent
from casework.blocks import written
from casework.files.sheet import FileSheet
from casework.letters.letterhead import LetterSender
from submission.forms.model import AmendmentKind

ANNE = Identity(family_name="Roy", given_name="Anne", birth_date="1985-04-02", passport="X1")

HEAD = FileSheet(
    submission=1, account=1, username="anne", identity=ANNE, email=None,
    address=None, receipt="R-1", programme="demo", rules=None, ordinal=1, rank=1, submitted_at=0, pay_by=0,
)  # fmt: skip

ONE = FileAmendment(
    id=1, serial=2, kind=AmendmentKind.ADDRESS, key="k", on_day=date(2016, 7, 14), last_day=date(2016, 8, 15),
    told_on=date(2016, 8, 15), author="anne", at=1_468_500_000_000,
    content=AmendmentContent("1", {}, [AmendedLine("contact.city", "Coordonnées, Ville", "Lyon", "")]),
)  # fmt: skip


def test_both_texts_and_the_day() -> None:
    """Nothing where nothing stands; late is said, on the day itself it is not."""
    text = written(blocks_of(HEAD, ONE, "Démonstration", LetterSender("Ministère"), 1_468_500_000_000))
    assert "Avant : Lyon. Maintenant : Aucune réponse." in text and "14\xa0juillet\xa02016" in text
    assert "retard" not in text
    late = msgspec.structs.replace(ONE, told_on=date(2016, 8, 16))
    assert "retard" in written(
        blocks_of(HEAD, late, "Démonstration", LetterSender("Ministère"), 1_468_500_000_000)
    )
