"""The pen: what fits no file waits here, with guesses that a person confirms; after its days it goes back (PA-12).

What waits here may be a payment in time: no file that it could pay is deleted meanwhile (`waits_for`), whether or not
anything on it points to that file.
"""

from datetime import date, timedelta
from enum import StrEnum
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.linkage import by_name
from accounts.personal_data.fields import ADDRESS
from accounts.personal_data.home_address import HomeAddress
from accounts.store import account
from casework.files import events
from casework.mailroom import items
from casework.mailroom.entries import MailEntry
from casework.mailroom.guessing import near_numbers
from casework.mailroom.guessing.guesses import GUESSED_FROM, GuessedFile, PossibleFile, guessed
from casework.mailroom.items import RegisteredItem
from casework.mailroom.services import MailroomServices
from casework.mailroom.states import CorrectionState, MailItemState, MailKind, MailMove
from casework.mailroom.store import MAIL_ITEM, mail_correction, mail_guess, mail_item
from casework.payments.states import POSTAL
from casework.payments.supplements import due
from foundation import audit, outbox
from foundation.audit import Actor
from foundation.calendar.days import end_of_day
from foundation.outbox import Effect
from foundation.subjects import Subject
from submission.store import submission

KEPT_DAYS: Final = 30
"""Days from its reception for which an item waits before it is set aside to go back."""

MOST_POSSIBLE: Final = 200
"""Files that are looked at for one item."""

SERVICE: Final = Actor(audit.SERVICE, audit.SERVICE)

ENDED: Final = "Aucun dossier trouvé dans le délai."
"""Why an item goes back that nobody has matched."""


class MailTask(StrEnum):
    """Tasks of the mailroom."""

    PEN_ENDS = "mail_pen_ends"
    """The days of an item in the pen are over: whatever is still there is set aside to go back."""
    WITHDRAWAL = "mail_withdrawal"
    """The day is over on which a withdrawal was entered: the application is taken back (`handlers/withdrawals.py`)."""


a, s, g, m, c = account.c, submission.c, mail_guess.c, mail_item.c, mail_correction.c


async def guesses_for(
    conn: AsyncConnection, services: MailroomServices, entry: MailEntry, now: int
) -> list[GuessedFile]:
    """The files that an item might belong to, the likeliest first, also those that are not worth a look."""
    slips = near_numbers.near(entry.hints.number)
    people = (
        await by_name.people_met(conn, services.personal, entry.hints.name, "", now)
        if entry.hints.name
        else []
    )
    wanted = sa.or_(s.id.in_(slips), s.account.in_([number for number, _ in people]))
    rows = await conn.execute(
        sa.select(s.id, a.username, a.identity, a.address)
        .join(account, a.id == s.account)
        .where(wanted)
        .order_by(s.id)
        .limit(MOST_POSSIBLE)
    )
    possible = [_possible(row, services) for row in rows]
    looked_at = {one.submission for one in guessed(entry.hints, None, slips, possible) if one.is_likely}
    known = [await _with_fee(conn, services, one) if one.submission in looked_at else one for one in possible]
    return guessed(entry.hints, entry.cents, slips, known)


async def _with_fee(conn: AsyncConnection, services: MailroomServices, file: PossibleFile) -> PossibleFile:
    dues = await due.dues_of(conn, services.payments, await events.history(conn, file.submission))
    if dues.awaited is not None:
        return msgspec.structs.replace(file, due=dues.due)
    return file if dues.fee is None else msgspec.structs.replace(file, due=dues.fee.cents)


def _possible(row: sa.Row[int, str, str, str | None], services: MailroomServices) -> PossibleFile:
    personal = services.personal
    sealed = None if row.address is None else personal.opened(row.username, ADDRESS, row.address)
    country = "" if sealed is None else msgspec.json.decode(sealed, type=HomeAddress).country
    return PossibleFile(
        submission=row.id, identity=personal.identity(row.username, row.identity), country=country
    )


async def keep(conn: AsyncConnection, item: RegisteredItem, guesses: list[GuessedFile], now: int) -> None:
    """Put an item into the pen: its guesses, and the task that ends its days."""
    await forget(conn, item.id)
    for guess in guesses:
        signs = msgspec.json.encode(guess.signs).decode()
        row = {"item": item.id, "submission": guess.submission, "points": guess.points, "signals": signs}
        await conn.execute(sa.insert(mail_guess).values(row))
    await stage_end(conn, item, now)


