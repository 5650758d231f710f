"""What a person decides of money that no rule places: one of the acts that its reason allows, once, with a letter."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files import events
from casework.files.events import FileHistory
from casework.files.states import FileEventKind, FileStatus
from casework.mailroom import following
from casework.payments import cases, cheques, letters, movements, settling, two_people
from casework.payments.card import refunds
from casework.payments.cases import MoneyCase
from casework.payments.services import PaymentServices
from casework.payments.states import ALLOWED, Instrument, MoneyAct, MoneyReason, MovementKind, acts_of
from casework.payments.supplements import due
from casework.payments.unpaid import deletion, more_days
from foundation.audit import SERVICE, Actor
from foundation.errors import Code, Refusal
from foundation.money import dollars
from foundation.subjects import Subject
from quota import approvals
from quota.approvals import Approval
from server.rendering.templating import day_words


class DecidedMoney(msgspec.Struct, frozen=True):
    """The case as it was before, and whether the decision waits for a second person: then nothing is done."""

    case: MoneyCase
    waits: bool = False


LONGEST_WHY = 500
"""Characters of staff's own words."""


async def decide(
    conn: AsyncConnection,
    services: PaymentServices,
    id: int,
    act: MoneyAct,
    why: str,
    by: Actor,
    now: int,
) -> DecidedMoney:
    """Decide once, under the file's lock, with everything that follows; above an amount two people decide the same, and
    the first one's reason counts (`two_people.py`).

    Refusals not_found; invalid without a reason; already_decided; move_not_allowed for an act that this reason does not
    allow, or a deletion of a file that has been paid meanwhile; second_person_needed.
    """
    number = (await cases.find(conn, id)).submission
    of = await events.history(conn, number, lock=True)
    case = await cases.find(conn, id)
    if case.act is not None:
        raise Refusal(Code.ALREADY_DECIDED)
    dues = await due.dues_of(conn, services, of)
    if act not in acts_of(case.reason, of.status, supplement=dues.can_be_paid):
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": case.reason, "to": act})
    subject, why = Subject.row(MONEY_CASE, case.id), why.strip()
    asked = await approvals.waiting(conn, subject, act, now)
    _require_reason(why if asked is None else why or asked.reason or "")
    goes_out = await _goes_out(conn, services, case, act)
    if act in ALWAYS_TWO or await two_people.takes_two(conn, services, number, goes_out):
        agreed = await two_people.agreed(conn, subject, act, goes_out, why, by, now)
        if agreed is None:
            return DecidedMoney(case, waits=True)
        why = agreed.reason or why
    await cases.close(conn, case, act, by.name, why, now)
    if act is MoneyAct.DELETE:
        await deletion.delete(conn, services, of, kind_of(case.reason, of.status), by, now, why=why)
        await settling.settle(conn, services, of.submission, now)  # what is here still waits to go back
    elif act is MoneyAct.MORE_DAYS:
        await _more_days(conn, services, of, case, why, by, now)
    elif act is not MoneyAct.LEAVE:
        await _money(conn, services, of, case, act, why, by, now)
    goes_back = act in {MoneyAct.RETURN, MoneyAct.DELETE}
    await following.decided(conn, case.key, goes_back=goes_back, by=by, now=now, reason=why)
    return DecidedMoney(case)


ALWAYS_TWO: Final = frozenset({MoneyAct.MORE_DAYS})
"""Acts that take two people whatever the amount (P17): a place is kept that the rule would not keep."""


async def _more_days(
    conn: AsyncConnection,
    services: PaymentServices,
    of: FileHistory,
    case: MoneyCase,
    why: str,
    by: Actor,
    now: int,
) -> None:
    given = await more_days.give(conn, services, of, by, now, key=f"case:{case.id}", why=why)
    settled = await settling.settle(conn, services, of.submission, now)
    for late in await cases.waiting(conn, of.submission) if settled.recorded is not None else []:
        if late.reason is MoneyReason.LATE:  # money that is here is not late any more
            await cases.close(conn, late, MoneyAct.LEAVE, SERVICE, None, now)
    one = given.supplement
    said = letters.decided(
        MoneyAct.MORE_DAYS, case.amount, case.on_day, 0, why, until=given.until,
        amendment=None if one is None else one.serial, restored=given.restored,
    )  # fmt: skip
    await letters.send(conn, services, of.submission, said, now, key=f"money:case:{case.id}")


MONEY_CASE = "money_case"
"""The kind of subject that money which waits is, for whoever else has to agree."""


def _require_reason(why: str) -> None:
    if not 0 < len(why) <= LONGEST_WHY:
        reason = f"Dites pourquoi, en {LONGEST_WHY} caractères au plus."
        raise Refusal(Code.INVALID, fields=[{"name": "why", "reason": reason}])


