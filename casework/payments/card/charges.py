"""Attempts to pay by card, as rows: begun under the file's lock, found again by what the provider says of them."""

import secrets
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.payments.card import store
from casework.payments.card.port import ProviderEvent
from casework.payments.card.states import UNDER_WAY, CardMovementKind, ChargeState, RefundState
from casework.payments.states import MovementKind
from casework.payments.store import movement
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
    return [read(row) for row in await conn.execute(_OF_FILE, {"file": submission})]


_OF_FILE: Final = sa.select(*COLUMNS).where(c.submission == sa.bindparam("file")).order_by(c.serial)


async def under_way(conn: AsyncConnection, submission: int) -> list[Charge]:
    """Those from which money may still come: while there is one, nothing of the file is deleted, and nobody pays
    again."""
    return [one for one in await of_file(conn, submission) if one.is_under_way]


async def going_back(conn: AsyncConnection, submission: int) -> int:
    """The cents of a file that people have asked to go back to a card, and that are here still: nothing else is paid
    with them. What has left by a movement is here no more, whether or not the provider's answer was recorded with it;
    money in another currency was never here."""
    asked = {row.payment: int(row.cents) for row in await conn.execute(_ASKED_BACK, {"file": submission})}
    if not asked:
        return 0
    moved = {row.charge: row for row in await conn.execute(_MOVED_BY, {"file": submission})}
    return sum(
        max(0, min(int(moved[payment].here), cents - int(moved[payment].gone)))
        for payment, cents in asked.items()
        if payment in moved
    )


REFUNDED: Final = f"card:{CardMovementKind.REFUND}:"
"""How the key of a movement begins that is a refund at the provider (`asking.movement_key`)."""

_ASKED_BACK: Final = (
    sa.select(c.payment, sa.func.sum(store.card_refund.c.cents).label("cents"))
    .join(store.card_refund, c.id == store.card_refund.c.charge)
    .where(c.submission == sa.bindparam("file"), store.card_refund.c.state != RefundState.REFUSED)
    .group_by(c.payment)
)

m = movement.c

_MOVED_BY: Final = (
    sa.select(
        m.charge,
        sa.func.sum(sa.case((m.kind == MovementKind.IN, m.cents), else_=-m.cents)).label("here"),
        sa.func.sum(sa.case((m.key.startswith(REFUNDED, autoescape=True), m.cents), else_=0)).label("gone"),
    )
    .where(m.submission == sa.bindparam("file"), m.charge.is_not(None))
    .group_by(m.charge)
)


async def asked_back(conn: AsyncConnection, payment: str) -> int:
    """The cents of a payment that people have had go back, on their way or gone, but what the provider refused."""
    r = store.card_refund.c
    asked = sa.select(sa.func.coalesce(sa.func.sum(r.cents), 0)).join(store.charge, c.id == r.charge)
    return int(
        (await conn.execute(asked.where(c.payment == payment, r.state != RefundState.REFUSED))).scalar_one()
    )


async def open_ones(conn: AsyncConnection) -> Sequence[int]:
    """Files with an attempt under way, for whoever counts them."""
    rows = await conn.execute(sa.select(c.submission).where(c.state.in_(sorted(UNDER_WAY))))
    return rows.scalars().all()


_LOCKED: Final = (
    sa.select(submission_row.c.id)
    .where(
        submission_row.c.id == sa.select(c.submission).where(c.id == sa.bindparam("charge")).scalar_subquery()
    )
    .with_for_update()
)

_FOUND: Final = sa.select(*COLUMNS).where(c.id == sa.bindparam("charge"))

_CHANGED: Final = sa.update(store.charge).where(c.id == sa.bindparam("charge")).returning(*COLUMNS)


async def lock_file_of(conn: AsyncConnection, id: int) -> int:
    """Take the lock of the file that an attempt is of, before anything else of it is read; the file's number. Refusal
    not_found."""
    number: int | None = (await conn.execute(_LOCKED, {"charge": id})).scalar_one_or_none()
    if number is None:
        raise Refusal(Code.NOT_FOUND)
    return number


async def find(conn: AsyncConnection, id: int) -> Charge:
    """The attempt of this number. Refusal not_found."""
    row = (await conn.execute(_FOUND, {"charge": id})).one_or_none()
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    return read(row)


async def by_payment(conn: AsyncConnection, payment: str) -> Charge | None:
    """The attempt with this payment of the provider's."""
    row = (await conn.execute(sa.select(*COLUMNS).where(c.payment == payment))).one_or_none()
    return None if row is None else read(row)


def _named(column: sa.Column[Any]) -> sa.ScalarSelect[Any]:
    return sa.select(c.id).where(column == sa.bindparam(f"of_{column.name}")).scalar_subquery()


MEANT: Final = sa.func.coalesce(_named(c.reference), _named(c.session), _named(c.payment))
"""The number of the attempt that an event is about, as a value of SQL; null for one of somebody else's. By our own
reference first: it is there before the provider is asked for anything."""


def names(event: ProviderEvent) -> dict[str, str | None]:
    """The parameters of MEANT. No attempt has an empty name."""
    return {
        "of_reference": event.reference or None,
        "of_session": event.session or None,
        "of_payment": event.payment or None,
    }


class MeantCharge(NamedTuple):
    """The attempt that an event is about, what the event is called, and the newest event of that attempt."""

    charge: Charge
    type: str
    newest_event: int


_OTHER = store.provider_event.alias("other")

_MEANT_BY: Final = (
    sa.select(*COLUMNS, store.provider_event.c.type)
    .add_columns(
        sa.select(sa.func.max(_OTHER.c.id)).where(_OTHER.c.charge == c.id).scalar_subquery().label("newest")
    )
    .join(store.provider_event, store.provider_event.c.charge == c.id)
    .where(store.provider_event.c.id == sa.bindparam("event"))
)


async def meant_by(conn: AsyncConnection, event: int) -> MeantCharge | None:
    """The attempt that an event, by the number of its row, is about."""
    row = (await conn.execute(_MEANT_BY, {"event": event})).one_or_none()
    return None if row is None else MeantCharge(read(row), row.type, row.newest)


_STANDING: Final = sa.select(c.state, c.session).where(c.id == sa.bindparam("charge"))


async def standing(conn: AsyncConnection, id: int) -> tuple[ChargeState, str | None]:
    """Where an attempt stands, and its page."""
    row = (await conn.execute(_STANDING, {"charge": id})).one()
    return ChargeState(row.state), row.session


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
    row = await conn.execute(_CHANGED, {"charge": charge.id, **values})
    return read(row.one())
