"""The task of each day: the provider's books are read, what we had not heard of is asked about, and the day compared.

The ticker stages it for yesterday and, after days without one, for those before. A day that does not agree raises an
alarm and is compared again each day, until it does or a week is over.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

import msgspec
import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.payments.card import asking, charges
from casework.payments.card.port import ProviderAway, ProviderRefuses
from casework.payments.card.reconciliation.comparing import (
    BookedMovement,
    CardDifference,
    ComparedDay,
    ComparedLine,
    booked,
    compared,
    of_key,
)
from casework.payments.card.services import CardServices, CardTask
from casework.payments.card.store import DAY, card_day
from casework.payments.states import Instrument, MovementKind
from casework.payments.store import movement
from foundation import outbox
from foundation.calendar.days import day_of
from foundation.clock import montreal_instant
from foundation.events import Events
from foundation.outbox import OutsideEffect, OutsideOutcome
from foundation.sql.database import Database
from foundation.sql.tables import insert_for
from foundation.subjects import Subject

log = structlog.get_logger()

m, d = movement.c, card_day.c

AT: Final = time(4, 15)
"""In Montréal, on the day after: never an hour that a change of the hour skips or repeats."""

DAYS_BACK: Final = 7
"""So many days are staged where nobody ticked, and so long a day that does not agree is compared again."""

DAY_MS: Final = 86_400_000

AWAY_AGAIN_MS: Final = 15 * 60_000

NO_KEY_AGAIN_MS: Final = DAY_MS

WITHIN_MS: Final = 10 * 60_000
"""A day has some hundred movements, and one question for each that we had not heard of."""


class CardDay(msgspec.Struct, frozen=True, kw_only=True):
    """A day as it was compared last, at an instant."""

    day: date
    compared_at: int
    found: ComparedDay


async def stage_daily(conn: AsyncConnection, now: int) -> int:
    """Have yesterday compared, and the days before that were not; how many are staged anew."""
    today = day_of(now)
    staged = 0
    for back in range(DAYS_BACK, 0, -1):
        day = today - timedelta(days=back)
        due_at = montreal_instant(datetime.combine(day + timedelta(days=1), AT))
        staged += await outbox.stage(
            conn, CardTask.COMPARE, Subject(DAY, day.isoformat()), now, due_at=due_at
        )
    return staged


def bounds(day: date) -> tuple[int, int]:
    """The instants at which a day of Montréal begins and the next one does: 23, 24 or 25 hours."""
    first, after = (datetime.combine(one, time()) for one in (day, day + timedelta(days=1)))
    return montreal_instant(first), montreal_instant(after)


def comparing(services: CardServices, events: Events | None = None) -> OutsideEffect:
    """The task of a day."""

    async def call(db: Database, subject: Subject, now: int) -> OutsideOutcome:
        day = date.fromisoformat(subject.id)
        if services.provider is None:
            return OutsideOutcome(_nothing)
        try:
            found = await compare(db, services, day)
        except (ProviderAway, ProviderRefuses):
            return OutsideOutcome(_nothing, again_at=now + AWAY_AGAIN_MS)
        if not found.agrees:
            log.error("card_day_differs", count=len(found.differences))
        (events or Events()).level("card_differences", len(found.differences))
        is_over = found.agrees or now >= bounds(day)[1] + DAYS_BACK * DAY_MS
        return OutsideOutcome(_written(day, found), None if is_over else now + DAY_MS)

    return OutsideEffect(call, WITHIN_MS)


async def compare(db: Database, services: CardServices, day: date) -> ComparedDay:
    """Compare a day; first everything is asked about that the provider has and we have not. Raises ProviderAway,
    ProviderRefuses."""
    theirs = [booked(one) for one in await asking.provider_of(services).moved(*bounds(day))]
    ours = await db.read(lambda conn: of_day(conn, day))
    known = await db.read(lambda conn: of_ids(conn, theirs))
    for payment in sorted({one.payment for one in theirs if one.payment and one.id not in known}):
        charge = await db.read(lambda conn, payment=payment: charges.by_payment(conn, payment))  # type: ignore[misc]
        if charge is not None:
            await asking.ask_and_hear(db, services, charge)
    if len(known) < len(theirs):
        ours = await db.read(lambda conn: of_day(conn, day))
        known = await db.read(lambda conn: of_ids(conn, theirs))
    return compared(ours, theirs, known)


async def of_day(conn: AsyncConnection, day: date) -> list[BookedMovement]:
    """Our movements by card of a day."""
    return await _ours(conn, m.on_day == day.isoformat())


async def of_ids(conn: AsyncConnection, theirs: Sequence[BookedMovement]) -> dict[str, BookedMovement]:
    """Our movements with these ids of the provider's, whatever their day."""
    keys = [f"card:{one.kind}:{one.id}" for one in theirs]
    found: list[BookedMovement] = []
    for first in range(0, len(keys), 500):
        found += await _ours(conn, m.key.in_(keys[first : first + 500]))
    return {one.id: one for one in found}


async def _ours(conn: AsyncConnection, where: sa.ColumnElement[bool]) -> list[BookedMovement]:
    wanted = sa.select(m.key, m.kind, m.cents, m.submission).where(
        where, m.instrument == Instrument.CARD, m.key.like("card:%")
    )
    rows = (await conn.execute(wanted)).all()
    return [
        of_key(row.key, row.cents if row.kind == MovementKind.IN else -row.cents, row.submission)
        for row in rows
    ]


async def compared_days(conn: AsyncConnection, most: int = 60) -> list[CardDay]:
    """The newest days that were compared."""
    rows = await conn.execute(sa.select(card_day).order_by(d.day.desc()).limit(most))
    return [
        CardDay(
            day=date.fromisoformat(row.day),
            compared_at=row.compared_at,
            found=ComparedDay(
                lines=msgspec.json.decode(row.lines, type=tuple[ComparedLine, ...]),
                differences=msgspec.json.decode(row.differences, type=tuple[CardDifference, ...]),
            ),
        )
        for row in rows
    ]


def _written(day: date, found: ComparedDay) -> outbox.Effect:
    async def record(conn: AsyncConnection, _subject: Subject, now: int) -> None:
        values = {
            "day": day.isoformat(), "compared_at": now, "lines": msgspec.json.encode(found.lines).decode(),
            "differences": msgspec.json.encode(found.differences).decode(),
        }  # fmt: skip
        row = insert_for(conn, card_day).values(values)
        await conn.execute(row.on_conflict_do_update(index_elements=[d.day], set_=values))

    return record


async def _nothing(_conn: AsyncConnection, _subject: Subject, _now: int) -> None:
    """Nothing is written."""
