"""People by the thousand: accounts with complete drafts from a CSV file or for the demo, and operators.

Until there are forms to fill in, this is how accounts and drafts come to be. Personal information goes to SQL and
nowhere else: no line of it is printed or logged.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store
from accounts.identities import Identity, answers_text, known_as
from accounts.passwords import COST
from config.failures import Failed
from foundation.clock import now_ms, parse_rfc3339
from submission import store as submission_store
from submission.drafts import FORM, Content, known_paths

AT_ONCE = 1_000
"""Rows a statement: enough to be fast, few enough for any driver's limit on parameters."""

PLAIN_COLUMNS = ("username", "password", "accommodation", "created_at")

QUESTIONS = ("question-1", "answer-1", "question-2", "answer-2", "question-3", "answer-3")

ASKED = QUESTIONS[:4]
"""Security questions are plural (AC-01): every account has two at least."""


class NewAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account to be made, its secrets hashed already. `content` is the draft, section by section.

    `created_at` is the instant since which the person has had the account; None leaves it to whoever adds it.
    """

    username: str
    password_hash: str
    answers_hash: str
    questions: tuple[str, ...]
    identity: Identity
    content: Content
    accommodation: float = 1.0
    created_at: int | None = None


async def add_accounts(
    conn: AsyncConnection,
    accounts: Sequence[NewAccount],
    programme: str,
    now: int,
    made_at: int | None = None,
) -> int:
    """Insert accounts and their drafts for one programme; those whose user name exists stay as they are.

    Gives how many are new. `made_at` is the instant of creation of accounts that bring none, `now` the drafts'.
    """
    added = 0
    for start in range(0, len(accounts), AT_ONCE):
        some = accounts[start : start + AT_ONCE]
        names = [known_as(account.username) for account in some]
        known = set(
            await conn.scalars(sa.select(store.account.c.username).where(store.account.c.username.in_(names)))
        )
        fresh = {name: account for name, account in zip(names, some, strict=True) if name not in known}
        if not fresh:
            continue
        await conn.execute(
            sa.insert(store.account), [account_row(name, one, made_at or now) for name, one in fresh.items()]
        )
        await conn.execute(sa.insert(submission_store.draft), await draft_rows(conn, fresh, programme, now))
        added += len(fresh)
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


async def draft_rows(
    conn: AsyncConnection, fresh: dict[str, NewAccount], programme: str, now: int
) -> list[dict[str, Any]]:
    a = store.account.c
    ids = (await conn.execute(sa.select(a.id, a.username).where(a.username.in_(list(fresh))))).all()
    return [
        {
            "account": row.id,
            "programme": programme,
            "content": msgspec.json.encode(fresh[row.username].content).decode(),
            "begun_at": now,
            "updated_at": now,
        }
        for row in ids
    ]


def read_csv(path: Path) -> list[NewAccount]:
    """The accounts of a CSV file (UTF-8, with a header). Raises Failed with line and column; values are not repeated.

    Columns: `username`, `password`, `question-1`, `answer-1` and `-2`, if wanted `-3`, `accommodation` (1 to 2), since
    when the account exists (`created_at`, RFC 3339; otherwise since now), and the draft's fields by path, such as
    `identity.family_name` or `training.diploma`.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            reader = csv.DictReader(file, strict=True)
            check_header(path, reader.fieldnames or ())
            rows = list(checked(path, reader))
        except (UnicodeDecodeError, csv.Error) as problem:
            raise Failed(f"{path} is not CSV in UTF-8 ({type(problem).__name__}).") from None
    with ThreadPoolExecutor(cpu_count()) as pool:  # Argon2 leaves the interpreter to others while it works
        return list(pool.map(account_of, rows))


def check_header(path: Path, columns: Sequence[str]) -> None:
    needed = {
        "username",
        "password",
        *ASKED,
        *(f"identity.{name}" for name in identity_fields()),
    }
    if missing := sorted(needed - set(columns)):
        raise Failed(f"{path}: the column {missing[0]} is missing in its first line.")
    others = [name for name in columns if name not in {*PLAIN_COLUMNS, *QUESTIONS}]
    if unknown := known_paths(others):
        raise Failed(f"{path}: the column {unknown[0]} is not known.")


def checked(path: Path, reader: Iterable[dict[str, str]]) -> Iterator[dict[str, str]]:
    seen: set[str] = set()
    for line, row in enumerate(reader, 2):
        if None in row or None in row.values():
            raise Failed(f"{path}, line {line}: it has more or fewer columns than the first line.")
        for name in ("username", "password", *ASKED):
            if not row[name].strip():
                raise Failed(f"{path}, line {line}: {name} is empty.")
        if known_as(row["username"]) in seen:
            raise Failed(f"{path}, line {line}: this user name stands in the file twice.")
        seen.add(known_as(row["username"]))
        factor = (row.get("accommodation") or "1").replace(",", ".")
        try:
            if not 1.0 <= float(factor) <= 2.0:
                raise ValueError
        except ValueError:
            raise Failed(f"{path}, line {line}: accommodation must be from 1 to 2.") from None
        try:
            created_at(row, now_ms())
        except (ValueError, OverflowError):
            raise Failed(
                f"{path}, line {line}: created_at must be a past instant such as 2016-01-20T14:05:00-05:00."
            ) from None
        yield {**row, "accommodation": factor}


def created_at(row: dict[str, str], now: int) -> int | None:
    """Since when this row's account exists; None when it does not say. Raises ValueError for what is to come."""
    text = (row.get("created_at") or "").strip()
    if not text:
        return None
    if not 0 <= (instant := parse_rfc3339(text)) <= now:
        raise ValueError("not a past instant")
    return instant


def identity_fields() -> tuple[str, ...]:
    return Identity.__struct_fields__


def account_of(row: dict[str, str]) -> NewAccount:
    asked = [(row.get(f"question-{n}") or "", row.get(f"answer-{n}") or "") for n in (1, 2, 3)]
    asked = [(question, answer) for question, answer in asked if answer.strip()]
    content = {
        section.name: {field.name: row.get(f"{section.name}.{field.name}") or "" for field in section.fields}
        for section in FORM
    }
    return NewAccount(
        username=row["username"],
        password_hash=COST.hash(row["password"]),
        answers_hash=COST.hash(answers_text([answer for _, answer in asked])),
        questions=tuple(question for question, _ in asked),
        identity=Identity(**{name: content["identity"][name] for name in identity_fields()}),
        content=content,
        accommodation=float(row["accommodation"]),
        created_at=created_at(row, now_ms()),
    )
