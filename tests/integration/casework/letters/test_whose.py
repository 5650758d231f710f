"""To whom a letter about an account goes."""

import sqlalchemy as sa

from accounts.personal_data.fields import ADDRESS
from accounts.store import account
from casework.letters.whose import whose
from config.demo.people import identity_of, invented_content
from foundation.sql.database import Database
from tests.support.desks import PERSONAL
from tests.support.tasks import submitted


async def test_the_owner_s_name_and_where_they_live(database: Database) -> None:
    """An account without an address has its letters in its folder alone."""
    await submitted(database)
    name = identity_of(invented_content("essai", 1)).full_name
    assert await database.read(lambda conn: whose(conn, PERSONAL, 1)) == (name, None)
    sealed = PERSONAL.seal("essai-00001", ADDRESS, '{"lines": ["1, rue Une"], "country": "FR"}')
    await database.write(
        lambda conn: conn.execute(sa.update(account).where(account.c.id == 1).values(address=sealed))
    )
    _, address = await database.read(lambda conn: whose(conn, PERSONAL, 1))
    assert address is not None and address.whole == ["1, rue Une", "France"]
