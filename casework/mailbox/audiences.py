"""Whom a broadcast goes to: a closed set of filters, the accounts that pass them, and who of them is shown beforehand.

An account is written to once, about the newest of its files that pass. A status is folded from events
(`casework/files/status.py`), never stored; so SQL narrows down, and the fold decides.
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.registration.states import AccountState
from accounts.store import ACCOUNT, account
from casework.files.states import FileEventKind, FileStatus
from casework.files.status import ENDS, status_of
from casework.files.store import file_event
from foundation.errors import Code, Refusal
from foundation.subjects import Subject
from quota.store import period
from submission.states import SubmissionStatus
from submission.store import SUBMISSION, submission

SHOWN: Final = 3
"""So many real addressees are shown before a broadcast is confirmed."""

a, s, p, e = account.c, submission.c, period.c, file_event.c


class AudienceKind(StrEnum):
    """Who is written to, before anything else is asked."""

    EVERYBODY = "everybody"
    """Every account in use."""
    ACCOUNT_ONLY = "account_only"
    """Accounts that have submitted nothing."""
    APPLICANTS = "applicants"
    """Accounts that have submitted, and whose file passes the other filters."""


AUDIENCE_KINDS = {
    AudienceKind.APPLICANTS: "Les personnes qui ont soumis une demande",
    AudienceKind.ACCOUNT_ONLY: "Les personnes qui ont un compte, et n’ont rien soumis",
    AudienceKind.EVERYBODY: "Tous les comptes",
}
"""Kind -> what is chosen."""


class Audience(msgspec.Struct, frozen=True, kw_only=True):
    """The filters: `programme` is its id, `period` the uid of one. Without `statuses` all files are meant that are not
    over."""

    kind: AudienceKind
    programme: str | None = None
    period: str | None = None
    statuses: tuple[FileStatus, ...] = ()

    def takes(self, status: FileStatus) -> bool:
        """Whether a file of this status passes. Pure."""
        return status in self.statuses if self.statuses else status not in ENDS


class Addressee(msgspec.Struct, frozen=True):
    """An account that is written to, and the file it is written about, if it is about one."""

    account: int
    submission: int | None

    @property
    def about(self) -> Subject:
        if self.submission is None:
            return Subject.row(ACCOUNT, self.account)
        return Subject.row(SUBMISSION, self.submission)


class FoundAudience(msgspec.Struct, frozen=True):
    """An audience as it is at one instant: everybody in it, and a text that is another for any others."""

    people: Sequence[Addressee]
    digest: str

    @property
    def count(self) -> int:
        return len(self.people)

    @property
    def shown(self) -> list[Addressee]:
        """Some of them, drawn by the audience itself: nobody chooses whom, and the same ones are drawn again."""

        def drawn(one: Addressee) -> str:
            return hashlib.sha256(f"{self.digest}:{one.account}".encode()).hexdigest()

        return sorted(self.people, key=drawn)[:SHOWN]


def checked(audience: Audience) -> Audience:
    """The same, if its filters go together. Refusal invalid, at `kind`. Pure."""
    if audience.kind is not AudienceKind.APPLICANTS and (audience.period or audience.statuses):
        why = "La période et le statut ne se choisissent que pour les personnes qui ont soumis une demande."
        raise Refusal(Code.INVALID, fields=[{"name": "kind", "reason": why}])
    return audience


async def found(conn: AsyncConnection, audience: Audience) -> FoundAudience:
    """Everybody who is in it now, in the order of their accounts."""
    if audience.kind is AudienceKind.APPLICANTS:
        people = await _applicants(conn, audience)
    else:
        people = await _accounts(conn, audience)
    named = ",".join(f"{one.account}:{one.submission}" for one in people)
    return FoundAudience(people, hashlib.sha256(named.encode()).hexdigest()[:16])


async def _accounts(conn: AsyncConnection, audience: Audience) -> list[Addressee]:
    wanted = sa.select(a.id).where(a.state == AccountState.ACTIVE).order_by(a.id)
    if audience.programme is not None:
        wanted = wanted.where(a.programme == audience.programme)
    if audience.kind is AudienceKind.ACCOUNT_ONLY:
        wanted = wanted.where(~sa.exists().where(s.account == a.id))
    return [Addressee(row.id, None) for row in await conn.execute(wanted)]


def _narrowed(wanted: sa.Select[*tuple[object, ...]], audience: Audience) -> sa.Select[*tuple[object, ...]]:
    """Files of the programme and of the period, of accounts in use."""
    wanted = wanted.join(account, a.id == s.account).outerjoin(period, p.uid == s.period)
    wanted = wanted.where(a.state == AccountState.ACTIVE)
    if audience.programme is not None:
        wanted = wanted.where(sa.func.coalesce(p.programme, s.ledger) == audience.programme)
    if audience.period is not None:
        wanted = wanted.where(s.period == audience.period)
    return wanted


async def _applicants(conn: AsyncConnection, audience: Audience) -> list[Addressee]:
    happened = defaultdict[int, list[FileEventKind]](list)
    events = sa.select(e.submission, e.kind).join(submission, s.id == e.submission)
    for row in await conn.execute(_narrowed(events, audience).order_by(e.id)):
        happened[row.submission].append(FileEventKind(row.kind))
    files = await conn.execute(_narrowed(sa.select(s.id, s.account, s.status), audience).order_by(s.id))
    newest = {
        row.account: row.id
        for row in files
        if audience.takes(status_of(SubmissionStatus(row.status), happened[row.id]))
    }
    return [Addressee(owner, file) for owner, file in sorted(newest.items())]
