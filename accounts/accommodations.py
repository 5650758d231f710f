"""Accommodations: more time for an account, granted beforehand, on the record."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import candidates, store
from accounts.acts import AccountAct
from foundation import audit
from foundation.audit import By
from foundation.errors import Code, Refusal
from foundation.subjects import Subject
from quota import ledger

LEAST_FACTOR, MOST_FACTOR = 1.0, 2.0
"""Bounds of an accommodation: up to twice the time."""


def is_permitted(factor: float) -> bool:
    """Whether an account may have so many times as much time; neither NaN nor infinity is a factor."""
    return LEAST_FACTOR <= factor <= MOST_FACTOR


async def grant(conn: AsyncConnection, username: str, factor: float, actor: By, now: int) -> None:
    """Grant an account an accommodation, on the record: its next token is so many times as long.

    Beforehand only: a token that is bound keeps its length. The record names the account by its id. Raises Refusal
    invalid, not_found, and account_has_live_token.
    """
    if not is_permitted(factor):
        raise Refusal(
            Code.INVALID, fields=[{"name": "factor", "reason": "Entrez un nombre de 1 à 2, tel que 1,5."}]
        )
    a = store.account
    account: sa.Row[Any] | None = (
        await conn.execute(candidates.named(sa.select(a.c.id, a.c.accommodation), username).with_for_update())
    ).one_or_none()
    if account is None:
        raise Refusal(Code.NOT_FOUND)
    if await ledger.holds_live_token(conn, account.id):
        raise Refusal(Code.ACCOUNT_HAS_LIVE_TOKEN)
    await conn.execute(sa.update(a).where(a.c.id == account.id).values(accommodation=factor))
    subject = Subject.row(store.ACCOUNT, account.id)
    before, after = {"accommodation": account.accommodation}, {"accommodation": factor}
    await audit.record(conn, actor, AccountAct.GRANT, subject, now, before=before, after=after)
