"""A letter that takes an application back: as on the page of the file, at the end of the day on which it was entered.

A withdrawal is for good, and its letter goes out with it. So that an entry of the wrong file can be undone on its day
and leave nothing behind, nothing is done before that day is over; then it is done under the file's lock by the one
function that takes applications back (ADR 0036). Where it cannot be done any more, a person looks at the item.
"""

from datetime import date
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.states import SessionRole
from casework.files import events
from casework.files.sheet import sheet
from casework.files.states import STATUSES, FileEventKind, FileStatus
from casework.mailroom import finding, items
from casework.mailroom.consequences import Judgement
from casework.mailroom.entries import WHO_SIGNED, MailEntry, refused
from casework.mailroom.finding import FileAtHand
from casework.mailroom.handlers.handler import MailAct, MailHandler
from casework.mailroom.items import RegisteredItem
from casework.mailroom.pen import SERVICE, MailTask
from casework.mailroom.services import MailroomServices
from casework.mailroom.states import MailItemState, MailMove
from casework.mailroom.store import MAIL_ITEM, mail_item
from casework.withdrawal import withdrawing
from casework.withdrawal.means import WITHDRAWABLE, WithdrawalMeans
from casework.withdrawal.withdrawing import AskedWithdrawal
from foundation import outbox
from foundation.audit import Actor
from foundation.calendar.days import day_of, end_of_day
from foundation.errors import Code, Refusal, Unavailable
from foundation.money import dollars
from foundation.outbox import Effect
from foundation.subjects import Subject
from server.rendering.templating import day_words
from submission.states import Capacity

NO_FILE: Final = "Cette personne n’a soumis aucune demande : la lettre est gardée, et une personne décide."

CLOSED: Final = (
    "Cette demande ne peut plus être retirée ({status}) : la lettre est gardée, et une personne décide."
)

NOT_IN_FORCE: Final = (
    "Aucune procuration en vigueur ne permet à cette personne de retirer la demande : la lettre est gardée, et une "
    "personne décide."
)

FOR_GOOD: Final = "Un retrait ne se défait pas. Comparez le nom et la signature avec le dossier."

CAME_BACK: Final = (
    "La demande n’a pas pu être retirée à la fin du jour : le dossier a changé. À vérifier par une personne."
)

m = mail_item.c


def judged(
    means: WithdrawalMeans | None, status: FileStatus | None, today: date, *, may_sign: bool
) -> Judgement:
    """What the letter triggers that is entered today. Pure."""
    if status is None or means is None:
        return Judgement(move=None, says=(), warns=(NO_FILE,))
    if status not in WITHDRAWABLE:
        return Judgement(move=None, says=(), warns=(CLOSED.format(status=STATUSES[status].lower()),))
    if not may_sign:
        return Judgement(move=None, says=(), warns=(NOT_IN_FORCE,))
    kept = (
        f"Les frais payés, {dollars(means.kept)}, sont gardés."
        if means.kept
        else "Aucuns frais ne sont payés : rien n’est plus à payer."
    )
    waits = ("Un autre paiement est ici : il est à décider, et remis.",) if means.waits else ()
    charged = (
        ("Un paiement par carte est commencé : s’il aboutit, il est remis en entier.",)
        if means.under_way
        else ()
    )
    says = (
        f"La demande est retirée à la fin du jour, le {day_words(today)}. D’ici là, l’inscription s’annule sans que "
        "rien n’ait changé.",
        kept,
        *waits,
        *charged,
        "La personne candidate reçoit alors une lettre et un message, et ses délais prennent fin.",
    )
    return Judgement(move=MailMove.ACCEPT, says=says, warns=(FOR_GOOD,))


async def judge(
    conn: AsyncConnection, services: MailroomServices, entry: MailEntry, of: FileAtHand, now: int
) -> Judgement:
    """As the file stands now."""
    if of.submission is None:
        return judged(None, None, day_of(now), may_sign=False)
    history = await events.history(conn, of.submission)
    means = await withdrawing.look(conn, services.payments, history)
    may_sign = await _may_sign(conn, services, of.submission, entry.capacity)
    return judged(means, history.status, day_of(now), may_sign=may_sign)


