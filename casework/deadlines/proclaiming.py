"""Making a day a holiday after the calendar was known: one person enters it, another confirms it (P17).

Both act on the day's row, whose lock serialises them; what one entered a day ago and nobody confirmed is forgotten.
"""

import re
from datetime import date, timedelta
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.deadlines import moving
from casework.deadlines.states import ProclamationAct
from foundation import audit
from foundation.audit import By
from foundation.calendar.closures import ProclaimedDay
from foundation.calendar.days import day_of
from foundation.calendar.proclaimed import closures, proclaimed_day
from foundation.errors import Code, Refusal
from foundation.sql.tables import insert_for, plain_row
from foundation.subjects import Subject
from quota import approvals

DAY: Final = "proclaimed_day"
"""Kind of subject: a proclaimed day, by its date."""

EARLIEST_DAYS: Final = 30
"""A day may be entered so long after it was: a funeral of last week still moves what ended on it."""

LATEST_DAYS: Final = 370
"""And so long before."""

LONGEST_NAME: Final = 80

_LINE: Final = re.compile(r"[^\W_][^\x00-\x1f<>]*")

p = proclaimed_day


class Proclamation(msgspec.Struct, frozen=True, kw_only=True):
    """A day as its row says it. Without an approver it is a request; `moved_at` is when every open deadline had been
    looked at. Instants in milliseconds."""

    day: date
    name: str
    author: str
    asked_at: int
    approver: str | None = None
    approved_at: int | None = None
    moved_at: int | None = None

    @property
    def is_holiday(self) -> bool:
        return self.approver is not None

    def waits(self, now: int) -> bool:
        """Whether it still waits for a second person."""
        return not self.is_holiday and self.asked_at > now - approvals.WAITS_MS

    @property
    def proclaimed(self) -> ProclaimedDay:
        return ProclaimedDay(self.day, self.name)


async def every(conn: AsyncConnection) -> list[Proclamation]:
    """Every day that was entered, the latest day first."""
    rows = await conn.execute(sa.select(p).order_by(p.c.day.desc()))
    return [_read(row) for row in rows]


async def find(conn: AsyncConnection, day: date) -> Proclamation | None:
    """What was entered for a day."""
    return await _find(conn, day)


async def typed(conn: AsyncConnection, day: date, name: str, now: int) -> ProclaimedDay:
    """A day and name as they may be entered. Refusal invalid, with the fields and why."""
    wrong, today, words = {}, day_of(now), " ".join(name.split())
    if not today - timedelta(days=EARLIEST_DAYS) <= day <= today + timedelta(days=LATEST_DAYS):
        wrong["day"] = f"Entrez un jour d’il y a {EARLIEST_DAYS} jours au plus, ou d’ici {LATEST_DAYS} jours."
    elif (why := (await closures(conn)).why_closed(day)) is not None:
        wrong["day"] = f"Les bureaux sont déjà fermés ce jour-là : {why}."
    if not _LINE.fullmatch(words) or len(words) > LONGEST_NAME:
        wrong["name"] = (
            f"Dites pourquoi en une ligne de {LONGEST_NAME} caractères au plus, telle que « un deuil national »."
        )
    if wrong:
        raise _invalid(**wrong)
    return ProclaimedDay(day, words)


async def enter(conn: AsyncConnection, day: date, name: str, by: By, now: int) -> Proclamation:
    """Say that a day is a holiday: the first of two people. Entered again by the same person, the name is replaced.

    Refusal invalid: the day cannot be, or somebody else has entered it and it waits to be confirmed.
    """
    new, who = await typed(conn, day, name, now), approvals.person(audit.acting(by).name)
    values = {"name": new.name, "author": who, "asked_at": now}
    there = insert_for(conn, p).values(day=day.isoformat(), **values).on_conflict_do_nothing()
    await conn.execute(there)
    before = await _find(conn, day, lock=True)
    if before is not None and before.is_holiday:
        raise _invalid(day=f"Les bureaux sont déjà fermés ce jour-là : {before.name}.")
    if before is not None and before.waits(now) and not approvals.is_same(before.author, who):
        raise _invalid(day=f"{before.author} l’a déjà entré : confirmez-le plus bas.")
    await conn.execute(sa.update(p).where(p.c.day == day.isoformat()).values(values))
    await audit.record(conn, by, ProclamationAct.ENTER, _subject(day), now, reason=new.name)
    return Proclamation(day=day, name=new.name, author=who, asked_at=now)


async def drop(conn: AsyncConnection, day: date, by: By, now: int) -> None:
    """Take back what nobody has confirmed. Refusals not_found; move_not_allowed for a holiday: it was told."""
    before = await _find(conn, day, lock=True)
    if before is None:
        raise Refusal(Code.NOT_FOUND)
    if before.is_holiday:
        raise Refusal(Code.MOVE_NOT_ALLOWED)
    await conn.execute(sa.delete(p).where(p.c.day == day.isoformat()))
    await audit.record(conn, by, ProclamationAct.DROP, _subject(day), now, reason=before.name)


async def confirm(conn: AsyncConnection, day: date, asked_at: int, by: By, now: int) -> Proclamation:
    """Make it a holiday: the second person, who saw what was entered at `asked_at`. Confirmed again it stays as it is.

    Refusals not_found where nothing waits; second_person_needed for its author; invalid where it was entered anew since
    it was seen. The open deadlines are looked at by tasks that are staged here.
    """
    who = approvals.person(audit.acting(by).name)
    before = await _find(conn, day, lock=True)
    if before is not None and before.is_holiday:
        return before
    if before is None or not before.waits(now):
        raise Refusal(Code.NOT_FOUND)
    if approvals.is_same(before.author, who):
        raise approvals.second_person_needed(before.author, ProclamationAct.CONFIRM)
    if before.asked_at != asked_at:
        raise _invalid(
            day="Ce jour a été entré de nouveau depuis que vous l’avez lu : relisez-le, puis confirmez."
        )
    await typed(conn, day, before.name, now)
    given = {"approver": who, "approved_at": now}
    await conn.execute(sa.update(p).where(p.c.day == day.isoformat()).values(given))
    await moving.stage(conn, day, now)
    await audit.record(
        conn, by, ProclamationAct.CONFIRM, _subject(day), now, reason=before.name, author=before.author
    )
    return msgspec.structs.replace(before, **given)


def _subject(day: date) -> Subject:
    return Subject(DAY, day.isoformat())


def _invalid(**wrong: str) -> Refusal:
    return Refusal(Code.INVALID, fields=[{"name": name, "reason": why} for name, why in wrong.items()])


async def _find(conn: AsyncConnection, day: date, *, lock: bool = False) -> Proclamation | None:
    wanted = sa.select(p).where(p.c.day == day.isoformat())
    row = (await conn.execute(wanted.with_for_update() if lock else wanted)).one_or_none()
    return None if row is None else _read(row)


def _read(row: sa.Row[tuple[object, ...]]) -> Proclamation:
    return msgspec.convert(plain_row(row), Proclamation)