async def _goes_out(conn: AsyncConnection, services: PaymentServices, case: MoneyCase, act: MoneyAct) -> int:
    dues = await due.dues_of(conn, services, await events.history(conn, case.submission))
    return going_out(case, act, dues.asked, dues.stays)


def is_here(case: MoneyCase) -> bool:
    """Whether its money is in the balance already; what came by post and waits is not. Pure."""
    return case.instrument is Instrument.CARD or case.reason is MoneyReason.REDATED


def going_out(case: MoneyCase, act: MoneyAct, fee: int | None, balance: int) -> int:
    """The cents that an act lets go back; `balance` is what the file has paid before it. Pure."""
    if act in {MoneyAct.RETURN, MoneyAct.CHEQUE}:
        return case.cents
    after = balance + (0 if is_here(case) else case.cents)
    return max(0, after - (fee or 0)) if act is MoneyAct.ACCEPT else 0


async def proposed(conn: AsyncConnection, case: MoneyCase, now: int) -> list[Approval]:
    """What somebody has decided of it, and waits for a second person, by the acts in their order."""
    subject = Subject.row(MONEY_CASE, case.id)
    found = [await approvals.waiting(conn, subject, act, now) for act in ALLOWED[case.reason]]
    return [one for one in found if one is not None]


TWO: str = "Il faut deux personnes : rien n’est fait avant qu’une autre prenne la même décision."


def consequences(
    case: MoneyCase,
    act: MoneyAct,
    fee: int | None,
    balance: int,
    *,
    alone: int,
    supplement: int = 0,
    status: FileStatus = FileStatus.AWAITING_PAYMENT,
    until: date | None = None,
    restores: bool = False,
) -> Sequence[str]:
    """What a decision triggers, sentence by sentence, as the agent reads it before pressing the button; `fee` is
    everything that is asked for, `supplement` the part of it that an amendment still awaits, `balance` what the file
    has paid before it, `alone` how many cents one person lets go back; `status` where the file stands, `until` the last
    of new days to pay, which are those of an amendment that comes back where it `restores` one. Pure."""
    two = [TWO] if act in ALWAYS_TWO or going_out(case, act, fee, balance) > alone else []
    if act is MoneyAct.MORE_DAYS:
        day = "" if until is None else f" jusqu’au {day_words(until)}"
        again = [RESTORES] if restores else []
        said = f"Les frais peuvent être payés de nouveau{day}; rien n’est perdu d’ici là."
        return [*two, *again, said, LETTER]
    if act is MoneyAct.LEAVE and case.reason is MoneyReason.MISDATED:
        return [MISDATED_LEFT.get(status, MISDATED_SETTLED)]
    if act is MoneyAct.LEAVE and status is FileStatus.DECIDED:
        return ["Rien ne change : la décision rendue reste."]
    return [*two, *_what_follows(case, act, fee, balance, supplement)]


RESTORES: Final = "La modification, qui avait été tenue pour sans effet, est rétablie."

MISDATED_LEFT: Final = {
    FileStatus.AWAITING_PAYMENT: (
        "Le retour reste comme il est. Rien ne retient plus la suppression d’une demande impayée."
    ),
    FileStatus.UNPAID_DELETED: (
        "La demande a été supprimée : ses réponses sont détruites, et rien ne peut la rétablir. La personne a été "
        "lésée; écrivez-lui avant de classer ce cas."
    ),
}
"""Status -> what becomes of a payment that had come in time, where nothing is done."""

MISDATED_SETTLED: Final = (
    "Le retour reste comme il est. S’il s’agissait des frais d’une modification, elle peut être signalée et payée de "
    "nouveau."
)