async def stage_end(conn: AsyncConnection, item: RegisteredItem, now: int) -> None:
    """The task that ends the days of an item, once for each day of reception that it is said to have."""
    received = item.entry.received_on
    subject = Subject.row(MAIL_ITEM, item.id)
    key = f"{MailTask.PEN_ENDS}:{subject}:{received.isoformat()}"
    await outbox.stage(conn, MailTask.PEN_ENDS, subject, now, due_at=ends_at(received), key=key)


def ends_at(received_on: date) -> int:
    """The instant at which the days of an item in the pen are over. Pure."""
    return end_of_day(received_on + timedelta(days=KEPT_DAYS))


async def forget(conn: AsyncConnection, item: int) -> None:
    """Take the guesses of an item away that has a file, or is not in the house any more."""
    await conn.execute(sa.delete(mail_guess).where(g.item == item))


async def guesses_of(conn: AsyncConnection, item: int) -> list[GuessedFile]:
    """The guesses that were made when the item came in."""
    rows = await conn.execute(
        sa.select(mail_guess).where(g.item == item).order_by(g.points.desc(), g.submission)
    )
    return [
        GuessedFile(
            submission=row.submission,
            points=row.points,
            signs=tuple(msgspec.json.decode(row.signals, type=list[str])),
        )
        for row in rows
    ]


async def waiting(conn: AsyncConnection, services: MailroomServices) -> list[RegisteredItem]:
    """What is in the pen, the oldest first."""
    return await items.listed(conn, services, m.state == MailItemState.RECEIVED)


async def count(conn: AsyncConnection) -> int:
    """How many are in the pen."""
    return await items.count(conn, m.state == MailItemState.RECEIVED)


async def waits_for(conn: AsyncConnection, number: int, fee: int | None, pay_by: date) -> bool:
    """Whether something came by post that may be this submission's, and nobody has placed it or sent it back: while it
    is so, nothing of the file is deleted. `fee` are whole cents, `pay_by` is the last day to pay.

    That is an item of its own that waits for a person, or whose days one person wants put right; an item of the pen
    that is likely its own; a payment of the pen for which any sign of a name or a number speaks, and one without any
    sign that would pay this fee, in time.
    """
    proposed = sa.exists().where(c.item == m.id, c.state == CorrectionState.PROPOSED)
    waits = sa.or_(m.state == MailItemState.MATCHED, proposed)
    undecided = sa.select(m.id).where(m.submission == number, waits)
    signed = sa.or_(g.points >= GUESSED_FROM, m.kind == MailKind.PAYMENT)
    guessed_here = (
        sa.select(m.id).join(mail_guess, g.item == m.id).where(g.submission == number, _unplaced(), signed)
    )
    last = pay_by.isoformat()
    in_time = sa.or_(m.received_on <= last, proposed.where(c.received_on <= last))
    would_pay = sa.select(m.id).where(
        _unplaced(), m.kind == MailKind.PAYMENT, m.instrument.in_(POSTAL), in_time,
        sa.or_(m.cents.is_(None), m.cents >= (fee or 0)),
    )  # fmt: skip
    found = sa.union_all(undecided, guessed_here, would_pay).limit(1)
    return (await conn.execute(found)).first() is not None


def _unplaced() -> sa.ColumnElement[bool]:
    """An item that has no file and is in the house: in the pen, or set aside and not sent yet."""
    return sa.and_(m.submission.is_(None), m.state.in_((MailItemState.RECEIVED, MailItemState.TO_RETURN)))


def holds_unnamed(item: RegisteredItem) -> bool:
    """Whether an item holds back every unpaid file that it would pay, whatever stands on it (`waits_for`). Pure."""
    is_here = item.submission is None and item.state in {MailItemState.RECEIVED, MailItemState.TO_RETURN}
    return is_here and item.entry.kind is MailKind.PAYMENT and item.entry.instrument in POSTAL


def ending(services: MailroomServices) -> Effect:
    """The effect of `MailTask.PEN_ENDS`: an item that nobody has matched is set aside to go back."""

    async def end(conn: AsyncConnection, subject: Subject, now: int) -> None:
        item = await items.find(conn, services, subject.number, lock=True)
        if item.state is not MailItemState.RECEIVED or now < ends_at(item.entry.received_on):
            return
        after = await items.move(conn, item, MailMove.SET_ASIDE, SERVICE, now, reason=ENDED)
        await items.recorded(conn, MailMove.SET_ASIDE, item.state, after, SERVICE, now, reason=ENDED)

    return end
