"""Both records of a case beside each other."""

from accounts.cession.signals import CESSION_WORDS, CessionSignal
from accounts.identities import Identity
from accounts.linkage.comparison import WORDS, PersonRecord, Signal
from accounts.linkage.paper_register import PaperRecord
from console.reviews.side_by_side import EMPTY, AccountSummary, evidence_of, rows_of
from submission.near_duplicates.records import AccountRecords

AWA = Identity(family_name="N’Diaye", given_name="Awa", birth_date="1990-02-23", passport="AB1")


def account(number: int, identity: Identity = AWA, *more: Identity) -> AccountRecords:
    records = tuple(PersonRecord(identity=one, emails=("a@exemple.invalid",)) for one in (identity, *more))
    return AccountRecords(account=number, username="a", created_at=0, records=records)


STANDINGS = {number: AccountSummary(created="hier", submissions=()) for number in (1, 2)}


def test_every_field_of_both_is_a_row() -> None:
    """What is the same is said so; what one of them lacks is not."""
    other = Identity(family_name="N’Diaye", given_name="Awa", birth_date="1990-03-22", passport="")
    rows = {row.label: row for row in rows_of(account(1), account(2, other), STANDINGS)}
    assert rows["Nom de famille"].is_same
    assert not rows["Date de naissance"].is_same
    assert rows["Passeport"].other == EMPTY
    assert not rows["Téléphone"].is_same


def test_a_paper_record_has_its_reference() -> None:
    """And another name under which something was signed is shown."""
    married = Identity(family_name="Diallo", given_name="Awa", birth_date="1990-02-23", passport="AB1")
    paper = PaperRecord(reference="P-12", identity=AWA)
    rows = {row.label: row for row in rows_of(account(1, AWA, married), paper, STANDINGS)}
    assert rows["Demandes"].other == "Papier, P-12"
    assert rows["Signé sous un autre nom"].one == "Awa Diallo"


def test_evidence_is_in_words_with_its_points() -> None:
    """The strongest first; a word that nobody knows any more is passed over."""
    found = evidence_of([Signal.DOCUMENT_DIFFERENT, Signal.NAME_SAME, CessionSignal.PROCURATION, "gone"])
    assert [one.words for one in found] == [
        WORDS[Signal.NAME_SAME], WORDS[Signal.DOCUMENT_DIFFERENT], CESSION_WORDS[CessionSignal.PROCURATION],
    ]  # fmt: skip
    assert [one.shown for one in found] == ["+40", "−5", "−40"]
