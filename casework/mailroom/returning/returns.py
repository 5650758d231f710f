"""What goes back by post: what is set aside, and the day and number with which it left the house (PY-03 to PY-05)."""

from datetime import date
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import normalisation
from casework.blocks import Block, Fact, Facts, Paragraph, plain
from casework.mailbox.delivery import deliver
from casework.mailroom import items, pen
from casework.mailroom.entries import refused
from casework.mailroom.items import RegisteredItem
from casework.mailroom.services import MailroomServices
from casework.mailroom.states import MailItemState, MailKind, MailMove
from casework.mailroom.store import mail_item
from casework.mailroom.undoing import LONGEST_REASON
from foundation.audit import Actor
from foundation.calendar.days import day_of
from foundation.errors import Code, Refusal
from foundation.subjects import Subject
from server.rendering.templating import day_words
from submission.store import SUBMISSION, submission

LONGEST_TRACKING: Final = 40

TITLE: Final = "Retour de votre envoi"

TOLD: Final = (
    "Nous vous retournons par la poste ce que nous avons reçu le {day}. La raison est dans la lettre jointe."
)

WAITS: Final = frozenset({MailItemState.RECEIVED, MailItemState.MATCHED})
"""States in which nobody has decided yet."""

m, s = mail_item.c, submission.c


async def to_return(conn: AsyncConnection, services: MailroomServices) -> list[RegisteredItem]:
    """What is to go back and has not left."""
    return await items.listed(conn, services, m.state == MailItemState.TO_RETURN)


async def set_aside(
    conn: AsyncConnection, services: MailroomServices, id: int, reason: str, by: Actor, now: int
) -> RegisteredItem:
    """What waits, in the pen or for a person, is to go back; of money a person decides elsewhere (`following.py`).

    Refusals not_found, invalid, move_not_allowed.
    """
    said = normalisation.visible(reason)
    if not 0 < len(said) <= LONGEST_REASON:
        raise refused(
            {"reason": f"Dites pourquoi elle est retournée, en {LONGEST_REASON} caractères au plus."}
        )
    item = await items.find(conn, services, id, lock=True)
    if item.state not in WAITS or waits_for_money(item):
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": item.state, "to": MailMove.SET_ASIDE})
    aside = await items.move(conn, item, MailMove.SET_ASIDE, by, now, reason=said)
    await items.recorded(conn, MailMove.SET_ASIDE, item.state, aside, by, now, reason=said)
    return aside


async def accept(
    conn: AsyncConnection, services: MailroomServices, id: int, reason: str, by: Actor, now: int
) -> RegisteredItem:
    """What waits for a person is kept with its file. Refusals as `set_aside`."""
    said = normalisation.visible(reason)
    if not 0 < len(said) <= LONGEST_REASON:
        raise refused(
            {"reason": f"Dites pourquoi elle est acceptée, en {LONGEST_REASON} caractères au plus."}
        )
    item = await items.find(conn, services, id, lock=True)
    if waits_for_money(item):
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": item.state, "to": MailMove.ACCEPT})
    kept = await items.move(conn, item, MailMove.ACCEPT, by, now, reason=said)
    await items.recorded(conn, MailMove.ACCEPT, item.state, kept, by, now, reason=said)
    return kept


def waits_for_money(item: RegisteredItem) -> bool:
    """Whether what is decided of this item is what is decided of its money. Pure."""
    return item.state is MailItemState.MATCHED and item.entry.kind is MailKind.PAYMENT


def wrong_sending(tracking: str, sent_on: date | None, item: RegisteredItem, today: date) -> dict[str, str]:
    """What is wrong with how something is said to have left, by field, in French. Pure."""
    wrong = {}
    if not 0 < len(tracking) <= LONGEST_TRACKING:
        wrong["tracking"] = (
            f"Entrez le numéro de suivi de la poste, en {LONGEST_TRACKING} caractères au plus."
        )
    if sent_on is None:
        wrong["sent_on"] = "Entrez le jour de l’envoi, tel que 2026-06-13."
    elif sent_on > today:
        wrong["sent_on"] = "Cette date est à venir."
    elif sent_on < item.entry.received_on:
        wrong["sent_on"] = "La pièce n’était pas encore arrivée ce jour-là."
    return wrong


async def send_back(
    conn: AsyncConnection,
    services: MailroomServices,
    id: int,
    tracking: str,
    sent_on: date | None,
    by: Actor,
    now: int,
) -> RegisteredItem:
    """An item has left the house with its letter. Refusals not_found, invalid, move_not_allowed."""
    item = await items.find(conn, services, id, lock=True)
    number = normalisation.visible(tracking)
    wrong = wrong_sending(number, sent_on, item, day_of(now))
    if wrong or sent_on is None:
        raise refused(wrong)
    values = {"tracking": number, "sent_on": sent_on.isoformat()}
    await pen.forget(conn, id)
    sent = await items.move(conn, item, MailMove.SEND_BACK, by, now, values=values)
    sent = msgspec.structs.replace(sent, tracking=number, sent_on=sent_on)
    await _tell(conn, services, sent, number, now)
    await items.recorded(conn, MailMove.SEND_BACK, item.state, sent, by, now)
    return sent


async def _tell(
    conn: AsyncConnection, services: MailroomServices, item: RegisteredItem, tracking: str, now: int
) -> None:
    """Say in the mailbox of its file that something is on its way back, with the number by which it is followed."""
    if item.submission is None or item.sent_on is None:
        return
    account = (await conn.execute(sa.select(s.account).where(s.id == item.submission))).scalar_one()
    said: list[Block] = [
        Paragraph(plain(TOLD.format(day=day_words(item.entry.received_on)))),
        Facts([Fact("Envoyé le", plain(day_words(item.sent_on))), Fact("Numéro de suivi", plain(tracking))]),
    ]
    about, key = Subject.row(SUBMISSION, item.submission), f"mail:{item.key}:returned"
    await deliver(conn, services.payments.mailbox, account, about, TITLE, said, now, key=key)
