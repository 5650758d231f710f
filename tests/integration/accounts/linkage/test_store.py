"""Tables of record linkage."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from accounts.linkage import store
from foundation.sql.database import Database


async def test_a_line_of_the_paper_register_is_kept_once(database: Database) -> None:
    """The digest of a line stands once, however often its file is read."""
    line = {"row_digest": "d", "identity": "x", "imported_at": 1}
    await database.write(lambda conn: conn.execute(sa.insert(store.paper_record).values(line)))
    with pytest.raises(IntegrityError):
        await database.write(lambda conn: conn.execute(sa.insert(store.paper_record).values(line)))
