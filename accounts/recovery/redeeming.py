"""What the link of a mail is good for: showing a user name, replacing a password or answers by who knows the other one.

A look changes nothing. A link serves once, for an hour, and takes so many wrong tries. What was replaced ends every
session of the account, and its owner is told.
"""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import candidates, normalisation, sessions, store
from accounts.acts import AccountAct
from accounts.attempts import throttling
from accounts.candidates import LEAST_QUESTIONS, Account
from accounts.events.events import Origin, note, origin_of
from accounts.events.states import AccountEventKind
from accounts.normalisation import TypedSecret, opaque
from accounts.personal_data.fields import EMAIL
from accounts.recovery import mails
from accounts.recovery.asking import MOST_WRONG
from accounts.recovery.services import RecoveryServices
from accounts.recovery.states import LostSecret
from accounts.recovery.store import recovery
from accounts.registration.states import AccountState
from accounts.secrets import password_rules, questions
from accounts.states import SessionRole
from accounts.store import ACCOUNT
from foundation import audit
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.errors import Code, Refusal, Unavailable
from foundation.mail.outgoing import post
from foundation.subjects import Subject
from server.requests import Incoming

SHOWN_AGAIN_MS = 60_000
"""A user name that was shown is shown again for so long: a button may be pressed twice."""

LONGEST_TOKEN = 100

r, a = recovery, store.account

_COLUMNS = tuple(a.c[name] for name in Account.__struct_fields__)


class OpenLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link that is good now: what it is for, and of which account. `email` is encrypted."""

    id: int
    what: LostSecret
    account: Account
    email: str


async def look(services: RecoveryServices, token: str) -> OpenLink:
    """What the link of this token is good for. Refusal link_expired."""
    now = now_ms()
    is_fresh = sa.and_(r.c.what == LostSecret.USERNAME, r.c.used_at > now - SHOWN_AGAIN_MS)
    good = (
        r.c.token_key.in_(services.tokens.sought(token[:LONGEST_TOKEN])),
        r.c.kept_until > now,
        r.c.wrong < MOST_WRONG,
        sa.or_(r.c.used_at.is_(None), is_fresh),
        a.c.state == AccountState.ACTIVE,
    )
    columns = (*_COLUMNS, r.c.id.label("recovery"), r.c.what, a.c.email)
    found = sa.select(*columns).join(a, a.c.id == r.c.account).where(*good)
    row = (await services.accounts.db.read(lambda conn: conn.execute(found))).one_or_none()
    if row is None:
        raise Refusal(Code.LINK_EXPIRED)
    account = candidates.account_of(row, services.accounts.personal)
    return OpenLink(id=row.recovery, what=LostSecret(row.what), account=account, email=row.email)


async def show_username(services: RecoveryServices, came: Incoming, token: str) -> str:
    """The user name of the link's account. Refusal link_expired."""
    link = await _look_for(services, token, LostSecret.USERNAME)
    origin = origin_of(services.accounts.secret, came)

    async def shown(conn: AsyncConnection) -> None:
        now = now_ms()
        if await _use(conn, link, now):
            await _told(conn, services, link, AccountEventKind.USERNAME_SHOWN, origin, now)

    await services.accounts.db.write(shown)
    return link.account.username


async def renew_password(
    services: RecoveryServices, came: Incoming, token: str, answers: Sequence[str], password: str
) -> None:
    """Replace a lost password.

    Refusals in this order: link_expired, rate_limited, bad_security_answers, password_weak. Unavailable.
    """
    link = await _look_for(services, token, LostSecret.PASSWORD)
    typed = normalisation.typed_answers(answers, counts=True)
    await _prove(services, link, (link.account.answers_hash, typed), Code.BAD_SECURITY_ANSWERS)
    identity = link.account.identity
    to = services.accounts.personal.opened(link.account.username, EMAIL, link.email)
    own = (link.account.username, to, identity.family_name, identity.given_name)
    if fault := password_rules.fault_of(password, own):
        fields = [{"name": "password", "reason": password_rules.SENTENCES[fault]}]
        raise Refusal(Code.PASSWORD_WEAK, fields=fields)
    (hashed,) = await services.accounts.hasher.hash(opaque(password))
    await _replace(services, came, link, {"password_hash": hashed}, AccountEventKind.PASSWORD_RENEWED)


