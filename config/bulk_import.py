"""Accounts and their drafts together: an account knows nothing of forms, and a form nothing of files."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import bulk_import
from accounts.bulk_import import NewAccount
from accounts.identities import known_as
from submission import drafts
from submission.drafts import Content


class NewCandidate(msgspec.Struct, frozen=True):
    """An account to be made and the draft it begins with."""

    account: NewAccount
    content: Content


async def add_candidates(
    conn: AsyncConnection,
    candidates: Sequence[NewCandidate],
    programme: str,
    now: int,
    made_at: int | None = None,
) -> int:
    """Insert accounts and their drafts for one programme; those whose user name exists stay as they are.

    Gives how many are new. `made_at` is the instant of creation of accounts that bring none, `now` the drafts'.
    """
    accounts = [candidate.account for candidate in candidates]
    added = await bulk_import.add_accounts(conn, accounts, now if made_at is None else made_at)
    contents = {known_as(candidate.account.username): candidate.content for candidate in candidates}
    await drafts.add(conn, {id: contents[name] for name, id in added.items()}, programme, now)
    return len(added)


def read_candidates(path: Path) -> list[NewCandidate]:
    """The candidates of a CSV file, as `accounts.bulk_import.read_csv` reads it, with the form's fields by path."""
    rows = bulk_import.read_csv(path, drafts.PATHS)
    return [NewCandidate(row.account, drafts.content_of(row.columns)) for row in rows]
