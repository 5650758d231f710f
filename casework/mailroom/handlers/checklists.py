"""Documents of the personal list, by their numbers on it (DC-02): each is received, late or not."""

from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.checklists import handling, items
from casework.checklists.items import Checklist, ChecklistItem
from casework.checklists.states import OPEN_FOR, ItemAct, ItemState, item_moved
from casework.files.states import FileStatus
from casework.mailroom.consequences import Judgement
from casework.mailroom.entries import MailEntry, refused
from casework.mailroom.finding import FileAtHand
from casework.mailroom.handlers.handler import MailAct, MailHandler
from casework.mailroom.services import MailroomServices
from casework.mailroom.states import MailMove
from server.rendering.templating import day_words

NO_LIST: Final = (
    "Aucune liste n’a été envoyée pour ce dossier : les documents sont gardés, et une personne décide."
)

EARLY: Final = (
    "Ce jour est avant la soumission de la demande, le {} : vérifiez-le. Tel quel, les documents sont gardés, et une "
    "personne décide."
)

CLOSED: Final = "Ce dossier n’attend pas de documents : ils sont gardés, et une personne décide."


def judged(listed: Checklist | None, status: FileStatus | None, entry: MailEntry) -> Judgement:
    """What receiving these documents does. Refusal invalid for a number that the list has not. Pure."""
    if listed is None:
        return Judgement(move=None, says=(), warns=(NO_LIST,))
    chosen = _chosen(listed, entry.parts)
    if status not in OPEN_FOR[ItemAct.RECEIVE] or any(
        item_moved(one.state, ItemAct.RECEIVE) is None for one in chosen
    ):
        return Judgement(move=None, says=(), warns=(CLOSED,))
    late = [(one, (entry.received_on - listed.deadline(one).last_day).days) for one in chosen]
    warns = tuple(
        f"Document {one.number} : {days} jour{'s' if days > 1 else ''} de retard. Il est reçu et signalé."
        for one, days in late
        if days > 0
    )
    twice = tuple(
        f"Document {one.number} : reçu déjà une fois." for one in chosen if one.received is not None
    )
    says = tuple(f"Document {one.number}, {one.title} : reçu." for one in chosen)
    awaited = {one.number for one in listed.open_items} - {one.number for one in chosen}
    rest = (
        f"Encore attendus : {len(awaited)}."
        if awaited
        else "Tous les documents sont là : l’examen de la demande commence."
    )
    return Judgement(move=MailMove.ACCEPT, says=(*says, rest), warns=warns + twice)


def _chosen(listed: Checklist, parts: tuple[int, ...]) -> list[ChecklistItem]:
    known = {one.number: one for one in listed.items}
    if not parts or not set(parts) <= set(known):
        names = "; ".join(f"{one.number}, {one.title}" for one in listed.items)
        wrong = ", ".join(str(part) for part in parts if part not in known)
        first = (
            f"La liste n’a pas de document {wrong}." if wrong else "Entrez les numéros des documents reçus."
        )
        raise refused({"parts": f"{first} La liste : {names}."})
    return [known[part] for part in parts]


async def judge(
    conn: AsyncConnection, services: MailroomServices, entry: MailEntry, of: FileAtHand, now: int
) -> Judgement:
    """As the list stands now."""
    listed = None if of.submission is None else await items.find(conn, None, of.submission)
    if of.submitted_on is not None and entry.received_on < of.submitted_on:
        return Judgement(move=None, says=(), warns=(EARLY.format(day_words(of.submitted_on)),))
    return judged(listed, of.status, entry)


async def judge_again(
    conn: AsyncConnection, services: MailroomServices, entry: MailEntry, of: FileAtHand, now: int
) -> Judgement:
    """With the day, which is a part of what was done: the list of the candidate says it. Not where an agent has gone on
    with a document meanwhile: then the day of the item alone can be put right."""
    found = await judge(conn, services, entry, of, now)
    listed = None if of.submission is None else await items.find(conn, None, of.submission)
    if found.move is not MailMove.ACCEPT or listed is None or not may_redate(listed, of.status, entry):
        return found
    on_day = f"Jour de réception : {day_words(entry.received_on)}."
    return msgspec.structs.replace(found, says=(on_day, *found.says))


def may_redate(listed: Checklist, status: FileStatus | None, entry: MailEntry) -> bool:
    """Whether these documents can be taken back and received anew: each is here as it came. Pure."""
    here = [
        one.state is ItemState.RECEIVED and one.given_back is None for one in _chosen(listed, entry.parts)
    ]
    return all(here) and status in OPEN_FOR[ItemAct.UNDO_RECEIPT]


async def do(conn: AsyncConnection, services: MailroomServices, act: MailAct, judgement: Judgement) -> None:
    """Each is received; the candidate gets one message with a receipt for each."""
    if judgement.move is MailMove.ACCEPT and act.of.submission is not None:
        for part in act.entry.parts:
            await handling.receive_item(conn, act.of.submission, part, act.entry.received_on, act.by, act.now)


async def take_back(conn: AsyncConnection, services: MailroomServices, act: MailAct, reason: str) -> None:
    """Each stands as before. Refusal move_not_allowed where an agent has gone on with one."""
    if act.of.submission is not None:
        for part in act.entry.parts:
            await handling.undo_receipt(conn, act.of.submission, part, act.by, act.now)


HANDLER = MailHandler(
    judge=judge,
    do=do,
    take_back=take_back,
    judge_again=judge_again,
    taking_back="Chaque document de la liste redevient comme il était avant; la personne candidate le voit.",
)
