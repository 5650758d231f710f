"""The register of what comes by post: what an entry triggers, shown first; then the entry itself, in one transaction.

What is confirmed is what was shown: under the file's lock it is judged again, and where it is no longer the same the
entry is refused (`changed_meanwhile`). A second item of the same kind, file and day is an entry made twice until
somebody says why not; two clerks at once are no exception, as both take the file's lock.
"""

import re
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import normalisation
from casework.mailroom import entries, finding, items, pen
from casework.mailroom.consequences import Judgement, fingerprint
from casework.mailroom.entries import MailEntry, TypedMail, refused
from casework.mailroom.finding import FileAtHand
from casework.mailroom.guessing.guesses import GuessedFile
from casework.mailroom.handlers.handler import MailAct
from casework.mailroom.handlers.registry import HANDLERS
from casework.mailroom.items import RegisteredItem
from casework.mailroom.services import MailroomServices
from casework.mailroom.states import MailItemState, MailKind, MailMove
from casework.mailroom.store import mail_item
from foundation.audit import Actor
from foundation.calendar.days import day_of
from foundation.errors import Code, Refusal
from server.rendering.templating import day_words

KEY: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")
"""Of a form: random, and of one entry alone."""

TWICE: Final = (
    "Une pièce de cette nature est déjà inscrite au dossier pour ce jour. Dites pourquoi c’en est une autre."
)

OTHER_ITEM: Final = "Ce formulaire a déjà servi à une autre pièce : ouvrez-en un nouveau."

BEFORE_IT: Final = (
    "Ce jour est avant celui de la soumission de la demande, le {} : vérifiez l’année, le mois et le dossier."
)

MAY_COME_FIRST: Final = frozenset({MailKind.PROCURATION, MailKind.CHECKLIST})
"""Kinds that may come before the file, or whose handler says itself what a day before it means."""

SENT_BACK: Final = (
    "La pièce est à retourner telle quelle, pour cette raison, écrite dans la lettre. Rien d’autre ne change."
)

m = mail_item.c


