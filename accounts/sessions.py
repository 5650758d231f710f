"""Sessions: who is signed in in this browser, as what, until when.

A session is a random secret in a cookie; SQL keeps its SHA-256. It ends an absolute time after sign-in (WR-17). How it
begins is the affair of `sign_in.py` and `staff.py`.
"""

import hashlib
import secrets
from collections.abc import Collection, Mapping
from typing import Protocol

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from accounts import candidates, store
from accounts.attempts import known_browsers, throttling
from accounts.candidates import Account
from accounts.services import AccountServices
from accounts.states import SessionRole
from foundation.clock import now_ms, rfc3339
from foundation.errors import Code, Refusal
from foundation.sql.tables import among
from server.cookies import HOST_ONLY, cookie_of, drop_cookie, set_cookie
from server.requests import Incoming

COOKIES = {SessionRole.CANDIDATE: "session", SessionRole.OPERATOR: "operator"}
"""Cookie names by role: one browser may be a candidate and an operator."""

LASTS_MS = {SessionRole.CANDIDATE: 3_600_000, SessionRole.OPERATOR: 10 * 3_600_000}
"""A candidate's session lasts an hour, whatever happens in it (WR-17), or what the programme of the token says. An
operator's lasts a day at the desk: nobody should be signed out in the middle of an opening."""

HOST_MARK = "h."
"""How secrets begin that were given in a cookie with the prefix of `server/cookies.py`: without the prefix they are
worth nothing, or another site below our domain could plant a session of its own in somebody's browser."""

KEPT_MS = 24 * 3_600_000
"""An ended session is remembered for a day, to say that it ended rather than that it never was."""


class Carrier(Protocol):
    """What has cookies: the framework's request, or an `Incoming`."""

    @property
    def cookies(self) -> Mapping[str, str]: ...  # pragma: no cover - a protocol has no body


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in, as what, until when. `owner` is an account's or an operator's id."""

    role: SessionRole
    owner: int
    username: str
    expires_at: int

    def described(self) -> dict[str, str]:
        """The session as the API gives it."""
        return {"username": self.username, "expires_at": rfc3339(self.expires_at)}


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Whose a new session will be: `id` is an account's or an operator's."""

    role: SessionRole
    id: int
    username: str


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """A new session and the secret for its cookie. `browser` is the cookie by which this browser is known from now on,
    empty where it keeps none."""

    session: Session
    secret: str
    browser: str = ""


def known_name(role: SessionRole, username: str) -> str:
    """The name under which budgets and known browsers count this user: a candidate's and an operator's differ."""
    return username if role is SessionRole.CANDIDATE else f"{role} {username}"


async def begin(
    conn: AsyncConnection, services: AccountServices, came: Incoming, owner: Owner, lasts_ms: int
) -> SignedIn:
    """A new session in place of the one this browser had: a fixed or stolen old cookie is worth nothing afterwards."""
    now, secret = now_ms(), HOST_MARK * services.secure + secrets.token_urlsafe(32)
    expires_at = now + lasts_ms
    await _end(conn, came, owner.role)
    row = {
        "digest": digest(secret),
        "role": owner.role,
        "owner": owner.id,
        "created_at": now,
        "expires_at": expires_at,
    }
    await conn.execute(sa.insert(store.session).values(row))
    cookie = cookie_of(came.cookies, known_browsers.COOKIE) or ""
    return SignedIn(
        session=Session(role=owner.role, owner=owner.id, username=owner.username, expires_at=expires_at),
        secret=secret,
        # Only where cookies are kept: one that has brought our visitor cookie back.
        browser=services.browsers.after(cookie, known_name(owner.role, owner.username))
        if cookie_of(came.cookies, "visitor") is not None
        else "",
    )


def secret_of(carrier: Carrier, role: SessionRole) -> str | None:
    """The secret of the session that this browser shows, if it shows one."""
    name = COOKIES[role]
    if secret := carrier.cookies.get(f"{HOST_ONLY}{name}"):
        return secret
    bare = carrier.cookies.get(name)
    return bare if bare and not bare.startswith(HOST_MARK) else None


async def _end(conn: AsyncConnection, carrier: Carrier, role: SessionRole) -> None:
    secret = secret_of(carrier, role)
    if secret:
        here = (store.session.c.digest == digest(secret), store.session.c.role == role)
        await conn.execute(sa.delete(store.session).where(*here))


async def end_all(conn: AsyncConnection, role: SessionRole, owner: int) -> None:
    """End every session of this person in this role, in whatever browser."""
    await conn.execute(
        sa.delete(store.session).where(store.session.c.owner == owner, store.session.c.role == role)
    )


async def sign_out(
    services: AccountServices, carrier: Carrier, role: SessionRole = SessionRole.CANDIDATE
) -> None:
    """End this browser's session, if it has one."""
    if secret_of(carrier, role):
        await services.db.write(lambda conn: _end(conn, carrier, role))


async def current(
    services: AccountServices, carrier: Carrier, role: SessionRole = SessionRole.CANDIDATE
) -> Session | None:
    """Who is signed in here, or None."""
    try:
        return await required(services, carrier, role)
    except Refusal as refusal:
        if refusal.code in {Code.NOT_SIGNED_IN, Code.SESSION_ENDED}:
            return None
        raise


async def required(
    services: AccountServices, carrier: Carrier, role: SessionRole = SessionRole.CANDIDATE
) -> Session:
    """Who is signed in here. Refusals not_signed_in, session_ended."""
    return await services.db.read(lambda conn: find(conn, carrier, role))


async def find(conn: AsyncConnection, carrier: Carrier, role: SessionRole = SessionRole.CANDIDATE) -> Session:
    """As `required`, on a connection of the caller's."""
    secret = secret_of(carrier, role)
    if not secret:
        raise Refusal(Code.NOT_SIGNED_IN)
    s, owner = store.session, store.account if role is SessionRole.CANDIDATE else store.operator
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
    .where(store.session.c.role == SessionRole.CANDIDATE, among(store.session.c.digest, "digests"))
)


async def owners(conn: AsyncConnection, digests: Collection[str]) -> dict[str, SessionOwner]:
    """The candidates whose sessions have these digests; a digest of no session is not among them."""
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


def shown(carrier: Carrier, role: SessionRole = SessionRole.CANDIDATE) -> str | None:
    """The digest of the session that this browser shows, if it shows one."""
    secret = secret_of(carrier, role)
    return digest(secret) if secret else None


async def sweep(conn: AsyncConnection, now: int) -> None:
    """Forget sessions that ended over a day ago, and budgets that are whole again."""
    await conn.execute(sa.delete(store.session).where(store.session.c.expires_at < now - KEPT_MS))
    await throttling.sweep(conn, now)


def digest(secret: str) -> str:
    """What SQL keeps of a cookie. The secret is 256 random bits, so a fast hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def remember(response: Response, services: AccountServices, signed_in: SignedIn) -> None:
    """Put the session into the browser: a cookie that goes with the window, whatever the hour says. Another one, which
    stays, says that this account is known here."""
    set_cookie(response, COOKIES[signed_in.session.role], signed_in.secret, secure=services.secure)
    if signed_in.browser:
        lasts = known_browsers.LASTS_SECONDS
        set_cookie(response, known_browsers.COOKIE, signed_in.browser, secure=services.secure, max_age=lasts)


def forget(response: Response, services: AccountServices, role: SessionRole = SessionRole.CANDIDATE) -> None:
    """Take the session out of the browser."""
    drop_cookie(response, COOKIES[role], secure=services.secure)
