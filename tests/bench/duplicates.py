"""What looking for other accounts of one person costs: 5,000 accounts scanned one after the other, on SQLite.

`make bench` runs it. The bare counterpart of a scan is the same account compared with all others, without blocking.
The people are the demo's: 400 names over thirty years of birth, so that blocks are fuller than among real names.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.identities import Identity
from accounts.linkage.comparison import PersonRecord, compare
from accounts.linkage.store import linkage_block
from accounts.personal_data.fields import PersonalFields
from accounts.store import account as accounts
from config.demo.people import invented_content
from config.migrations import migrate
from foundation.sql.database import Database
from loadtests.bench.__main__ import measure
from loadtests.bench.figures import Figure, Found
from submission.near_duplicates import scan
from submission.near_duplicates.records import PersonCiphers
from submission.signing import frozen

KEYS = ("a key of the benchmark, long enough",)

ACCOUNTS, COMPARED = 5_000, 20
"""Accounts that are scanned, and those of them that are compared with all others besides."""


def identity_of(number: int) -> Identity:
    content = invented_content("bench", number)["identity"]
    return Identity(**{name: str(content[name]) for name in Identity.__struct_fields__})


async def fill(conn: AsyncConnection, count: int, personal: PersonalFields) -> None:
    rows = [
        {"username": f"bench{number:05d}", "password_hash": "", "answers_hash": "", "questions": "[]",
         "created_at": number,
         "identity": personal.seal_identity(f"bench{number:05d}", identity_of(number))}
        for number in range(1, count + 1)
    ]  # fmt: skip
    await conn.execute(sa.insert(accounts), rows)


async def scanned(folder: Path, count: int) -> tuple[float, int, int]:
    """Seconds for all accounts, how many cases were opened, and how many blocking keys stand in the store."""
    url = f"sqlite:///{folder / 'bench.db'}"
    await migrate(url)
    database = Database(url)
    ciphers = PersonCiphers(PersonalFields(KEYS), frozen.cipher(KEYS))
    await database.write(lambda conn: fill(conn, count, ciphers.personal), 600)
    began, cases = time.perf_counter(), 0
    for account in range(1, count + 1):
        cases += len(
            await database.write(lambda conn, account=account: scan.scan_account(conn, ciphers, account, 1))  # type: ignore[misc]
        )
    took = time.perf_counter() - began
    keys = await database.read(
        lambda conn: conn.execute(sa.select(sa.func.count()).select_from(linkage_block))
    )
    await database.close()
    return took, cases, int(keys.scalar_one())


def compared_with_all(count: int, some: int) -> float:
    """Milliseconds in which one account is compared with all others."""
    records = [PersonRecord(identity=identity_of(number)) for number in range(1, count + 1)]
    began = time.process_time()
    for one in records[:some]:
        for other in records:
            compare(one, other)
    return (time.process_time() - began) / some * 1000


def run(count: int = ACCOUNTS, some: int = COMPARED) -> Found:
    """A minute or so."""
    with tempfile.TemporaryDirectory() as folder:
        took, cases, keys = asyncio.run(scanned(Path(folder), count))
    figures = [
        Figure(what="an account, scanned", value=took / count * 1000, bare=compared_with_all(count, some), unit="ms"),
        Figure(what="all accounts, scanned", value=took, unit="s"),
        Figure(what="blocking keys an account", value=keys / count),
    ]  # fmt: skip
    return Found(figures, {"accounts": f"{count}", "cases": f"{cases}"})


if __name__ == "__main__":
    sys.exit(measure({"duplicates": run}, None))
