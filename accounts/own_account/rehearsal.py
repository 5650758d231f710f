"""« Vérifier mes renseignements »: the whole sign-in, rehearsed weeks before it is asked for in ten minutes (AC-05).

Whoever is signed in types everything again. What is wrong is said as the sign-in says it, no closer: a try counts, and
a slowed account tells nothing more.
"""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import sign_in, store
from accounts.attempts.challenge import CountedAttempt
from accounts.candidates import Account
from accounts.identities import spellings
from accounts.second_factor.proof import FactorProof
from accounts.services import AccountServices
from accounts.sessions import Session
from accounts.sign_in import Credentials
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from server.requests import Incoming


def is_own_name(session: Session, typed: str) -> bool:
    """Whether this is the user name of the account that is signed in, however it is typed. Pure."""
    return session.username in spellings(typed)


async def rehearse(services: AccountServices, came: Incoming, session: Session, typed: Credentials) -> None:
    """Mark the account as verified now, if everything is right.

    Refusals not_allowed (another account's user name), and those of a sign-in: rate_limited, bad_credentials,
    bad_security_answers, bad_code. No session begins, and none ends; a code of the second factor is used up.
    """
    if not is_own_name(session, typed.username):
        raise Refusal(Code.NOT_ALLOWED)

    factor = FactorProof(services.totp, typed.code)

    async def mark(conn: AsyncConnection, account: Account, _counted: CountedAttempt[Account]) -> None:
        await factor.use(conn, account.id)
        a = store.account
        await conn.execute(sa.update(a).where(a.c.id == account.id).values(rehearsed_at=now_ms()))

    await sign_in.proved(services, came, typed, mark, factor=factor)
