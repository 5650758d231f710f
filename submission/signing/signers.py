"""Who may sign for a candidate: the lawyer on the file, and nobody else (RP-01)."""

from collections.abc import Collection, Mapping

from sqlalchemy.ext.asyncio import AsyncConnection


async def lawyers_on_file(conn: AsyncConnection, accounts: Collection[int]) -> Mapping[int, int]:
    """Of these accounts, the lawyer who may sign, by account. There is no register yet, so nobody may."""
    return {}
