"""An export has what was added, as it was typed, and nothing of staff."""

from typing import Any

import msgspec
import sqlalchemy as sa

from casework.amendments.folding import AmendedLine
from casework.amendments.sealing import AmendmentCipher, AmendmentContent
from casework.amendments.store import amendment, amendment_review
from config.own_data.amendments import amended
from foundation.sql.database import Database
from tests.integration.casework.amendments.test_store import ROW
from tests.support.desks import PERSONAL
from tests.support.tasks import submitted

CONTENT = AmendmentContent("1", {}, [AmendedLine("contact.city", "Ville", "Lyon", "Nantes")])


async def test_each_amendment_with_what_was_asked(on_sqlite: Database) -> None:
    """Of one's own files alone."""
    await submitted(on_sqlite)
    cipher = AmendmentCipher(PERSONAL.amendments)

    async def write(conn: Any) -> None:
        row = ROW | {"content": cipher.seal(1, 1, CONTENT)}
        await conn.execute(sa.insert(amendment).values(row))
        asked = {"amendment": 1, "act": "ask", "actor": "lucie", "role": "agent", "at": 5}
        text = cipher.seal_question(1, 5, "Depuis quand?")
        await conn.execute(sa.insert(amendment_review).values(asked | {"text": text}))

    await on_sqlite.write(write)
    (one,) = await on_sqlite.read(lambda conn: amended(PERSONAL).read(conn, 1))
    said = msgspec.json.encode(one).decode()
    assert "Nantes" in said and "Depuis quand?" in said and "lucie" not in said
    assert await on_sqlite.read(lambda conn: amended(PERSONAL).read(conn, 2)) == []
