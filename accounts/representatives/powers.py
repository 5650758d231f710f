"""The rows of representatives as values: who it is, where the power stands, what became of it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.representatives.declaration.details import DetailsCipher, RepresentativeDetails
from accounts.representatives.states import LIVE, PowerMove, PowerPosition, PowerState, RepresentativeKind
from accounts.representatives.store import representative, representative_event
from foundation.errors import Code, Refusal
from foundation.sql.tables import plain_row

r, e = representative.c, representative_event.c


class Representation(msgspec.Struct, frozen=True, kw_only=True):
    """A representative's row, opened."""

    id: str
    account: int
    reference: str
    kind: RepresentativeKind
    position: PowerPosition
    consultant: int | None
    details: RepresentativeDetails
    declared_at: int
    received_on: date | None
    postmarked_on: date | None

    @property
    def state(self) -> PowerState:
        return self.position.state

    @property
    def is_live(self) -> bool:
        """Whether it is the one representative that an account may have."""
        return self.position.state in LIVE


class PowerEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a power's history: which move, who, when; and of a paper, when it came."""

    move: PowerMove
    before: PowerState | None
    after: PowerState
    at: int
    actor: str
    role: str | None
    reason: str | None = None
    received_on: date | None = None
    postmarked_on: date | None = None


async def live_of(
    conn: AsyncConnection, details: DetailsCipher, account: int, *, lock: bool = False
) -> Representation | None:
    """The account's representative; with `lock` nobody else moves it before the transaction ends."""
    row = (await conn.execute(_LIVE_LOCKED if lock else _LIVE, {"of_account": account})).one_or_none()
    return None if row is None else opened(row, details)


_LIVE = sa.select(representative).where(
    r.account == sa.bindparam("of_account"), r.state != PowerState.REVOKED
)

_LIVE_LOCKED = _LIVE.with_for_update()


async def by_reference(
    conn: AsyncConnection, details: DetailsCipher, reference: str, *, lock: bool = False
) -> Representation:
    """The representative of a procuration's reference. Refusal not_found, the same for all others."""
    rows = sa.select(representative).where(r.reference == reference)
    row = (await conn.execute(rows.with_for_update() if lock else rows)).one_or_none()
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    return opened(row, details)


async def by_id(
    conn: AsyncConnection, details: DetailsCipher, id: str, *, lock: bool = False
) -> Representation:
    """The representative of this row, which some other row names. Refusal not_found."""
    rows = sa.select(representative).where(r.id == id)
    row = (await conn.execute(rows.with_for_update() if lock else rows)).one_or_none()
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    return opened(row, details)


async def of_account(conn: AsyncConnection, details: DetailsCipher, account: int) -> list[Representation]:
    """Every representative that an account has or had, the latest first."""
    rows = sa.select(representative).where(r.account == account).order_by(r.declared_at.desc(), r.id)
    return [opened(row, details) for row in await conn.execute(rows)]


async def history(conn: AsyncConnection, representatives: Sequence[str]) -> list[PowerEvent]:
    """What became of these powers, the earliest first."""
    rows = await conn.execute(
        sa.select(*(e[name] for name in PowerEvent.__struct_fields__))
        .where(e.representative.in_(representatives))
        .order_by(e.id)
    )
    return [msgspec.convert(plain_row(row), PowerEvent, strict=False) for row in rows]


async def remove(conn: AsyncConnection, accounts: Sequence[int]) -> None:
    """Take the representatives of these accounts away with all that became of them: the accounts go too."""
    theirs = sa.select(r.id).where(r.account.in_(accounts))
    await conn.execute(sa.delete(representative_event).where(e.representative.in_(theirs)))
    await conn.execute(sa.delete(representative).where(r.account.in_(accounts)))


def opened(row: sa.Row[*tuple[Any, ...]], details: DetailsCipher) -> Representation:
    """A row as a value. Raises UnreadableDetails."""
    return Representation(
        id=row.id,
        account=row.account,
        reference=row.reference,
        kind=RepresentativeKind(row.kind),
        position=PowerPosition(
            PowerState(row.state), None if row.frozen_from is None else PowerState(row.frozen_from)
        ),
        consultant=row.consultant,
        details=details.opened(row.id, row.details),
        declared_at=row.declared_at,
        received_on=row.received_on and date.fromisoformat(row.received_on),
        postmarked_on=row.postmarked_on and date.fromisoformat(row.postmarked_on),
    )
