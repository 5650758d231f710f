"""The tables of the mailroom."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from casework.mailroom.store import mail_item
from foundation.sql.database import Database
from tests.support.casework.mail import entered, new_key, typed


async def test_one_key_is_one_row(database: Database) -> None:
    """The store itself refuses a second one."""
    key = new_key()
    item = await entered(database, typed("?", keep="1"), key=key)
    rows = sa.select(mail_item).where(mail_item.c.id == item.id)
    row = (await database.read(lambda conn: conn.execute(rows))).one()._asdict()
    with pytest.raises(IntegrityError):
        await database.write(lambda conn: conn.execute(sa.insert(mail_item).values(row | {"id": 99})))
