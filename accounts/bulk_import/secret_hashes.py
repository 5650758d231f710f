"""The hashes of the secrets of imported accounts, made after the accounts: some 60 ms each, when writing is 2 ms.

Until then an account holds UNMADE in their place: it is there, its draft is there, and nobody signs in to it. A hash is
written only over UNMADE, so that an import that is run again, twice at once, or after somebody renewed a password by
mail, changes no secret.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store
from accounts.bulk_import.file_rows import FileAccount
from accounts.identities import answers_text
from accounts.normalisation import opaque
from accounts.passwords import COST, UNMADE

HASHED_AT_ONCE: Final = 200
"""Accounts between two transactions: some six seconds of two cores, which is all that an interruption loses."""

SECONDS_EACH: Final = 0.06
"""Of one core, for the password and the answers of one account; measured as `passwords.COST` says."""

_a = store.account


class SecretHashes(NamedTuple):
    """The hashes of one account."""

    password: str
    answers: str


def seconds_for(accounts: int, cores: int | None = None) -> float:
    """How long the hashes of so many accounts take, on every core."""
    return accounts * SECONDS_EACH / (cores or cpu_count() or 1)


def made(accounts: Iterable[FileAccount]) -> list[SecretHashes]:
    """The hashes of these accounts, in order, made on every core. What the file brings is taken as it is."""
    with ThreadPoolExecutor(cpu_count()) as pool:  # Argon2 leaves the interpreter to others while it works
        return list(pool.map(_made, accounts))


def _made(account: FileAccount) -> SecretHashes:
    password = account.password_hash or COST.hash(opaque(account.password))
    return SecretHashes(password, account.answers_hash or COST.hash(answers_text(account.answers)))


async def write(conn: AsyncConnection, hashes: Mapping[int, SecretHashes]) -> None:
    """Write the hashes that accounts lack, by account."""
    parts = ((_a.c.password_hash, "password"), (_a.c.answers_hash, "answers"))
    for column, name in parts:
        lacking = (_a.c.id == sa.bindparam("account_id"), column == UNMADE)
        statement = sa.update(_a).where(*lacking).values({column: sa.bindparam("made")})
        values = [{"account_id": id, "made": getattr(one, name)} for id, one in hashes.items()]
        if values:
            await conn.execute(statement, values)