def _what_follows(
    case: MoneyCase, act: MoneyAct, fee: int | None, balance: int, supplement: int
) -> Sequence[str]:
    after = balance + (0 if is_here(case) else case.cents)
    surplus, is_paid = max(0, after - (fee or 0)), fee is not None and after >= fee
    opened = [] if not is_paid else [SUPPLEMENT_PAID if supplement else PAID]
    left = after - case.cents
    unpaid = [] if fee is not None and left >= fee else [STAYS_UNPAID]
    if unpaid and supplement and left >= (fee or 0) - supplement:
        unpaid = [SUPPLEMENT_UNPAID]
    match act:
        case MoneyAct.ACCEPT:
            how = "sur la carte" if case.instrument is Instrument.CARD else "par chèque"
            back = [f"Le surplus de {dollars(surplus)} est à rembourser {how}."] if surplus else []
            return [*opened, *back, LETTER]
        case MoneyAct.RETURN:
            how = "par la poste" if case.instrument is not Instrument.CARD else "sur la carte"
            return [f"{case.amount} sont à remettre {how}.", *unpaid, LETTER]
        case MoneyAct.CHEQUE:
            again = unpaid if case.reason is MoneyReason.REDATED else []
            said = f"{dollars(case.cents)} sont à remettre par chèque, que vous inscrirez ici."
            return [said, *again, LETTER]
        case MoneyAct.KEEP if case.reason is MoneyReason.REDATED:
            return ["Le paiement est gardé malgré sa date, et le dossier reste comme il est.", LETTER]
        case MoneyAct.KEEP:
            return [*opened, f"Le surplus de {dollars(surplus)} reste au dossier.", LETTER]
        case MoneyAct.DELETE:
            here = f"{dollars(balance)} sont encore ici : une personne décide ensuite de les remettre."
            return [
                "La demande est supprimée : les réponses sont détruites, et cela ne se défait pas.",
                *([here] if balance > 0 else []),
                LETTER,
            ]
        case MoneyAct.LEAVE | MoneyAct.MORE_DAYS:
            return ["Rien ne change; la demande peut être payée jusqu’à son dernier jour."]


LATE_TAKEN = {(MoneyReason.LATE, MoneyAct.ACCEPT), (MoneyReason.REDATED, MoneyAct.KEEP)}
"""Decisions by which money pays though it came late."""

LETTER = "Une lettre est déposée dans le compte."

PAID = "La demande est payée, et le dossier est ouvert."

SUPPLEMENT_PAID = "Les frais de la modification sont payés, et elle prend effet."

SUPPLEMENT_UNPAID = "Les frais de la modification ne sont pas payés."

STAYS_UNPAID = "La demande n’est pas payée."

KINDS = {
    MoneyReason.PARTIAL: FileEventKind.RETURNED_DELETED,
    MoneyReason.REVERSED: FileEventKind.UNPAID_DELETED,
}
"""Reason -> as what its deletion is recorded."""


def kind_of(reason: MoneyReason, status: FileStatus) -> FileEventKind:
    """As what the deletion of a file that stands so is recorded: one whose payment went back is unpaid, whatever came
    in part since. Pure."""
    return FileEventKind.UNPAID_DELETED if status is FileStatus.REVERSED else KINDS[reason]


async def _money(
    conn: AsyncConnection,
    services: PaymentServices,
    of: FileHistory,
    case: MoneyCase,
    act: MoneyAct,
    why: str,
    by: Actor,
    now: int,
) -> None:
    """The movements of a decision, its letter, and what follows for the file. What came by post and is not in yet
    comes in now, on the day on which it was received. What goes back of a card goes back by the provider, whose
    news of it is the movement (`casework/payments/card/`)."""
    number, by_post = of.submission, case.instrument is not Instrument.CARD
    if not is_here(case):
        await _move(conn, case, MovementKind.IN, case.cents, by, now, "in")
    if by_post and act is MoneyAct.RETURN:
        await _move(conn, case, MovementKind.RETURNED, case.cents, by, now, "returned")
    dues = await due.dues_of(conn, services, of)
    surplus = max(0, dues.stays - (dues.asked or 0))
    if by_post and act is MoneyAct.ACCEPT and surplus:
        await _move(conn, case, MovementKind.OUT, surplus, by, now, "surplus")
        await cheques.owe(conn, case.id, number, surplus, now)
    if act is MoneyAct.CHEQUE:
        if by_post:
            await _move(conn, case, MovementKind.OUT, case.cents, by, now, "cheque")
        else:
            await refunds.take_off(conn, number, case.cents, by, now, key=f"case:{case.id}:cheque")
        await cheques.owe(conn, case.id, number, case.cents, now)
    accepts_late = (case.reason, act) in LATE_TAKEN
    await settling.settle(conn, services, number, now, accepts_late=accepts_late)
    letter = letters.decided(act, case.amount, case.on_day, surplus, why, by_post=by_post)
    await letters.send(conn, services, number, letter, now, key=f"money:case:{case.id}")
    back = case.cents if act is MoneyAct.RETURN else surplus if act is MoneyAct.ACCEPT else 0
    if case.reason is MoneyReason.OTHER_CURRENCY:
        await refunds.give_back_foreign(conn, case.key, number, back, by, why, now, key=f"case:{case.id}")
    elif back and not by_post:
        await refunds.give_back(conn, number, back, by, why, now, key=f"case:{case.id}")


async def _move(
    conn: AsyncConnection, case: MoneyCase, kind: MovementKind, cents: int, by: Actor, now: int, what: str
) -> None:
    key = f"case:{case.id}:{what}"
    await movements.add(conn, case.submission, kind, case.instrument, cents, case.on_day, by, now, key=key)
