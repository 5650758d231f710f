"""A candidate's sign-in: user name, password and answers to the security questions, all of them each time (AC-05).

A sign-in that brings a token passes it as `Called`: the token is bound to the account in the transaction that begins
the session, or no session begins (SW-01, ADR 0015). What a token is, this package does not know.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import candidates, normalisation, sessions, store
from accounts.attempts import known_browsers
from accounts.attempts.challenge import Challenge, CountedAttempt, prove
from accounts.attempts.throttling import Slowdown
from accounts.candidates import Account
from accounts.events.events import note, origin_of
from accounts.events.states import AccountEventKind
from accounts.identities import spellings
from accounts.normalisation import TypedSecret
from accounts.passwords import HashingLane
from accounts.registration import waiting
from accounts.registration.states import AccountState
from accounts.second_factor.proof import FactorProof
from accounts.services import AccountServices
from accounts.sessions import SignedIn
from accounts.states import SessionRole
from foundation.clock import now_ms
from foundation.errors import Code, Refusal, Unavailable
from server.cookies import cookie_of
from server.requests import Incoming

R = TypeVar("R")


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """What a candidate types: the answers in the order of the questions."""

    username: str
    password: str
    answers: list[str]
    code: str = ""
    """Of the second factor, where the account has one."""


class Called(Protocol):
    """A right to be served now that came with a sign-in, such as the token of a number that was called."""

    async def reserve(self, conn: AsyncConnection, account: Account | None) -> str | None:
        """The name of its own budget of tries, if it may still be this account's (None: an unknown name); or None."""
        ...  # pragma: no cover - a protocol has no body

    async def is_bound(self, conn: AsyncConnection, account: int) -> bool:
        """Whether it is this account's already: the sign-in is the repeat of one whose answer was lost."""
        ...  # pragma: no cover

    async def bind(self, conn: AsyncConnection, account: Account) -> int:
        """Give it to the account; how long the session lasts, in milliseconds. Raises its own refusals."""
        ...  # pragma: no cover


async def sign_in(
    services: AccountServices, came: Incoming, credentials: Credentials, called: Called | None = None
) -> SignedIn:
    """Sign a candidate in, and bind what they were called with, if anything.

    Refusals in this order: rate_limited, bad_credentials, bad_security_answers, bad_code, those of `Called.bind`. A
    stranger at an account with many wrong tries is told bad_credentials whichever secret was wrong (ADR 0021).
    Unavailable when a store or the hashing threads have no room. A call that is refused begins no session.
    """
    to_hash_anew: list[Account] = []
    repeats = None if called is None else called.is_bound
    factor = FactorProof(services.totp, credentials.code, repeats)

    async def begin(conn: AsyncConnection, account: Account, counted: CountedAttempt[Account]) -> SignedIn:
        role = SessionRole.CANDIDATE
        await factor.use(conn, account.id)
        lasts_ms = sessions.LASTS_MS[role] if called is None else await called.bind(conn, account)
        owner = sessions.Owner(role=role, id=account.id, username=account.username)
        if is_of_earlier_form(account):
            if any(secret.earlier for _, secret in _secrets(account, credentials)):
                to_hash_anew.append(account)
            else:  # as for nearly everybody: the hashes are of today's form too
                await _now_of_todays_form(conn, account)
        await note(conn, account.id, AccountEventKind.SIGN_IN, now_ms(), origin_of(services.secret, came))
        return await sessions.begin(conn, services, came, owner, lasts_ms, own_tries=counted.own)

    signed_in = await proved(services, came, credentials, begin, called, factor)
    for account in to_hash_anew[-1:]:
        await _hash_anew(services, account, credentials)
    return signed_in


async def proved(
    services: AccountServices,
    came: Incoming,
    credentials: Credentials,
    begin: Callable[[AsyncConnection, Account, CountedAttempt[Account]], Awaitable[R]],
    called: Called | None = None,
    factor: FactorProof | None = None,
) -> R:
    """What `begin` gives, in a transaction of its own, once everything that a sign-in asks for was right.

    Refusals rate_limited, bad_credentials, bad_security_answers; with the right secrets also email_unconfirmed and
    not_allowed (a closed account). With a `factor` also bad_code.
    """

    async def admitted(conn: AsyncConnection, account: Account, counted: CountedAttempt[Account]) -> R:
        if account.id < 0:
            raise Refusal(Code.EMAIL_UNCONFIRMED)
        if account.state is AccountState.CLOSED:
            raise Refusal(Code.NOT_ALLOWED)
        return await begin(conn, account, counted)

    return await prove(services, came, _challenge(services, came, credentials, called, factor), admitted)


