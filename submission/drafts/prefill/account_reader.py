"""Reads what accounts have on file, of those together that are asked for together."""

from collections.abc import Callable
from typing import Any, Final

import sqlalchemy as sa

from accounts import store as accounts_store
from accounts.personal_data.fields import EMAIL, PersonalFields
from foundation.batching import Batcher
from foundation.sql.tables import among
from submission.drafts.prefill.filling import AccountTexts, texts_of
from submission.services import SubmissionServices

MOST_TOGETHER: Final = 64

PATIENCE_SECONDS: Final = 5.0
"""Who would wait longer has a form without it."""

a = accounts_store.account.c

_ON_FILE = sa.select(a.id, a.username, a.identity, a.email, a.address).where(among(a.id, "owners"))


class AccountReader:
    """Reads them."""

    def __init__(self, services: SubmissionServices) -> None:
        self._services = services
        self._batcher = Batcher[int, AccountTexts](self._read, MOST_TOGETHER, "sql", PATIENCE_SECONDS)

    def ask(self, account: int, then: Callable[[AccountTexts], None]) -> None:
        """`then` hears what is on file. It fails soft: a form is whole without it."""

        def heard(found: AccountTexts | BaseException) -> None:
            then({} if isinstance(found, BaseException) else found)

        try:
            self._batcher.put(account, heard)
        except Exception as problem:
            heard(problem)

    async def _read(self, owners: list[int]) -> list[AccountTexts]:
        personal = self._services.accounts.personal
        rows = (
            await self._services.db.read(lambda conn: conn.execute(_ON_FILE, {"owners": set(owners)}))
        ).all()
        known = {row.id: _texts(personal, row) for row in rows}
        return [known.get(owner, {}) for owner in owners]


def _texts(personal: PersonalFields, row: Any) -> AccountTexts:
    name = row.username
    identity = personal.identity(name, row.identity)
    address = None if row.address is None else personal.home_address(name, row.address)
    return texts_of(identity, "" if row.email is None else personal.opened(name, EMAIL, row.email), address)
