"""Supplementary fees of a file: fixed with the amendment that asks for them, then paid, lapsed or given up. One is
awaited at a time. Whoever writes holds the file's lock."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.payments.store import supplement
from foundation.calendar.days import day_of
from submission import fees
from submission.fees import FixedFee

s = supplement.c


class SupplementState(StrEnum):
    """Where a supplement stands."""

    AWAITED = "awaited"
    """It is due, or was and the office still waits for mail: its amendment has no effect yet."""
    PAID = "paid"
    """It is here: its amendment counts."""
    LAPSED = "lapsed"
    """It was not paid in time: its amendment has no effect, and the file is as it was."""
    GIVEN_UP = "given_up"
    """Its candidate gave the amendment up before it was paid: as if it had lapsed at that instant."""


UNPAID_ENDS: Final = frozenset({SupplementState.LAPSED, SupplementState.GIVEN_UP})
"""States of a supplement that nobody is to pay any more, and whose amendment has no effect."""


class Supplement(msgspec.Struct, frozen=True, kw_only=True):
    """A supplementary fee: `serial` is that of its amendment within the file; the rest are instants, `pay_by` the last
    second of the last day."""

    id: int
    submission: int
    serial: int
    fee: FixedFee
    asked_at: int
    pay_by: int
    paid_at: int | None = None
    lapsed_at: int | None = None
    given_up_at: int | None = None

    @property
    def state(self) -> SupplementState:
        if self.paid_at is not None:
            return SupplementState.PAID
        if self.given_up_at is not None:
            return SupplementState.GIVEN_UP
        return SupplementState.AWAITED if self.lapsed_at is None else SupplementState.LAPSED

    @property
    def cents(self) -> int:
        return self.fee.cents

    @property
    def last_day(self) -> date:
        """The last day to pay it."""
        return day_of(self.pay_by)


async def fix(
    conn: AsyncConnection, submission: int, serial: int, fee: FixedFee, pay_by: int, now: int
) -> Supplement:
    """Fix what an amendment costs, in the transaction that adds it. Where one is awaited the index of the table says
    no: IntegrityError, which the lock leaves nobody to see."""
    values = {
        "submission": submission, "serial": serial, "fee": fees.written(fee), "asked_at": now, "pay_by": pay_by
    }  # fmt: skip
    row = await conn.execute(sa.insert(supplement).values(values).returning(*supplement.c))
    return _supplement(row.one())


async def of_file(conn: AsyncConnection, submission: int) -> list[Supplement]:
    """Those of a file, the oldest first."""
    rows = await conn.execute(sa.select(supplement).where(s.submission == submission).order_by(s.id))
    return [_supplement(row) for row in rows]


def awaited_of(found: Iterable[Supplement]) -> Supplement | None:
    """The one that is awaited. Pure."""
    return next((one for one in found if one.state is SupplementState.AWAITED), None)


async def mark(
    conn: AsyncConnection, one: Supplement, *, paid_at: int | None = None, lapsed_at: int | None = None
) -> None:
    """Write what became of one: paid, lapsed, or, with neither, awaited again."""
    values = {"paid_at": paid_at, "lapsed_at": lapsed_at}
    await conn.execute(sa.update(supplement).where(s.id == one.id).values(values))


async def give_up(conn: AsyncConnection, one: Supplement, now: int) -> None:
    """Write that its candidate gave its amendment up."""
    await conn.execute(sa.update(supplement).where(s.id == one.id).values(lapsed_at=now, given_up_at=now))


async def move_last_day(conn: AsyncConnection, submission: int, serial: int, pay_by: int) -> None:
    """A later last day of one that is awaited; it only ever goes up."""
    open_ = (s.paid_at.is_(None), s.lapsed_at.is_(None), s.pay_by < pay_by)
    later = sa.update(supplement).where(s.submission == submission, s.serial == serial, *open_)
    await conn.execute(later.values(pay_by=pay_by))


def _supplement(row: sa.Row[*tuple[object, ...]]) -> Supplement:
    values = dict(row._mapping)
    fee = fees.read(values.pop("fee"))
    assert fee is not None
    return Supplement(fee=fee, **values)
