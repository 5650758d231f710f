"""Money that goes back to a card: decided by a person with a reason, sent by a task, recorded as a movement when the
provider says so.

Asked for twice it goes back once: by the key of the decision, which the provider's refund carries for good.
"""

from typing import Final

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.payments import cases, letters, movements
from casework.payments.card import asking, charges
from casework.payments.card.asking import ProviderAnswer
from casework.payments.card.charges import Charge
from casework.payments.card.port import ProviderAway, ProviderRefuses
from casework.payments.card.services import CardServices, CardTask
from casework.payments.card.states import RefundState
from casework.payments.card.store import REFUND, card_refund
from casework.payments.card.store import charge as charge_row
from casework.payments.states import Instrument, MoneyReason, MovementKind
from foundation import audit, outbox
from foundation.audit import By
from foundation.calendar.days import day_of
from foundation.errors import Code, Refusal
from foundation.outbox import OutsideEffect, OutsideOutcome
from foundation.sql.database import Database
from foundation.sql.tables import insert_for
from foundation.subjects import Subject
from submission.store import SUBMISSION

log = structlog.get_logger()

r = card_refund.c

AWAY_AGAIN_MS: Final = 60_000

NOT_AS_MUCH: Final = "Il ne reste pas autant d’argent sur les paiements par carte de ce dossier."

LONGEST_REASON: Final = 500

BY_ONE: Final = "desk:"
"""How the keys of refunds begin that one member of the staff asks for."""

BY_TWO: Final = "two:"
"""The same of those that two ask for."""


async def left_on(conn: AsyncConnection, charge: Charge) -> int:
    """The cents of a charge that can go back: what has moved by it, less what is asked to go back already."""
    if charge.payment is None:
        return 0
    moved = await movements.of_file(conn, charge.submission)
    here = movements.balance([one for one in moved if one.charge == charge.payment])
    asked = sa.select(sa.func.coalesce(sa.func.sum(r.cents), 0)).where(
        r.charge == charge.id, r.state == RefundState.ASKED
    )
    return max(0, here - int((await conn.execute(asked)).scalar_one()))


async def given_by_one(conn: AsyncConnection, submission: int) -> int:
    """The cents of a file that members of the staff have had go back alone: small parts of a large sum are one sum."""
    alone = (r.key.startswith(BY_ONE, autoescape=True), r.state != RefundState.REFUSED)
    asked = sa.select(sa.func.coalesce(sa.func.sum(r.cents), 0)).join(charge_row, charge_row.c.id == r.charge)
    return int((await conn.execute(asked.where(charge_row.c.submission == submission, *alone))).scalar_one())


async def give_back(
    conn: AsyncConnection, submission: int, cents: int, by: By, reason: str, now: int, *, key: str
) -> None:
    """Have so much of a file's card payments go back, the newest first, under the file's lock; once a key. With a line
    of the audit. Refusal invalid where not as much is left, or nothing is asked for."""
    if await is_asked(conn, key):
        return
    wanted = cents
    for charge in reversed(await charges.of_file(conn, submission)):
        part = min(wanted, await left_on(conn, charge))
        if part > 0:
            await _ask(conn, charge, part, by, reason, now, f"{key}:{charge.id}")
            wanted -= part
    if wanted > 0 or cents <= 0:
        raise Refusal(Code.INVALID, fields=[{"name": "amount", "reason": NOT_AS_MUCH}])
    subject = Subject.row(SUBMISSION, submission)
    await audit.record(conn, by, "card_refund", subject, now, reason=reason, cents=cents)


async def is_asked(conn: AsyncConnection, key: str) -> bool:
    """Whether this was asked for already."""
    return await cents_asked(conn, key) > 0


async def cents_asked(conn: AsyncConnection, key: str) -> int:
    """How much was asked for with this key, in cents; 0 for nothing yet."""
    asked = r.key.startswith(f"{key}:", autoescape=True)
    return int(
        (await conn.execute(sa.select(sa.func.coalesce(sa.func.sum(r.cents), 0)).where(asked))).scalar_one()
    )


async def give_back_foreign(
    conn: AsyncConnection,
    about: str,
    submission: int,
    amount: int,
    by: By,
    reason: str,
    now: int,
    *,
    key: str,
) -> None:
    """Have a payment in another currency go back whole, in the smallest unit of its own: it is no movement of the file.
    `about` is the key of its case, which ends in the number of the attempt. Refusal not_found."""
    charge = await charges.find(conn, int(about.rpartition(":")[2]))
    await _ask(conn, charge, amount, by, reason, now, f"{key}:{charge.id}")
    subject = Subject.row(SUBMISSION, submission)
    await audit.record(conn, by, "card_refund", subject, now, reason=reason, foreign=amount)


