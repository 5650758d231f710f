"""Writes and reads what an account went through: recoveries, changes, where they came from as keyed hashes.

The hashes say only whether two events came from one network or one browser; nobody can tell which.
"""

from collections.abc import Collection

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.cession.staging import stage_looks
from accounts.events.states import AccountEventKind
from accounts.events.store import account_event
from accounts.identities import keyed
from foundation.sql.tables import among, plain_row
from server import rate_limits
from server.cookies import cookie_of
from server.requests import Incoming

e = account_event

KEPT_CHARACTERS = 32
"""Of a keyed hash: 128 bits tell two networks apart."""


class Origin(msgspec.Struct, frozen=True):
    """Where an event came from, as keyed hashes; None where that is not known, as for an agent or a command."""

    network: str | None = None
    browser: str | None = None


NOWHERE = Origin()


class AccountEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event of an account."""

    account: int
    kind: str
    at: int
    network: str | None
    browser: str | None


def origin_of(secret: str, came: Incoming) -> Origin:
    """Where a request came from: its network (/24 or /48), and the browser by its visitor cookie if it has one.

    `secret` is `AccountServices.secret`.
    """
    visitor = cookie_of(came.cookies, "visitor")
    network = keyed(secret, f"event network {rate_limits.around(came.address)}")[:KEPT_CHARACTERS]
    browser = keyed(secret, f"event browser {visitor}")[:KEPT_CHARACTERS] if visitor else None
    return Origin(network, browser)


async def note(
    conn: AsyncConnection, account: int, kind: AccountEventKind, now: int, origin: Origin = NOWHERE
) -> None:
    """Write an event in the transaction of its cause; one that may be a handover is looked at later. `now`: instant."""
    row = {"account": account, "kind": kind, "at": now, "network": origin.network, "browser": origin.browser}
    await conn.execute(sa.insert(e).values(row))
    await stage_looks(conn, account, kind, now)


_OF = sa.select(e.c.account, e.c.kind, e.c.at, e.c.network, e.c.browser).where(among(e.c.account, "accounts"))


async def events_of(conn: AsyncConnection, accounts: Collection[int], since: int = 0) -> list[AccountEvent]:
    """What these accounts went through since an instant, the oldest first."""
    found = _OF.where(e.c.at >= since).order_by(e.c.at, e.c.id)
    rows = await conn.execute(found, {"accounts": accounts})
    return [AccountEvent(**plain_row(row)) for row in rows]
