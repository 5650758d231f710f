"""Beginning to pay: one attempt of a file at a time, written down before the provider is asked for a page.

Two clicks at once are one attempt and one page. While one is in doubt nobody is led to pay again (« nous vérifions »):
two payments for one file are the worst that can happen here.
"""

import asyncio
from typing import Final

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files import events
from casework.payments import cases
from casework.payments.card import asking, charges, following
from casework.payments.card.charges import Charge
from casework.payments.card.port import ProviderAway, ProviderPage, ProviderRefuses
from casework.payments.card.services import CardServices
from casework.payments.card.states import ChargeState
from casework.payments.states import PaymentState, payment_state
from casework.payments.supplements import due
from foundation.clock import now_ms
from foundation.errors import Code, Refusal, Unavailable
from foundation.sql.database import Database
from submission.store import submission

log = structlog.get_logger()

OTHERS_TURN: Final = (0.2, 0.5, 1.0)
"""Seconds between looks for the page that another click is just ordering."""


async def open_charge(db: Database, services: CardServices, number: int, actor: str) -> tuple[Charge, bool]:
    """The attempt of a file with its page, and whether it is new: the one that is open where there is one.

    Refusals not_found; already_paid; payment_expired; payment_pending (+`href` where the page is still open to pay on);
    unavailable where the provider is away, or no key is set.
    """
    provider = asking.provider_of(services)
    charge, is_new = await db.write(lambda conn: begun(conn, services, number, provider.name, actor))
    if charge.state is ChargeState.OPENING:
        return await _ordered(db, services, charge), is_new
    try:
        charge = await asking.ask_and_hear(db, services, charge)
    except ProviderAway:
        raise Refusal(Code.PAYMENT_PENDING) from None
    match charge.state:
        case ChargeState.OPEN if charge.href:
            return charge, False
        case ChargeState.PAID:
            raise Refusal(Code.ALREADY_PAID)
        case (
            ChargeState.FAILED | ChargeState.EXPIRED
        ):  # it has just come to its end: this click is the next attempt
            return await open_charge(db, services, number, actor)
        case _:
            raise Refusal(Code.PAYMENT_PENDING)


async def begun(
    conn: AsyncConnection, services: CardServices, number: int, provider: str, actor: str
) -> tuple[Charge, bool]:
    """Under the file's lock: the attempt that is under way, or a new one for what is due (the fee, or an amendment's),
    and whether it is new.
    Refusals not_found, already_paid, payment_expired, payment_pending."""
    of = await events.history(conn, number, lock=True)
    now = now_ms()
    going = await charges.under_way(conn, number)
    if going:
        return going[0], False
    dues = await due.dues_of(conn, services.payments, of)
    pay_by = await _pay_by(conn, number) if dues.awaited is None else dues.awaited.pay_by
    state = payment_state(
        of.status,
        balance=dues.stays,
        supplement=dues.awaited is not None,
        to_decide=await cases.holds_money(conn, number),
        under_way=False,
        is_over=now > pay_by,
    )
    match state:
        case PaymentState.PAID:
            raise Refusal(Code.ALREADY_PAID)
        case PaymentState.PENDING | PaymentState.TO_DECIDE:
            raise Refusal(Code.PAYMENT_PENDING)
        case PaymentState.EXPIRED | PaymentState.NOT_DUE:
            raise Refusal(Code.PAYMENT_EXPIRED)
        case PaymentState.NOTHING | PaymentState.REVERSED:
            pass
    if dues.due <= 0 or now > pay_by:
        raise Refusal(Code.PAYMENT_EXPIRED)
    made = await charges.begin(conn, number, provider, dues.due, charges.page_until(now, pay_by), actor, now)
    await following.stage_follow(conn, made, now)
    return made, True


async def _pay_by(conn: AsyncConnection, number: int) -> int:
    found = sa.select(submission.c.pay_by).where(submission.c.id == number)
    return int((await conn.execute(found)).scalar_one())


async def _ordered(db: Database, services: CardServices, charge: Charge) -> Charge:
    """The attempt with its page. Refusal unavailable; the attempt then stays, and the next click orders the same."""
    try:
        page = await asking.provider_of(services).open_page(services.order(charge))
    except ProviderAway:
        return await _others(db, charge)
    except ProviderRefuses as no:
        log.error("card_page_refused", charge=charge.id, reason=no.code)
        failed = {"state": ChargeState.FAILED, "failure": no.code, "settled_at": now_ms()}
        await db.write(lambda conn: _changed(conn, charge, failed))
        raise Unavailable(asking.AWAY, retry_after=60) from no
    return await db.write(lambda conn: _opened(conn, charge, page))


async def _opened(conn: AsyncConnection, charge: Charge, page: ProviderPage) -> Charge:
    await events.history(conn, charge.submission, lock=True)
    now_is = await charges.find(conn, charge.id)
    if now_is.state is not ChargeState.OPENING:  # its news was quicker
        return now_is if now_is.href else await charges.change(conn, now_is, href=page.href)
    return await charges.change(conn, charge, state=ChargeState.OPEN, session=page.session, href=page.href)


async def _changed(conn: AsyncConnection, charge: Charge, values: dict[str, object]) -> None:
    await events.history(conn, charge.submission, lock=True)
    if (await charges.find(conn, charge.id)).state is ChargeState.OPENING:
        await charges.change(conn, charge, **values)


async def _others(db: Database, charge: Charge) -> Charge:
    """The same attempt, once another click has its page. Refusal unavailable."""
    for pause in OTHERS_TURN:
        await asyncio.sleep(pause)
        found = await db.read(lambda conn: charges.find(conn, charge.id))
        if found.href is not None:
            return found
    raise Unavailable(asking.AWAY, retry_after=60)
