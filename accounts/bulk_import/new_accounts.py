"""Accounts by the thousand, as rows of the store: those of a file, or made elsewhere with their secrets hashed already.

What belongs to an account besides, such as a draft, is written elsewhere, with the ids that are handed back.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store
from accounts.bulk_import.file_rows import FileAccount
from accounts.identities import Identity, known_as, spellings
from accounts.passwords import UNMADE
from accounts.personal_data.email_addresses import EmailAddress
from accounts.personal_data.fields import PersonalFields
from accounts.registration.confirming import email_columns

AT_ONCE = 1_000
"""Rows a statement: enough to be fast, few enough for any driver's limit on parameters."""


_IS_HASHED = sa.and_(store.account.c.password_hash != UNMADE, store.account.c.answers_hash != UNMADE).label(
    "is_hashed"
)


class NewAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account to be made, its secrets hashed already, or UNMADE: nobody signs in to it before they are.

    `created_at` is the instant since which the person has had the account; None leaves it to the one who adds it.
    """

    username: str
    password_hash: str
    answers_hash: str
    questions: tuple[str, ...]
    identity: Identity
    accommodation: float = 1.0
    created_at: int | None = None
    email: EmailAddress | None = None
    is_confirmed: bool = True
    """Whether its owner has confirmed that address; that of a file waits for it."""


class ExistingAccount(msgspec.Struct, frozen=True):
    """An account that is there, who it is, and its accommodation."""

    id: int
    username: str
    identity: Identity
    accommodation: float
    is_hashed: bool
    """Whether both hashes are made; an import that was interrupted leaves some that are not."""


async def existing(
    conn: AsyncConnection, personal: PersonalFields, usernames: Sequence[str]
) -> dict[str, ExistingAccount]:
    """The accounts that these user names stand for, by the name as it was asked for; those of nobody are not there."""
    a = store.account.c
    found: dict[str, ExistingAccount] = {}
    for start in range(0, len(usernames), AT_ONCE):
        some = {name: spellings(name) for name in usernames[start : start + AT_ONCE]}
        stored = {spelling for names in some.values() for spelling in names}
        rows = await conn.execute(
            sa.select(a.id, a.username, a.identity, a.accommodation, _IS_HASHED).where(a.username.in_(stored))
        )
        there = {row.username: row for row in rows}
        for name, names in some.items():
            row = next((there[spelling] for spelling in names if spelling in there), None)
            if row is not None:
                identity = personal.identity(row.username, row.identity)
                found[name] = ExistingAccount(
                    row.id, row.username, identity, row.accommodation, row.is_hashed
                )
    return found


async def taken_emails(
    conn: AsyncConnection, personal: PersonalFields, emails: Sequence[EmailAddress]
) -> set[str]:
    """The canonical forms of these addresses that accounts have already (AC-02)."""
    a, found = store.account.c, set[str]()
    for start in range(0, len(emails), AT_ONCE):
        sought = {
            key: email.canonical
            for email in emails[start : start + AT_ONCE]
            for key in personal.emails.sought(email.canonical)
        }
        rows = await conn.execute(sa.select(a.email_key).where(a.email_key.in_(sought)))
        found |= {sought[key] for key in rows.scalars()}
    return found


async def add_accounts(
    conn: AsyncConnection, personal: PersonalFields, accounts: Sequence[NewAccount], made_at: int
) -> dict[str, int]:
    """Insert accounts whose user names nobody has. Their ids, by `known_as`.

    `made_at` is the instant of creation of accounts that bring none.
    """
    added: dict[str, int] = {}
    a = store.account.c
    for start in range(0, len(accounts), AT_ONCE):
        some = {known_as(account.username): account for account in accounts[start : start + AT_ONCE]}
        rows = [account_row(name, account, made_at, personal) for name, account in some.items()]
        await conn.execute(sa.insert(store.account), rows)
        ids = await conn.execute(sa.select(a.username, a.id).where(a.username.in_(list(some))))
        added |= {row.username: row.id for row in ids}
    return added


def account_row(username: str, account: NewAccount, made_at: int, personal: PersonalFields) -> dict[str, Any]:
    """The account as a row, what is about the person encrypted for it."""
    created_at = made_at if account.created_at is None else account.created_at
    email: dict[str, Any] = dict.fromkeys(("email", "email_key", "email_alike", "confirmed_at"))
    if account.email is not None:
        email = {**email_columns(personal, username, account.email), "confirmed_at": None}
        email["confirmed_at"] = created_at if account.is_confirmed else None
    return email | {
        "username": username,
        "password_hash": account.password_hash,
        "answers_hash": account.answers_hash,
        "questions": personal.seal_questions(username, account.questions),
        "created_at": created_at,
        "identity": personal.seal_identity(username, account.identity),
        "accommodation": account.accommodation,
    }


def of_file(account: FileAccount) -> NewAccount:
    """The account of a file with the hashes that it brings; the others are made afterwards (`secret_hashes.py`)."""
    return NewAccount(
        username=account.username,
        password_hash=account.password_hash,
        answers_hash=account.answers_hash,
        questions=account.questions,
        identity=account.identity,
        accommodation=account.accommodation,
        created_at=account.created_at,
        email=account.email,
        is_confirmed=False,
    )
