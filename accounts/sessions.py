"""Sign in and out: user name, password and answers to the security questions, asked again in the ten minutes (AC-05).

A session is a random secret in a cookie; SQL keeps its SHA-256. It ends an absolute hour after sign-in (WR-17). A
sign-in that brings a token binds the token to the account in the same transaction, or signs nobody in.
"""

import hashlib
import secrets
from collections.abc import Collection, Mapping
from typing import Protocol

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from accounts import attempt_budgets, candidates, identities, known_browsers, store, throttling
from accounts.acts import record_failed_sign_in
from accounts.attempt_budgets import CountedAttempt
from accounts.candidates import Account
from foundation.clock import now_ms
from foundation.errors import Code, Refusal, Unavailable
from foundation.sql.tables import among
from server.cookies import set_cookie
from submission.binding import _bind_called, allowed
from submission.desk import Desk, Visit
from waitingroom.tickets import Ticket
from waitingroom.tokens import Claims

COOKIES = {"candidate": "session", "operator": "operator"}
"""Cookie names by role: one browser may be a candidate and an operator."""

LASTS_MS = {"candidate": 3_600_000, "operator": 10 * 3_600_000}
"""A candidate's session lasts an hour, whatever happens in it (WR-17), or what the programme of the token says. An
operator's lasts a day at the desk: nobody should be signed out in the middle of an opening."""

KEPT_MS = 24 * 3_600_000
"""An ended session is remembered for a day, to say that it ended rather than that it never was."""


