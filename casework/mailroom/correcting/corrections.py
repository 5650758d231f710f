"""Putting an entry right after its day: one person proposes, another one confirms, with what changes shown (P17).

What an item triggers is judged with the day as it was and as it is to be. Where it is the same, the day is put right
and nothing else happens; where it is not, what was done is taken back and done anew. What has left the house stays as
it is. The money of a payment follows its day by rules of its own (`redating.py`).
"""

from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.representatives.moving import MailedPaper
from accounts.representatives.procurations.mailroom import wrong_days
from casework.mailroom import items, pen, undoing
from casework.mailroom.consequences import Judgement, fingerprint
from casework.mailroom.correcting import redating
from casework.mailroom.correcting.redating import RedatingStep
from casework.mailroom.entries import MailEntry, refused, typed_day
from casework.mailroom.finding import FileAtHand
from casework.mailroom.handlers.handler import MailAct
from casework.mailroom.handlers.registry import HANDLERS
from casework.mailroom.items import RegisteredItem
from casework.mailroom.services import MailroomServices
from casework.mailroom.states import (
    CorrectionKind,
    CorrectionState,
    MailItemState,
    MailKind,
    MailMove,
    moved,
)
from casework.mailroom.store import MAIL_ITEM, mail_correction, mail_item
from foundation import audit
from foundation.audit import Actor
from foundation.calendar.days import day_of
from foundation.errors import Code, Refusal
from foundation.sql.tables import insert_for
from foundation.subjects import Subject

c = mail_correction.c


class TypedCorrection(msgspec.Struct, frozen=True, kw_only=True):
    """What is proposed, as it was typed; with `undoes` the days are not looked at."""

    received_on: str = ""
    postmarked_on: str = ""
    undoes: bool = False
    reason: str = ""


class MailCorrection(msgspec.Struct, frozen=True, kw_only=True):
    """A correction that was proposed. `proposed_at` is an instant."""

    id: int
    item: int
    kind: CorrectionKind
    received_on: date | None
    postmarked_on: date | None
    reason: str
    proposed_by: str
    proposed_at: int

    def applied_to(self, entry: MailEntry) -> MailEntry:
        """The entry with its days put right."""
        if self.kind is CorrectionKind.UNDO or self.received_on is None:
            return entry
        return msgspec.structs.replace(entry, received_on=self.received_on, postmarked_on=self.postmarked_on)


class CorrectionPreview(msgspec.Struct, frozen=True, kw_only=True):
    """What a correction changes: judged with the days as they were, and as they are to be (None: it is undone). `step`
    is what follows for the money of a payment whose day is put right."""

    correction: MailCorrection
    before: Judgement | None
    after: Judgement | None
    step: RedatingStep | None = None

    @property
    def changes(self) -> bool:
        """Whether what was done is taken back, and another thing done."""
        if self.step is not None:
            return self.step is RedatingStep.ANEW
        return self.correction.kind is CorrectionKind.UNDO or self.before != self.after

    @property
    def asks(self) -> bool:
        """Whether a person has to decide of the money by what the day is now."""
        return self.step not in {None, RedatingStep.FOLLOWS, RedatingStep.ANEW}

    @property
    def seen(self) -> str:
        """Stands for what was shown."""
        told = [None if one is None else one.told for one in (self.before, self.after)]
        return fingerprint(self.correction, told, self.step)


