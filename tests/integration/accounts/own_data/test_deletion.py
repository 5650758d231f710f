"""Deleting an account: everything goes, unless it holds a place or has submitted something."""

import pytest
import sqlalchemy as sa

from accounts import store
from accounts.acts import AccountAct
from accounts.own_data import deletion
from accounts.own_data.deletion import DeletionRules
from config.own_data.registry import deletion_rules, has_submission
from foundation.audit import a
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from quota import store as quota_store
from submission.exempt.services import exempt_services
from tests.support.candidates.files import FilePlace, file_place
from tests.support.rooms import KEYS


async def account_named(place: FilePlace, username: str) -> int | None:
    named = sa.select(store.account.c.id).where(store.account.c.username == username)
    found: int | None = (await place.db.read(lambda conn: conn.execute(named))).scalar_one_or_none()
    return found


async def delete(place: FilePlace, account: int, rules: DeletionRules | None = None) -> None:
    used = rules or deletion_rules(exempt_services(place.desk, KEYS))
    await place.db.write(lambda conn: deletion.delete(conn, used, account, now_ms()))


async def test_a_submission_stands_against_it(database: Database) -> None:
    """A file of the Ministry's is kept as long as the law says; nothing of it goes."""
    async with file_place(database) as place:
        browser, _receipt = await place.submitted()
        await browser.aclose()
        account = await account_named(place, "anne")
        assert account is not None and await place.db.read(lambda conn: has_submission(conn, account))
        with pytest.raises(Refusal) as refused:
            await delete(place, account)
        assert refused.value.code == Code.ACCOUNT_HAS_SUBMISSION
        assert await account_named(place, "anne") == account


async def test_a_place_that_is_held_stands_against_it(database: Database) -> None:
    """Whoever was called gives the place back first: a place is never held by nobody (P6)."""
    async with file_place(database) as place:
        account = await place.person("anne")
        await place.call(1, account=account)
        with pytest.raises(Refusal) as refused:
            await delete(place, account)
        assert refused.value.code == Code.ACCOUNT_HAS_LIVE_TOKEN


async def test_without_the_question_a_submission_would_lose_its_account(on_sqlite: Database) -> None:
    """Twin: where nobody asks, only the store itself still refuses."""
    async with file_place(on_sqlite) as place:
        browser, _receipt = await place.submitted()
        await browser.aclose()
        account = await account_named(place, "anne")
        assert account is not None
        rules = deletion_rules(exempt_services(place.desk, KEYS))

        async def nothing(_conn: object, _account: int) -> bool:
            return False

        with pytest.raises(sa.exc.IntegrityError):
            await delete(place, account, DeletionRules(rules.held, nothing))


async def test_what_stays_is_that_it_was_done(database: Database) -> None:
    """One line of the record, with the account's number and no name; a turn of before belongs to nobody."""
    async with file_place(database) as place:
        account = await place.person("anne")
        await place.call(1, account=account, state="lapsed")
        await delete(place, account)
        line = sa.select(a.c.actor, a.c.subject_id, a.c.detail).where(a.c.act == AccountAct.ACCOUNT_DELETE)
        (row,) = (await place.db.read(lambda conn: conn.execute(line))).all()
        assert (row.actor, row.subject_id, row.detail) == (deletion.OWNER, str(account), "{}")
        token = sa.select(quota_store.token.c.account).where(quota_store.token.c.number == 1)
        assert (await place.db.read(lambda conn: conn.execute(token))).scalar_one() is None
        await delete(place, account)  # a second time there is nothing to do