async def renew_answers(
    services: RecoveryServices, came: Incoming, token: str, password: str, pairs: Sequence[tuple[str, str]]
) -> None:
    """Replace lost questions and answers.

    Refusals in this order: link_expired, rate_limited, bad_credentials, invalid. Unavailable.
    """
    link = await _look_for(services, token, LostSecret.ANSWERS)
    typed = normalisation.typed_password(password, counts=True)
    await _prove(services, link, (link.account.password_hash, typed), Code.BAD_CREDENTIALS)
    padded = [*pairs, *[("", "")] * (LEAST_QUESTIONS - len(pairs))]
    if wrong := questions.problems(padded):
        fields = [{"name": name, "reason": said} for name, said in wrong.items()]
        raise Refusal(Code.INVALID, fields=fields)
    asked, answers = questions.asked(pairs)
    (hashed,) = await services.accounts.hasher.hash(answers)
    sealed = services.accounts.personal.seal_questions(link.account.username, asked)
    values = {"answers_hash": hashed, "questions": sealed}
    await _replace(services, came, link, values, AccountEventKind.ANSWERS_RENEWED)


async def _look_for(services: RecoveryServices, token: str, what: LostSecret) -> OpenLink:
    link = await look(services, token)
    if link.what is not what:
        raise Refusal(Code.LINK_EXPIRED)
    return link


async def _prove(
    services: RecoveryServices, link: OpenLink, pair: tuple[str, TypedSecret], refusal: Code
) -> None:
    """Count a try at the other secret, look at it, and take a right one back.

    Refusals link_expired, rate_limited, `refusal`. Tries are slowed down over all links of an account, as those of one
    source at a sign-in are: only who reads its mail can make one, so nobody else keeps the owner waiting.
    """
    db, username = services.accounts.db, link.account.username
    key = throttling.key_of(services.accounts.secret, username, "recovery")
    mine = (r.c.id == link.id, r.c.wrong < MOST_WRONG)

    async def charge(conn: AsyncConnection) -> None:
        if (await conn.execute(sa.update(r).where(*mine).values(wrong=r.c.wrong + 1))).rowcount == 0:
            raise Refusal(Code.LINK_EXPIRED)
        await throttling.charge(conn, key, now_ms())

    async def take_back(conn: AsyncConnection) -> None:
        await conn.execute(sa.update(r).where(r.c.id == link.id).values(wrong=r.c.wrong - 1))
        await throttling.take_back(conn, key)

    await db.write(charge)
    try:
        (is_right,) = await services.accounts.hasher.check(pair)
    except Unavailable:
        await db.write(take_back)
        raise
    if not is_right:
        raise Refusal(refusal)
    await db.write(take_back)


async def _replace(
    services: RecoveryServices,
    came: Incoming,
    link: OpenLink,
    values: dict[str, str],
    kind: AccountEventKind,
) -> None:
    """Write the new hash over the one that was read, use the link, and end what rested on the old one."""
    origin, account = origin_of(services.accounts.secret, came), link.account

    async def step(conn: AsyncConnection) -> None:
        now = now_ms()
        unchanged = (
            a.c.password_hash == account.password_hash,
            a.c.answers_hash == account.answers_hash,
            a.c.state == AccountState.ACTIVE,
        )
        renewed = values | {"rehearsed_at": None}
        changed = sa.update(a).where(a.c.id == account.id, *unchanged).values(renewed)
        # The account before its links, as whatever else spends them.
        if (await conn.execute(changed)).rowcount == 0 or not await _use(conn, link, now):
            raise Refusal(Code.LINK_EXPIRED)
        await spend_links(conn, account.id, now)
        await sessions.end_all(conn, SessionRole.CANDIDATE, account.id)
        await _told(conn, services, link, kind, origin, now)

    await services.accounts.db.write(step)


async def _use(conn: AsyncConnection, link: OpenLink, now: int) -> bool:
    """Use a link up; False when it was used before."""
    fresh = (r.c.id == link.id, r.c.used_at.is_(None))
    return (await conn.execute(sa.update(r).where(*fresh).values(used_at=now))).rowcount > 0


async def spend_links(conn: AsyncConnection, account: int, now: int) -> None:
    """Links that were mailed before are good no more, where a secret or the address has changed: who asked for them may
    not have been the owner, and who reads them may be so no more."""
    mine = (r.c.account == account, r.c.used_at.is_(None))
    await conn.execute(sa.update(r).where(*mine).values(used_at=now))


async def _told(
    conn: AsyncConnection,
    services: RecoveryServices,
    link: OpenLink,
    kind: AccountEventKind,
    origin: Origin,
    now: int,
) -> None:
    """Note it, tell the owner, and put it on record."""
    about = Subject.row(ACCOUNT, link.account.id)
    await note(conn, link.account.id, kind, now, origin)
    to = services.accounts.personal.opened(link.account.username, EMAIL, link.email)
    mail = mails.renewed(to, link.what, services.public_url)
    await post(conn, mail, about, now, key=f"recovery:{link.id}:done")
    who = Actor(f"account {link.account.id}", SessionRole.CANDIDATE)
    await audit.record(conn, who, AccountAct.SECRET_RENEWED, about, now, what=link.what, recovery=link.id)
