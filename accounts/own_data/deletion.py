"""Deleting an account at its owner's word: everything goes but the record that it was done.

An account with a submission is a file of the Ministry's and stays as long as the law says; whoever holds a place right
now gives it back first.
"""

from collections.abc import Awaitable, Callable, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store
from accounts.acts import AccountAct
from accounts.own_data.held import HeldRecords
from foundation import audit
from foundation.audit import Actor
from foundation.errors import Code, Refusal
from foundation.subjects import Subject
from quota import ledger

Standing = Callable[[AsyncConnection, int], Awaitable[bool]]
"""Whether something of this account stands against its deletion."""

OWNER = "owner"
"""The actor of the one line that stays: not the user name, which is personal and gone."""


class DeletionRules(msgspec.Struct, frozen=True):
    """What is held, in the order in which it is erased, and what stands against it."""

    held: Sequence[HeldRecords]
    has_submission: Standing


async def delete(conn: AsyncConnection, rules: DeletionRules, account: int, now: int) -> None:
    """Erase an account and all that is held about it; the audit keeps that and when.

    Refusals account_has_submission, account_has_live_token. The caller has asked for the password.
    """
    locked = sa.select(store.account.c.id).where(store.account.c.id == account).with_for_update()
    if (await conn.execute(locked)).first() is None:
        return
    if await rules.has_submission(conn, account):
        raise Refusal(Code.ACCOUNT_HAS_SUBMISSION)
    if await ledger.holds_live_token(conn, account):
        raise Refusal(Code.ACCOUNT_HAS_LIVE_TOKEN)
    for one in rules.held:
        if one.erase is not None:
            await one.erase(conn, account)
    await conn.execute(sa.delete(store.account).where(store.account.c.id == account))
    subject = Subject.row(store.ACCOUNT, account)
    await audit.record(conn, Actor(OWNER, "candidate"), AccountAct.ACCOUNT_DELETE, subject, now)
