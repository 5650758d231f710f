"""What became of an attempt: the provider is asked, and what it says is recorded under the file's lock.

Read `heard` first. The page that a person comes back to, the webhook, the question after hours, the deletion and the
daily comparison all end there: it writes the state forward, adds each movement once, and settles the file. A webhook is
a hint and nothing more: what it says is not believed, only that it is worth asking (P15).
"""

from typing import Final, NamedTuple

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.payments import cases, letters, movements, settling
from casework.payments.card import charges
from casework.payments.card.charges import Charge
from casework.payments.card.port import (
    CardMovement,
    CardProvider,
    ChargeTruth,
    ForeignPayment,
    ProviderAway,
    ProviderRefuses,
)
from casework.payments.card.services import CardServices
from casework.payments.card.states import UNDER_WAY, ChargeState, after
from casework.payments.card.store import provider_event
from casework.payments.states import Instrument, MoneyReason, MovementKind
from foundation.audit import SERVICE
from foundation.calendar.days import day_of
from foundation.clock import now_ms
from foundation.errors import Unavailable
from foundation.sql.database import Database

log = structlog.get_logger()

UNKNOWN_MS: Final = 2 * 86_400_000
"""A page that the provider does not know so long after its end was never made."""

AWAY: Final = "card"
"""The provider, as a store that does not answer is named."""


class ProviderAnswer(NamedTuple):
    """What the provider said, the instant at which it was asked, and the newest event that was here before."""

    truth: ChargeTruth
    asked_at: int
    heard_event: int


def provider_of(services: CardServices) -> CardProvider:
    """The provider. Unavailable where no key is set."""
    if services.provider is None:
        raise Unavailable(AWAY, retry_after=3_600)
    return services.provider


async def ask(
    db: Database, services: CardServices, charge: Charge, newest_event: int | None = None
) -> ProviderAnswer:
    """Ask the provider, in no transaction, what became of an attempt; `newest_event` is its newest that is here, where
    that was read already. Raises ProviderAway; Unavailable.

    An attempt whose first answer was lost is ordered again: its reference makes it the same page.
    """
    provider, asked_at = provider_of(services), now_ms()
    if newest_event is None:
        newest_event = await db.read(lambda conn: _newest_event(conn, charge.id))
    session = charge.session
    try:
        if session is None:
            session = (await provider.open_page(services.order(charge))).session
        truth = await provider.read(session)
    except ProviderRefuses as no:
        if charge.session is not None and asked_at < charge.expires_at + UNKNOWN_MS:
            log.error("card_page_unknown", charge=charge.id, reason=no.code)
            raise ProviderAway(no.code) from no
        truth = ChargeTruth(state=ChargeState.FAILED, failure=no.code)
    return ProviderAnswer(truth, asked_at, newest_event)


async def heard(conn: AsyncConnection, services: CardServices, id: int, answer: ProviderAnswer) -> Charge:
    """Record what the provider says of an attempt, under its file's lock: the state where it is further on, each
    movement that is not here yet, and what follows for the file. However often and in whatever order, once."""
    submission = await charges.lock_file_of(conn, id)
    charge, truth, now = await charges.find(conn, id), answer.truth, now_ms()
    state = after(charge.state, truth.state)
    is_over = state not in UNDER_WAY
    charge = await charges.change(
        conn,
        charge,
        state=state,
        session=charge.session or truth.session or None,
        href=None if is_over else truth.href or charge.href,
        payment=truth.payment or charge.payment,
        failure=None if state is ChargeState.PAID else truth.failure or charge.failure,
        asked_at=max(charge.asked_at, answer.asked_at),
        heard_event=max(charge.heard_event, answer.heard_event),
        settled_at=charge.settled_at or (now if is_over else None),
    )
    if truth.foreign is not None and truth.foreign.amount > 0:
        await _foreign(conn, services, charge, truth.foreign, now)
    added = [await _added(conn, submission, one, now) for one in truth.movements]
    if any(added):
        await settling.settle(conn, services.payments, submission, now)
    return charge


async def ask_and_hear(db: Database, services: CardServices, charge: Charge) -> Charge:
    """Both, one after the other. Raises ProviderAway; Unavailable."""
    answer = await ask(db, services, charge)
    return await db.write(lambda conn: heard(conn, services, charge.id, answer))


async def ask_again(db: Database, services: CardServices, submission: int) -> bool:
    """Before a file is deleted: close the pages that are still open, ask once more of every attempt under way, and
    record what is so. Whether money may still come: then nothing is deleted. Raises ProviderAway: neither then."""
    under_way = await db.read(lambda conn: charges.under_way(conn, submission))
    for charge in under_way:
        if charge.session is not None:
            await provider_of(services).close_page(charge.session)
        await ask_and_hear(db, services, charge)
    return bool(await db.read(lambda conn: charges.under_way(conn, submission)))


async def _foreign(
    conn: AsyncConnection, services: CardServices, charge: Charge, paid: ForeignPayment, now: int
) -> None:
    """Money in another currency is none of the file's: it waits for a person, once, and the account is told."""
    key, reason = f"other_currency:{charge.id}", MoneyReason.OTHER_CURRENCY
    opened = await cases.open_case(
        conn, charge.submission, reason, Instrument.CARD, paid.amount, day_of(now), now, key=key,
        currency=paid.currency,
    )  # fmt: skip
    if opened:
        said = [letters.HELD[reason]]
        title = letters.HELD_TITLE
        await letters.tell(conn, services.payments, charge.submission, title, said, now, key=f"money:{key}")


async def _added(conn: AsyncConnection, submission: int, moved: CardMovement, now: int) -> bool:
    kind = MovementKind.IN if moved.amount_cents > 0 else MovementKind.OUT
    return await movements.add(
        conn, submission, kind, Instrument.CARD, abs(moved.amount_cents), day_of(moved.at), SERVICE, now,
        key=movement_key(moved), charge=moved.payment,
    )  # fmt: skip


def movement_key(moved: CardMovement) -> str:
    """The key of a movement: what moved, and the provider's id of it. Its news may come in any number."""
    return f"card:{moved.kind}:{moved.id}"


async def _newest_event(conn: AsyncConnection, charge: int) -> int:
    return (await conn.execute(_NEWEST, {"of_charge": charge})).scalar_one() or 0


_NEWEST: Final = sa.select(sa.func.max(provider_event.c.id)).where(
    provider_event.c.charge == sa.bindparam("of_charge")
)
