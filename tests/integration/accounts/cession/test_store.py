"""The table of networks that accounts signed in from."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from accounts.cession.store import sign_in_network
from foundation.sql.database import Database


async def test_a_network_of_an_account_is_one_row(database: Database) -> None:
    """However often somebody signs in from home, home is counted once."""
    row = {"account": 1, "digest": "d", "first_at": 1, "last_at": 1}
    await database.write(lambda conn: conn.execute(sa.insert(sign_in_network).values(row)))
    with pytest.raises(IntegrityError):
        await database.write(lambda conn: conn.execute(sa.insert(sign_in_network).values(row)))