async def propose(
    conn: AsyncConnection, services: MailroomServices, id: int, typed: TypedCorrection, by: Actor, now: int
) -> MailCorrection:
    """Propose a correction. Refusals not_found; invalid; move_not_allowed; changed_meanwhile where one waits."""
    item = await items.find(conn, services, id, lock=True)
    step = MailMove.UNDO if typed.undoes else MailMove.CORRECT
    if moved(item.state, step) is None:
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": item.state, "to": step})
    received, postmarked = _days(typed, item, day_of(now))
    kind = CorrectionKind.UNDO if typed.undoes else CorrectionKind.DAYS
    values: dict[str, Any] = {
        "item": id, "kind": kind, "state": CorrectionState.PROPOSED, "received_on": received and received.isoformat(),
        "postmarked_on": postmarked and postmarked.isoformat(), "reason": typed.reason.strip(), "proposed_by": by.name,
        "proposed_at": now,
    }  # fmt: skip
    written = insert_for(conn, mail_correction).values(values).on_conflict_do_nothing()
    number = (await conn.execute(written.returning(c.id))).scalar_one_or_none()
    if number is None:
        raise Refusal(Code.CHANGED_MEANWHILE)
    subject = Subject.row(MAIL_ITEM, id)
    await audit.record(
        conn, by, "mail_correction_propose", subject, now, reason=typed.reason.strip(), kind=kind
    )
    found = await open_of(conn, id)
    assert found is not None
    return found


def _days(typed: TypedCorrection, item: RegisteredItem, today: date) -> tuple[date | None, date | None]:
    """The days that are proposed. Refusal invalid, also where they are those that stand there already."""
    wrong: dict[str, str] = {}
    if not 0 < len(typed.reason.strip()) <= undoing.LONGEST_REASON:
        wrong["reason"] = f"Dites pourquoi, en {undoing.LONGEST_REASON} caractères au plus."
    if typed.undoes:
        received = postmarked = None
    else:
        received = typed_day(
            "received_on", typed.received_on, wrong, "Entrez le jour où la pièce est arrivée."
        )
        postmarked = typed_day("postmarked_on", typed.postmarked_on, wrong)
        if received is not None:
            wrong |= wrong_days(MailedPaper(received_on=received, postmarked_on=postmarked), today)
            if (received, postmarked) == (item.entry.received_on, item.entry.postmarked_on):
                wrong["received_on"] = "Ce sont les dates qui sont inscrites déjà."
    if wrong:
        raise refused(wrong)
    return received, postmarked


async def open_of(conn: AsyncConnection, item: int) -> MailCorrection | None:
    """The correction of an item that waits for a second person."""
    names = MailCorrection.__struct_fields__
    rows = sa.select(*(c[name] for name in names)).where(c.item == item, c.state == CorrectionState.PROPOSED)
    row = (await conn.execute(rows)).one_or_none()
    return (
        None if row is None else msgspec.convert({name: getattr(row, name) for name in names}, MailCorrection)
    )


async def preview(
    conn: AsyncConnection, services: MailroomServices, item: RegisteredItem, of: FileAtHand | None, now: int
) -> CorrectionPreview | None:
    """What the correction that waits would change; None where none waits."""
    correction = await open_of(conn, item.id)
    if correction is None:
        return None
    before = after = step = None
    if of is not None:
        handler = HANDLERS[item.entry.kind]
        judge = handler.judge_again or handler.judge
        before = await judge(conn, services, item.entry, of, now)
        right = correction.applied_to(item.entry)
        if correction.kind is CorrectionKind.DAYS:
            after = await judge(conn, services, right, of, now)
        if after is not None and item.entry.kind is MailKind.PAYMENT and of.submission is not None:
            step = await redating.look(conn, services.payments, item, right, of.submission)
            before, after = redating.shown(step, item, before, after)
    return CorrectionPreview(correction=correction, before=before, after=after, step=step)


async def confirm(
    conn: AsyncConnection, services: MailroomServices, id: int, seen: str, by: Actor, now: int
) -> RegisteredItem:
    """Another person confirms what was shown, and it is done.

    Refusals not_found, second_person_needed, changed_meanwhile, move_not_allowed; those of what is done and taken back.
    """
    of = await undoing.file_of(conn, services, await items.find(conn, services, id), lock=True)
    item = await items.find(conn, services, id, lock=True)
    shown = await preview(conn, services, item, of, now)
    if shown is None:
        raise Refusal(Code.NOT_FOUND)
    if shown.correction.proposed_by == by.name:
        raise Refusal(Code.SECOND_PERSON_NEEDED)
    if shown.seen != seen:
        raise Refusal(Code.CHANGED_MEANWHILE)
    await _decide(conn, shown.correction, CorrectionState.CONFIRMED, by, now)
    if shown.correction.kind is CorrectionKind.UNDO:
        return await undoing.take_back(conn, services, item, of, shown.correction.reason, by, now)
    return await _put_right(conn, services, item, of, shown, by, now)


