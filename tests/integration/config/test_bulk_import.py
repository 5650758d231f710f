"""Accounts and their drafts together."""

import sqlalchemy as sa

from accounts.store import account
from config.bulk_import import add_candidates
from config.demo.people import invented
from foundation.sql.database import Database
from submission.store import draft


async def test_each_new_account_has_the_draft_that_came_with_it(database: Database) -> None:
    """Those that exist keep theirs; a second run adds only who is new."""
    people = invented("demo-", range(1, 6), "mot de passe", ["a", "b"], ["A ?", "B ?"])
    assert await database.write(lambda conn: add_candidates(conn, people[:3], "demo", 7, made_at=3)) == 3
    assert await database.write(lambda conn: add_candidates(conn, people, "demo", 9)) == 2
    rows = sa.select(account.c.username, account.c.created_at, draft.c.content, draft.c.begun_at)
    joined = rows.join(draft, draft.c.account == account.c.id).order_by(account.c.username)
    found = (await database.read(lambda conn: conn.execute(joined))).all()
    assert [row.username for row in found] == [one.account.username for one in people]
    assert all(one.account.identity.passport in row.content for one, row in zip(people, found, strict=True))
    assert [(row.created_at, row.begun_at) for row in found] == [(3, 7)] * 3 + [(9, 9)] * 2
