"""The tasks that ask what became of an attempt: after some time by themselves, and because a webhook says so.

A provider that is away is no failure of a task: it is asked again, for as long as it takes.
"""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.payments.card import asking, charges
from casework.payments.card.asking import ProviderAnswer
from casework.payments.card.charges import Charge
from casework.payments.card.port import ProviderAway
from casework.payments.card.services import CardServices, CardTask
from casework.payments.card.states import UNDER_WAY, after, is_news
from casework.payments.card.store import CHARGE
from foundation import outbox
from foundation.outbox import OutsideEffect, OutsideOutcome
from foundation.sql.database import Database
from foundation.subjects import Subject

MINUTE_MS: Final = 60_000

LOOKS_MS: Final = tuple(minutes * MINUTE_MS for minutes in (15, 65, 3 * 60, 24 * 60))
"""Ages of an attempt at which the provider is asked though nobody came back; the second is after its page's end. Then
once a day."""

AWAY_AGAIN_MS: Final = MINUTE_MS
"""A provider that is away is asked again after so long."""

NO_KEY_AGAIN_MS: Final = 60 * MINUTE_MS
"""Where the key was taken out while an attempt is under way."""


def next_look(began_at: int, now: int) -> int:
    """The instant of the next question about an attempt that is still under way. Pure."""
    age, day = now - began_at, LOOKS_MS[-1]
    later = next((look for look in LOOKS_MS if look > age), None)
    return began_at + (later if later is not None else (age // day + 1) * day)


async def stage_follow(conn: AsyncConnection, charge: Charge, now: int) -> None:
    """Have an attempt asked about, once it is a quarter of an hour old; in the transaction that begins it."""
    subject = Subject.row(CHARGE, charge.id)
    await outbox.stage(
        conn, CardTask.FOLLOW, subject, now, due_at=next_look(charge.began_at, charge.began_at)
    )


def following(services: CardServices, within_ms: int) -> OutsideEffect:
    """The task of an attempt."""

    async def call(db: Database, subject: Subject, now: int) -> OutsideOutcome:
        charge = await db.read(lambda conn: charges.find(conn, subject.number))
        return await _question(db, services, charge, now) if charge.is_under_way else OutsideOutcome(_nothing)

    return OutsideEffect(call, within_ms)


def hinted(services: CardServices, within_ms: int) -> OutsideEffect:
    """The task of a webhook. Whatever it says, it is asked only once after it came: a question that began later has
    heard it already, and of what is paid already its payment is no news."""

    async def call(db: Database, subject: Subject, now: int) -> OutsideOutcome:
        of = await db.read(lambda conn: charges.meant_by(conn, subject.number))
        if of is None or of.charge.heard_event >= subject.number or not is_news(of.charge.state, of.type):
            return OutsideOutcome(_nothing)
        found = await _question(db, services, of.charge, now, of.newest_event)
        # Later questions are the attempt's own task's, not the webhook's.
        return found if found.record is _nothing else OutsideOutcome(found.record)

    return OutsideEffect(call, within_ms)


async def _question(
    db: Database, services: CardServices, charge: Charge, now: int, newest_event: int | None = None
) -> OutsideOutcome:
    if services.provider is None:
        return OutsideOutcome(_nothing, again_at=now + NO_KEY_AGAIN_MS)
    try:
        answer = await asking.ask(db, services, charge, newest_event)
    except ProviderAway:
        return OutsideOutcome(_nothing, again_at=now + AWAY_AGAIN_MS)
    is_over = after(charge.state, answer.truth.state) not in UNDER_WAY
    again = None if is_over else next_look(charge.began_at, now)
    return OutsideOutcome(_recording(services, charge.id, answer), again)


def _recording(services: CardServices, id: int, answer: ProviderAnswer) -> outbox.Effect:
    async def record(conn: AsyncConnection, _subject: Subject, _now: int) -> None:
        await asking.heard(conn, services, id, answer)

    return record


async def _nothing(_conn: AsyncConnection, _subject: Subject, _now: int) -> None:
    """Nothing is written."""
