"""Binding a token to the account that signs in with it (SW-01), if the account is old enough (WR-16): the one rule of
sign-in and of submission.

A sign-in and the binding of its token are one transaction: `accounts/sign_in.py` begins the session in it, and is given
the token as a `PresentedToken`, which says what the token's own tries are and to whom it goes.
"""

import contextlib
from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import sessions, sign_in
from accounts.candidates import Account, Applicant
from accounts.reviews.states import AccountBar
from accounts.sessions import SignedIn
from accounts.sign_in import Credentials
from foundation.errors import Code, Refusal, RefusalCause
from quota import ledger
from quota.frozen_rules import rules_of
from quota.ledger import Token
from quota.states import PeriodState, TokenState
from quota.store import Period
from quota.unit_of_work import LedgerUnit, open_unit
from submission import duplicates
from submission.services import SubmissionServices, Visit
from waitingroom.tickets import Ticket
from waitingroom.tokens import Claims


def allowed(visit: Visit, families: Collection[str] | None = None) -> None:
    """Only a personal computer may apply (DV-01), of the programme's `families`. Raises Refusal device_refused."""
    if not visit.verdict.allowed or (families is not None and visit.verdict.family not in families):
        raise Refusal(Code.DEVICE_REFUSED, family=visit.verdict.family)


async def sign_in_called(
    services: SubmissionServices, visit: Visit, credentials: Credentials, token: str
) -> SignedIn:
    """Sign a candidate in with a token, which belongs to this account from then on (SW-01).

    Refusals in this order: device_refused, rate_limited, bad_credentials, bad_security_answers, no_token,
    annulled, token_other_browser, token_used, duplicate_account, those of `bind`, device_refused by the programme's own
    rule.
    """
    allowed(visit)
    return await sign_in.sign_in(
        services.accounts, visit.came, credentials, presented(services, visit, token)
    )


class PresentedToken(msgspec.Struct, frozen=True):
    """The token that came with a sign-in and the ticket beside it; `claims` is None for a text that is none of ours.

    It is what `accounts.sign_in.Called` asks for.
    """

    services: SubmissionServices
    visit: Visit
    claims: Claims | None
    ticket: Ticket | None

    async def reserve(self, conn: AsyncConnection, account: Account | None) -> str | None:
        """The name of a token that is live, beside its own ticket, and may still be this account's; otherwise None."""
        token = await self._live(conn)
        if token is None or self.ticket is None:
            return None
        if token.account is not None and (account is None or account.id != token.account):
            return None
        return f"token {self.ticket.uid} {self.ticket.number}"

    async def is_bound(self, conn: AsyncConnection, account: int) -> bool:
        """Whether the token is live, beside its own ticket, and this account's already."""
        token = await self._live(conn)
        return token is not None and token.account == account

    async def _live(self, conn: AsyncConnection) -> Token | None:
        """The row of the token, while it is live and comes beside its own ticket."""
        claims, ticket = self.claims, self.ticket
        if claims is None or ticket is None or claims.number != ticket.number:
            return None
        token = await ledger.find(conn, ticket.uid, ticket.number)
        if token is None or token.state != TokenState.LIVE or token.jti != claims.jti:
            return None
        return token

    async def bind(self, conn: AsyncConnection, account: Account) -> int:
        """Give the token to the account; how long its programme's sessions last, in milliseconds."""
        if self.claims is None:
            raise Refusal(Code.NO_TOKEN)
        try:
            period = await _bind_called(conn, account, self.claims, self.ticket)
        except Refusal as refusal:
            raise await self._with_whose_it_is(conn, refusal, account) from None
        rules = rules_of(period, self.services.programmes)
        allowed(self.visit, rules.device.allow)
        return rules.session.minutes * 60_000

    async def _with_whose_it_is(self, conn: AsyncConnection, refusal: Refusal, account: Account) -> Refusal:
        """A token that is another account's says so, and whose session this browser has: most likely that one's."""
        if refusal.code != Code.TOKEN_USED or self.ticket is None:
            return refusal
        token = await ledger.find(conn, self.ticket.uid, self.ticket.number)
        if token is None or token.account in (None, account.id):
            return refusal
        is_used = token.state == TokenState.USED
        fields: dict[str, Any] = {
            "cause": RefusalCause.SUBMITTED_BY_ANOTHER if is_used else RefusalCause.BOUND_TO_ANOTHER
        }
        with contextlib.suppress(Refusal):
            fields["signed_in_as"] = (await sessions.find(conn, self.visit)).username
        return Refusal(refusal.code, **refusal.fields | fields)


def presented(services: SubmissionServices, visit: Visit, token: str) -> PresentedToken:
    """The token of a request, read, with the ticket that the request brings for the same period."""
    claims = services.tokens.read(token)
    ticket = None if claims is None else services.ticket(visit, claims.period)
    return PresentedToken(services, visit, claims, ticket)


async def _bind_called(
    conn: AsyncConnection, account: Account, claims: Claims, ticket: Ticket | None
) -> Period:
    """Give the token to the account that signs in with it; the period it is for."""
    uid = (await ledger.period_by_id(conn, claims.period)).uid
    unit = await open_unit(conn, uid, [claims.number], [account.id])
    if unit.period.state == PeriodState.ANNULLED:
        raise Refusal(Code.ANNULLED)
    beside(unit.period, claims, ticket)
    token = unit.tokens.get(claims.number)
    if token is not None and token.state == TokenState.USED:
        raise Refusal(Code.TOKEN_USED, **({"receipt": token.receipt} if token.account == account.id else {}))
    await duplicates.refuse_own(conn, unit.period, account)
    bind(unit, account, claims)
    await unit.write(conn)
    return unit.period


def beside(period: Period, claims: Claims | None, ticket: Ticket | None) -> Claims:
    """A token is good only beside the ticket it was given for (P5). Raises Refusal no_token, token_other_browser."""
    if claims is None:
        raise Refusal(Code.NO_TOKEN)
    if ticket is None or ticket.uid != period.uid or ticket.number != claims.number:
        raise Refusal(Code.TOKEN_OTHER_BROWSER)
    return claims


def bind(unit: LedgerUnit, account: Applicant, claims: Claims, received_clock: int | None = None) -> None:
    """Give the token to this account: the one rule of sign-in and of a submission that comes without one.

    Refusals no_token, account_exists_for_person, account_ceded_refused,
    account_too_recent, token_expired, token_used, account_has_live_token.
    """
    token = unit.tokens.get(claims.number)
    if token is None or token.jti != claims.jti:
        raise Refusal(Code.NO_TOKEN)
    not_barred(account)
    old_enough(account, unit.period)
    unit.bind(claims.number, account.id, account.accommodation, received_clock)


BARRED = {
    AccountBar.DUPLICATE: Code.ACCOUNT_EXISTS_FOR_PERSON,
    AccountBar.CEDED: Code.ACCOUNT_CEDED_REFUSED,
}
"""Why an account may not apply -> how it is told."""


def not_barred(account: Applicant) -> None:
    """A duplicate and a ceded account may not apply (DU-01, DU-02). Raises Refusal of `BARRED`."""
    if account.barred_for is not None:
        raise Refusal(BARRED[account.barred_for])


def old_enough(account: Applicant, period: Period) -> None:
    """Accounts made too late may not apply in this period (WR-16). Raises Refusal account_too_recent."""
    before = period.accounts_created_before
    if before is not None and account.created_at >= before:
        raise Refusal(Code.ACCOUNT_TOO_RECENT)
