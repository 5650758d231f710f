"""Sessions: who is signed in in this browser, as what, until when.

A session is a random secret in a cookie; SQL keeps its SHA-256. It ends an absolute time after sign-in (WR-17). How it
begins is the affair of `sign_in.py` and `staff.py`.
"""

import contextlib
import hashlib
import secrets
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from accounts import candidates, store
from accounts.attempts import known_browsers, missed, throttling
from accounts.attempts.missed import MissedAttempts
from accounts.candidates import Applicant
from accounts.personal_data.fields import PersonalFields
from accounts.services import AccountServices
from accounts.states import SessionRole
from foundation.batching import Batcher
from foundation.clock import now_ms, rfc3339
from foundation.errors import Code, Refusal, Unavailable
from foundation.sql.database import Database
from foundation.sql.direct import DirectLook
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

IDLE_MS = {SessionRole.OPERATOR: 30 * 60_000}
"""A desk that nobody sits at is locked: staff's session also ends so long after the last request of theirs. A page that
asks by itself is nobody. A candidate in line has nothing to press for an hour."""

SEEN_EVERY_MS = 60_000
"""A request is written down if the last one that was is so long ago: a session may last so much longer."""

READ_TOGETHER, READ_PATIENCE_SECONDS = 64, 5.0
"""Pages of whoever is signed in are read from SQL so many at a time; one that would wait longer is shed at once."""

LONGEST_SECRET = 64
"""Characters of a cookie's value whose digest is remembered; ours have 45."""

KEPT_MS = 24 * 3_600_000
"""An ended session is remembered for a day, to say that it ended rather than that it never was."""


class Carrier(Protocol):
    """What has cookies: the framework's request, or an `Incoming`."""

    @property
    def cookies(self) -> Mapping[str, str]: ...  # pragma: no cover - a protocol has no body


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in, as what, until when. `owner` is an account's or an operator's id.

    `missed` are tries of others before this sign-in. `has_code` is whether a member of staff has a second factor;
    `owes_code` is whether they entered with a code of somebody else's, and have to set one up before anything else.
    `unread` is how many messages wait for a candidate, on pages that are read one by one (`required`).
    """

    role: SessionRole
    owner: int
    username: str
    expires_at: int
    missed: MissedAttempts | None = None
    has_code: bool = False
    owes_code: bool = False
    unread: int = 0

    def described(self) -> dict[str, Any]:
        """The session as the API gives it."""
        told = {"username": self.username, "expires_at": rfc3339(self.expires_at)}
        if self.missed is None:
            return told
        since = rfc3339(self.missed.since)
        return told | {
            "missed_tries": {
                "count": self.missed.tries,
                "with_right_password": self.missed.knew_password,
                "since": since,
            }
        }


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
    conn: AsyncConnection,
    services: AccountServices,
    came: Incoming,
    owner: Owner,
    lasts_ms: int,
    *,
    own_tries: int = 0,
) -> SignedIn:
    """A new session in place of the one this browser had: a fixed or stolen old cookie is worth nothing afterwards.

    `own_tries` are the wrong ones that its owner made; all others since they were told last go with the session.
    """
    now, secret = now_ms(), HOST_MARK * services.secure + secrets.token_urlsafe(32)
    expires_at = now + lasts_ms
    await _end(conn, came, owner.role)
    others = await missed.take(conn, owner.role, owner.id, own_tries)
    row = {
        "digest": digest(secret),
        "role": owner.role,
        "owner": owner.id,
        "created_at": now,
        "expires_at": expires_at,
        "seen_at": now if owner.role in IDLE_MS else None,
        "missed": None if others is None else msgspec.json.encode(others).decode(),
    }
    await conn.execute(sa.insert(store.session).values(row))
    cookie = cookie_of(came.cookies, known_browsers.COOKIE) or ""
    return SignedIn(
        session=Session(
            role=owner.role, owner=owner.id, username=owner.username, expires_at=expires_at, missed=others
        ),
        secret=secret,
        # Only where cookies are kept: one that has brought our visitor cookie back. Staff are few, and need it more.
        browser=services.browsers.after(cookie, known_name(owner.role, owner.username))
        if cookie_of(came.cookies, "visitor") is not None or owner.role in IDLE_MS
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


async def end_all(conn: AsyncConnection, role: SessionRole, owner: int) -> int:
    """End every session of this person in this role, in whatever browser; how many there were."""
    ended = await conn.execute(
        sa.delete(store.session).where(store.session.c.owner == owner, store.session.c.role == role)
    )
    return int(ended.rowcount)


async def sign_out(
    services: AccountServices, carrier: Carrier, role: SessionRole = SessionRole.CANDIDATE
) -> None:
    """End this browser's session, if it has one."""
    if secret_of(carrier, role):
        await services.db.write(lambda conn: _end(conn, carrier, role))


