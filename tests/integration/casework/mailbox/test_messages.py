"""Messages are read by their account alone, and the first reading is recorded once."""

from functools import partial

import pytest

from casework.mailbox import messages
from casework.mailbox.states import NoticeStanding
from foundation.errors import Refusal
from foundation.sql.database import Database
from tests.support.candidates.representing import with_email
from tests.support.casework.messages import MAILBOX, SAID, TITLE, delivered
from tests.support.tasks import about, submitted


async def test_a_message_is_its_accounts_alone(database: Database) -> None:
    await submitted(database, 2)
    id = await delivered(database, 1, about(1))
    found = await database.read(lambda conn: messages.find(conn, MAILBOX.cipher, id, 1))
    assert (found.message.title, found.blocks) == (TITLE, SAID)
    for asked, account in ((id, 2), ("forged", 1), ("nul\x00nul\x00nul\x00nul\x00", 1)):
        with pytest.raises(Refusal, match="not_found"):
            await database.read(partial(messages.find, cipher=MAILBOX.cipher, id=asked, account=account))
        with pytest.raises(Refusal, match="not_found"):
            await read_at(database, asked, account, 5)


async def read_at(db: Database, id: str, account: int, now: int) -> int:
    """Open a message at this instant; when it was first opened."""
    return await db.write(lambda conn: messages.mark_read(conn, id, account, now))


async def test_the_first_reading_is_the_one_that_counts(database: Database) -> None:
    """And agents see it, with what became of the notice."""
    await submitted(database)
    first = await delivered(database, 1, about(1), "one")
    await with_email(database, 1, "essai-00001", "essai@courriel.example")
    await delivered(database, 1, about(1), "two")
    assert await database.read(lambda conn: messages.unread(conn, 1)) == 2
    for now in (5, 6):
        assert await read_at(database, first, 1, now) == 5
    assert await database.read(lambda conn: messages.unread(conn, 1)) == 1
    seen = {one.message.id: one for one in await database.read(lambda conn: messages.for_staff(conn, 1))}
    assert (seen[first].message.read_at, seen[first].notice) == (5, NoticeStanding.NO_ADDRESS)
    assert {one.notice for id, one in seen.items() if id != first} == {NoticeStanding.UNDER_WAY}
