"""The daily list: every item, and totals with lines of zero."""

from datetime import date

from casework.blocks import spoken
from casework.mailroom.daily import COLUMNS, blocks_of, cells_of, cheque_cells, totals_of
from casework.mailroom.entries import MailEntry
from casework.mailroom.items import RegisteredItem
from casework.mailroom.states import INSTRUMENTS, KINDS, MailItemState, MailKind
from casework.payments.cheques import DayOfCheques, RefundCheque

DAY = date(2026, 11, 30)

AT = 1_796_054_400_000


def item(
    number: int, kind: MailKind, state: MailItemState = MailItemState.ACCEPTED, **values: object
) -> RegisteredItem:
    """An item of that day."""
    given = {"kind": kind, "received_on": DAY, "postmarked_on": None} | values
    return RegisteredItem(
        id=number, key="k", state=state, submission=None if state is MailItemState.RECEIVED else 1,
        entry=MailEntry(**given),  # type: ignore[arg-type]
        entered_at=AT, entered_on=DAY, entered_by="claire",
    )  # fmt: skip


FOUND = [
    item(1, MailKind.PAYMENT, instrument="bank_draft", cents=78_300),
    item(2, MailKind.PAYMENT, instrument="bank_draft", cents=100, reference="=1+1"),
    item(3, MailKind.PAYMENT, MailItemState.UNDONE, instrument="cash", cents=500),
    item(4, MailKind.OTHER, MailItemState.RECEIVED),
]


ISSUED = RefundCheque(
    case=1,
    submission=1,
    cents=500,
    asked_at=AT,
    number="A-1",
    issued_on=DAY,
    issued_at=AT,
    issued_by="agathe",
)

BACK = DayOfCheques(decided=2, decided_cents=900, issued=[ISSUED], owed=1, owed_cents=400)

NONE = DayOfCheques(decided=0, decided_cents=0, issued=[], owed=0, owed_cents=0)


def test_totals_have_every_kind_and_instrument() -> None:
    """Zeros too; what was undone counts nowhere else."""
    totals = totals_of(FOUND)
    assert [one.label for one in totals.kinds] == list(KINDS.values())
    assert [one.label for one in totals.instruments] == list(INSTRUMENTS.values())
    found = {one.label: (one.count, one.cents) for one in totals.instruments if one.count}
    assert found == {INSTRUMENTS["bank_draft"]: (2, 78_400)} and totals.undone == 1
    assert sum(one.count for one in totals.kinds) == 3


def test_a_line_of_the_file_names_nobody() -> None:
    """The file's number alone, and amounts as French spreadsheets read them."""
    assert len(cells_of(FOUND[0])) == len(COLUMNS)
    assert cells_of(FOUND[0])[7] == "783,00" and cells_of(FOUND[0])[3].startswith("D-0000001")
    assert cells_of(FOUND[3])[3] == ""


def test_the_document_says_the_same() -> None:
    """An empty day has its zeros as well."""
    said, empty = spoken(blocks_of(DAY, FOUND, AT, BACK)), spoken(blocks_of(DAY, [], AT, NONE))
    assert "784,00" in said and all(words in said and words in empty for words in INSTRUMENTS.values())
    assert "Aucune pièce" in empty and "Aucun chèque" in empty
    assert "A-1" in said and "9,00" in said and "À émettre en tout" in empty


def test_a_cheque_is_a_line_of_its_own() -> None:
    """In the same columns, by the file's number alone."""
    cells = cheque_cells(ISSUED)
    assert len(cells) == len(COLUMNS)
    assert (cells[7], cells[8], cells[11]) == ("5,00", "A-1", "2026-11-30")
