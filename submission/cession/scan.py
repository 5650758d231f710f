"""The task that scores what an account went through, and opens a case where it looks like a handover (DU-02).

It does nothing else: no score refuses anybody, bars an account or stops a submission.
"""

from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.cession.signals import AccountHistory, CessionFinding, judge
from accounts.events.events import events_of
from accounts.linkage import forms
from accounts.linkage.comparison import PersonRecord
from accounts.linkage.keys import open_key
from accounts.linkage.store import linkage_block
from accounts.representatives.disclosure import power_of
from accounts.reviews.cases import FoundCase
from accounts.reviews.states import ReviewKind
from accounts.store import ACCOUNT
from accounts.store import account as accounts
from foundation.outbox import Effect
from foundation.subjects import Subject
from quota.programmes import Programme, RegistrationWindow
from submission.near_duplicates import consequences, records
from submission.near_duplicates.records import PersonCiphers

b = linkage_block


def scanning(ciphers: PersonCiphers, programmes: Mapping[str, Programme]) -> Effect:
    """The effect of the task."""

    async def scan(conn: AsyncConnection, subject: Subject, now: int) -> None:
        account = subject.number
        found = judge(await history_of(conn, ciphers, programmes, account, now))
        if found.is_reviewed:
            case = _case(account, found)
            await consequences.open_or_refresh(conn, ciphers.reviews, case, is_exact=False, now=now)

    return scan


def _case(account: int, found: CessionFinding) -> FoundCase:
    return FoundCase(
        kind=ReviewKind.CESSION, about=f"cession:{account}", account=account, score=found.score,
        signals=found.signals,
    )  # fmt: skip


async def history_of(
    conn: AsyncConnection,
    ciphers: PersonCiphers,
    programmes: Mapping[str, Programme],
    account: int,
    now: int,
) -> AccountHistory:
    """What is known of this account that a score is made of."""
    wanted = sa.select(accounts.c.programme).where(accounts.c.id == account)
    programme = programmes.get((await conn.execute(wanted)).scalar_one_or_none() or "")
    power = await power_of(conn, account)
    known = (await records.of_accounts(conn, ciphers, [account])).get(account)
    return AccountHistory(
        events=await events_of(conn, [account]),
        closed_at=None if programme is None else closed_at(programme.registration, now),
        sharers=0 if known is None else await _sharers(conn, ciphers, account, known.records, now),
        has_representative=power is not None,
    )


def closed_at(windows: Iterable[RegistrationWindow], now: int) -> int | None:
    """When registration closed last; None where it never did, or is open. Pure."""
    ends = [
        window.closes_at for window in windows if window.closes_at is not None and window.closes_at <= now
    ]
    is_open = any(
        window.opens_at is not None
        and window.opens_at <= now
        and (window.closes_at is None or now < window.closes_at)
        for window in windows
    )
    return max(ends, default=None) if not is_open else None


async def _sharers(
    conn: AsyncConnection,
    ciphers: PersonCiphers,
    account: int,
    known: Iterable[PersonRecord],
    now: int,
) -> int:
    """How many other accounts have the contact that most of them share."""
    key = await open_key(conn, ciphers.reviews, now)
    texts = {f"email {forms.e_mail(one)}" for record in known for one in record.emails}
    texts |= {f"telephone {forms.telephone(one)}" for record in known for one in record.telephones}
    most = 0
    for digest in key.digests(text for text in texts if not text.endswith(" ")):
        others = (b.c.digest == digest, b.c.record_kind == ACCOUNT, b.c.record != account)
        counted = await conn.execute(sa.select(sa.func.count()).where(*others))
        most = max(most, counted.scalar_one())
    return most
