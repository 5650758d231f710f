"""The notice that came to a person otherwise than by e-mail: a letter that was posted, recorded by one and confirmed by
another (P17).

A file is not deleted as unpaid before its account was told. Where mail does not go out, two of the staff record that
the notice went by post, on which day and why: `POSTED_DAYS` later the deletion goes on as for any other file.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.normalisation import visible
from casework.files import events
from casework.files.states import FileStatus
from foundation import audit
from foundation.audit import Actor
from foundation.errors import Code, Refusal
from foundation.subjects import Subject
from quota import approvals
from quota.approvals import Approval
from quota.store import approval
from server.rendering.templating import day_words
from submission.store import SUBMISSION

ACT: Final = "unpaid_notice_posted"
"""The act that takes two people, as the audit calls it: recorded first, confirmed then."""

POSTED_DAYS: Final = 14
"""Calendar days after the posting of the notice before which nothing is deleted: as many as the first reminder comes
before the last day to pay."""

LONGEST_WHY: Final = 500

LONGEST_TRACKING: Final = 40

OLDEST_DAYS: Final = 366
"""A notice that was posted longer ago is a day typed wrongly."""


class PostedNotice(msgspec.Struct, frozen=True, kw_only=True):
    """A letter to pay that was posted: its day, the number by which the post follows it (empty: none), and why it went
    by post."""

    posted_on: date
    why: str
    tracking: str = ""

    @property
    def counts_after(self) -> date:
        """The last day on which nothing is deleted yet."""
        return self.posted_on + timedelta(days=POSTED_DAYS)


class WaitingNotice(msgspec.Struct, frozen=True, kw_only=True):
    """A notice that one person has recorded; another one confirms it."""

    notice: PostedNotice
    author: str
    asked_at: int


def read(posted_on: date | None, tracking: str, why: str, today: date) -> PostedNotice:
    """What was typed. Refusal invalid with each wrong field. Pure."""
    why, tracking = visible(why), visible(tracking)
    wrong = {}
    if posted_on is None:
        wrong["posted_on"] = "Entrez le jour de l’envoi, tel que 2026-06-13."
    elif not today - timedelta(days=OLDEST_DAYS) <= posted_on <= today:
        wrong["posted_on"] = "Le jour de l’envoi est passé depuis un an au plus, et n’est pas à venir."
    if not 0 < len(why) <= LONGEST_WHY:
        wrong["why"] = f"Dites pourquoi l’avis est parti par la poste, en {LONGEST_WHY} caractères au plus."
    if len(tracking) > LONGEST_TRACKING:
        wrong["tracking"] = f"Un numéro de suivi a {LONGEST_TRACKING} caractères au plus."
    if wrong or posted_on is None:
        raise Refusal(Code.INVALID, fields=[{"name": name, "reason": text} for name, text in wrong.items()])
    return PostedNotice(posted_on=posted_on, why=why, tracking=tracking)


async def record(conn: AsyncConnection, number: int, notice: PostedNotice, by: Actor, now: int) -> None:
    """The first person records it, under the file's lock; again is a correction, and takes the place of what waits.

    Refusals not_found; move_not_allowed for a file whose payment is not awaited; already_decided once it is confirmed.
    """
    await _awaiting(conn, number)
    subject = Subject.row(SUBMISSION, number)
    if await standing(conn, number) is not None:
        raise Refusal(Code.ALREADY_DECIDED)
    before = await approvals.waiting(conn, subject, ACT, now)
    if before is not None:
        await conn.execute(sa.delete(approval).where(approval.c.id == before.id))
    text = msgspec.json.encode(notice).decode()
    await approvals.ask(conn, subject, ACT, by.name, text, now)
    await audit.record(conn, by, f"{ACT}_recorded", subject, now, reason=notice.why, **_told(notice))


async def confirm(conn: AsyncConnection, number: int, by: Actor, now: int) -> PostedNotice:
    """The second person confirms it. Refusals not_found where none waits; second_person_needed for whoever recorded it;
    move_not_allowed."""
    await _awaiting(conn, number)
    subject = Subject.row(SUBMISSION, number)
    asked = await approvals.waiting(conn, subject, ACT, now)
    if asked is None:
        raise Refusal(Code.NOT_FOUND)
    if approvals.is_same(asked.author, by.name):
        raise approvals.second_person_needed(asked.author, ACT)
    await approvals.approve(conn, asked, by.name, now)
    notice = _notice(asked.reason)
    await audit.record(
        conn, by, ACT, subject, now, reason=notice.why, recorded_by=asked.author, **_told(notice)
    )
    return notice


async def standing(conn: AsyncConnection, number: int) -> PostedNotice | None:
    """The notice that two people have recorded of a file; None where there is none."""
    a, subject = approval.c, Subject.row(SUBMISSION, number)
    here = (a.subject_kind == subject.kind, a.subject_id == subject.id, a.act == ACT, a.approver.is_not(None))
    found = (await conn.execute(sa.select(a.reason).where(*here).order_by(a.id.desc()).limit(1))).first()
    return None if found is None else _notice(found.reason)


async def waiting(conn: AsyncConnection, number: int, now: int) -> WaitingNotice | None:
    """The notice that waits for its second person."""
    asked: Approval | None = await approvals.waiting(conn, Subject.row(SUBMISSION, number), ACT, now)
    if asked is None:
        return None
    return WaitingNotice(notice=_notice(asked.reason), author=asked.author, asked_at=asked.asked_at)


def says(notice: PostedNotice, today: date) -> Sequence[str]:
    """What a recorded notice triggers, as it is read before it is confirmed. Pure."""
    when = "dès maintenant" if today > notice.counts_after else f"après le {day_words(notice.counts_after)}"
    return [
        f"La demande peut être supprimée {when}, si rien d’autre ne s’y oppose : un paiement en route, un envoi à "
        "identifier, une décision qui attend.",
        "Une suppression ne se défait pas.",
    ]


async def _awaiting(conn: AsyncConnection, number: int) -> None:
    of = await events.history(conn, number, lock=True)
    if of.status is not FileStatus.AWAITING_PAYMENT:
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": of.status, "to": ACT})


def _told(notice: PostedNotice) -> dict[str, Any]:
    return {"posted_on": notice.posted_on.isoformat(), "tracking": notice.tracking}


def _notice(text: str | None) -> PostedNotice:
    return msgspec.json.decode(text or "", type=PostedNotice)
