"""What the timeline says of an account, its drafts, its submissions and its documents."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store as accounts_store
from accounts.representatives import store as representatives_store
from accounts.representatives.mails import PAGE as REPRESENTATIVE_PAGE
from accounts.representatives.states import MOVES_TOLD, PowerMove
from casework import documents
from casework.files import store as files_store
from casework.files.numbers import file_number
from casework.files.states import EVENTS, FileEventKind
from casework.mailbox import messages
from casework.timeline.timeline import Source, TimelineEvent
from quota import store as quota_store
from quota.programmes import Programme
from submission import store
from submission.drafts import store as drafts_store
from submission.states import STATUSES, SubmissionStatus


async def account_made(conn: AsyncConnection, account: int) -> list[TimelineEvent]:
    """When the account was made."""
    a = accounts_store.account.c
    made = (await conn.execute(sa.select(a.created_at).where(a.id == account))).scalar_one_or_none()
    return [] if made is None else [TimelineEvent(at=made, what="Compte créé", href="/compte")]


def drafts_begun(programmes: Mapping[str, Programme]) -> Source:
    """When a draft was begun; a draft is not a submission, and says so."""

    async def read(conn: AsyncConnection, account: int) -> list[TimelineEvent]:
        d = drafts_store.draft.c
        begun = sa.select(d.programme, d.begun_at).where(d.account == account).order_by(d.id)
        rows = await conn.execute(begun)
        return [
            TimelineEvent(
                at=row.begun_at,
                what="Brouillon commencé",
                detail=f"{_name(programmes, row.programme)}. Un brouillon n’est pas une demande soumise.",
                href="/compte",
            )
            for row in rows
        ]

    return read


def statuses(programmes: Mapping[str, Programme]) -> Source:
    """Each status of each submission, with its receipt."""

    async def read(conn: AsyncConnection, account: int) -> list[TimelineEvent]:
        s, c, p = store.submission.c, store.status_change.c, quota_store.period.c
        rows = await conn.execute(
            sa.select(s.receipt, c.status, c.at, sa.func.coalesce(p.programme, s.ledger).label("programme"))
            .join(store.submission, s.id == c.submission)
            .outerjoin(quota_store.period, p.uid == s.period)
            .where(s.account == account)
            .order_by(c.id)
        )
        return [
            TimelineEvent(
                at=row.at,
                what=STATUSES[SubmissionStatus(row.status)],
                detail=f"{_name(programmes, row.programme)}, accusé de réception {row.receipt}",
                href=f"/recus/{row.receipt}",
            )
            for row in rows
        ]

    return read


def files(programmes: Mapping[str, Programme]) -> Source:
    """What happened to each file after its submission, as its owner reads it; never who of the staff it was."""

    async def read(conn: AsyncConnection, account: int) -> list[TimelineEvent]:
        s, e, p = store.submission.c, files_store.file_event.c, quota_store.period.c
        rows = await conn.execute(
            sa.select(s.id, e.kind, e.at, sa.func.coalesce(p.programme, s.ledger).label("programme"))
            .join(store.submission, s.id == e.submission)
            .outerjoin(quota_store.period, p.uid == s.period)
            .where(s.account == account)
            .order_by(e.id)
        )
        return [
            TimelineEvent(
                at=row.at,
                what=EVENTS[FileEventKind(row.kind)],
                detail=f"{_name(programmes, row.programme)}, dossier {file_number(row.id)}",
                href=f"/dossiers/{file_number(row.id)}",
            )
            for row in rows
        ]

    return read


async def documents_filed(conn: AsyncConnection, account: int) -> list[TimelineEvent]:
    """Each document that was filed in the account."""
    return [
        TimelineEvent(at=one.created_at, what="Document déposé", detail=one.title, href=one.href)
        for one in await documents.of_account(conn, account)
    ]


async def representatives(conn: AsyncConnection, account: int) -> list[TimelineEvent]:
    """What became of the account's representatives, in the words of their page; never who of the staff it was."""
    r, e = representatives_store.representative, representatives_store.representative_event
    rows = await conn.execute(
        sa.select(e.c.move, e.c.at)
        .join(r, r.c.id == e.c.representative)
        .where(r.c.account == account)
        .order_by(e.c.id)
    )
    return [
        TimelineEvent(
            at=row.at, what="Représentant", detail=MOVES_TOLD[PowerMove(row.move)], href=REPRESENTATIVE_PAGE
        )
        for row in rows
    ]


def sources(programmes: Mapping[str, Programme]) -> Sequence[Source]:
    """The sources of this package's neighbours, in the order in which things happen."""
    return (
        account_made,
        drafts_begun(programmes),
        statuses(programmes),
        files(programmes),
        documents_filed,
        messages.events,
        representatives,
    )


def _name(programmes: Mapping[str, Programme], id: str) -> str:
    found = programmes.get(id)
    return id if found is None else found.name
