"""Attempts to pay by card, as rows: begun under the file's lock, found again by what the provider says of them."""

import secrets
from collections.abc import Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.payments.card import store
from casework.payments.card.port import ProviderEvent
from casework.payments.card.states import UNDER_WAY, ChargeState
from foundation.errors import Code, Refusal
from foundation.sql.tables import plain_row
from submission.store import submission as submission_row

c = store.charge.c

PAGE_MS: Final = 60 * 60_000
"""So long a page of the provider's can be paid on."""

SHORTEST_PAGE_MS: Final = 31 * 60_000
"""The provider gives none for less than half an hour."""


class Charge(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt. `began_at`, `expires_at`, `asked_at` and `settled_at` are instants, `cents` whole cents."""

    id: int
    reference: str
    submission: int
    serial: int
    provider: str
    state: ChargeState
    cents: int
    began_at: int
    expires_at: int
    session: str | None = None
    href: str | None = None
    payment: str | None = None
    failure: str | None = None
    asked_at: int = 0
    heard_event: int = 0
    settled_at: int | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether money may still come of it."""
        return self.state in UNDER_WAY


COLUMNS: Final = [c[name] for name in Charge.__struct_fields__]


def read(row: Any) -> Charge:
    """A row of the table."""
    return msgspec.convert(plain_row(row), Charge)


def page_until(now: int, pay_by: int) -> int:
    """Until when a page that is asked for now takes money: an hour, but not beyond the last moment to pay as long as
    the provider lets a page be so short. Whole seconds, as the provider counts. Pure."""
    until = max(now + SHORTEST_PAGE_MS, min(now + PAGE_MS, pay_by))
    return until // 1000 * 1000


async def of_file(conn: AsyncConnection, submission: int) -> list[Charge]:
    """The attempts of a file, the oldest first."""
    rows = await conn.execute(sa.select(*COLUMNS).where(c.submission == submission).order_by(c.serial))
    return [read(row) for row in rows]


async def under_way(conn: AsyncConnection, submission: int) -> list[Charge]:
    """Those from which money may still come: while there is one, nothing of the file is deleted, and nobody pays
    again."""
    return [one for one in await of_file(conn, submission) if one.is_under_way]


async def open_ones(conn: AsyncConnection) -> Sequence[int]:
    """Files with an attempt under way, for whoever counts them."""
    rows = await conn.execute(sa.select(c.submission).where(c.state.in_(sorted(UNDER_WAY))))
    return rows.scalars().all()


async def lock_file_of(conn: AsyncConnection, id: int) -> int:
    """Take the lock of the file that an attempt is of, before anything else of it is read; the file's number. Refusal
    not_found."""
    of = sa.select(c.submission).where(c.id == id).scalar_subquery()
    locked = await conn.execute(
        sa.select(submission_row.c.id).where(submission_row.c.id == of).with_for_update()
    )
    number: int | None = locked.scalar_one_or_none()
    if number is None:
        raise Refusal(Code.NOT_FOUND)
    return number


async def find(conn: AsyncConnection, id: int) -> Charge:
    """The attempt of this number. Refusal not_found."""
    row = (await conn.execute(sa.select(*COLUMNS).where(c.id == id))).one_or_none()
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    return read(row)


async def by_payment(conn: AsyncConnection, payment: str) -> Charge | None:
    """The attempt with this payment of the provider's."""
    row = (await conn.execute(sa.select(*COLUMNS).where(c.payment == payment))).one_or_none()
    return None if row is None else read(row)


def meant(event: ProviderEvent) -> sa.ColumnElement[Any]:
    """The number of the attempt that an event is about, as a value of SQL; null for one of somebody else's. By our own
    reference first: it is there before the provider is asked for anything."""
    named = ((c.reference, event.reference), (c.session, event.session), (c.payment, event.payment))
    found = [sa.select(c.id).where(column == value).scalar_subquery() for column, value in named if value]
    return sa.func.coalesce(*found, sa.null()) if found else sa.null()


async def meant_by(conn: AsyncConnection, event: int) -> Charge | None:
    """The attempt that an event, by the number of its row, is about."""
    told = store.provider_event
    wanted = sa.select(*COLUMNS).join(told, told.c.charge == c.id).where(told.c.id == event)
    row = (await conn.execute(wanted)).one_or_none()
    return None if row is None else read(row)


async def learn_session(conn: AsyncConnection, id: int, session: str) -> None:
    """The page of an attempt, where the provider's answer to its order was lost."""
    nameless = (c.id == id, c.session.is_(None))
    await conn.execute(sa.update(store.charge).where(*nameless).values(session=session))


async def begin(
    conn: AsyncConnection, submission: int, provider: str, cents: int, until: int, actor: str, now: int
) -> Charge:
    """Write an attempt down, under the file's lock, before the provider is asked for anything. Where one is under way
    the index of the table says no: IntegrityError, which the lock leaves nobody to see."""
    made = await of_file(conn, submission)
    values = {
        "reference": secrets.token_hex(16), "submission": submission, "serial": len(made) + 1, "provider": provider,
        "cents": cents, "began_at": now, "expires_at": until, "actor": actor,
    }  # fmt: skip
    row = await conn.execute(sa.insert(store.charge).values(values).returning(*COLUMNS))
    return read(row.one())


async def change(conn: AsyncConnection, charge: Charge, **values: Any) -> Charge:
    """Write what has become of an attempt, whose file is locked."""
    row = await conn.execute(
        sa.update(store.charge).where(c.id == charge.id).values(values).returning(*COLUMNS)
    )
    return read(row.one())
