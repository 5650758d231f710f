"""How many people are ready for a period: accounts that may apply in it, with a draft that is complete then."""

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store as accounts_store
from quota.programmes import DraftRules
from quota.store import Period
from submission.drafts import repository, store
from submission.drafts.encryption import DraftCiphers
from submission.drafts.evaluated import evaluated
from submission.drafts.repository import COLUMNS, LIVE, row_in
from submission.drafts.retention import is_expired
from submission.forms.files import Forms

AT_ONCE = 1_000
"""Drafts that are looked at together: tens of thousands are not held in memory for a count."""


class ReadyCandidates(msgspec.Struct, frozen=True, kw_only=True):
    """How many accounts and drafts there are for a period. `ready` is those of `drafts` that nothing stands against."""

    accounts: int
    too_recent: int
    """Accounts that were made too late for the period (WR-16)."""
    drafts: int
    complete: int
    """Drafts in which nothing is missing that the programme asks for."""
    expired: int
    """Drafts that are no longer kept when the period opens."""
    ready: int
    """Complete, kept at the opening, of an account that is old enough: who has one may submit without another word."""


async def of_period(
    conn: AsyncConnection, ciphers: DraftCiphers, forms: Forms, period: Period, rules: DraftRules
) -> ReadyCandidates:
    """The count for a period of a programme with these rules, as the store is now."""
    return await count(
        conn, ciphers, forms, period.programme, rules, period.opens_at, period.accounts_created_before
    )


async def count(
    conn: AsyncConnection,
    ciphers: DraftCiphers,
    forms: Forms,
    programme: str,
    rules: DraftRules,
    at: int,
    created_before: int | None,
) -> ReadyCandidates:
    """The same for a programme: ready at an instant, of accounts made before another one if there is one."""
    a, d, before = accounts_store.account.c, store.draft.c, created_before
    accounts = int((await conn.execute(sa.select(sa.func.count(a.id)))).scalar_one())
    recent = sa.select(sa.func.count(a.id)).where(a.created_at >= (before or 0))
    too_recent = 0 if before is None else int((await conn.execute(recent)).scalar_one())
    seen = complete = expired = ready = 0
    last = 0
    rows = (
        sa.select(*COLUMNS, a.created_at)
        .join(accounts_store.account, a.id == d.account)
        .where(d.programme == programme, LIVE)
        .order_by(d.id)
        .limit(AT_ONCE)
    )
    while some := list(await conn.execute(rows.where(d.id > last))):
        last, seen = some[-1].draft_id, seen + len(some)
        for row, draft in zip(some, await repository.opened(conn, ciphers, map(row_in, some)), strict=True):
            is_complete = evaluated(forms, programme, rules, draft, at).found.is_complete
            is_over = is_expired(draft.until(rules.days), at)
            complete, expired = complete + is_complete, expired + is_over
            ready += is_complete and not is_over and (before is None or row.created_at < before)
    return ReadyCandidates(
        accounts=accounts, too_recent=too_recent, drafts=seen, complete=complete, expired=expired, ready=ready
    )
