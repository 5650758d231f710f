"""One try at signing in, from its charge to its forgiveness; `throttling.py` has the budgets and their rates.

A try is charged before its secrets are looked at, so that a hundred guesses sent at once are not a hundred free ones.
Where the budgets of its source are used up, its reserve pays, if it has one (ADR 0015).
A try that was right is forgiven in the transaction that begins its session.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.attempts import known_browsers, throttling
from accounts.attempts.throttling import AttemptSource
from accounts.normalisation import TypedSecret
from accounts.services import AccountServices
from foundation.clock import now_ms
from foundation.errors import Code, Refusal, Unavailable
from server.cookies import cookie_of
from server.requests import Incoming

O = TypeVar("O")  # noqa: E741  an owner

R = TypeVar("R")


class Challenge(msgspec.Struct, Generic[O], frozen=True, kw_only=True):
    """What must be proved to sign in under a name.

    `name` is that of the budgets, different for each role. `find` reads the owner, None for an unknown name. `pairs`
    gives the hash and the typed text of each secret, with None for the hashes of an unknown owner: verifying those
    costs the same. `refusals` are the codes for a wrong secret, in the order of the pairs. `reserve` names the budget
    that pays when those of the source are used up; None when there is none.
    """

    name: str
    find: Callable[[AsyncConnection], Awaitable[O | None]]
    pairs: Callable[[O | None], Sequence[tuple[str | None, str | TypedSecret]]]
    refusals: Sequence[Code]
    reserve: Callable[[AsyncConnection, O | None], Awaitable[str | None]] | None = None


class CountedAttempt(msgspec.Struct, Generic[O], frozen=True):
    """A try that was counted before it was looked at, in the budget with this key: `reserved` where it is a reserve.

    `owner` is that of the name, None for an unknown one. `source` was charged over all accounts; None where it had none
    left.
    """

    owner: O | None
    key: str
    reserved: bool
    source: AttemptSource | None


async def prove(
    services: AccountServices,
    came: Incoming,
    challenge: Challenge[O],
    begin: Callable[[AsyncConnection, O], Awaitable[R]],
) -> R:
    """Charge a try, verify its secrets, and `begin` in the transaction that forgives it; what `begin` gives.

    Refusals rate_limited, those of the challenge, those of `begin`. Unavailable when a store or the hashing threads
    have no room: a try that was not looked at does not count.
    """
    counted = await _charge(services, came, challenge)
    owner = counted.owner
    try:
        right = await services.hasher.check(*challenge.pairs(owner))
    except Unavailable:
        services.budgets.forgive(counted.source)
        await services.db.write(lambda conn: throttling.take_back(conn, counted.key))
        raise
    for is_right, code in zip(right, challenge.refusals, strict=True):
        if owner is None or not is_right:
            raise Refusal(code)
    assert owner is not None  # an unknown name has no right secret
    proved = owner
    # The owner of the secrets is no guesser, whatever `begin` says.
    services.budgets.forgive(counted.source)

    async def forgiven(conn: AsyncConnection) -> R:
        begun = await begin(conn, proved)
        await _forgive(conn, counted)
        return begun

    try:
        return await services.db.write(forgiven)
    except Refusal as refusal:
        if refusal.code != Code.UNAVAILABLE:  # the same for the budget of this name
            await services.db.write(lambda conn: _forgive(conn, counted))
        raise


async def _charge(services: AccountServices, came: Incoming, challenge: Challenge[O]) -> CountedAttempt[O]:
    """Count a try where it comes from; where there is none left, in the challenge's reserve.

    Raises Refusal rate_limited, with the earlier of the two instants at which there is a try again.
    """
    source = source_of(services, came, challenge.name)
    key = throttling.key_of(services.secret, challenge.name, source.name)
    charged: AttemptSource | None = source
    spent: Refusal | None = None
    try:
        services.budgets.charge(source)
    except Refusal as refusal:
        charged, spent = None, refusal

    async def charge(conn: AsyncConnection) -> CountedAttempt[O]:
        owner = await challenge.find(conn)
        try:
            if spent is not None:
                raise spent
            await throttling.charge(conn, key, now_ms())
        except Refusal as refusal:
            name = None if challenge.reserve is None else await challenge.reserve(conn, owner)
            if name is None:
                raise
            reserve = throttling.key_of(services.secret, "", name)
            try:
                await throttling.charge(conn, reserve, now_ms(), throttling.reserved_delay_ms)
            except Refusal as later:
                raise min(refusal, later, key=lambda r: r.fields["retry_after"]) from None
            return CountedAttempt(owner, reserve, True, charged)
        return CountedAttempt(owner, key, False, charged)

    try:
        return await services.db.write(charge)
    except (Refusal, Unavailable):
        services.budgets.forgive(charged)
        raise


async def _forgive(conn: AsyncConnection, counted: CountedAttempt[O]) -> None:
    """The secrets were right. A reserve is for all names together: one right try makes no others good."""
    await (throttling.take_back if counted.reserved else throttling.forgive)(conn, counted.key)


def source_of(services: AccountServices, came: Incoming, name: str) -> AttemptSource:
    """Where a try at this name comes from: a browser that knows the name, or just an address."""
    if browser := services.browsers.known(cookie_of(came.cookies, known_browsers.COOKIE) or "", name):
        return AttemptSource(f"browser {browser}", False)
    return AttemptSource.address(came.address)
