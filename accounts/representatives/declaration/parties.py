"""The candidate of an account, as the declaration of a representative needs them: who it is, where mail goes."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store as accounts_store
from accounts.personal_data.fields import EMAIL
from accounts.representatives.declaration.typed import DeclaringCandidate
from accounts.representatives.services import RepresentativeServices

a = accounts_store.account.c


async def candidate_of(
    conn: AsyncConnection, services: RepresentativeServices, account: int
) -> DeclaringCandidate:
    """Who the owner of this account is; its e-mail is empty where it has none."""
    rows = sa.select(a.username, a.identity, a.email).where(a.id == account)
    row = (await conn.execute(rows)).one()
    personal = services.personal
    email = "" if row.email is None else personal.opened(row.username, EMAIL, row.email)
    return DeclaringCandidate(personal.identity(row.username, row.identity), email)


async def address_of(conn: AsyncConnection, services: RepresentativeServices, account: int) -> str | None:
    """Where mail reaches the owner of this account, or None."""
    return (await candidate_of(conn, services, account)).email or None
