"""The candidate of an account, as the declaration of a representative needs them: who it is, where mail goes."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store as accounts_store
from accounts.personal_data.fields import EMAIL, PersonalFields
from accounts.representatives.declaration.typed import DeclaringCandidate, same_email
from accounts.representatives.services import RepresentativeServices
from accounts.representatives.states import PowerState
from accounts.representatives.store import representative

REPRESENTATIVES = (
    "C’est l’adresse de votre représentant. Entrez la vôtre, pour que les avis à l’un et à l’autre n’arrivent pas au "
    "même endroit."
)
"""What is said to a candidate who takes the representative's address for their own."""

a, r = accounts_store.account.c, representative.c


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


async def is_representatives(
    conn: AsyncConnection, personal: PersonalFields, account: int, email: str
) -> bool:
    """Whether this is the address of the account's representative: a candidate has one of their own."""
    theirs = sa.select(r.id, r.details).where(r.account == account, r.state != PowerState.REVOKED)
    row = (await conn.execute(theirs)).one_or_none()
    return row is not None and same_email(email, personal.representatives.opened(row.id, row.details).email)
