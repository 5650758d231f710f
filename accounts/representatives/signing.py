"""What follows a signature that a representative gave for a candidate: the history says so, and the candidate is told.

A task of the outbox, staged in the transaction of the submission (RP-01), once a receipt. Whether they may sign was
decided there (`disclosure.py: may_sign`); what was signed stays signed, also where the power has ended meanwhile.
"""

from collections.abc import Iterable
from enum import StrEnum

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.representatives import moving, powers
from accounts.representatives.moving import CANDIDATE
from accounts.representatives.services import RepresentativeServices
from accounts.representatives.states import PowerMove
from accounts.representatives.store import REPRESENTATIVE
from foundation import outbox
from foundation.outbox import Effect
from foundation.subjects import Subject


class SigningTask(StrEnum):
    """Kinds of tasks of signatures."""

    TELL = "representative_signed"
    """A representative has signed an application: it is written down, and the candidate is told."""


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
        of = await powers.by_id(conn, services, subject.id, lock=True)
        step = PowerMove.SIGN
        done = await moving.told(conn, services, of, step, CANDIDATE, now, of.position)
        await moving.recorded(conn, now, done)

    return tell
