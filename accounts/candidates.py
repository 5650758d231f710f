"""Candidates: the accounts of those who may apply, as rows and as values."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store
from accounts.identities import Identity, spellings
from accounts.normalisation import FORM
from accounts.personal_data.fields import PersonalFields
from accounts.registration.states import AccountState
from accounts.reviews.states import AccountBar

LONGEST_USERNAME = 200
"""Characters that are looked at, of anybody's user name; no account has a longer one."""

LONGEST_SECRET = 1_000
"""The same of a password or an answer: longer than any pass phrase, short enough that hashing it costs what any other
costs."""

LEAST_QUESTIONS, MOST_QUESTIONS = 2, 3
"""Security questions of an account: two at least (AC-01), three at most."""


class Applicant(msgspec.Struct, frozen=True, kw_only=True):
    """What an application asks of an account's row, without its secrets. `accommodation` (1 to 2) lengthens the token
    once."""

    id: int
    username: str
    created_at: int
    identity: Identity
    accommodation: float
    state: AccountState = AccountState.ACTIVE
    barred_for: AccountBar | None = None


class Account(Applicant, frozen=True, kw_only=True):
    """An account's row as a value; `secrets_form` is that of its hashes (`normalisation.FORM`)."""

    password_hash: str
    answers_hash: str
    questions: list[str]
    secrets_form: int = FORM


_ACCOUNT = tuple(store.account.c[name] for name in Account.__struct_fields__)

APPLICANT = tuple(store.account.c[name] for name in Applicant.__struct_fields__)
"""What `applicant_of` needs, for a statement that joins it."""


async def by_username(conn: AsyncConnection, personal: PersonalFields, username: str) -> Account | None:
    """The account with this user name, however it is typed."""
    row = (await conn.execute(named(sa.select(*_ACCOUNT), username))).one_or_none()
    return None if row is None else account_of(row, personal)


def named(accounts: sa.Select[*tuple[Any, ...]], username: str) -> sa.Select[*tuple[Any, ...]]:
    """Of these accounts the one that a typed user name stands for."""
    names, stored = spellings(username), store.account.c.username
    likeliest_first = sa.case((stored == names[0], 0), else_=1)
    return accounts.where(stored.in_(names)).order_by(likeliest_first).limit(1)


def applicant_of(values: Sequence[Any], personal: PersonalFields) -> Applicant:
    """Who applies, from the values of `APPLICANT` in their order."""
    id, username, created_at, identity, accommodation, state, barred_for = values
    return Applicant(
        id=id,
        username=username,
        created_at=created_at,
        identity=personal.identity(username, identity),
        accommodation=accommodation,
        state=AccountState(state),
        barred_for=None if barred_for is None else AccountBar(barred_for),
    )


def account_of(row: sa.Row[*tuple[Any, ...]], personal: PersonalFields) -> Account:
    """An account from a row that has its columns, among others."""
    return Account(
        id=row.id,
        username=row.username,
        password_hash=row.password_hash,
        answers_hash=row.answers_hash,
        questions=personal.questions(row.username, row.questions),
        created_at=row.created_at,
        identity=personal.identity(row.username, row.identity),
        accommodation=row.accommodation,
        secrets_form=row.secrets_form,
        state=AccountState(row.state),
        barred_for=None if row.barred_for is None else AccountBar(row.barred_for),
    )
