"""The daily list: every item that was entered on a day, with the totals by kind and by instrument; nothing is left out.

A line of zero stands in the list as any other, so that a day without a postal order says so. What was undone is listed
and counts in no total.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.blocks import Block, Heading, Note, TextTable, plain
from casework.files.numbers import file_number
from casework.mailroom import items
from casework.mailroom.items import RegisteredItem
from casework.mailroom.services import MailroomServices
from casework.mailroom.states import INSTRUMENTS, KINDS, STATES, MailItemState, MailKind
from casework.mailroom.store import mail_item
from casework.payments.cheques import DayOfCheques, RefundCheque
from foundation.clock import montreal
from foundation.money import dollars
from server.rendering.templating import day_words, instant

AT_ONCE: Final = 200
"""Rows that are read together, so that a list of any length is sent as it is read."""

m = mail_item.c


class DailyTotal(msgspec.Struct, frozen=True, kw_only=True):
    """How many items of something, and what they come to in cents (None: not of money)."""

    label: str
    count: int
    cents: int | None = None


class DailyTotals(msgspec.Struct, frozen=True, kw_only=True):
    """The totals of a day, in the order in which kinds and instruments are chosen. `undone` are in no other total."""

    kinds: tuple[DailyTotal, ...]
    instruments: tuple[DailyTotal, ...]
    undone: int


def totals_of(found: Iterable[RegisteredItem]) -> DailyTotals:
    """The totals of these items. Pure."""
    every = list(found)
    counted = [one for one in every if one.state is not MailItemState.UNDONE]
    paid = [one.entry for one in counted if one.entry.kind is MailKind.PAYMENT]
    return DailyTotals(
        kinds=tuple(
            DailyTotal(label=words, count=sum(one.entry.kind is kind for one in counted))
            for kind, words in KINDS.items()
        ),
        instruments=tuple(
            DailyTotal(
                label=words,
                count=sum(one.instrument == instrument for one in paid),
                cents=sum(one.cents or 0 for one in paid if one.instrument == instrument),
            )
            for instrument, words in INSTRUMENTS.items()
        ),
        undone=len(every) - len(counted),
    )


async def of_day(conn: AsyncConnection, services: MailroomServices, day: date) -> list[RegisteredItem]:
    """All of a day, in the order in which they were entered."""
    found: list[RegisteredItem] = []
    while some := await after(conn, services, day, found[-1].id if found else 0):
        found += some
    return found


async def after(
    conn: AsyncConnection, services: MailroomServices, day: date, last: int
) -> list[RegisteredItem]:
    """The next items of a day behind the one of this number, `AT_ONCE` at most."""
    which: Sequence[sa.ColumnElement[bool]] = (m.entered_on == day.isoformat(), m.id > last)
    return await items.listed(conn, services, *which, most=AT_ONCE)


COLUMNS: Final = (
    "piece", "nature", "etat", "dossier", "recue_le", "cachet", "mode_de_paiement", "montant", "reference",
    "inscrite_a", "inscrite_par", "retournee_le", "suivi",
)  # fmt: skip
"""Of the list as a file."""


def cells_of(item: RegisteredItem) -> tuple[str, ...]:
    """One item in these columns; who it is about is its file's number alone (P11). Pure."""
    entry = item.entry
    return (
        str(item.id), KINDS[entry.kind], STATES[item.state],
        "" if item.submission is None else file_number(item.submission), entry.received_on.isoformat(),
        "" if entry.postmarked_on is None else entry.postmarked_on.isoformat(),
        "" if entry.instrument is None else INSTRUMENTS.get(entry.instrument, entry.instrument),
        "" if entry.cents is None else f"{entry.cents // 100},{entry.cents % 100:02}", entry.reference,
        f"{montreal(item.entered_at):%H:%M:%S}", item.entered_by,
        "" if item.sent_on is None else item.sent_on.isoformat(), item.tracking or "",
    )  # fmt: skip


def cheque_cells(cheque: RefundCheque) -> tuple[str, ...]:
    """A cheque that went out, in the same columns. Pure."""
    amount = f"{cheque.cents // 100},{cheque.cents % 100:02}"
    at = "" if cheque.issued_at is None else f"{montreal(cheque.issued_at):%H:%M:%S}"
    day = "" if cheque.issued_on is None else cheque.issued_on.isoformat()
    return (
        "", CHEQUE, "Émis", cheque.file, "", "", CHEQUE, amount, cheque.number or "", at, cheque.issued_by or "",
        day, "",
    )  # fmt: skip


CHEQUE: Final = "Chèque de remboursement"


def blocks_of(day: date, found: Sequence[RegisteredItem], now: int, paid_back: DayOfCheques) -> list[Block]:
    """The list as a document to print. Pure."""
    totals = totals_of(found)
    rows = [
        [
            str(one.id), KINDS[one.entry.kind], "—" if one.submission is None else file_number(one.submission),
            one.entry.received_on.isoformat(),
            "—" if one.entry.cents is None else dollars(one.entry.cents), STATES[one.state],
        ]
        for one in found
    ]  # fmt: skip
    columns = ["Pièce", "Nature", "Dossier", "Reçue le", "Montant", "État"]
    nothing = ["—", "Aucune pièce", "—", "—", "—", "—"]
    return [
        Heading(title_of(day), level=1),
        TextTable("Pièces inscrites", columns, rows or [nothing]),
        TextTable("Par nature", ["Nature", "Pièces"], [[one.label, str(one.count)] for one in totals.kinds]),
        TextTable(
            "Paiements, par mode",
            ["Mode de paiement", "Pièces", "Total"],
            [[one.label, str(one.count), dollars(one.cents or 0)] for one in totals.instruments],
        ),
        TextTable(
            "Chèques de remboursement",
            ["Dossier", "Numéro", "Date", "Montant"],
            [
                [
                    one.file,
                    one.number or "",
                    "" if one.issued_on is None else one.issued_on.isoformat(),
                    dollars(one.cents),
                ]
                for one in paid_back.issued
            ]
            or [["—", "Aucun chèque", "—", "—"]],
        ),
        TextTable(
            "Chèques, comparaison",
            ["Chèques", "Nombre", "Total"],
            [[label, str(count), dollars(cents)] for label, count, cents in compared(paid_back)],
        ),
        Note(plain(f"Inscriptions annulées, comptées nulle part ailleurs : {totals.undone}.")),
        Note(plain(f"Liste tirée le {instant(now)}.")),
    ]


def compared(paid_back: DayOfCheques) -> list[tuple[str, int, int]]:
    """What was decided beside what went out: what, how many, cents. Pure."""
    return [
        ("Décidés ce jour", paid_back.decided, paid_back.decided_cents),
        ("Émis ce jour", len(paid_back.issued), paid_back.issued_cents),
        ("À émettre en tout", paid_back.owed, paid_back.owed_cents),
    ]


def title_of(day: date) -> str:
    """What the list is called."""
    return f"Courrier inscrit le {day_words(day)}"
