"""Binding a token to the account that signs in with it (SW-01): the one rule of sign-in and of submission."""

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import candidates
from accounts.candidates import Account
from foundation.errors import Code, Refusal
from quota import ledger
from quota.states import TokenState
from quota.store import Period
from quota.unit_of_work import LedgerUnit, open_unit
from submission import duplicates
from submission.desk import Visit
from waitingroom.tickets import Ticket
from waitingroom.tokens import Claims


def allowed(visit: Visit, families: Collection[str] | None = None) -> None:
    """Only a personal computer may apply (DV-01), of the programme's `families`. Raises Refusal device_refused."""
    if not visit.verdict.allowed or (families is not None and visit.verdict.family not in families):
        raise Refusal(Code.DEVICE_REFUSED, family=visit.verdict.family)


async def _bind_called(
    conn: AsyncConnection, account: Account, claims: Claims | None, ticket: Ticket | None
) -> Period:
    """Give the token to the account that signs in with it; the period it is for."""
    if claims is None:
        raise Refusal(Code.NO_TOKEN)
    uid = (await ledger.period_by_id(conn, claims.period)).uid
    sheet = await open_unit(conn, uid, [claims.number], [account.id])
    beside(sheet.period, claims, ticket)
    token = sheet.tokens.get(claims.number)
    if token is not None and token.state == TokenState.USED:
        raise Refusal(Code.TOKEN_USED, **({"receipt": token.receipt} if token.account == account.id else {}))
    await duplicates.refuse_own(conn, sheet.period, account)
    bind(sheet, account, claims)
    await sheet.write(conn)
    return sheet.period


def beside(period: Period, claims: Claims | None, ticket: Ticket | None) -> Claims:
    """A token is good only beside the ticket it was given for (P5). Raises Refusal no_token, token_other_browser."""
    if claims is None:
        raise Refusal(Code.NO_TOKEN)
    if ticket is None or ticket.uid != period.uid or ticket.number != claims.number:
        raise Refusal(Code.TOKEN_OTHER_BROWSER)
    return claims


def bind(sheet: LedgerUnit, account: Account, claims: Claims, received_clock: int | None = None) -> None:
    """Give the token to this account: the one rule of sign-in and of a submission that comes without one.

    Refusals no_token, account_too_recent, token_expired, token_used, account_has_live_token.
    """
    token = sheet.tokens.get(claims.number)
    if token is None or token.jti != claims.jti:
        raise Refusal(Code.NO_TOKEN)
    candidates.old_enough(account, sheet.period)
    sheet.bind(claims.number, account.id, account.accommodation, received_clock)
