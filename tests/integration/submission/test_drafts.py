"""Drafts in the table."""

import pytest

from config.demo.people import invented_content
from foundation.sql.database import Database
from submission import drafts
from tests.support.desks import make_account, make_desk


async def test_each_account_gets_its_own_draft(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over several statements; one for a programme is none for another."""
    monkeypatch.setattr(drafts, "AT_ONCE", 2)
    desk = make_desk(database)
    accounts = [await make_account(desk, number, draft=False) for number in (1, 2, 3)]
    contents = {account: invented_content("essai", account) for account in accounts}
    await database.write(lambda conn: drafts.add(conn, contents, "demo", 7))
    for account in accounts:
        found = await database.read(lambda conn, a=account: drafts.find(conn, a, "demo"))  # type: ignore[misc]
        assert found is not None
        assert (found.account, found.content, found.begun_at) == (account, contents[account], 7)
    assert await database.read(lambda conn: drafts.find(conn, accounts[0], "other")) is None
    many = await database.read(lambda conn: drafts.of_accounts(conn, accounts[:2]))
    assert set(many) == {(account, "demo") for account in accounts[:2]}
    assert drafts.content_in(None) == {}
    desk.accounts.hasher.close()