class Carrier(Protocol):
    """Whatever has cookies: a request or a `Visit`."""

    @property
    def cookies(self) -> Mapping[str, str]: ...  # pragma: no cover - a protocol has no body


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in, as what, until when. `owner` is an account's or an operator's id."""

    role: str
    owner: int
    username: str
    expires_at: int


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """What a candidate types, and the token their browser holds if it was called."""

    username: str
    password: str
    answers: list[str]
    token: str | None = None


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """A new session and the secret for its cookie; with a token, the period it is good for. `browser` is the cookie by
    which this browser is known from now on, empty where it keeps none."""

    session: Session
    secret: str
    browser: str = ""
    period_id: str | None = None


class _Called(msgspec.Struct, frozen=True):
    """A token that came with a sign-in, and the ticket beside it."""

    claims: Claims
    ticket: Ticket | None


async def sign_in(desk: Desk, visit: Visit, credentials: Credentials) -> SignedIn:
    """Sign a candidate in, and bind the token if one is given (SW-01).

    Refusals in this order: device_refused (with a token only: following a file is possible on any device),
    rate_limited, bad_credentials, bad_security_answers, then those of `bind`. Unavailable when a store or the hashing
    threads have no room. Nobody is signed in by a call that is refused.
    """
    claims = None
    if credentials.token is not None:
        allowed(visit)
        claims = desk.tokens.read(credentials.token)
    ticket = None if claims is None else desk.ticket(visit, claims.period)
    account, counted = await _prove(desk, visit, credentials, claims, ticket)
    desk.tries.forgive(counted.source)  # who knows the secrets is no guesser, whatever becomes of the token

    async def begin(conn: AsyncConnection) -> SignedIn:
        lasts_ms = LASTS_MS["candidate"]
        if credentials.token is not None:
            period = await _bind_called(conn, account, claims, ticket)
            programme = desk.programmes[period.programme]
            allowed(visit, programme.device.allow)
            lasts_ms = programme.session.minutes * 60_000
        await attempt_budgets.forgive(conn, counted)
        signed_in = await _begin(conn, desk, visit, "candidate", account.id, account.username, lasts_ms)
        return msgspec.structs.replace(signed_in, period_id=None if claims is None else claims.period)

    try:
        return await desk.db.write(begin)
    except Refusal as refusal:
        if refusal.code != Code.UNAVAILABLE:  # the same for this account's budget
            await desk.db.write(lambda conn: attempt_budgets.forgive(conn, counted))
        raise


async def _prove(
    desk: Desk, visit: Visit, credentials: Credentials, claims: Claims | None, ticket: Ticket | None
) -> tuple[Account, CountedAttempt]:
    """The account whose secrets these are, and where the try was counted."""
    account, counted = await attempt_budgets.count(
        desk, visit, identities.known_as(credentials.username), claims, ticket
    )
    try:
        password, answers = await desk.hasher.check(
            (None if account is None else account.password_hash, credentials.password),
            (None if account is None else account.answers_hash, identities.answers_text(credentials.answers)),
        )
    except Unavailable:
        desk.tries.forgive(counted.source)
        await desk.db.write(lambda conn: throttling.take_back(conn, counted.key))
        raise
    if account is None or not password:
        raise Refusal(Code.BAD_CREDENTIALS)
    if not answers:
        raise Refusal(Code.BAD_SECURITY_ANSWERS)
    return account, counted


async def sign_in_operator(desk: Desk, visit: Visit, username: str, password: str) -> SignedIn:
    """Sign an operator in. Refusals rate_limited, bad_credentials; Unavailable."""
    username = identities.known_as(username)
    name = f"operator {username}"
    source = attempt_budgets.source_of(desk, visit, name)
    key = throttling.key_of(desk.secret, name, source.name)
    operator = store.operator

    async def charge(conn: AsyncConnection) -> tuple[int | None, str | None]:
        await throttling.charge(conn, key, now_ms())
        desk.tries.charge(source)
        row = (await conn.execute(sa.select(operator).where(operator.c.username == username))).one_or_none()
        return (None, None) if row is None else (int(row.id), str(row.password_hash))

    owner, password_hash = await desk.db.write(charge)
    (right,) = await desk.hasher.check((password_hash, password))
    if owner is None or not right:
        await desk.db.write(lambda conn: record_failed_sign_in(conn, username, now_ms()))
        raise Refusal(Code.BAD_CREDENTIALS)

    async def begin(conn: AsyncConnection) -> SignedIn:
        await throttling.forgive(conn, key)
        return await _begin(conn, desk, visit, "operator", owner, username, LASTS_MS["operator"])

    desk.tries.forgive(source)
    return await desk.db.write(begin)


async def _begin(
    conn: AsyncConnection, desk: Desk, visit: Visit, role: str, owner: int, username: str, lasts_ms: int
) -> SignedIn:
    """A new session in place of the one this browser had: a fixed or stolen old cookie is worth nothing afterwards."""
    now, secret = now_ms(), secrets.token_urlsafe(32)
    expires_at = now + lasts_ms
    await _end(conn, visit, role)
    row = {
        "digest": digest(secret),
        "role": role,
        "owner": owner,
        "created_at": now,
        "expires_at": expires_at,
    }
    await conn.execute(sa.insert(store.session).values(row))
    known = username if role == "candidate" else f"{role} {username}"
    return SignedIn(
        session=Session(role=role, owner=owner, username=username, expires_at=expires_at),
        secret=secret,
        # Only where cookies are kept: one that has brought our visitor cookie back.
        browser=desk.browsers.after(visit.cookies.get(known_browsers.COOKIE, ""), known)
        if "visitor" in visit.cookies
        else "",
    )


async def _end(conn: AsyncConnection, carrier: Carrier, role: str) -> None:
    secret = carrier.cookies.get(COOKIES[role])
    if secret:
        here = (store.session.c.digest == digest(secret), store.session.c.role == role)
        await conn.execute(sa.delete(store.session).where(*here))


async def end_all(conn: AsyncConnection, role: str, owner: int) -> None:
    """End every session of this person in this role, in whatever browser."""
    await conn.execute(
        sa.delete(store.session).where(store.session.c.owner == owner, store.session.c.role == role)
    )


async def sign_out(desk: Desk, carrier: Carrier, role: str = "candidate") -> None:
    """End this browser's session, if it has one."""
    if carrier.cookies.get(COOKIES[role]):
        await desk.db.write(lambda conn: _end(conn, carrier, role))


