"""Accounts for a load test of a real instance: invented people, made by the thousand, and taken away again.

A name alone proves nothing, somebody may really be called `load-00001`: an account is synthetic when its identity is
that of the person who is invented for its name. No other one is ever touched; neither is one that has submitted, nor
one whose turn it is now. Their drafts, sessions and submissions stay, as the books need them.
"""

import re
import secrets
from collections.abc import Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store as accounts_store
from accounts.acts import AccountAct
from accounts.bulk_import import removal
from accounts.identities import Identity
from accounts.personal_data.fields import PersonalFields
from casework import store as casework_store
from config.bulk_import import CandidateCiphers, ImportTarget, add_candidates
from config.demo.people import identity_of, invented, invented_content
from config.failures import Failed
from foundation import audit
from foundation.audit import By
from quota import ledger
from submission import store
from submission.drafts import repository

PREFIX = "load-"

PREFIXES = re.compile(r"[a-z]{2,20}-")
"""What a prefix may be; the hyphen tells it from the beginning of a person's name."""

MOST_AT_ONCE = 100_000

QUESTIONS = ("Essai de charge : premier mot ?", "Essai de charge : second mot ?")


class SyntheticAccounts(msgspec.Struct, frozen=True):
    """The accounts that were made, as `accounts` of READY has them (`loadtests/journey/accounts.py` reads them)."""

    username: str
    password: str
    answers: tuple[str, ...]
    first: int
    count: int


class Removed(msgspec.Struct, frozen=True):
    """What became of the accounts of a prefix."""

    removed: int
    submitted: int
    """Stay: they have a submission or a document."""
    called: int
    """Stay for now: they hold a live token."""
    others: int
    """Stay: they are called alike, and are no invented people."""
    sessions: int
    """Ended with the accounts that were removed."""
    drafts: int


def checked(prefix: str) -> str:
    """The prefix. Raises Failed for one that people's own names may begin with."""
    if not PREFIXES.fullmatch(prefix):
        raise Failed("--prefix is 2 to 20 small letters and a hyphen, such as load-.")
    return prefix


async def add(
    conn: AsyncConnection,
    ciphers: CandidateCiphers,
    count: int,
    target: ImportTarget,
    prefix: str,
    by: By,
    now: int,
    made_at: int,
) -> SyntheticAccounts:
    """Make so many accounts with complete drafts, numbered on from those that there are; on the record."""
    numbers = [number for number, _ in await _called(conn, ciphers.personal, prefix)]
    first = max(numbers, default=0) + 1
    password, answers = secrets.token_urlsafe(15), (secrets.token_hex(6), secrets.token_hex(6))
    people = invented(prefix, range(first, first + count), password, answers, QUESTIONS, form=target.form)
    await add_candidates(
        conn, ciphers, people, target.programme, now, made_at=made_at, form_version=target.form.version
    )
    await audit.record(
        conn,
        by,
        AccountAct.SYNTHETIC_ADD,
        None,
        now,
        programme=target.programme,
        prefix=prefix,
        first=first,
        new=count,
    )
    return SyntheticAccounts(f"{prefix}%05d", password, answers, first, count)


async def remove(conn: AsyncConnection, personal: PersonalFields, prefix: str, by: By, now: int) -> Removed:
    """Take away the synthetic accounts of a prefix with their sessions and drafts; on the record."""
    theirs = await _called(conn, personal, prefix)
    ours = [id for _, id in theirs if id is not None]
    kept = await _kept(conn, ours)
    called = await ledger.with_live_tokens(conn, [id for id in ours if id not in kept])
    gone = [id for id in ours if id not in kept and id not in called]
    dropped = await repository.remove(conn, gone)
    ended = await removal.remove_accounts(conn, gone)
    found = Removed(len(gone), len(kept), len(called), len(theirs) - len(ours), ended, dropped)
    await audit.record(
        conn, by, AccountAct.SYNTHETIC_REMOVE, None, now, prefix=prefix, removed=found.removed,
        submitted=found.submitted, called=found.called,
    )  # fmt: skip
    return found


async def _called(
    conn: AsyncConnection, personal: PersonalFields, prefix: str
) -> list[tuple[int, int | None]]:
    """Number and id of the accounts that are called so; without an id those that are no invented people."""
    a = accounts_store.account.c
    alike = a.username.startswith(prefix, autoescape=True)
    rows = await conn.execute(sa.select(a.id, a.username, a.identity).where(alike))
    found: list[tuple[int, int | None]] = []
    for row in rows:
        number = row.username.removeprefix(prefix)
        if number.isascii() and number.isdecimal() and len(number) < 10:
            identity = personal.identity(row.username, row.identity)
            is_ours = f"{int(number):05d}" == number and _is_invented(prefix, int(number), identity)
            found.append((int(number), row.id if is_ours else None))
    return found


def _is_invented(prefix: str, number: int, identity: Identity) -> bool:
    """Whether this is the person of that name; earlier releases kept no country of birth, or its name."""
    expected = identity_of(invented_content(prefix, number))
    return msgspec.structs.replace(identity, birth_country=expected.birth_country) == expected


async def _kept(conn: AsyncConnection, accounts: Sequence[int]) -> set[int]:
    """Those of these accounts that have submitted, or were written to."""
    found: set[int] = set()
    for table in (store.submission, casework_store.document):
        for start in range(0, len(accounts), removal.AT_ONCE):
            some = accounts[start : start + removal.AT_ONCE]
            theirs = sa.select(table.c.account).where(table.c.account.in_(some))
            found |= set((await conn.execute(theirs)).scalars())
    return found
