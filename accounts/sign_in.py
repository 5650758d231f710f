"""A candidate's sign-in: user name, password and answers to the security questions, all of them each time (AC-05).

A sign-in that brings a token passes it as `Called`: the token is bound to the account in the transaction that begins
the session, or no session begins (SW-01, ADR 0015). What a token is, this package does not know.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import candidates, identities, sessions
from accounts.attempts.challenge import Challenge, CountedAttempt, prove
from accounts.attempts.throttling import Slowdown
from accounts.candidates import Account
from accounts.passwords import HashingLane
from accounts.services import AccountServices
from accounts.sessions import SignedIn
from accounts.states import SessionRole
from foundation.errors import Code
from server.requests import Incoming


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """What a candidate types: the answers in the order of the questions."""

    username: str
    password: str
    answers: list[str]


class Called(Protocol):
    """A right to be served now that came with a sign-in, such as the token of a number that was called."""

    async def reserve(self, conn: AsyncConnection, account: Account | None) -> str | None:
        """The name of its own budget of tries, if it may still be this account's (None: an unknown name); or None."""
        ...  # pragma: no cover - a protocol has no body

    async def bind(self, conn: AsyncConnection, account: Account) -> int:
        """Give it to the account; how long the session lasts, in milliseconds. Raises its own refusals."""
        ...  # pragma: no cover


async def sign_in(
    services: AccountServices, came: Incoming, credentials: Credentials, called: Called | None = None
) -> SignedIn:
    """Sign a candidate in, and bind what they were called with, if anything.

    Refusals in this order: rate_limited, bad_credentials, bad_security_answers, then those of `Called.bind`. A stranger
    at an account with many wrong tries is told bad_credentials whichever secret was wrong (ADR 0021).
    Unavailable when a store or the hashing threads have no room. A call that is refused begins no session.
    """
    username = identities.known_as(credentials.username)
    answers = identities.answers_text(credentials.answers)

    def pairs(account: Account | None) -> Sequence[tuple[str | None, str]]:
        return (
            (None if account is None else account.password_hash, credentials.password),
            (None if account is None else account.answers_hash, answers),
        )

    async def begin(conn: AsyncConnection, account: Account, counted: CountedAttempt[Account]) -> SignedIn:
        role = SessionRole.CANDIDATE
        lasts_ms = sessions.LASTS_MS[role] if called is None else await called.bind(conn, account)
        owner = sessions.Owner(role=role, id=account.id, username=account.username)
        return await sessions.begin(conn, services, came, owner, lasts_ms, own_tries=counted.own)

    challenge = Challenge[Account](
        role=SessionRole.CANDIDATE,
        slowdown=Slowdown.FEWER_EACH,
        lane=HashingLane.CANDIDATES,
        id=lambda account: account.id,
        name=sessions.known_name(SessionRole.CANDIDATE, username),
        find=lambda conn: candidates.by_username(conn, username),
        pairs=pairs,
        refusals=(Code.BAD_CREDENTIALS, Code.BAD_SECURITY_ANSWERS),
        reserve=None if called is None else called.reserve,
    )
    return await prove(services, came, challenge, begin)
