"""Acts about the documents of a list: each under the file's lock, by the one table of `states.py` (DC-02 to DC-06)."""

from collections.abc import Mapping
from datetime import date
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.normalisation import visible
from casework.checklists import store
from casework.checklists.completing import settle_file
from casework.checklists.items import ChecklistItem, ItemEvent, required
from casework.checklists.services import ChecklistServices
from casework.checklists.states import OPEN_FOR, WITH_REASON, ChecklistTask, ItemAct, ItemState, item_moved
from casework.files import events
from foundation import audit, outbox
from foundation.audit import By, acting
from foundation.calendar.days import day_of
from foundation.errors import Code, Refusal
from foundation.outbox import key_of
from foundation.subjects import Subject
from submission.store import SUBMISSION
from submission.store import submission as store_of_submissions

LONGEST_EXPLANATION: Final = 2_000
"""Characters of a written explanation (DC-04)."""

LONGEST_REASON: Final = 1_000
"""Characters of a reason that the candidate reads."""

LONGEST_TRACKING: Final = 40
"""Characters of a number by which the post follows what it carries."""

GATHER_MS: Final = 10 * 60_000
"""What is done within ten minutes is told in one message: an envelope holds many documents."""


class ItemReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """The receipt for one document that came: its number, which document, the day that counts, how many days late."""

    number: str
    item: int
    title: str
    on_day: date
    days_late: int
    state: ItemState


async def receive_item(
    conn: AsyncConnection, submission: int, item: int, on_day: date, by: By, now: int
) -> ItemReceipt:
    """A document of the list came by post on this day, which counts, whenever it is registered (DC-02).

    `item` is its number on the list. Late is late: it is received all the same, and flagged for an agent. Refusals
    not_found, move_not_allowed, invalid for a day that is still to come, or before the submission.
    """
    if on_day > day_of(now):
        raise _invalid({"on_day": "La date de réception ne peut pas être à venir."})
    s = store_of_submissions.c
    submitted = (await conn.execute(sa.select(s.submitted_at).where(s.id == submission))).scalar_one_or_none()
    if submitted is None:
        raise Refusal(Code.NOT_FOUND)
    if on_day < day_of(submitted):
        raise _invalid({"on_day": "La date de réception est antérieure à la soumission de la demande."})
    made = await _act(conn, submission, item, ItemAct.RECEIVE, by, now, on_day, {})
    listed = await required(conn, None, submission)
    of = listed.item(item)
    return ItemReceipt(
        number=made.receipt,
        item=item,
        title=of.title,
        on_day=on_day,
        days_late=listed.days_late(of),
        state=of.state,
    )


async def explain(
    conn: AsyncConnection,
    services: ChecklistServices,
    submission: int,
    number: int,
    text: str,
    by: By,
    now: int,
) -> ItemEvent:
    """The candidate explains in writing why a document cannot come as it is asked (DC-04). Refusals not_found, invalid,
    move_not_allowed."""
    said = visible(text)
    if not said or len(said) > LONGEST_EXPLANATION:
        raise _invalid(
            {"explanation": f"Écrivez votre explication, en {LONGEST_EXPLANATION} caractères au plus."}
        )
    return await _said(conn, services, submission, number, ItemAct.EXPLAIN, said, by, now)


async def decide(
    conn: AsyncConnection,
    services: ChecklistServices,
    submission: int,
    number: int,
    act: ItemAct,
    reason: str,
    by: By,
    now: int,
) -> ItemEvent:
    """An agent accepts an explanation, refuses, waives, asks again. Refusals not_found, invalid, move_not_allowed."""
    said = visible(reason)
    if act in WITH_REASON and (not said or len(said) > LONGEST_REASON):
        raise _invalid(
            {"reason": f"Donnez la raison que la personne lira, en {LONGEST_REASON} caractères au plus."}
        )
    if act in WITH_REASON:
        return await _said(conn, services, submission, number, act, said, by, now)
    return await _act(conn, submission, number, act, by, now, day_of(now), {})


