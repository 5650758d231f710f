"""The tables of drafts."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from foundation.sql.database import Database
from submission.drafts import store
from submission.drafts.encryption import DraftCiphers
from tests.support.desks import make_account, make_desk
from tests.support.drafts import draft_of
from tests.support.rooms import KEYS


async def test_an_account_has_one_live_draft_a_programme(database: Database) -> None:
    """A second one is refused, unless the first is a tombstone; one for another programme is not."""
    desk = make_desk(database)
    account = await make_account(desk)
    desk.accounts.hasher.close()

    async def add(programme: str) -> None:
        row = {"account": account, "programme": programme, "begun_at": 0, "updated_at": 0}
        await database.write(lambda conn: conn.execute(sa.insert(store.draft).values(row)))

    with pytest.raises(IntegrityError):
        await add("demo")  # `make_account` made it
    await add("other")
    await database.write(lambda conn: conn.execute(sa.update(store.draft).values(destroyed_at=1)))
    assert await draft_of(database, DraftCiphers(KEYS), account) is None
    await add("demo")