async def current(desk: Desk, carrier: Carrier, role: str = "candidate") -> Session | None:
    """Who is signed in here, or None. For pages that show it if there is somebody."""
    try:
        return await required(desk, carrier, role)
    except Refusal as refusal:
        if refusal.code in {Code.NOT_SIGNED_IN, Code.SESSION_ENDED}:
            return None
        raise


async def required(desk: Desk, carrier: Carrier, role: str = "candidate") -> Session:
    """Who is signed in here. Refusals not_signed_in, session_ended."""
    return await desk.db.read(lambda conn: find(conn, carrier, role))


async def find(conn: AsyncConnection, carrier: Carrier, role: str = "candidate") -> Session:
    """As `required`, on a connection of the caller's."""
    secret = carrier.cookies.get(COOKIES[role])
    if not secret:
        raise Refusal(Code.NOT_SIGNED_IN)
    s, owner = store.session, store.account if role == "candidate" else store.operator
    row = (
        await conn.execute(
            sa.select(s.c.owner, s.c.expires_at, owner.c.username)
            .join(owner, owner.c.id == s.c.owner)
            .where(s.c.digest == digest(secret), s.c.role == role)
        )
    ).one_or_none()
    if row is None:
        raise Refusal(Code.NOT_SIGNED_IN)
    if row.expires_at <= now_ms():
        raise Refusal(Code.SESSION_ENDED)
    return Session(role=role, owner=row.owner, username=row.username, expires_at=row.expires_at)


class SessionOwner(msgspec.Struct, frozen=True):
    """Whose a candidate's session is, and until when (instant)."""

    expires_at: int
    account: Account


_OWNERS = (
    sa.select(
        store.session.c.digest,
        store.session.c.expires_at,
        *(store.account.c[name] for name in Account.__struct_fields__),
    )
    .join(store.account, store.account.c.id == store.session.c.owner)
    .where(store.session.c.role == "candidate", among(store.session.c.digest, "digests"))
)


async def owners(conn: AsyncConnection, digests: Collection[str]) -> dict[str, SessionOwner]:
    """The candidates whose sessions have these digests; one that nobody has is not among them."""
    rows = await conn.execute(_OWNERS, {"digests": digests})
    return {row.digest: SessionOwner(row.expires_at, candidates.account_of(row)) for row in rows}


def owner_of(session: str | None, known: Mapping[str, SessionOwner]) -> Account:
    """The account of a session's digest. Refusals not_signed_in, session_ended."""
    owner = None if session is None else known.get(session)
    if owner is None:
        raise Refusal(Code.NOT_SIGNED_IN)
    if owner.expires_at <= now_ms():
        raise Refusal(Code.SESSION_ENDED)
    return owner.account


def shown(carrier: Carrier, role: str = "candidate") -> str | None:
    """The digest of the session that this browser shows, if it shows one."""
    secret = carrier.cookies.get(COOKIES[role])
    return digest(secret) if secret else None


async def sweep(conn: AsyncConnection, now: int) -> None:
    """Forget sessions that ended over a day ago, and budgets that are whole again."""
    await conn.execute(sa.delete(store.session).where(store.session.c.expires_at < now - KEPT_MS))
    await throttling.sweep(conn, now)


def digest(secret: str) -> str:
    """What SQL keeps of a cookie. The secret is 256 random bits, so a fast hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def remember(response: Response, desk: Desk, signed_in: SignedIn) -> None:
    """Put the session into the browser: a cookie that goes with the window, whatever the hour says. Another one, which
    stays, says that this account is known here."""
    set_cookie(response, COOKIES[signed_in.session.role], signed_in.secret, secure=desk.secure)
    if signed_in.browser:
        lasts = known_browsers.LASTS_SECONDS
        set_cookie(response, known_browsers.COOKIE, signed_in.browser, secure=desk.secure, max_age=lasts)


def forget(response: Response, desk: Desk, role: str = "candidate") -> None:
    """Take the session out of the browser."""
    set_cookie(response, COOKIES[role], "", secure=desk.secure, max_age=0)