class MailPreview(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown before an entry is confirmed. Without a file it waits in the pen, with these guesses."""

    entry: MailEntry
    of: FileAtHand | None = None
    judgement: Judgement | None = None
    twins: tuple[int, ...] = ()
    guesses: tuple[GuessedFile, ...] = ()

    @property
    def seen(self) -> str:
        """Stands for everything that decides; a confirmation brings it back. Guesses decide nothing."""
        told = () if self.judgement is None else self.judgement.told
        return fingerprint(self.entry, self.of, told, self.twins)


async def preview(
    conn: AsyncConnection, services: MailroomServices, typed: TypedMail, now: int, *, lock: bool = False
) -> MailPreview:
    """What an entry would trigger. Nothing is written.

    Refusal invalid, also for a number that no file has, unless the item is to be kept in the pen.
    """
    if typed.keep:
        entry = entries.read(typed, day_of(now))
        return MailPreview(entry=entry, guesses=tuple(await pen.guesses_for(conn, services, entry, now)))
    entry, of = await _read(conn, services, typed, now, lock=lock)
    why = normalisation.visible(typed.refuse)
    if why:
        return MailPreview(
            entry=entry, of=of, judgement=by_hand(why), twins=await _twins(conn, entry, of, None)
        )
    return await judged(conn, services, entry, of, now)


def by_hand(why: str) -> Judgement:
    """What becomes of an item that a clerk sends back as it is. Pure."""
    return Judgement(move=MailMove.SET_ASIDE, says=(SENT_BACK,), warns=(why,), is_by_hand=True)


async def _read(
    conn: AsyncConnection, services: MailroomServices, typed: TypedMail, now: int, *, lock: bool
) -> tuple[MailEntry, FileAtHand]:
    """The entry and its file. Refusal invalid with everything that is wrong at once, the number first."""
    entry = of = None
    wrong: dict[str, str] = {}
    try:
        of = await finding.file_at_hand(conn, services, typed.number, lock=lock)
        wrong |= {} if of is not None else {"number": finding.UNKNOWN}
    except Refusal as refusal:
        wrong |= entries.wrong_in(refusal)
    try:
        entry = entries.read(typed, day_of(now))
    except Refusal as refusal:
        wrong |= entries.wrong_in(refusal)
    if wrong or entry is None or of is None:
        raise refused(wrong)
    return entry, of


async def judged(
    conn: AsyncConnection,
    services: MailroomServices,
    entry: MailEntry,
    of: FileAtHand,
    now: int,
    *,
    but: int | None = None,
) -> MailPreview:
    """What an item of this file triggers. `but` is the item itself where it is in the register already."""
    judgement = dated(await HANDLERS[entry.kind].judge(conn, services, entry, of, now), entry, of)
    entry = msgspec.structs.replace(entry, reference=judgement.facts.get("reference", entry.reference))
    return MailPreview(entry=entry, of=of, judgement=judgement, twins=await _twins(conn, entry, of, but))


def dated(judgement: Judgement, entry: MailEntry, of: FileAtHand) -> Judgement:
    """With a warning where the item is said to have come before the file was there: in January the year is easily that
    of before, and a late payment would be in time. What goes back is not held up, nor a procuration, which may well
    come first. Pure."""
    begins = of.submitted_on
    if begins is None or entry.received_on >= begins:
        return judgement
    if judgement.move is MailMove.SET_ASIDE or entry.kind in MAY_COME_FIRST:
        return judgement
    warns = (BEFORE_IT.format(day_words(begins)), *judgement.warns)
    return msgspec.structs.replace(judgement, warns=warns)


async def enter(
    conn: AsyncConnection,
    services: MailroomServices,
    typed: TypedMail,
    key: str,
    seen: str,
    by: Actor,
    now: int,
) -> RegisteredItem:
    """Enter what was shown and confirmed; sent twice with one key, it is one item.

    Refusals invalid, also for the key of an item that is another one; changed_meanwhile (+`told`, what it would trigger
    now); those of what it triggers.
    """
    if not KEY.fullmatch(key):
        raise refused({"key": "Ouvrez un nouveau formulaire."})
    there = (await conn.execute(sa.select(m.id).where(m.key == key))).scalar_one_or_none()
    if there is not None:
        return await _again(conn, services, there, typed, now)
    now_so = await preview(conn, services, typed, now, lock=True)
    require_same(now_so, seen)
    reason = require_reason(now_so, typed.reason)
    item = await _written(conn, services, now_so, key, by, now, reason)
    if now_so.of is None or now_so.judgement is None:
        await pen.keep(conn, item, list(now_so.guesses), now)
        done = item
    else:
        done = await settle(conn, services, item, now_so.of, now_so.judgement, by, now)
    await items.recorded(conn, MailMove.RECEIVE, None, done, by, now, reason=reason)
    return done


async def _again(
    conn: AsyncConnection, services: MailroomServices, number: int, typed: TypedMail, now: int
) -> RegisteredItem:
    """The item that was entered with this key. Refusal invalid where another one is typed: it would be told of as
    entered, and be in no register."""
    item = await items.find(conn, services, number)
    entry = entries.read(typed, day_of(now))
    of = None if typed.keep else await finding.file_at_hand(conn, services, typed.number)
    is_other_file = of is not None and item.submission is not None and of.submission != item.submission
    said, kept = (
        (one.kind, one.received_on, one.instrument, one.cents, one.parts) for one in (entry, item.entry)
    )
    if is_other_file or said != kept:
        raise refused({"key": OTHER_ITEM})
    return item


async def settle(
    conn: AsyncConnection, services: MailroomServices, item: RegisteredItem, of: FileAtHand, judgement: Judgement,
    by: Actor, now: int,
) -> RegisteredItem:  # fmt: skip
    """Match an item with its file, and do what it triggers."""
    here = {"submission": of.submission} | items.columns_of(item.entry)
    matched = await items.move(conn, item, MailMove.MATCH, by, now, values=here)
    matched = msgspec.structs.replace(matched, submission=of.submission)
    act = MailAct(entry=item.entry, of=of, key=item.key, by=by, now=now)
    if not judgement.is_by_hand:
        await HANDLERS[item.entry.kind].do(conn, services, act, judgement)
    if judgement.move is None:
        return matched
    why = " ".join(judgement.warns) if judgement.move is MailMove.SET_ASIDE else None
    return await items.move(conn, matched, judgement.move, by, now, reason=why, detail=judgement.facts)


def require_same(now_so: MailPreview, seen: str) -> None:
    """Refusal changed_meanwhile where what was shown is no longer so."""
    if now_so.seen != seen:
        told = [] if now_so.judgement is None else list(now_so.judgement.told)
        raise Refusal(Code.CHANGED_MEANWHILE, told=told)


def require_reason(now_so: MailPreview, reason: str) -> str | None:
    """Why a second item of the same kind, file and day is none. Refusal invalid."""
    if now_so.twins and not reason.strip():
        raise refused({"reason": TWICE})
    return reason.strip() or None


async def _written(
    conn: AsyncConnection,
    services: MailroomServices,
    shown: MailPreview,
    key: str,
    by: Actor,
    now: int,
    reason: str | None,
) -> RegisteredItem:
    today = day_of(now)
    values = items.columns_of(shown.entry) | {
        "key": key, "state": MailItemState.RECEIVED, "hints": services.hints.seal(key, shown.entry.hints),
        "entered_at": now, "entered_on": today.isoformat(), "entered_by": by.name,
    }  # fmt: skip
    number = (await conn.execute(sa.insert(mail_item).values(values).returning(m.id))).scalar_one()
    await items.told(conn, number, MailMove.RECEIVE, MailItemState.RECEIVED, by, now, reason=reason)
    return RegisteredItem(
        id=number, key=key, state=MailItemState.RECEIVED, submission=None, entry=shown.entry, entered_at=now,
        entered_on=today, entered_by=by.name,
    )  # fmt: skip


async def _twins(conn: AsyncConnection, entry: MailEntry, of: FileAtHand, but: int | None) -> tuple[int, ...]:
    """The items of this kind, file and day that stand in the register already."""
    whose = m.reference == of.reference if of.submission is None else m.submission == of.submission
    same = (
        m.kind == entry.kind,
        m.received_on == entry.received_on.isoformat(),
        m.state != MailItemState.UNDONE,
        whose,
    )
    rows = await conn.execute(sa.select(m.id).where(*same).order_by(m.id))
    return tuple(number for number in rows.scalars() if number != but)
