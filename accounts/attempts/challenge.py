"""One try at signing in, from its charge to its forgiveness; `throttling.py` has the budgets and their rates.

A try is charged before its secrets are looked at, so that a hundred guesses sent at once are not a hundred free ones;
but not where the hashing threads have no room, so that nobody pays for a try that is not looked at.
Where the budgets of its source are used up, its reserve pays, if it has one (ADR 0015).
A try that was right is forgiven in the transaction that begins its session; one that was wrong is counted for its owner
to read, unless it is theirs (ADR 0021).
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.attempts import known_browsers, missed, throttling
from accounts.attempts.throttling import AttemptSource, Slowdown
from accounts.normalisation import TypedSecret
from accounts.passwords import HashingLane
from accounts.services import AccountServices
from accounts.states import SessionRole
from foundation.clock import now_ms
from foundation.errors import Code, Refusal, Unavailable
from server.cookies import cookie_of
from server.requests import Incoming

O = TypeVar("O")  # noqa: E741  an owner

R = TypeVar("R")


class Challenge(msgspec.Struct, Generic[O], frozen=True, kw_only=True):
    """What must be proved to sign in under a name.

    `name` is that of the budgets, different for each role. `find` reads the owner, None for an unknown name, and `id`
    is the owner's. `pairs` gives the hash and the typed text of each secret, the password first, with None for the
    hashes of an unknown owner: verifying those costs the same. `refusals` are the codes for a wrong secret, in the
    order of the pairs. `reserve` names the budget that pays when those of the source are used up; None when there is
    none. `factor` says whether the proof that is no secret of ours is right; a wrong one is refused as a wrong
    password, or with `factor_refusal`. `failed` writes what else is to be written of a wrong try, last in its
    transaction.
    """

    role: SessionRole
    name: str
    slowdown: Slowdown
    lane: HashingLane
    find: Callable[[AsyncConnection], Awaitable[O | None]]
    id: Callable[[O], int]
    pairs: Callable[[O | None], Sequence[tuple[str | None, str | TypedSecret]]]
    refusals: Sequence[Code]
    reserve: Callable[[AsyncConnection, O | None], Awaitable[str | None]] | None = None
    factor: Callable[[O], bool] | None = None
    factor_refusal: Code | None = None
    failed: Callable[[AsyncConnection, bool], Awaitable[None]] | None = None


class CountedAttempt(msgspec.Struct, Generic[O], frozen=True, kw_only=True):
    """A try that was counted before it was looked at, in the budget with this key: `reserved` where it is a reserve.

    `owner` is that of the name, None for an unknown one. `source` was charged over all accounts; None where it had none
    left. `account_key` is the count of the name over all strangers; None where this is none. `own` is how many wrong
    tries of the source were counted for the owner to read. `slowed` is whether the account is: then a stranger is not
    told which secret it was.
    """

    owner: O | None
    key: str
    reserved: bool
    source: AttemptSource | None
    account_key: str | None
    own: int
    slowed: bool


async def prove(
    services: AccountServices,
    came: Incoming,
    challenge: Challenge[O],
    begin: Callable[[AsyncConnection, O, CountedAttempt[O]], Awaitable[R]],
) -> R:
    """Charge a try, verify its secrets, and `begin` in the transaction that forgives it; what `begin` gives.

    Refusals rate_limited, those of the challenge, those of `begin`. Unavailable when a store or the hashing threads
    have no room: a try that was not looked at does not count.
    """
    source = source_of(services, came, challenge.name)
    known = not source.shared
    services.hasher.expect_room(challenge.lane, known)
    counted = await _charge(services, challenge, source)
    owner = counted.owner
    try:
        right = await services.hasher.check(*challenge.pairs(owner), lane=challenge.lane, known=known)
    except Unavailable:  # the room was taken meanwhile
        services.budgets.forgive(counted.source)
        await services.db.write(lambda conn: _take_back(conn, counted))
        raise
    wrong = [code for is_right, code in zip(right, challenge.refusals, strict=True) if not is_right]
    if owner is not None and not wrong and challenge.factor is not None and not challenge.factor(owner):
        wrong = [challenge.factor_refusal or challenge.refusals[0]]
    if owner is None or wrong:
        await services.db.write(lambda conn: _failed(conn, challenge, counted, right[0]))
        raise Refusal(challenge.refusals[0] if counted.slowed or not wrong else wrong[0])
    proved = owner
    # The owner of the secrets is no guesser, whatever `begin` says.
    services.budgets.forgive(counted.source)

    async def forgiven(conn: AsyncConnection) -> R:
        begun = await begin(conn, proved, counted)
        await _forgive(conn, counted)
        return begun

    try:
        return await services.db.write(forgiven)
    except Refusal as refusal:
        # It was right, and another was right with it before.
        if refusal.code in {*challenge.refusals, challenge.factor_refusal}:
            await services.db.write(lambda conn: _failed(conn, challenge, counted, True))
        elif refusal.code != Code.UNAVAILABLE:  # the same for the budget of this name
            await services.db.write(lambda conn: _forgive(conn, counted))
        raise


async def _charge(
    services: AccountServices, challenge: Challenge[O], source: AttemptSource
) -> CountedAttempt[O]:
    """Count a try where it comes from; where there is none left, in the challenge's reserve.

    Raises Refusal rate_limited, with the earlier of the two instants at which there is a try again.
    """
    charged: AttemptSource | None = source
    spent: Refusal | None = None
    try:
        services.budgets.charge(source)
    except Refusal as refusal:
        charged, spent = None, refusal

    async def charge(conn: AsyncConnection) -> CountedAttempt[O]:
        owner = await challenge.find(conn)
        return await _charged(conn, services.secret, challenge, source, charged, spent, owner)

    try:
        return await services.db.write(charge)
    except (Refusal, Unavailable):
        services.budgets.forgive(charged)
        raise


async def _charged(
    conn: AsyncConnection,
    secret: str,
    challenge: Challenge[O],
    source: AttemptSource,
    charged: AttemptSource | None,
    spent: Refusal | None,
    owner: O | None,
) -> CountedAttempt[O]:
    """The same in its transaction.

    The row of the name is locked before that of the source, and both before a reserve's: always in this order, so no
    two tries wait for each other.
    """
    now, key = now_ms(), throttling.key_of(secret, challenge.name, source.name)
    account_key = throttling.account_key_of(secret, challenge.name) if source.shared else None
    slowed, own, refused = False, 0, spent
    try:
        if refused is None:
            slowed = await _refuse_early(conn, challenge.slowdown, key, account_key, now)
            if account_key is not None:
                slowed = await _charge_account(conn, account_key, challenge.slowdown, now)
            own = await throttling.charge(conn, key, now, _delays(slowed))
    except Refusal as refusal:
        refused = refusal
    reserve = None
    if challenge.reserve is not None and (slowed or refused is not None):
        reserve = await challenge.reserve(conn, owner)
    if refused is not None:
        if reserve is None:
            raise refused
        key = throttling.key_of(secret, "", reserve)
        try:
            own = await throttling.charge(conn, key, now, throttling.reserved_delay_ms)
        except Refusal as later:
            raise min(refused, later, key=lambda r: r.fields["retry_after"]) from None
    return CountedAttempt(
        owner=owner,
        key=key,
        reserved=refused is not None,
        source=charged,
        account_key=account_key,
        own=own if source.shared else 0,  # those of a browser that is known were not counted
        slowed=slowed and reserve is None,
    )


async def _refuse_early(
    conn: AsyncConnection, slowdown: Slowdown, key: str, account_key: str | None, now: int
) -> bool:
    """Refuse by a look what the locked rows would refuse too: a flood of such tries writes nothing, and locks nothing.

    Whether the account is slowed. Raises Refusal rate_limited.
    """
    budgets = await throttling.look(conn, [key] if account_key is None else [key, account_key])
    account = budgets.get(account_key or "", throttling.NONE)
    if slowdown is Slowdown.SHARED:
        throttling.refuse_early(account, now, throttling.staff_delay_ms)
    slowed = slowdown is Slowdown.FEWER_EACH and account.fresh(now) >= throttling.ACCOUNT_TRIES
    throttling.refuse_early(budgets.get(key, throttling.NONE), now, _delays(slowed))
    return slowed


def _delays(slowed: bool) -> Callable[[int], int]:
    return throttling.slowed_delay_ms if slowed else throttling.delay_ms


async def _charge_account(conn: AsyncConnection, key: str, slowdown: Slowdown, now: int) -> bool:
    """Count one try of a stranger at a name; whether the account is slowed. Raises Refusal rate_limited of staff."""
    if slowdown is Slowdown.SHARED:
        await throttling.charge(conn, key, now, throttling.staff_delay_ms)
        return False
    return await throttling.count(conn, key, now) >= throttling.ACCOUNT_TRIES


async def _failed(
    conn: AsyncConnection, challenge: Challenge[O], counted: CountedAttempt[O], knew_password: bool
) -> None:
    """What a wrong try leaves. An unknown name costs a write as a known one does.

    Rows are locked in the order of `begin` and `_forgive`: what was missed, budgets, the audit.
    """
    now, owner = now_ms(), counted.owner
    # A number below zero is that of nobody yet: a registration that waits.
    if owner is not None and challenge.id(owner) > 0 and counted.account_key is not None:
        await missed.count(conn, challenge.role, challenge.id(owner), knew_password, now)
        if counted.slowed and challenge.role is SessionRole.CANDIDATE:
            await missed.stage_notice(conn, challenge.id(owner), now)
    await throttling.touch(conn, counted.key)
    if challenge.failed is not None:
        await challenge.failed(conn, owner is not None and knew_password)


async def _take_back(conn: AsyncConnection, counted: CountedAttempt[O]) -> None:
    """It was never looked at."""
    for key in (counted.account_key, counted.key):
        if key is not None:
            await throttling.take_back(conn, key)


async def _forgive(conn: AsyncConnection, counted: CountedAttempt[O]) -> None:
    """The secrets were right. A reserve is for all names together: one right try makes no others good."""
    if counted.account_key is not None:
        await throttling.forgive(conn, counted.account_key)
    await (throttling.take_back if counted.reserved else throttling.forgive)(conn, counted.key)


def source_of(services: AccountServices, came: Incoming, name: str) -> AttemptSource:
    """Where a try at this name comes from: a browser that knows the name, or just an address."""
    if browser := services.browsers.known(cookie_of(came.cookies, known_browsers.COOKIE) or "", name):
        return AttemptSource(f"browser {browser}", False)
    return AttemptSource.address(came.address)
