"""What the office does with a procuration that came by mail (RP-02, RP-04), and with a power that was frozen (RP-05).

The procuration of an unpaid file is held, never returned for that; `released_on_payment` is called by the payment. What
was entered by mistake is undone by a new line. Each act is one transaction with its history, its mails and its line of
the audit; whoever calls has asked for the role.
"""

from datetime import date, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.representatives import moving, powers
from accounts.representatives.moving import SERVICE, MailedPaper, WrittenMove
from accounts.representatives.powers import Representation
from accounts.representatives.procurations.references import typed_reference
from accounts.representatives.register import standing
from accounts.representatives.register.standing import REFUSED, RegisterStanding
from accounts.representatives.services import RepresentativeServices
from accounts.representatives.states import PowerMove, PowerState, ReturnReason, moved
from foundation.audit import Actor
from foundation.clock import montreal
from foundation.errors import Code, Refusal

OLDEST_DAYS: Final = 366
"""A paper that came earlier than so many days ago is a mistyped year."""

LONGEST_REASON: Final = 500
"""Characters of staff's own words."""


async def find(
    conn: AsyncConnection, services: RepresentativeServices, typed: str, *, lock: bool = False
) -> Representation:
    """The representative whose procuration has this reference, however it is typed. Refusal not_found."""
    reference = typed_reference(typed)
    if reference is None:
        raise Refusal(Code.NOT_FOUND)
    return await powers.by_reference(conn, services.details, reference, lock=lock)


def wrong_days(paper: MailedPaper, today: date) -> dict[str, str]:
    """What is wrong with the days of a paper, by field, in French. Pure."""
    found = {}
    if paper.received_on > today:
        found["received_on"] = "Cette date est à venir."
    elif paper.received_on < today - timedelta(days=OLDEST_DAYS):
        found["received_on"] = "Cette date est de plus d’un an : vérifiez l’année."
    if paper.postmarked_on is not None and paper.postmarked_on > paper.received_on:
        found["postmarked_on"] = "Le cachet de la poste ne peut pas être postérieur à la réception."
    return found


async def receive(
    conn: AsyncConnection,
    services: RepresentativeServices,
    typed: str,
    paper: MailedPaper,
    by: Actor,
    now: int,
) -> Representation:
    """A procuration has come: in force if the fee is paid, held until then otherwise (RP-04).

    A consultant whom the register does not recognise today is frozen first, and the paper counts underneath.
    Refusals not_found, invalid, move_not_allowed (it has come already, or the power is over).
    """
    _require_days(paper, now)
    of = await find(conn, services, typed, lock=True)
    is_paid = await services.has_paid(conn, of.account)
    step = PowerMove.ACTIVATE if is_paid else PowerMove.RECEIVE
    if moved(of.position, step) is None:
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": of.state, "to": step})
    frozen = await _frozen_first(conn, services, of, now)
    if frozen is not None:
        of = await find(conn, services, typed, lock=True)
    values = {
        "received_on": paper.received_on.isoformat(),
        "postmarked_on": paper.postmarked_on and paper.postmarked_on.isoformat(),
    }
    done = await moving.move(conn, services, of, step, by, now, paper=paper, values=values)
    await moving.recorded(conn, now, *filter(None, (frozen, done)))
    return await find(conn, services, typed)


async def give_back(
    conn: AsyncConnection,
    services: RepresentativeServices,
    typed: str,
    paper: MailedPaper,
    why: ReturnReason,
    by: Actor,
    now: int,
) -> Representation:
    """A procuration goes back by mail with a reason; the declaration waits for another one.

    Refusals not_found, invalid, move_not_allowed.
    """
    _require_days(paper, now)
    of = await find(conn, services, typed, lock=True)
    values = {"received_on": None, "postmarked_on": None}
    done = await moving.move(
        conn, services, of, PowerMove.RETURN, by, now, word=why, paper=paper, values=values
    )
    await moving.recorded(conn, now, done)
    return await find(conn, services, typed)


async def undo(
    conn: AsyncConnection, services: RepresentativeServices, typed: str, reason: str, by: Actor, now: int
) -> Representation:
    """What was entered as received was not: a new line, and whatever it opened is closed at once.

    Refusals not_found, invalid, move_not_allowed.
    """
    _require_reason(reason)
    of = await find(conn, services, typed, lock=True)
    values = {"received_on": None, "postmarked_on": None}
    done = await moving.move(
        conn, services, of, PowerMove.UNDO_RECEIPT, by, now, reason=reason, values=values
    )
    await moving.recorded(conn, now, done)
    return await find(conn, services, typed)


async def thaw(
    conn: AsyncConnection, services: RepresentativeServices, typed: str, reason: str, by: Actor, now: int
) -> Representation:
    """Let a frozen power go on, whose consultant the register recognises again: an act of a person, never of a clock.

    Refusals not_found, invalid, move_not_allowed, consultant_not_recognised.
    """
    _require_reason(reason)
    of = await find(conn, services, typed, lock=True)
    stands = await _stands(conn, of, now)
    if stands is not RegisterStanding.RECOGNISED:
        fields = [{"name": "number", "reason": REFUSED[stands]}]
        raise Refusal(Code.CONSULTANT_NOT_RECOGNISED, standing=stands, fields=fields)
    done = await moving.move(conn, services, of, PowerMove.THAW, by, now, reason=reason)
    await moving.recorded(conn, now, done)
    return await find(conn, services, typed)


async def released_on_payment(
    conn: AsyncConnection, services: RepresentativeServices, account: int, now: int
) -> bool:
    """The fee of this account's application is paid: a procuration that was held is in force from now on (RP-04).

    Called in the transaction of the payment, once or more often. Whether something was released.
    """
    of = await powers.live_of(conn, services.details, account, lock=True)
    if of is None or PowerState.RECEIVED not in {of.position.state, of.position.frozen_from}:
        return False
    frozen = await _frozen_first(conn, services, of, now)
    if frozen is not None:
        of = await powers.live_of(conn, services.details, account, lock=True) or of
    done = await moving.move(conn, services, of, PowerMove.ACTIVATE, SERVICE, now)
    await moving.recorded(conn, now, *filter(None, (frozen, done)))
    return True


async def _frozen_first(
    conn: AsyncConnection, services: RepresentativeServices, of: Representation, now: int
) -> WrittenMove | None:
    """Freeze a consultant whom the register does not recognise today, before the paper gives a power."""
    stands = await _stands(conn, of, now)
    if stands is RegisterStanding.RECOGNISED or of.position.state is PowerState.FROZEN:
        return None
    return await moving.move(conn, services, of, PowerMove.FREEZE, SERVICE, now, word=stands)


async def _stands(conn: AsyncConnection, of: Representation, now: int) -> RegisterStanding:
    """Where the register has this representative today; others than consultants are not in it, and are recognised."""
    if of.consultant is None:
        return RegisterStanding.RECOGNISED
    return standing.standing(await standing.by_id(conn, of.consultant), montreal(now).date())


def _require_days(paper: MailedPaper, now: int) -> None:
    wrong = wrong_days(paper, montreal(now).date())
    if wrong:
        fields = [{"name": name, "reason": why} for name, why in wrong.items()]
        raise Refusal(Code.INVALID, fields=fields)


def _require_reason(reason: str) -> None:
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        why = f"Dites pourquoi, en {LONGEST_REASON} caractères au plus."
        raise Refusal(Code.INVALID, fields=[{"name": "reason", "reason": why}])
