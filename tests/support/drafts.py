"""Drafts as tests find and change them behind everybody's back."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.sql.database import Database
from submission.drafts import repository, store
from submission.drafts.encryption import DraftCiphers
from submission.drafts.repository import Draft
from submission.forms.answers import Answers
from tests.conftest import apart

PROGRAMME = "demo"


async def draft_of(
    db: Database, ciphers: DraftCiphers, account: int, programme: str = PROGRAMME
) -> Draft | None:
    """The live draft of an account, opened."""
    return await db.read(lambda conn: repository.find(conn, ciphers, account, programme))


def draft_at(url: str, key: str, account: int) -> Draft | None:
    """The same, from outside of a loop."""

    async def look() -> Draft | None:
        database = Database(url)
        try:
            return await draft_of(database, DraftCiphers((key,)), account)
        finally:
            await database.close()

    return apart(look())


async def rewrite(db: Database, ciphers: DraftCiphers, account: int, content: Answers) -> None:
    """Another content in the place of all that an account has filled in."""

    async def write(conn: AsyncConnection) -> None:
        d, section = store.draft, store.draft_section
        theirs = (d.c.account == account, d.c.programme == PROGRAMME)
        draft = (await conn.execute(sa.select(d.c.id).where(*theirs))).scalar_one()
        await conn.execute(sa.delete(section).where(section.c.draft == draft))
        await conn.execute(
            sa.update(d).where(d.c.id == draft).values(revision=d.c.revision + 1, content=None)
        )
        rows = [repository.section_row(ciphers, draft, name, one, 1, 0) for name, one in content.items()]
        if rows:
            await conn.execute(sa.insert(section), rows)

    await db.write(write)
