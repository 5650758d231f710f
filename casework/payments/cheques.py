"""Refunds by cheque: owed by a decision, issued once with a number and a day, told by a letter.

What is owed is a movement already (`deciding.py`), so that a file's balance is its fee; the row says whether the
cheque has left. Its number is on one cheque only.
"""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.normalisation import visible
from casework.documents import DocumentKind
from casework.files.numbers import file_number
from casework.payments import letters, movements, store
from casework.payments.letters import MoneyLetter
from casework.payments.services import PaymentServices
from foundation import audit
from foundation.audit import Actor
from foundation.calendar.days import day_of, end_of_day
from foundation.errors import Code, Refusal
from foundation.money import dollars
from foundation.sql.tables import insert_for, plain_row
from foundation.subjects import Subject
from server.rendering.templating import day_words
from submission.store import SUBMISSION

q = store.refund_cheque.c

ISSUED: Final = "refund_cheque_issued"
"""The act of the audit."""

NUMBER: Final = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}")
"""Of a cheque, in capitals."""

TITLE: Final = "Remboursement par chèque"

SAID: Final = (
    "Un chèque de ce montant part par la poste, à votre adresse. Si elle a changé, écrivez-nous aussitôt."
)


class RefundCheque(msgspec.Struct, frozen=True, kw_only=True):
    """A cheque that is owed, or was issued: `case` is the money that was decided of, instants in milliseconds."""

    case: int
    submission: int
    cents: int
    asked_at: int
    number: str | None = None
    issued_on: date | None = None
    issued_at: int | None = None
    issued_by: str | None = None

    @property
    def file(self) -> str:
        """The number of its file."""
        return file_number(self.submission)


class DayOfCheques(msgspec.Struct, frozen=True, kw_only=True):
    """The cheques of a day: how many were decided and for how much, those that were issued, and what is still owed."""

    decided: int
    decided_cents: int
    issued: Sequence[RefundCheque]
    owed: int
    owed_cents: int

    @property
    def issued_cents(self) -> int:
        return sum(one.cents for one in self.issued)


class TypedCheque(msgspec.Struct, frozen=True):
    """What was typed: the number on the cheque, and its day."""

    number: str
    issued_on: date


def read(number: str, issued_on: date | None, today: date) -> TypedCheque:
    """The cheque that was typed. Refusal invalid with each wrong field. Pure."""
    number, wrong = visible(number).replace(" ", "").upper(), {}
    if not NUMBER.fullmatch(number):
        wrong["number"] = "Entrez le numéro du chèque : chiffres, lettres et traits d’union, 20 au plus."
    if issued_on is None or not today - timedelta(days=366) <= issued_on <= today:
        wrong["issued_on"] = "Entrez le jour du chèque, tel que 2026-06-13, qui n’est pas à venir."
    if wrong or issued_on is None:
        raise Refusal(Code.INVALID, fields=[{"name": name, "reason": text} for name, text in wrong.items()])
    return TypedCheque(number, issued_on)


async def owe(conn: AsyncConnection, case: int, submission: int, cents: int, now: int) -> None:
    """A decision owes a cheque; once a case."""
    values = {"case": case, "submission": submission, "cents": cents, "asked_at": now}
    written = insert_for(conn, store.refund_cheque).values(values)
    await conn.execute(written.on_conflict_do_nothing(index_elements=[q.case]))


async def issue(
    conn: AsyncConnection, services: PaymentServices, case: int, typed: TypedCheque, by: Actor, now: int
) -> RefundCheque:
    """The cheque goes out, under its file's lock: row, letter and audit together; typed twice, once.

    Refusals not_found; already_decided where it was issued with another number; invalid for a number that another
    cheque has, and for a day before the decision.
    """
    owed = await find(conn, case)
    await movements.lock(conn, owed.submission)
    owed = await find(conn, case)
    if owed.number is not None:
        if (owed.number, owed.issued_on) == (typed.number, typed.issued_on):
            return owed
        raise Refusal(Code.ALREADY_DECIDED)
    if typed.issued_on < day_of(owed.asked_at):
        raise _invalid("issued_on", "Le chèque est fait après la décision.")
    taken = sa.select(q.case).where(q.number == typed.number)
    if (await conn.execute(taken)).first() is not None:
        raise _invalid("number", "Un autre chèque a ce numéro.")
    values = {
        "number": typed.number, "issued_on": typed.issued_on.isoformat(), "issued_at": now, "issued_by": by.name
    }  # fmt: skip
    await conn.execute(sa.update(store.refund_cheque).where(q.case == case).values(values))
    subject, day = Subject.row(SUBMISSION, owed.submission), typed.issued_on.isoformat()
    await audit.record(conn, by, ISSUED, subject, now, cents=owed.cents, number=typed.number, day=day)
    said = letter(owed.cents, typed)
    await letters.send(conn, services, owed.submission, said, now, key=f"money:cheque:{case}")
    return await find(conn, case)


def letter(cents: int, typed: TypedCheque) -> MoneyLetter:
    """The letter that goes with it. Pure."""
    facts = [
        ("Montant", dollars(cents)),
        ("Numéro du chèque", typed.number),
        ("Date du chèque", day_words(typed.issued_on)),
    ]
    return MoneyLetter(DocumentKind.REFUND_CHEQUE, TITLE, [SAID], facts)


async def find(conn: AsyncConnection, case: int) -> RefundCheque:
    """One of them. Refusal not_found."""
    row = (await conn.execute(sa.select(store.refund_cheque).where(q.case == case))).one_or_none()
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    return _cheque(row)


async def owed(conn: AsyncConnection) -> list[RefundCheque]:
    """Those that are still to be issued, the oldest first."""
    rows = sa.select(store.refund_cheque).where(q.number.is_(None)).order_by(q.asked_at, q.case)
    return [_cheque(row) for row in await conn.execute(rows)]


async def of_day(conn: AsyncConnection, day: date) -> DayOfCheques:
    """A day beside what is owed: what was entered as issued on it, in the order of entering."""
    first, last = end_of_day(day - timedelta(days=1)) + 1_000, end_of_day(day) + 1_000
    within = (q.issued_at >= first, q.issued_at < last)
    found = sa.select(store.refund_cheque).where(*within).order_by(q.issued_at, q.case)
    total = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(q.cents), 0))
    decided = (await conn.execute(total.where(q.asked_at >= first, q.asked_at < last))).one()
    still = (await conn.execute(total.where(q.number.is_(None)))).one()
    return DayOfCheques(
        decided=decided[0], decided_cents=int(decided[1]), owed=still[0], owed_cents=int(still[1]),
        issued=[_cheque(row) for row in await conn.execute(found)],
    )  # fmt: skip


def _cheque(row: sa.Row[tuple[object, ...]]) -> RefundCheque:
    return msgspec.convert(plain_row(row), RefundCheque)


def _invalid(name: str, reason: str) -> Refusal:
    return Refusal(Code.INVALID, fields=[{"name": name, "reason": reason}])