async def undo_receipt(conn: AsyncConnection, submission: int, number: int, by: By, now: int) -> ItemEvent:
    """It was registered by mistake. Refusals not_found, move_not_allowed."""
    return await _act(conn, submission, number, ItemAct.UNDO_RECEIPT, by, now, day_of(now), {})


async def give_back(
    conn: AsyncConnection, submission: int, number: int, on_day: date, tracking: str, by: By, now: int
) -> ItemEvent:
    """The original went back by post on this day, under this number (DC-06).

    Refusals not_found, invalid, move_not_allowed for what is no original to give back, or went back already.
    """
    said = visible(tracking)
    wrong = {}
    if not said or len(said) > LONGEST_TRACKING:
        wrong["tracking"] = f"Entrez le numéro de suivi de l’envoi, en {LONGEST_TRACKING} caractères au plus."
    if on_day > day_of(now):
        wrong["on_day"] = "La date de l’envoi ne peut pas être à venir."
    if wrong:
        raise _invalid(wrong)
    await events.history(conn, submission, lock=True)
    item = (await required(conn, None, submission)).item(number)
    if not item.give_back or item.given_back is not None:
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": item.state, "to": ItemAct.GIVE_BACK})
    return await _act(conn, submission, number, ItemAct.GIVE_BACK, by, now, on_day, {"tracking": said})


async def _said(
    conn: AsyncConnection,
    services: ChecklistServices,
    submission: int,
    number: int,
    act: ItemAct,
    said: str,
    by: By,
    now: int,
) -> ItemEvent:
    sealed = services.cipher.sealed_text(submission, number, act, now, said)
    return await _act(conn, submission, number, act, by, now, day_of(now), {"text": sealed})


async def _act(
    conn: AsyncConnection,
    submission: int,
    number: int,
    act: ItemAct,
    by: By,
    now: int,
    on_day: date,
    more: Mapping[str, str],
) -> ItemEvent:
    """Write one act under the file's lock, and what follows for the file. Refusals not_found, move_not_allowed."""
    of = await events.history(conn, submission, lock=True)
    item = (await required(conn, None, submission)).item(number)
    after = item_moved(item.state, act)
    if after is None or of.status not in OPEN_FOR[act]:
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": item.state, "to": act})
    who = acting(by)
    values = {
        "submission": submission,
        "number": number,
        "act": act,
        "at": now,
        "on_day": on_day.isoformat(),
        "actor": who.name,
        "role": who.role,
        **more,
    }
    written = sa.insert(store.checklist_item_event).values(values).returning(store.checklist_item_event.c.id)
    id = int((await conn.execute(written)).scalar_one())
    settled = (await required(conn, None, submission)).item(number)
    is_newly_settled = settled.is_settled and not item.is_settled
    await settle_file(
        conn, submission, number if is_newly_settled or not settled.is_settled else None, by, now
    )
    if act is not ItemAct.EXPLAIN:
        subject = Subject.row(SUBMISSION, submission)
        key = f"{key_of(ChecklistTask.TELL, subject)}:{id}"
        await outbox.stage(conn, ChecklistTask.TELL, subject, now, due_at=now + GATHER_MS, key=key)
    await audit.record(
        conn, by, f"checklist_{act}", Subject.row(SUBMISSION, submission), now, before={"state": item.state},
        after={"state": settled.state}, item=number,
    )  # fmt: skip
    return ItemEvent(id=id, act=act, at=now, on_day=on_day, actor=who.name, role=who.role)


def offered(item: ChecklistItem) -> list[ItemAct]:
    """What the table allows of an item now. Pure."""
    found = [act for act in ItemAct if item_moved(item.state, act) is not None]
    return [
        act for act in found if act is not ItemAct.GIVE_BACK or item.is_to_give_back or _went_not_back(item)
    ]


def _went_not_back(item: ChecklistItem) -> bool:
    return item.give_back and item.state is ItemState.REFUSED and item.given_back is None


def _invalid(wrong: Mapping[str, str]) -> Refusal:
    return Refusal(Code.INVALID, fields=[{"name": name, "reason": why} for name, why in wrong.items()])