async def _may_sign(
    conn: AsyncConnection, services: MailroomServices, submission: int, capacity: Capacity | None
) -> bool:
    if capacity is None:
        raise refused({"capacity": WHO_SIGNED})
    head = await sheet(conn, services.personal, submission)
    try:
        await withdrawing.refuse_unknown_signer(conn, services.payments, head, capacity)
    except Refusal as refusal:
        if refusal.code != Code.REPRESENTATIVE_NOT_RECOGNISED:
            raise
        return False
    return True


async def do(conn: AsyncConnection, services: MailroomServices, act: MailAct, judgement: Judgement) -> None:
    """The task that takes it back once the day is over."""
    if judgement.move is not MailMove.ACCEPT:
        return
    theirs = sa.or_(m.key == act.key, m.acted_as == act.key)
    id = (await conn.execute(sa.select(m.id).where(theirs))).scalar_one()
    due, key = end_of_day(day_of(act.now)), f"{MailTask.WITHDRAWAL}:{act.key}"
    await outbox.stage(conn, MailTask.WITHDRAWAL, Subject.row(MAIL_ITEM, id), act.now, due_at=due, key=key)


async def take_back(conn: AsyncConnection, services: MailroomServices, act: MailAct, reason: str) -> None:
    """Until the day is over there is nothing to take back: the task finds the item undone. Refusal move_not_allowed
    once the application was taken back by a letter."""
    if act.of.submission is None:
        return
    event = (await events.history(conn, act.of.submission)).newest(FileEventKind.WITHDRAWN)
    if event is not None and event.role != SessionRole.CANDIDATE:
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": FileStatus.WITHDRAWN, "to": MailMove.UNDO})


def taking_effect(services: MailroomServices) -> Effect:
    """The effect of `MailTask.WITHDRAWAL`: taken back as on the page of the file, on the day on which the letter came.
    An item that was undone meanwhile, or is with a person, takes nothing back."""

    async def take(conn: AsyncConnection, subject: Subject, now: int) -> None:
        entered = await items.find(conn, services, subject.number)
        if entered.submission is None:
            return
        # The file first, then the item: the order of all who write.
        await finding.of_submission(conn, services, entered.submission, lock=True)
        item = await items.find(conn, services, subject.number, lock=True)
        if item.state is MailItemState.ACCEPTED and item.submission is not None:
            await _withdraw(conn, services, item, item.submission, now)

    return take


async def _withdraw(
    conn: AsyncConnection, services: MailroomServices, item: RegisteredItem, submission: int, now: int
) -> None:
    """Take it back; what has come in between counts as it is now, and is nobody's to confirm: the letter is there."""
    accepted = [one for one in await items.history(conn, item.id) if one.move is MailMove.ACCEPT][-1]
    means = await withdrawing.look(conn, services.payments, await events.history(conn, submission, lock=True))
    asked = AskedWithdrawal(
        capacity=item.entry.capacity or Capacity.CANDIDATE, seen=means.seen, on_day=item.entry.received_on
    )
    try:
        await withdrawing.withdraw(
            conn, services.payments, submission, asked, Actor(accepted.actor, accepted.role), now
        )
    except Refusal as refusal:  # refused before anything was written
        if isinstance(refusal, Unavailable):
            raise
        again = await items.move(conn, item, MailMove.REOPEN, SERVICE, now, reason=CAME_BACK)
        await items.recorded(conn, MailMove.REOPEN, item.state, again, SERVICE, now, reason=CAME_BACK)


HANDLER = MailHandler(
    judge=judge,
    do=do,
    take_back=take_back,
    taking_back="La demande n’est pas retirée : aucune lettre n’était encore partie.",
)