async def prove_again(services: AccountServices, came: Incoming, credentials: Credentials) -> None:
    """Ask whoever is signed in for all of their secrets again, before an act that counts (AC-05); no session begins.

    Refusals rate_limited, bad_credentials, bad_security_answers; Unavailable. Wrong ones count as at a sign-in.
    """

    async def nothing(conn: AsyncConnection, account: Account, counted: CountedAttempt[Account]) -> None:
        """There is nothing to begin."""

    await proved(services, came, credentials, nothing)


def _challenge(
    services: AccountServices,
    came: Incoming,
    credentials: Credentials,
    called: Called | None,
    factor: FactorProof | None,
) -> Challenge[Account]:
    def pairs(account: Account | None) -> Sequence[tuple[str | None, TypedSecret]]:
        return _secrets(account, credentials)

    async def find(conn: AsyncConnection) -> Account | None:
        account = await candidates.by_username(conn, services.personal, credentials.username)
        if factor is not None and account is not None:
            await factor.find(conn, account.id)
        waits = await waiting.by_username(conn, services.personal, credentials.username)
        return account or waits  # both are always looked for, as long as an answer takes is told to everybody

    username = _counted_name(services, came, credentials.username)
    return Challenge[Account](
        role=SessionRole.CANDIDATE,
        slowdown=Slowdown.FEWER_EACH,
        lane=HashingLane.CANDIDATES,
        id=lambda account: account.id,
        name=sessions.known_name(SessionRole.CANDIDATE, username),
        find=find,
        pairs=pairs,
        refusals=(Code.BAD_CREDENTIALS, Code.BAD_SECURITY_ANSWERS),
        reserve=None if called is None else called.reserve,
        factor=None if factor is None else lambda account: factor.is_right(account.id),
        factor_refusal=Code.BAD_CODE,
    )


def is_of_earlier_form(account: Account) -> bool:
    """Whether the hashes may be of texts as earlier releases had them; a sign-in that succeeds puts an end to it."""
    return account.secrets_form < normalisation.FORM


def _secrets(
    account: Account | None, credentials: Credentials
) -> tuple[tuple[str | None, TypedSecret], tuple[str | None, TypedSecret]]:
    counts = account is not None and is_of_earlier_form(account)
    password = normalisation.typed_password(credentials.password, counts=counts)
    answers = normalisation.typed_answers(credentials.answers, counts=counts)
    if account is None:
        return (None, password), (None, answers)
    return (account.password_hash, password), (account.answers_hash, answers)


async def _hash_anew(services: AccountServices, account: Account, credentials: Credentials) -> None:
    """From now on only today's form of these secrets is right. Fails soft: the next sign-in does it."""
    try:
        hashes = await services.hasher.hash(*(secret.today for _, secret in _secrets(account, credentials)))
        await services.db.write(lambda conn: _now_of_todays_form(conn, account, hashes))
    except Unavailable:
        return


async def _now_of_todays_form(
    conn: AsyncConnection, account: Account, hashes: Sequence[str] | None = None
) -> None:
    """Write it down, with new hashes of password and answers if there are any; not over a password of meanwhile."""
    a = store.account
    values: dict[str, int | str] = {"secrets_form": normalisation.FORM}
    values |= {} if hashes is None else {"password_hash": hashes[0], "answers_hash": hashes[1]}
    unchanged = (a.c.password_hash == account.password_hash, a.c.answers_hash == account.answers_hash)
    await conn.execute(sa.update(a).where(a.c.id == account.id, *unchanged).values(values))


def _counted_name(services: AccountServices, came: Incoming, typed: str) -> str:
    """The name that tries are counted under, one however it is typed; a browser may know it as it was stored once."""
    cookie, names = cookie_of(came.cookies, known_browsers.COOKIE) or "", spellings(typed)
    role = SessionRole.CANDIDATE
    known = (name for name in names if services.browsers.known(cookie, sessions.known_name(role, name)))
    return next(known, names[-1])
