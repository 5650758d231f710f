"""People: who may sign in, what proves it, and which person an account is.

Passwords and answers are hashed with Argon2id, off the event loop, in a few threads with a short queue. An unknown user
name costs the same two verifications as a known one, so that the time of an answer tells nobody which names exist.
"""

import asyncio
import hashlib
import hmac
import os
import secrets
import unicodedata
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import argon2
import msgspec
import sqlalchemy as sa
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.ext.asyncio import AsyncConnection

from quota import moves
from quota import store as places
from quota.errors import Refusal, Unavailable
from quota.store import Period
from submission import store

T = TypeVar("T")

COST = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""What one hash costs: 19 MiB and two passes, the first of OWASP's equal choices for Argon2id.

Measured on two cores: 30 ms a verification and 63 a second; the library's default takes 143 ms. A sign-in needs two
verifications, so this carries some 30 sign-ins a second, where the default would carry 7. The room calls a few people
a second, so most of the machine stays with the room on the one day that matters, and whoever steals the file still
pays 19 MiB and 30 ms for each guess.
"""

IN_LINE = 250
"""How many may wait for a hashing thread of one process: as many as hold a token at once by default, so that all who
were called may sign in in the same second. The last of them waits some 8 s on two cores; beyond that, an honest 503."""

_PLAIN = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
"""Letters that Unicode does not take apart into a plain letter and an accent."""


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who a person is, as their passport says it."""

    family_name: str
    given_name: str
    birth_date: str
    passport: str


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account's row as a value. `accommodation` (1 to 2) lengthens the token once."""

    id: int
    username: str
    password_hash: str
    answers_hash: str
    questions: list[str]
    created_at: int
    identity: Identity
    accommodation: float


class Hasher:
    """Argon2id in a few threads, with a bounded line in front of them. Beyond it Unavailable: fails closed."""

    def __init__(
        self, threads: int | None = None, in_line: int = IN_LINE, cost: argon2.PasswordHasher = COST
    ) -> None:
        # A loop sleeps most of the time, so the kernel lets it run before threads that never do.
        threads = threads or min(4, os.cpu_count() or 1)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        self._most = threads + in_line
        self._busy = 0
        self._cost = cost
        self._nobody = cost.hash(secrets.token_urlsafe(32))

    async def hash(self, *texts: str) -> list[str]:
        """One hash a text, in the same order. Raises Unavailable."""
        return await self._run(lambda: [self._cost.hash(text) for text in texts])

    async def check(self, *pairs: tuple[str | None, str]) -> list[bool]:
        """Whether each (hash, text) belongs together. Raises Unavailable.

        All pairs are verified, whatever the first one says; None stands for nobody's hash and costs the same.
        """
        return await self._run(lambda: [self._belongs(known, text) for known, text in pairs])

    def _belongs(self, known: str | None, text: str) -> bool:
        try:
            self._cost.verify(self._nobody if known is None else known, text)
        except (VerificationError, InvalidHashError):
            return False
        return known is not None

    async def _run(self, work: Callable[[], T]) -> T:
        if self._busy >= self._most:
            raise Unavailable("hashing", retry_after=5)
        self._busy += 1
        task = asyncio.get_running_loop().run_in_executor(self._pool, work)
        task.add_done_callback(self._free)
        # A caller who goes away leaves the thread at work and the line as long, so the task is not cancelled with them.
        return await asyncio.shield(task)

    def _free(self, task: asyncio.Future[T]) -> None:
        self._busy -= 1
        if not task.cancelled():
            task.exception()  # seen, even when the caller is gone

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


def plain(text: str) -> str:
    """Lower case without accents or compatibility forms, white space collapsed: what two spellings have in common."""
    if text.isascii():  # most are, and then there is nothing to take apart
        return " ".join(text.casefold().split())
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    text = "".join(letter for letter in text if not unicodedata.combining(letter)).translate(_PLAIN)
    return " ".join(text.split())


