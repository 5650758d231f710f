"""Accounts by the thousand, from a CSV file or made elsewhere.

A file may have columns besides, of which this package knows only the names: they are handed back with each account, and
become a draft elsewhere. Personal information goes to SQL and nowhere else: no value is printed, logged or repeated.
"""

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import accommodations, store
from accounts.candidates import LEAST_QUESTIONS, MOST_QUESTIONS
from accounts.identities import Identity, answers_text, known_as
from accounts.passwords import COST
from foundation.clock import now_ms, parse_rfc3339

AT_ONCE = 1_000
"""Rows a statement: enough to be fast, few enough for any driver's limit on parameters."""

PLAIN_COLUMNS = ("username", "password", "accommodation", "created_at")

QUESTION_COLUMNS = tuple((f"question-{place}", f"answer-{place}") for place in range(1, MOST_QUESTIONS + 1))

IDENTITY_COLUMNS = {f"identity.{name}": name for name in Identity.__struct_fields__}
"""Column -> field of the identity. A form may have the same columns: the file has each once."""

REQUIRED_COLUMNS = (
    "username", "password", *(column for pair in QUESTION_COLUMNS[:LEAST_QUESTIONS] for column in pair)
)  # fmt: skip
"""No row may leave these empty."""


class AccountFileError(Exception):
    """A file of accounts that cannot be read. Its text names line and column, never what stands there."""


class NewAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account to be made, its secrets hashed already.

    `created_at` is the instant since which the person has had the account; None leaves it to the one who adds it.
    """

    username: str
    password_hash: str
    answers_hash: str
    questions: tuple[str, ...]
    identity: Identity
    accommodation: float = 1.0
    created_at: int | None = None


class ImportedAccount(msgspec.Struct, frozen=True):
    """A row of a file: the account, and all the row's columns by name."""

    account: NewAccount
    columns: Mapping[str, str]


async def add_accounts(conn: AsyncConnection, accounts: Sequence[NewAccount], made_at: int) -> dict[str, int]:
    """Insert accounts; those whose user name exists stay as they are. The ids of the new ones, by `known_as`.

    `made_at` is the instant of creation of accounts that bring none.
    """
    added: dict[str, int] = {}
    a = store.account.c
    for start in range(0, len(accounts), AT_ONCE):
        some = {known_as(account.username): account for account in accounts[start : start + AT_ONCE]}
        known = set(await conn.scalars(sa.select(a.username).where(a.username.in_(list(some)))))
        fresh = {name: account for name, account in some.items() if name not in known}
        if not fresh:
            continue
        rows = [account_row(name, account, made_at) for name, account in fresh.items()]
        await conn.execute(sa.insert(store.account), rows)
        ids = await conn.execute(sa.select(a.username, a.id).where(a.username.in_(list(fresh))))
        added |= {row.username: row.id for row in ids}
    return added


def account_row(username: str, account: NewAccount, made_at: int) -> dict[str, Any]:
    return {
        "username": username,
        "password_hash": account.password_hash,
        "answers_hash": account.answers_hash,
        "questions": msgspec.json.encode(account.questions).decode(),
        "created_at": made_at if account.created_at is None else account.created_at,
        "identity": msgspec.json.encode(account.identity).decode(),
        "accommodation": account.accommodation,
    }


def read_csv(path: Path, other_columns: Collection[str]) -> list[ImportedAccount]:
    """The accounts of a CSV file (UTF-8, with a header). Raises AccountFileError, and OSError for no file.

    Columns: `username`, `password`, `question-1`, `answer-1` and `-2`, if wanted `-3`, `accommodation` (1 to 2), since
    when the account exists (`created_at`, RFC 3339; otherwise since now), the identity's fields, such as
    `identity.family_name`, and any of `other_columns`.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            reader = csv.DictReader(file, strict=True)
            check_header(path, reader.fieldnames or (), other_columns)
            rows = list(checked(path, reader))
        except (UnicodeDecodeError, csv.Error) as problem:
            raise AccountFileError(f"{path} is not CSV in UTF-8 ({type(problem).__name__}).") from None
    with ThreadPoolExecutor(cpu_count()) as pool:  # Argon2 leaves the interpreter to others while it works
        accounts = pool.map(account_of, rows)
        return [ImportedAccount(account, row) for account, row in zip(accounts, rows, strict=True)]


def check_header(path: Path, columns: Sequence[str], other_columns: Collection[str]) -> None:
    """Raises AccountFileError for the first column that is missing, or that nothing knows."""
    if missing := sorted({*REQUIRED_COLUMNS, *IDENTITY_COLUMNS} - set(columns)):
        raise AccountFileError(f"{path}: the column {missing[0]} is missing in its first line.")
    questions = (column for pair in QUESTION_COLUMNS for column in pair)
    known = {*PLAIN_COLUMNS, *questions, *IDENTITY_COLUMNS, *other_columns}
    if unknown := [name for name in columns if name not in known]:
        raise AccountFileError(f"{path}: the column {unknown[0]} is not known.")


def checked(path: Path, reader: Iterable[dict[str, str]]) -> Iterator[dict[str, str]]:
    """The rows, each with a factor that Python reads. Raises AccountFileError with the line."""
    seen: set[str] = set()
    for line, row in enumerate(reader, 2):
        if None in row or None in row.values():
            raise AccountFileError(f"{path}, line {line}: it has more or fewer columns than the first line.")
        for name in REQUIRED_COLUMNS:
            if not row[name].strip():
                raise AccountFileError(f"{path}, line {line}: {name} is empty.")
        if known_as(row["username"]) in seen:
            raise AccountFileError(f"{path}, line {line}: this user name stands in the file twice.")
        seen.add(known_as(row["username"]))
        factor = (row.get("accommodation") or "1").replace(",", ".")
        if not is_factor(factor):
            bounds = f"{accommodations.LEAST_FACTOR:g} to {accommodations.MOST_FACTOR:g}"
            raise AccountFileError(f"{path}, line {line}: accommodation must be from {bounds}.")
        try:
            created_at(row, now_ms())
        except (ValueError, OverflowError):
            raise AccountFileError(
                f"{path}, line {line}: created_at must be a past instant such as 2016-01-20T14:05:00-05:00."
            ) from None
        yield {**row, "accommodation": factor}


def is_factor(text: str) -> bool:
    """Whether this is the number of a permitted accommodation."""
    try:
        return accommodations.is_permitted(float(text))
    except ValueError:
        return False


def created_at(row: Mapping[str, str], now: int) -> int | None:
    """Since when this row's account exists; None when it does not say. Raises ValueError for what is to come."""
    text = (row.get("created_at") or "").strip()
    if not text:
        return None
    if not 0 <= (instant := parse_rfc3339(text)) <= now:
        raise ValueError("not a past instant")
    return instant


def account_of(row: Mapping[str, str]) -> NewAccount:
    """The account of a checked row; hashing its secrets takes some 60 ms."""
    asked = [(row.get(question) or "", row.get(answer) or "") for question, answer in QUESTION_COLUMNS]
    asked = [(question, answer) for question, answer in asked if answer.strip()]
    return NewAccount(
        username=row["username"],
        password_hash=COST.hash(row["password"]),
        answers_hash=COST.hash(answers_text([answer for _, answer in asked])),
        questions=tuple(question for question, _ in asked),
        identity=Identity(**{field: row[column] for column, field in IDENTITY_COLUMNS.items()}),
        accommodation=float(row["accommodation"]),
        created_at=created_at(row, now_ms()),
    )
