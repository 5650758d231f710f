"""What accounts and staff leave in the audit."""

from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store
from foundation import audit
from foundation.audit import Actor


class AccountAct(StrEnum):
    """Acts in the audit that are about accounts and staff. Once recorded, an act keeps its meaning."""

    SIGN_IN = "sign_in"
    """A member of staff signed in."""
    SIGN_OUT = "sign_out"
    """A member of staff ended their session."""
    SIGN_IN_FAILED = "sign_in_failed"
    """A wrong user name or password at staff's sign-in."""
    OPERATOR_ADD = "operator_add"
    """An operator was made, or given a new password; `after` has the roles that were granted with it."""
    ACCOUNTS_IMPORT = "accounts_import"
    """Accounts were made from a file; `detail` says how many."""
    GRANT = "grant"
    """An account was granted an accommodation; `before` and `after` have it."""


async def record_failed_sign_in(conn: AsyncConnection, username: str, now: int) -> None:
    """Record a wrong try at signing in as staff, under the name that was typed if it is one of ours.

    `username` is as `identities.known_as` gives it. Any other name stays out of the record: it may be a password that
    was typed into the wrong field, or a candidate's name. The try proves no identity, so there is no role.
    """
    known = sa.select(store.operator.c.id).where(store.operator.c.username == username)
    is_known = (await conn.execute(known)).first() is not None
    await audit.record(
        conn, Actor(username if is_known else audit.UNKNOWN), AccountAct.SIGN_IN_FAILED, None, now
    )