def letters(text: str) -> str:
    """As `plain`, and only letters and digits: punctuation and spaces are spelling too."""
    return "".join(filter(str.isalnum, plain(text)))


def known_as(username: str) -> str:
    """The user name as it is stored and looked up: nobody is refused for a capital or a space around it."""
    return unicodedata.normalize("NFKC", username).casefold().strip()


def answers_text(answers: Sequence[str]) -> str:
    """All answers as one text to hash: case, accents, spaces and empty fields do not count, the order does (AC-01)."""
    return "\x1f".join(answer for answer in map(plain, answers) if answer)


def person(identity: Identity, person_key: str) -> str:
    """The same 64 hexadecimal digits for the same person however they spell themselves (AC-03, DU-01).

    Keyed with the period's own key, so that it says nothing to whoever has only the table, and nothing across periods.
    """
    parts = (identity.family_name, identity.given_name, identity.birth_date, identity.passport)
    text = "\x1f".join(letters(part) for part in parts)
    return keyed(person_key, text)


def keyed(key: str, text: str) -> str:
    """HMAC-SHA256 in hexadecimal."""
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def old_enough(account: Account, period: Period) -> None:
    """Accounts made too late may not apply in this period (WR-16). Raises Refusal account_too_recent."""
    before = period.accounts_created_before
    if before is not None and account.created_at >= before:
        raise Refusal("account_too_recent")


LEAST_FACTOR, MOST_FACTOR = 1.0, 2.0
"""Bounds of an accommodation: up to twice the time."""


async def grant(conn: AsyncConnection, username: str, factor: float, actor: str, now: int) -> None:
    """Grant an account an accommodation, on the record: its next token is so many times as long.

    Beforehand only: a token that is bound keeps its length. The record names the account by its id. Raises Refusal
    invalid, not_found, and account_has_live_token.
    """
    if not LEAST_FACTOR <= factor <= MOST_FACTOR:
        raise Refusal("invalid", fields=[{"name": "factor", "reason": "doit être de 1 à 2"}])
    a, t = store.account, places.token
    account = (
        await conn.execute(
            sa.select(a.c.id, a.c.accommodation).where(a.c.username == known_as(username)).with_for_update()
        )
    ).one_or_none()
    if account is None:
        raise Refusal("not_found")
    live = sa.select(t.c.number).where(t.c.account == account.id, t.c.state == "live")
    if (await conn.execute(live)).first() is not None:
        raise Refusal("account_has_live_token")
    await conn.execute(sa.update(a).where(a.c.id == account.id).values(accommodation=factor))
    detail = {"account": account.id, "before": account.accommodation, "factor": factor}
    await moves.record(conn, actor, "grant", None, now, **detail)


_ACCOUNT = tuple(store.account.c[name] for name in Account.__struct_fields__)


async def by_username(conn: AsyncConnection, username: str) -> Account | None:
    """The account with this user name, as `known_as` writes it."""
    return await _one(conn, store.account.c.username == username)


async def by_id(conn: AsyncConnection, account_id: int) -> Account | None:
    """The account with this id, or None."""
    return await _one(conn, store.account.c.id == account_id)


async def _one(conn: AsyncConnection, where: sa.ColumnElement[bool]) -> Account | None:
    row = (await conn.execute(sa.select(*_ACCOUNT).where(where))).one_or_none()
    if row is None:
        return None
    return account_of(row)


def account_of(row: sa.Row[*tuple[Any, ...]]) -> Account:
    """An account from a row that has its columns, among others."""
    return Account(
        id=row.id,
        username=row.username,
        password_hash=row.password_hash,
        answers_hash=row.answers_hash,
        questions=msgspec.json.decode(row.questions, type=list[str]),
        created_at=row.created_at,
        identity=msgspec.json.decode(row.identity, type=Identity),
        accommodation=row.accommodation,
    )