async def current(
    services: AccountServices,
    carrier: Carrier,
    role: SessionRole = SessionRole.CANDIDATE,
    *,
    is_poll: bool = False,
) -> Session | None:
    """Who is signed in here, or None."""
    try:
        return await required(services, carrier, role, is_poll=is_poll)
    except Refusal as refusal:
        if refusal.code in {Code.NOT_SIGNED_IN, Code.SESSION_ENDED}:
            return None
        raise


async def required(
    services: AccountServices,
    carrier: Carrier,
    role: SessionRole = SessionRole.CANDIDATE,
    *,
    is_poll: bool = False,
) -> Session:
    """Who is signed in here. Refusals not_signed_in, session_ended.

    A request of a person keeps a session of staff awake, and `is_poll` one that a page makes by itself does not.
    """

    async def read(conn: AsyncConnection) -> _Found:
        found = await _found(conn, carrier, role)
        if role is not SessionRole.CANDIDATE:
            return found
        unread = await services.unread(conn, found.session.owner)
        return _Found(msgspec.structs.replace(found.session, unread=unread), found.seen_at)

    found = await services.db.read(read)
    now = now_ms()
    if role in IDLE_MS and not is_poll and now - found.seen_at >= SEEN_EVERY_MS:
        with contextlib.suppress(Unavailable):  # fails soft: the next request says it again
            await services.db.write(lambda conn: _seen(conn, carrier, role, now))
    return found.session


async def _seen(conn: AsyncConnection, carrier: Carrier, role: SessionRole, now: int) -> None:
    here = (store.session.c.digest == shown(carrier, role), store.session.c.role == role)
    await conn.execute(sa.update(store.session).where(*here).values(seen_at=now))


async def find(conn: AsyncConnection, carrier: Carrier, role: SessionRole = SessionRole.CANDIDATE) -> Session:
    """As `required`, on a connection of the caller's; it keeps nothing awake."""
    return (await _found(conn, carrier, role)).session


class _Found(msgspec.Struct, frozen=True):
    """A session that has not ended, and when somebody was last seen in it (instant)."""

    session: Session
    seen_at: int


async def _found(conn: AsyncConnection, carrier: Carrier, role: SessionRole) -> _Found:
    digest_shown = shown(carrier, role)
    if digest_shown is None:
        raise Refusal(Code.NOT_SIGNED_IN)
    row = (await conn.execute(_theirs(role).where(store.session.c.digest == digest_shown))).one_or_none()
    if row is None:
        raise Refusal(Code.NOT_SIGNED_IN)
    now, seen_at = now_ms(), row.created_at if row.seen_at is None else row.seen_at
    if row.expires_at <= now or is_idle(role, seen_at, now):
        raise Refusal(Code.SESSION_ENDED)
    return _Found(session_of(row, role), seen_at)


def session_of(row: Any, role: SessionRole = SessionRole.CANDIDATE) -> Session:
    """A session and its owner as a value: of a row with the columns of `_theirs` by name."""
    return Session(
        role=role,
        owner=row.owner,
        username=row.username,
        expires_at=row.expires_at,
        missed=None if row.missed is None else msgspec.json.decode(row.missed, type=MissedAttempts),
        has_code=row.totp_secret is not None,
        owes_code=row.totp_secret is None and row.codes is not None,
    )


