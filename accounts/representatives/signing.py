"""What follows a signature that a representative gave for a candidate: the history says so, and the candidate is told.

A task of the outbox, staged in the transaction of the submission (RP-01), once a receipt. Whether they may sign was
decided there (`disclosure.py: may_sign`); what was signed stays signed, also where the power has ended meanwhile.
"""

from collections.abc import Iterable
from enum import StrEnum

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.representatives import mails, moving, powers
from accounts.representatives.declaration import parties
from accounts.representatives.moving import CANDIDATE
from accounts.representatives.services import RepresentativeServices
from accounts.representatives.states import PowerMove, PowerPosition, PowerState
from accounts.representatives.store import REPRESENTATIVE
from accounts.store import ACCOUNT
from foundation import outbox
from foundation.calendar.days import DAY_MS
from foundation.mail.outgoing import post
from foundation.outbox import Effect
from foundation.subjects import Subject


class SigningTask(StrEnum):
    """Kinds of tasks of signatures."""

    TELL = "representative_signed"
    """A representative has signed an application: it is written down, and the candidate is told."""
    REMIND = "procuration_reminder"
    """The procuration of one who has signed has not come after a while: the candidate is reminded, once."""


REMIND_DAYS = 14
"""Days after a signature that no procuration stands behind (RP-02): mail from abroad is under way for two weeks."""


class RepresentativeSignature(msgspec.Struct, frozen=True):
    """One signature for a candidate: by whom (`representative.id`), and of which receipt."""

    representative: str
    receipt: str


async def stage(conn: AsyncConnection, given: Iterable[RepresentativeSignature], now: int) -> None:
    """Have each of these told, once however often it is staged."""
    for one in given:
        subject = Subject(REPRESENTATIVE, one.representative)
        key = f"{outbox.key_of(SigningTask.TELL, subject)}:{one.receipt}"
        await outbox.stage(conn, SigningTask.TELL, subject, now, key=key)


def telling(services: RepresentativeServices) -> Effect:
    """The effect of the task."""

    async def tell(conn: AsyncConnection, subject: Subject, now: int) -> None:
        of = await powers.by_id(conn, services.details, subject.id, lock=True)
        step = PowerMove.SIGN
        done = await moving.told(conn, services, of, step, CANDIDATE, now, of.position)
        if is_awaited(of.position):
            due_at = now + REMIND_DAYS * DAY_MS
            await outbox.stage(conn, SigningTask.REMIND, subject, now, due_at=due_at)
        await moving.recorded(conn, now, done)

    return tell


def reminding(services: RepresentativeServices) -> Effect:
    """The effect of the reminder; nothing where the procuration has come, or the power is over."""

    async def remind(conn: AsyncConnection, subject: Subject, now: int) -> None:
        of = await powers.by_id(conn, services.details, subject.id)
        address = await parties.address_of(conn, services, of.account)
        if not is_awaited(of.position) or address is None:
            return
        mail, about = mails.reminder(address, services.public_url), Subject.row(ACCOUNT, of.account)
        await post(conn, mail, about, now, key=f"representative:{of.id}:reminder")

    return remind


def is_awaited(at: PowerPosition) -> bool:
    """Whether the paper of a live power has not come. Pure."""
    return PowerState.DECLARED in {at.state, at.frozen_from}
