"""To whom a letter goes that is about no file: who an account is, and where they live."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.personal_data.fields import PersonalFields
from accounts.personal_data.home_address import HomeAddress
from accounts.store import account


async def whose(
    conn: AsyncConnection, personal: PersonalFields, owner: int
) -> tuple[str, HomeAddress | None]:
    """The name of an account's owner, and their address if it has one."""
    a = account.c
    found = await conn.execute(sa.select(a.username, a.identity, a.address).where(a.id == owner))
    row = found.one()
    name = personal.identity(row.username, row.identity).full_name
    return name, None if row.address is None else personal.home_address(row.username, row.address)
