"""Links of duplicates: which account is another one's duplicate, from when and until when (ADR 0028).

A link moves nothing. While it is in force the duplicate may neither take a turn nor submit; when it ends, everything is
as it was.
"""

from enum import StrEnum

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.reviews import store
from accounts.reviews.states import AccountBar
from accounts.store import account as accounts
from foundation.sql.tables import insert_for

k = store.account_link

IN_FORCE = k.c.ended_at.is_(None)


class LinkReason(StrEnum):
    """Why two accounts are linked."""

    EXACT = "exact"
    """Identities are the same to the letter: linked by the service, at once."""
    DECIDED = "decided"
    """A person has decided."""


class AccountLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link: `account` is the duplicate, `survivor` the one that counts."""

    id: int
    account: int
    survivor: int
    review: int
    reason: LinkReason
    linked_at: int
    ended_at: int | None


async def link(
    conn: AsyncConnection, account: int, survivor: int, review: int, reason: LinkReason, now: int
) -> bool:
    """Make an account the duplicate of another; False where it is one already, which stays as it is.

    The survivor of a chain is its end: whoever is a duplicate itself counts for nobody.
    """
    survivor = await end_of_chain(conn, survivor)
    if survivor == account:
        return False
    values = {"account": account, "survivor": survivor, "review": review, "reason": reason, "linked_at": now}
    statement = insert_for(conn, k).values(values)
    made = statement.on_conflict_do_nothing(index_elements=[k.c.account], index_where=IN_FORCE)
    if (await conn.execute(made.returning(k.c.id))).first() is None:
        return False
    await bar(conn, account, AccountBar.DUPLICATE)
    return True


async def end_of_chain(conn: AsyncConnection, account: int) -> int:
    """The account that counts for this one: itself, unless it is a duplicate. Links never make a circle."""
    while (one := await in_force(conn, account)) is not None:
        account = one.survivor
    return account


async def end(conn: AsyncConnection, review: int, now: int) -> list[AccountLink]:
    """End the links that a case made and let their accounts take turns again; those links."""
    ended = []
    for one in await _links(conn, k.c.review == review, IN_FORCE):
        await conn.execute(sa.update(k).where(k.c.id == one.id, IN_FORCE).values(ended_at=now))
        await unbar(conn, one.account, AccountBar.DUPLICATE)
        ended.append(one)
    return ended


async def in_force(conn: AsyncConnection, account: int) -> AccountLink | None:
    """The link that makes this account a duplicate now, if one does."""
    found = await _links(conn, k.c.account == account, IN_FORCE)
    return found[0] if found else None


async def last_of(conn: AsyncConnection, review: int) -> AccountLink | None:
    """The newest link that a case made, also one that has ended."""
    found = await _links(conn, k.c.review == review)
    return found[-1] if found else None


async def of_account(conn: AsyncConnection, account: int) -> list[AccountLink]:
    """Every link of an account, as duplicate or as survivor, ended ones too; the oldest first."""
    return await _links(conn, sa.or_(k.c.account == account, k.c.survivor == account))


async def bar(conn: AsyncConnection, account: int, why: AccountBar) -> None:
    """Keep an account from turns and submissions; a bar that stands is not replaced by a lesser one."""
    free = sa.or_(accounts.c.barred_for.is_(None), accounts.c.barred_for == AccountBar.DUPLICATE)
    await conn.execute(sa.update(accounts).where(accounts.c.id == account, free).values(barred_for=why))


async def unbar(conn: AsyncConnection, account: int, why: AccountBar) -> None:
    """Take this bar away, if it is the one that stands."""
    mine = (accounts.c.id == account, accounts.c.barred_for == why)
    await conn.execute(sa.update(accounts).where(*mine).values(barred_for=None))


async def barred(conn: AsyncConnection, account: int) -> AccountBar | None:
    """Why this account may neither take a turn nor submit, if so."""
    found = (await conn.execute(sa.select(accounts.c.barred_for).where(accounts.c.id == account))).scalar()
    return None if found is None else AccountBar(found)


async def _links(conn: AsyncConnection, *which: sa.ColumnElement[bool]) -> list[AccountLink]:
    rows = await conn.execute(sa.select(k).where(*which).order_by(k.c.id))
    return [
        AccountLink(
            id=row.id, account=row.account, survivor=row.survivor, review=row.review, reason=LinkReason(row.reason),
            linked_at=row.linked_at, ended_at=row.ended_at,
        )
        for row in rows
    ]  # fmt: skip
