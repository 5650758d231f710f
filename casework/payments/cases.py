"""Money that waits for a person, « argent à décider »: opened by a rule, decided once, kept for good."""

from datetime import date
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.payments import store
from casework.payments.states import Instrument, MoneyAct, MoneyReason
from foundation.errors import Code, Refusal
from foundation.money import dollars
from foundation.sql.tables import insert_for, plain_row

q = store.money_case


DOLLAR: Final = "$"


class MoneyCase(msgspec.Struct, frozen=True, kw_only=True):
    """Money that waits, or what was decided of it. `cents` came on `on_day`; instants in milliseconds. `currency` is
    another one than the Canadian dollar."""

    id: int
    submission: int
    reason: MoneyReason
    instrument: Instrument
    cents: int
    on_day: date
    key: str
    opened_at: int
    act: MoneyAct | None = None
    decided_at: int | None = None
    decided_by: str | None = None
    why: str | None = None
    currency: str | None = None

    @property
    def amount(self) -> str:
        """What it is about, as it is read; in another currency with its sign."""
        if self.currency is None:
            return dollars(self.cents)
        return f"{dollars(self.cents).removesuffix(DOLLAR)}{self.currency}"


async def open_case(
    conn: AsyncConnection,
    submission: int,
    reason: MoneyReason,
    instrument: Instrument,
    cents: int,
    on_day: date,
    now: int,
    *,
    key: str,
    currency: str | None = None,
) -> bool:
    """Let money of a file wait for a person, under the file's lock; False where it does already."""
    values = {
        "submission": submission, "reason": reason, "instrument": instrument, "cents": cents,
        "on_day": on_day.isoformat(), "key": key, "opened_at": now, "currency": currency,
    }  # fmt: skip
    written = insert_for(conn, q).values(values).on_conflict_do_nothing(index_elements=[q.c.key])
    return (await conn.execute(written.returning(q.c.id))).first() is not None


async def find(conn: AsyncConnection, id: int) -> MoneyCase:
    """One of them. Refusal not_found."""
    row = (await conn.execute(sa.select(q).where(q.c.id == id))).one_or_none()
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    return _case(row)


async def by_key(conn: AsyncConnection, key: str) -> MoneyCase | None:
    """The one that was opened under this key."""
    row = (await conn.execute(sa.select(q).where(q.c.key == key))).one_or_none()
    return None if row is None else _case(row)


REDATED: Final = ":redated:"
"""In the key of a case, between the key of an item and the number of the correction that opened it."""


async def of_item(conn: AsyncConnection, key: str) -> list[MoneyCase]:
    """Those that the money of an item has opened, by its key and by corrections of its day, the oldest first."""
    its_own = sa.or_(q.c.key == key, q.c.key.startswith(f"{key}{REDATED}", autoescape=True))
    return [_case(row) for row in await conn.execute(sa.select(q).where(its_own).order_by(q.c.id))]


async def redate(conn: AsyncConnection, case: MoneyCase, reason: MoneyReason, on_day: date) -> None:
    """What waits came on another day, by which it may wait for another reason."""
    changed = sa.update(q).where(q.c.id == case.id, q.c.act.is_(None))
    await conn.execute(changed.values(reason=reason, on_day=on_day.isoformat()))


async def withdraw(conn: AsyncConnection, case: MoneyCase) -> None:
    """What it was about had been entered by mistake, and nothing was decided: it is gone."""
    await conn.execute(sa.delete(q).where(q.c.id == case.id, q.c.act.is_(None)))


async def waiting(conn: AsyncConnection, submission: int | None = None) -> list[MoneyCase]:
    """Those that wait, of one file or of all, the oldest first."""
    if submission is None:
        rows = await conn.execute(_WAITING)
    else:
        rows = await conn.execute(_WAITING_OF_FILE, {"file": submission})
    return [_case(row) for row in rows]


_WAITING: Final = sa.select(q).where(q.c.act.is_(None)).order_by(q.c.opened_at, q.c.id)

_WAITING_OF_FILE: Final = _WAITING.where(q.c.submission == sa.bindparam("file"))


HOLD_MONEY = frozenset(
    {
        MoneyReason.TOO_MUCH,
        MoneyReason.LATE,
        MoneyReason.ENDED,
        MoneyReason.LAPSED,
        MoneyReason.OTHER_CURRENCY,
    }
)
"""Reasons for which money is here: nobody pays again meanwhile. What was partial went back, and can be paid anew."""


IN_BALANCE = frozenset(
    {
        MoneyReason.TOO_MUCH,
        MoneyReason.LATE,
        MoneyReason.ENDED,
        MoneyReason.LAPSED,
        MoneyReason.REFUND_REFUSED,
    }
)
"""Reasons for which money of a card is in its file's balance while it waits."""


async def in_balance(conn: AsyncConnection, submission: int) -> int:
    """The cents of a file's balance that wait for a person already."""
    waits = [one for one in await waiting(conn, submission) if one.reason in IN_BALANCE]
    return sum(one.cents for one in waits if one.instrument is Instrument.CARD)


ENDS_WITH_FILE = frozenset(
    {MoneyReason.PARTIAL, MoneyReason.REVERSED, MoneyReason.REDATED, MoneyReason.MISDATED}
)
"""Reasons to decide of a file rather than of money that waits: once its candidate takes it back, nobody has to."""


async def holds_money(conn: AsyncConnection, submission: int) -> bool:
    """Whether money of a file is here and waits for a person."""
    return any(one.reason in HOLD_MONEY for one in await waiting(conn, submission))


async def close(
    conn: AsyncConnection, case: MoneyCase, act: MoneyAct, by: str, why: str | None, now: int
) -> None:
    """Record what was decided. Refusal already_decided where somebody decided meanwhile."""
    decided = {"act": act, "decided_at": now, "decided_by": by, "why": why}
    changed = sa.update(q).where(q.c.id == case.id, q.c.act.is_(None)).values(decided)
    if not (await conn.execute(changed)).rowcount:
        raise Refusal(Code.ALREADY_DECIDED)


def _case(row: sa.Row[tuple[object, ...]]) -> MoneyCase:
    return msgspec.convert(plain_row(row), MoneyCase)