def _theirs(role: SessionRole) -> sa.Select[Any]:
    """Sessions of this role with their owners; of staff, those of nobody who was removed."""
    s, is_staff = store.session, role is SessionRole.OPERATOR
    owner = store.operator if is_staff else store.account
    secrets_of_staff = (store.operator.c.totp_secret, store.operator.c.codes)
    nothing = (sa.null().label("totp_secret"), sa.null().label("codes"))
    of_session = (s.c.owner, s.c.created_at, s.c.expires_at, s.c.seen_at, s.c.missed)
    found = (
        sa.select(*of_session, owner.c.username, *(secrets_of_staff if is_staff else nothing))
        .join(owner, owner.c.id == s.c.owner)
        .where(s.c.role == role)
    )
    return found.where(store.operator.c.removed_at.is_(None)) if is_staff else found


RUNNING = (
    _theirs(SessionRole.CANDIDATE)
    .add_columns(store.session.c.digest)
    .where(among(store.session.c.digest, "digests"))
)
"""The candidates' sessions with the digests that are given, ended ones too."""


class RunningRow(NamedTuple):
    """The columns of `RUNNING`, in their order."""

    owner: int
    created_at: int
    expires_at: int
    seen_at: int | None
    missed: str | None
    username: str
    totp_secret: None
    codes: None
    digest: str


_RUNNING_LOOK = DirectLook(RUNNING)


async def running(conn: AsyncConnection, digests: Collection[str]) -> dict[str, Session]:
    """The candidates' sessions of these digests that have not ended: what `current` says, of many at once."""
    if not digests:
        return {}
    now = now_ms()
    rows = map(RunningRow._make, await _RUNNING_LOOK.rows(conn, {"digests": digests}))
    return {row.digest: session_of(row) for row in rows if row.expires_at > now}


class SessionReader:
    """Who is signed in, as a candidate, of all who ask in a process: those who ask together are read together."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._batcher = Batcher[str, Session | None](self._read, READ_TOGETHER, "sql", READ_PATIENCE_SECONDS)

    def ask(self, shown: str, then: Callable[[Session | BaseException | None], None]) -> None:
        """`then` hears of the session of this digest, or None. Raises Unavailable when too many ask already."""
        self._batcher.put(shown, then)

    async def _read(self, digests: list[str]) -> list[Session | None]:
        found = await self._db.read(lambda conn: running(conn, set(digests)))
        return [found.get(one) for one in digests]


def is_idle(role: SessionRole, seen_at: int, now: int) -> bool:
    """Whether nobody has sat at a session for too long. Pure."""
    return role in IDLE_MS and now - seen_at > IDLE_MS[role] + SEEN_EVERY_MS


class SessionOwner(msgspec.Struct, frozen=True):
    """Whose a candidate's session is, and until when (instant)."""

    expires_at: int
    account: Applicant


_OWNERS = DirectLook(
    sa.select(
        store.session.c.digest,
        store.session.c.expires_at,
        *candidates.APPLICANT,
    )
    .join(store.account, store.account.c.id == store.session.c.owner)
    .where(store.session.c.role == SessionRole.CANDIDATE, among(store.session.c.digest, "digests"))
)


async def owners(
    conn: AsyncConnection, personal: PersonalFields, digests: Collection[str]
) -> dict[str, SessionOwner]:
    """The candidates whose sessions have these digests; a digest of no session is not among them."""
    rows = await _OWNERS.rows(conn, {"digests": digests})
    return {row[0]: SessionOwner(row[1], candidates.applicant_of(row[2:], personal)) for row in rows}


def owner_of(session: str | None, known: Mapping[str, SessionOwner]) -> Applicant:
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
    return _digest_of_ours(secret) if len(secret) <= LONGEST_SECRET else _digest(secret)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


_digest_of_ours = lru_cache(4096)(_digest)
"""A browser shows the same secret with each request, and a page asks for its digest more than once."""


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
