"""The table of registrations that wait."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from accounts.registration.store import registration
from foundation.sql.database import Database


async def test_a_user_name_and_a_code_wait_once(database: Database) -> None:
    """Two registrations never hold one user name, nor one code."""
    row = {
        "code_key": "a",
        "username": "anne",
        "step": "waiting",
        "serial": "s",
        "programme": "demo",
        "made_at": 0,
        "kept_until": 1,
    }
    await database.write(lambda conn: conn.execute(sa.insert(registration).values(row)))
    for other in ({"code_key": "b"}, {"username": "jean"}):
        with pytest.raises(IntegrityError):
            await database.write(lambda conn, o=other: conn.execute(sa.insert(registration).values(row | o)))  # type: ignore[misc]