async def take_off(conn: AsyncConnection, submission: int, cents: int, by: By, now: int, *, key: str) -> None:
    """Money of a card that goes back otherwise, by a movement that the provider's books do not have; the newest charge
    that has as much. Refusal invalid where none has."""
    for charge in reversed(await charges.of_file(conn, submission)):
        if await left_on(conn, charge) >= cents:
            await movements.add(
                conn, submission, MovementKind.OUT, Instrument.CARD, cents, day_of(now), by, now, key=key,
                charge=charge.payment,
            )  # fmt: skip
            return
    raise Refusal(Code.INVALID, fields=[{"name": "act", "reason": NOT_AS_MUCH}])


async def require_left(conn: AsyncConnection, submission: int, cents: int) -> None:
    """Refusal invalid where not as much can go back."""
    if sum([await left_on(conn, one) for one in await charges.of_file(conn, submission)]) < cents:
        raise Refusal(Code.INVALID, fields=[{"name": "amount", "reason": NOT_AS_MUCH}])


async def _ask(
    conn: AsyncConnection, charge: Charge, cents: int, by: By, reason: str, now: int, key: str
) -> None:
    who = audit.acting(by)
    values = {
        "charge": charge.id, "cents": cents, "key": key, "actor": who.name, "role": who.role, "reason": reason,
        "asked_at": now,
    }  # fmt: skip
    row = insert_for(conn, card_refund).values(values).on_conflict_do_nothing(index_elements=[r.key])
    made = (await conn.execute(row.returning(r.id))).scalar_one_or_none()
    if made is not None:
        await outbox.stage(conn, CardTask.REFUND, Subject.row(REFUND, made), now)


def refunding(services: CardServices, within_ms: int) -> OutsideEffect:
    """The task of a refund. A provider that is away is asked again; what it refuses waits for a person, as money to be
    decided of."""

    async def call(db: Database, subject: Subject, now: int) -> OutsideOutcome:
        id = subject.number
        row = (await db.read(lambda conn: conn.execute(sa.select(card_refund).where(r.id == id)))).one()
        charge = await db.read(lambda conn: charges.find(conn, row.charge))
        if row.state != RefundState.ASKED or charge.payment is None:
            return OutsideOutcome(_nothing)
        try:
            provider_id = await asking.provider_of(services).refund(charge.payment, row.cents, row.key)
            answer = await asking.ask(db, services, charge)
        except (ProviderAway, Refusal):
            return OutsideOutcome(_nothing, again_at=now + AWAY_AGAIN_MS)
        except ProviderRefuses as no:
            log.error("card_refund_refused", charge=charge.id, reason=no.code)
            return OutsideOutcome(_refused(services, id, charge, row.cents, no.code))
        return OutsideOutcome(_sent(services, id, provider_id, charge, answer))

    return OutsideEffect(call, within_ms)


def _sent(
    services: CardServices, id: int, provider_id: str, charge: Charge, answer: ProviderAnswer
) -> outbox.Effect:
    async def record(conn: AsyncConnection, _subject: Subject, _now: int) -> None:
        await asking.heard(conn, services, charge.id, answer)
        sent = {"state": RefundState.SENT, "provider_id": provider_id}
        await conn.execute(sa.update(card_refund).where(r.id == id).values(sent))

    return record


def _refused(services: CardServices, id: int, charge: Charge, cents: int, code: str) -> outbox.Effect:
    async def record(conn: AsyncConnection, _subject: Subject, now: int) -> None:
        await charges.lock_file_of(conn, charge.id)
        refused = {"state": RefundState.REFUSED, "refused_for": code}
        await conn.execute(sa.update(card_refund).where(r.id == id).values(refused))
        why, card, key = MoneyReason.REFUND_REFUSED, Instrument.CARD, f"refund_refused:{id}"
        number = charge.submission
        if await cases.open_case(conn, number, why, card, cents, day_of(now), now, key=key):
            title, said = letters.REFUSED_TITLE, [letters.HELD[why]]
            await letters.tell(conn, services.payments, number, title, said, now, key=f"money:{key}")

    return record


async def _nothing(_conn: AsyncConnection, _subject: Subject, _now: int) -> None:
    """Nothing is written."""
