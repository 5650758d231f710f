"""Where a try at signing in is counted, before anybody looks at it: which budget pays (`attempts.py` has the budgets).

First the one of where it comes from; where that has none left, the few that a called person's token keeps (ADR 0015).
"""

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import candidates, known_browsers, throttling
from accounts.candidates import Account
from accounts.throttling import AttemptSource
from foundation.clock import now_ms
from foundation.errors import Refusal, Unavailable
from quota import ledger
from quota.states import TokenState
from submission.desk import Desk, Visit
from waitingroom.tickets import Ticket
from waitingroom.tokens import Claims


class CountedAttempt(msgspec.Struct, frozen=True):
    """A try that was counted before it was looked at, in the budget with this key: `reserved` where it is the token's.

    `source` was charged over all accounts; None where it had none left.
    """

    key: str
    reserved: bool
    source: AttemptSource | None


async def count(
    desk: Desk, visit: Visit, username: str, claims: Claims | None, ticket: Ticket | None
) -> tuple[Account | None, CountedAttempt]:
    """Count a try at this name where it comes from; where there is none left, among those of the token that was called.

    Raises Refusal rate_limited.
    """
    source = source_of(desk, visit, username)
    key = throttling.key_of(desk.secret, username, source.name)
    charged: AttemptSource | None = source
    spent: Refusal | None = None
    try:
        desk.tries.charge(source)
    except Refusal as refusal:
        charged, spent = None, refusal

    async def charge(conn: AsyncConnection) -> tuple[Account | None, CountedAttempt]:
        account = await candidates.by_username(conn, username)
        try:
            if spent is not None:
                raise spent
            await throttling.charge(conn, key, now_ms())
        except Refusal as refusal:
            called = await _was_called(conn, account, claims, ticket)
            if called is None:
                raise
            reserve = throttling.key_of(desk.secret, "", called)
            try:
                await throttling.charge(conn, reserve, now_ms(), throttling.reserved_delay_ms)
            except Refusal as later:
                raise min(refusal, later, key=lambda r: r.fields["retry_after"]) from None
            return account, CountedAttempt(reserve, True, charged)
        return account, CountedAttempt(key, False, charged)

    try:
        return await desk.db.write(charge)
    except (Refusal, Unavailable):
        desk.tries.forgive(charged)
        raise


async def forgive(conn: AsyncConnection, counted: CountedAttempt) -> None:
    """The secrets were right. What a token keeps is for all accounts: one right try makes no others good."""
    await (throttling.take_back if counted.reserved else throttling.forgive)(conn, counted.key)


def source_of(desk: Desk, visit: Visit, username: str) -> AttemptSource:
    """Where a try at this name comes from: a browser that knows the account, or just an address."""
    if browser := desk.browsers.known(visit.cookies.get(known_browsers.COOKIE, ""), username):
        return AttemptSource(f"browser {browser}", False)
    return AttemptSource.address(visit.address)


async def _was_called(
    conn: AsyncConnection, account: Account | None, claims: Claims | None, ticket: Ticket | None
) -> str | None:
    """The name of a token that is live, beside its own ticket, and may still be this account's; otherwise None."""
    if claims is None or ticket is None or claims.number != ticket.number:
        return None
    token = await ledger.find(conn, ticket.uid, ticket.number)
    if token is None or token.state != TokenState.LIVE or token.jti != claims.jti:
        return None
    if token.account is not None and (account is None or account.id != token.account):
        return None
    return f"token {ticket.uid} {ticket.number}"