async def drop(
    conn: AsyncConnection, services: MailroomServices, id: int, by: Actor, now: int
) -> RegisteredItem:
    """It is not to be put right: said by whoever proposed it, or by another person. Refusal not_found."""
    item = await items.find(conn, services, id, lock=True)
    correction = await open_of(conn, id)
    if correction is None:
        raise Refusal(Code.NOT_FOUND)
    await _decide(conn, correction, CorrectionState.DROPPED, by, now)
    await audit.record(conn, by, "mail_correction_drop", Subject.row(MAIL_ITEM, id), now)
    return item


async def _decide(
    conn: AsyncConnection, correction: MailCorrection, state: CorrectionState, by: Actor, now: int
) -> None:
    decided = {"state": state, "decided_by": by.name, "decided_at": now}
    await conn.execute(sa.update(mail_correction).where(c.id == correction.id).values(decided))


async def _put_right(
    conn: AsyncConnection, services: MailroomServices, item: RegisteredItem, of: FileAtHand | None,
    shown: CorrectionPreview, by: Actor, now: int,
) -> RegisteredItem:  # fmt: skip
    correction, reason = shown.correction, shown.correction.reason
    entry = correction.applied_to(item.entry)
    anew = shown.changes and of is not None and shown.after is not None
    if anew and item.state is MailItemState.RETURNED:
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": item.state, "to": MailMove.REOPEN})
    if anew and of is not None:
        act = MailAct(entry=item.entry, of=of, key=item.acts_as, by=by, now=now)
        if item.state in HANDLERS[entry.kind].takes_back_from:
            await HANDLERS[entry.kind].take_back(conn, services, act, reason)
    right = await items.move(
        conn, item, MailMove.CORRECT, by, now, reason=reason, values=items.columns_of(entry)
    )
    right = msgspec.structs.replace(right, entry=entry)
    if anew and of is not None and shown.after is not None:
        right = await _anew(conn, services, right, of, shown.after, correction, by, now)
    elif shown.step is not None and of is not None and of.submission is not None:
        await redating.follow(
            conn, services, item, entry, of.submission, shown.step, correction.id, reason, by, now
        )
    elif right.state is MailItemState.RECEIVED:
        await pen.stage_end(conn, right, now)
    await items.recorded(conn, MailMove.CORRECT, item.state, right, by, now, reason=reason)
    return right


async def _anew(
    conn: AsyncConnection, services: MailroomServices, item: RegisteredItem, of: FileAtHand, after: Judgement,
    correction: MailCorrection, by: Actor, now: int,
) -> RegisteredItem:  # fmt: skip
    """Do it anew, under a key of its own: what was done and taken back keeps its own lines."""
    key = f"{item.key}:{correction.id}"
    if item.state is not MailItemState.MATCHED:
        item = await items.move(conn, item, MailMove.REOPEN, by, now)
    await conn.execute(sa.update(mail_item).where(mail_item.c.id == item.id).values(acted_as=key))
    act = MailAct(entry=item.entry, of=of, key=key, by=by, now=now)
    await HANDLERS[item.entry.kind].do(conn, services, act, after)
    item = msgspec.structs.replace(item, acted_as=key)
    if after.move is None:
        return item
    why = " ".join(after.warns) if after.move is MailMove.SET_ASIDE else None
    return await items.move(conn, item, after.move, by, now, reason=why, detail=after.facts)
