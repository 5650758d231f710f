"""Asking for the password once more before what cannot be undone: with the budgets of a sign-in, so that a browser that
was left open is no place to guess in."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import candidates, normalisation, sessions
from accounts.attempts.challenge import Challenge, CountedAttempt, prove
from accounts.attempts.throttling import Slowdown
from accounts.candidates import Account
from accounts.passwords import HashingLane
from accounts.services import AccountServices
from accounts.sessions import Session
from accounts.sign_in import is_of_earlier_form
from accounts.states import SessionRole
from foundation.errors import Code
from server.requests import Incoming

R = TypeVar("R")


async def with_password(
    services: AccountServices,
    came: Incoming,
    session: Session,
    password: str,
    act: Callable[[AsyncConnection, Account], Awaitable[R]],
) -> R:
    """Do this in one transaction if the password of the account that is signed in was typed.

    Refusals rate_limited, bad_credentials, those of `act`. Unavailable as at a sign-in.
    """

    def pairs(account: Account | None) -> list[tuple[str | None, normalisation.TypedSecret]]:
        counts = account is not None and is_of_earlier_form(account)
        typed = normalisation.typed_password(password, counts=counts)
        return [(None if account is None else account.password_hash, typed)]

    async def begin(conn: AsyncConnection, account: Account, _counted: CountedAttempt[Account]) -> R:
        return await act(conn, account)

    challenge = Challenge[Account](
        role=SessionRole.CANDIDATE,
        slowdown=Slowdown.FEWER_EACH,
        lane=HashingLane.NEWCOMERS,
        id=lambda account: account.id,
        name=sessions.known_name(SessionRole.CANDIDATE, session.username),
        find=lambda conn: candidates.by_username(conn, services.personal, session.username),
        pairs=pairs,
        refusals=(Code.BAD_CREDENTIALS,),
    )
    return await prove(services, came, challenge, begin)
