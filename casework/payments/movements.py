"""Movements of money of a file: added under its lock, each once a key, and summed up (P15)."""

from collections.abc import Sequence
from datetime import date

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.payments import store
from casework.payments.states import Instrument, MovementKind
from foundation.audit import By, acting
from foundation.errors import Code, Refusal
from foundation.money import MOST_CENTS
from foundation.sql.tables import InsertOnce
from submission.store import submission

m = store.movement


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """Money that came in, went out or was returned: so many cents, on the day that counts. `charge` is the provider's,
    of a card."""

    kind: MovementKind
    instrument: Instrument
    cents: int
    on_day: date
    key: str
    charge: str | None = None
    at: int = 0

    @property
    def signed(self) -> int:
        """What it does to the balance."""
        return self.cents if self.kind is MovementKind.IN else -self.cents


_WRITTEN = InsertOnce(m, unique=[m.c.key], returning=[m.c.id])

_LOCKED = sa.select(submission.c.id).where(submission.c.id == sa.bindparam("file")).with_for_update()

_OF_FILE = (
    sa.select(*(m.c[name] for name in Movement.__struct_fields__))
    .where(m.c.submission == sa.bindparam("file"))
    .order_by(m.c.id)
)


async def add(
    conn: AsyncConnection,
    submission_id: int,
    kind: MovementKind,
    instrument: Instrument,
    cents: int,
    on_day: date,
    by: By,
    now: int,
    *,
    key: str,
    charge: str | None = None,
) -> bool:
    """Add one movement to a file, whose lock is taken first; False when this key is there, and nothing is added.

    Whoever adds settles in the same transaction (`settling.settle`). Refusals not_found; invalid for no amount, and for
    a key that another file or amount has.
    """
    if not 0 < cents <= MOST_CENTS:
        raise Refusal(Code.INVALID, fields=[{"name": "amount", "reason": "Ce montant n’est pas possible."}])
    await lock(conn, submission_id)
    values = {
        "submission": submission_id, "kind": kind, "instrument": instrument, "cents": cents,
        "on_day": on_day.isoformat(), "key": key, "charge": charge, "at": now, "actor": acting(by).name,
    }  # fmt: skip
    if await _WRITTEN.execute(conn, values) is not None:
        return True
    there = (await conn.execute(sa.select(m.c.submission, m.c.kind, m.c.cents).where(m.c.key == key))).one()
    if (there.submission, there.kind, there.cents) != (submission_id, kind, cents):
        raise Refusal(
            Code.INVALID, fields=[{"name": "key", "reason": "Cette clé désigne un autre paiement."}]
        )
    return False


async def lock(conn: AsyncConnection, submission_id: int) -> None:
    """Take a file's lock, which comes before any row that names it. Refusal not_found."""
    if (await conn.execute(_LOCKED, {"file": submission_id})).first() is None:
        raise Refusal(Code.NOT_FOUND)


async def of_file(conn: AsyncConnection, submission_id: int) -> list[Movement]:
    """The movements of a file, in the order in which they were entered."""
    rows = await conn.execute(_OF_FILE, {"file": submission_id})
    return [
        msgspec.structs.replace(
            Movement(**row._mapping),
            kind=MovementKind(row.kind),
            instrument=Instrument(row.instrument),
            on_day=date.fromisoformat(row.on_day),
        )
        for row in rows
    ]


def balance(movements: Sequence[Movement]) -> int:
    """What a file has paid, in cents: the sum of its movements. Below nothing is a mistake that a person looks at."""
    return sum(one.signed for one in movements)


def completed_by(movements: Sequence[Movement], fee: int) -> Movement | None:
    """The movement with which the balance last reached the fee, and since which it has not been below; None while it
    is below. Its day is the day of the payment."""
    total, found = 0, None
    for one in movements:
        before, total = total, total + one.signed
        if total < fee:
            found = None
        elif before < fee or found is None:
            found = one
    return found
