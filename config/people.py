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

from config.failures import Failed
from quota.clock import now_ms, parse_rfc3339
from quota.store import insert_for
from submission import sessions, store
from submission.accounts import COST, Identity, answers_text, known_as
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
        await conn.execute(sa.insert(store.draft), await draft_rows(conn, fresh, programme, now))
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


async def add_operator(conn: AsyncConnection, username: str, password: str, now: int) -> None:
    """Make an operator, or give an existing one this password, which ends the sessions begun with the old one."""
    values = {"username": known_as(username), "password_hash": COST.hash(password), "created_at": now}
    statement = insert_for(conn, store.operator).values(values)
    new_password = {"password_hash": statement.excluded.password_hash}
    upsert = statement.on_conflict_do_update(index_elements=["username"], set_=new_password)
    owner = (await conn.execute(upsert.returning(store.operator.c.id))).scalar_one()
    await sessions.end_all(conn, "operator", owner)


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


FAMILY_NAMES = (
    "Tremblay", "Nguyen", "Benali", "Garcia", "Diallo", "Roy", "Haddad", "Kowalska", "Okafor", "Silva", "Traoré",
    "Petrescu", "Lefebvre", "Rahimi", "Gómez", "Mbaye", "Côté", "Ivanova", "Chen", "Bouchard",
)  # fmt: skip
GIVEN_NAMES = (
    "Amélie", "Karim", "Lucía", "Mamadou", "Élise", "Viktor", "Fatima", "Jean", "Ngozi", "Paulo", "Inès", "Andrei",
    "Mei", "Samir", "Chloé", "Aïssatou", "Marc", "Olga", "Yasmine", "Diego",
)  # fmt: skip


def invented(
    prefix: str, numbers: Iterable[int], password: str, answers: Sequence[str], questions: Sequence[str]
) -> list[NewAccount]:
    """Accounts such as `demo-00001` with one shared password, each a person of its own with a complete draft.

    All share one hash: at 60 ms an account 6,000 would take six minutes.
    """
    password_hash, answers_hash = COST.hash(password), COST.hash(answers_text(answers))
    accounts = []
    for number in numbers:
        content = invented_content(prefix, number)
        identity = Identity(**{name: content["identity"][name] for name in identity_fields()})
        accounts.append(
            NewAccount(
                username=f"{prefix}{number:05d}",
                password_hash=password_hash,
                answers_hash=answers_hash,
                questions=tuple(questions),
                identity=identity,
                content=content,
            )
        )
    return accounts


def invented_content(prefix: str, number: int) -> Content:
    """A complete draft of a person who does not exist; the passport number is nobody else's."""
    given = GIVEN_NAMES[number % len(GIVEN_NAMES)]
    family = FAMILY_NAMES[number // len(GIVEN_NAMES) % len(FAMILY_NAMES)]
    name = f"{prefix}{number:05d}"
    return {
        "identity": {
            "family_name": family,
            "given_name": given,
            "birth_date": f"{1970 + number % 30}-{1 + number % 12:02d}-{1 + number % 28:02d}",
            "birth_country": "France",
            "passport": f"{prefix[:2].upper()}{number:07d}",
        },
        "contact": {
            "address": f"{number}, rue de la Démonstration",
            "city": "Lyon",
            "country": "France",
            "email": f"{name}@exemple.invalid",
            "telephone": f"+33 1 00 {number // 10_000 % 100:02d} {number // 100 % 100:02d} {number % 100:02d}",
        },
        "training": {
            "diploma": "Master",
            "field": "Informatique",
            "school": "Université de Lyon",
            "year": "2008",
        },
        "experience": {"occupation": "Analyste", "employer": "Société Exemple", "months": "62"},
        "languages": {"french": "TEF Canada, C1", "english": "IELTS, 6,5"},
        "plans": {"region": "Montréal", "occupation": "Analyste en informatique", "family_members": "0"},
    }
