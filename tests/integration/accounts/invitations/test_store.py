"""What the table of invitations holds by itself."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from accounts.invitations.store import invitation
from foundation.sql.database import Database


async def test_a_code_is_of_one_invitation(database: Database) -> None:
    """The code of a link leads to one invitation, or to none."""
    row = {
        "code_key": "k", "email_key": "e", "programme": "demo", "stream": "offre", "invited_by": "lucie",
        "invited_at": 1, "expires_at": 2,
    }  # fmt: skip
    await database.write(lambda conn: conn.execute(sa.insert(invitation).values(row)))
    with pytest.raises(IntegrityError):
        await database.write(lambda conn: conn.execute(sa.insert(invitation).values(row)))
