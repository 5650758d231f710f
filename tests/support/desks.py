"""The services of candidates for tests: cheap hashing, ready accounts, people who were called, and their visits."""

import contextlib
import secrets
import time
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Literal

import argon2
import msgspec
import sqlalchemy as sa

from accounts import identities, sessions
from accounts import sign_in as candidates_sign_in
from accounts import store as accounts_store
from accounts.passwords import SPARE, Hasher, HashingLane
from accounts.personal_data.fields import PersonalFields
from accounts.representatives.services import representative_services
from accounts.services import account_services
from accounts.sessions import SignedIn
from accounts.sign_in import Credentials
from accounts.states import StaffTotp
from casework.letters import sealing
from casework.mailbox import messages
from config.demo.people import identity_of, invented_content
from config.settings import PROGRAMMES
from foundation.clock import montreal, now_ms
from foundation.events import Events
from foundation.sql.database import Database
from quota import ledger
from quota import store as quota_store
from quota.programmes import load_all
from quota.store import Period
from server.requests import Incoming
from submission import binding
from submission.drafts import repository
from submission.drafts.encryption import DraftCiphers
from submission.forms.files import load_forms
from submission.services import SubmissionServices, Visit
from submission.signing import frozen
from submission.states import Capacity
from submission.submit import Accepted, Signing, Submissions
from tests.support.rooms import KEYS
from waitingroom.device import Verdict
from waitingroom.tickets import Ticket, Tickets
from waitingroom.tokens import Tokens

sealing.prepare(KEYS)

PERSONAL = PersonalFields(KEYS)

REPRESENTATIVES = representative_services(KEYS, "http://guichet.test")
"""What encrypts people’s data in tests."""

PASSWORD = "un mot de passe d’essai"

ANSWERS = ["Érable", "Le grand  Chien", "Québec"]

KNOWN = load_all(PROGRAMMES)

FORMS = load_forms(PROGRAMMES / "forms", KNOWN)
"""Read once: a tenth of a second of the processor, which each desk would take again."""

COMPUTER = Verdict(
    True, "linux", "system", {"rule_version": "1", "user_agent": "Mozilla/5.0 (X11; Linux x86_64)"}
)

PHONE = Verdict(False, "phone", "marker", {"rule_version": "1", "user_agent": "iPhone"})


def today(now: int | None = None) -> date:
    """The day in Montréal, asked when it is needed: one kept by a module is yesterday's where tests pass midnight."""
    return montreal(now_ms() if now is None else now).date()


def days_ago(days: int, now: int | None = None) -> int:
    """The same time of day so many days before on a clock in Montréal: an instant. In days of 24 hours the hour before
    midnight would be of the next day where the clock was put back meanwhile."""
    return round((montreal(now_ms() if now is None else now) - timedelta(days=days)).timestamp() * 1000)


class TypedSecrets(msgspec.Struct, frozen=True):
    """What is typed at a sign-in, and the token that the browser holds if it was called."""

    credentials: Credentials
    token: str | None


CHEAP = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Real Argon2id, as cheap as it goes."""


class CountingHasher(argon2.PasswordHasher):
    """Real Argon2id, as cheap as it goes, that counts what it verified."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.verified = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - the library's name
        self.verified += 1
        return super().verify(hash, password)


class Desk(SubmissionServices, frozen=True, kw_only=True, dict=True):
    """The services, and the submissions of a process with them."""

    @cached_property
    def submissions(self) -> Submissions:
        return Submissions(self)

    async def submit(self, visit: Visit, period_id: str, signing: Signing) -> Accepted:
        """As `Submissions.submit`."""
        return await self.submissions.submit(visit, period_id, signing)

    async def sign_in(self, visit: Visit, typed: TypedSecrets) -> SignedIn:
        """As the API does it: with the token, if one came."""
        if typed.token is None:
            return await candidates_sign_in.sign_in(self.accounts, visit.came, typed.credentials)
        return await binding.sign_in_called(self, visit, typed.credentials, typed.token)


def make_desk(
    db: Database,
    keys: tuple[str, ...] = KEYS,
    *,
    hasher: Hasher | None = None,
    limited: bool = True,
    staff_totp: StaffTotp = StaffTotp.OPTIONAL,
) -> Desk:
    """A desk on this database. Its hasher counts: `verified(desk)`."""
    hasher = hasher or Hasher(threads=2, in_line=200, cost=CountingHasher())
    return Desk(
        accounts=account_services(
            db, hasher, keys, secure=False, limited=limited, staff_totp=staff_totp,
            unread=messages.unread,
        ),
        tickets=Tickets(keys), tokens=Tokens(keys, "http://guichet.test"),
        programmes=dict(KNOWN), forms=FORMS, events=Events(),
        drafts=DraftCiphers(keys), seals=frozen.cipher(keys),
    )  # fmt: skip


@contextlib.contextmanager
def crowded(desk: Desk, *lanes: HashingLane) -> Iterator[None]:
    """While it lasts these lanes of the hasher have no room: whoever comes is sent away."""
    lines = [desk.accounts.hasher._lines[lane] for lane in lanes]
    before = [line.most for line in lines]
    for line in lines:
        line.most = -SPARE
    yield
    for line, most in zip(lines, before, strict=True):
        line.most = most


class TriesClock:
    """The clock by which tries at signing in are counted: it stands, and goes on when it is told."""

    def __init__(self) -> None:
        self.now = now_ms()

    def __call__(self) -> int:
        return self.now

    def passes(self, milliseconds: int) -> None:
        self.now += milliseconds


def verified(desk: Desk) -> int:
    """How many hashes this desk has verified."""
    cost = desk.accounts.hasher._cost
    assert isinstance(cost, CountingHasher)
    return cost.verified


async def make_account(desk: Desk, number: int = 1, draft: bool = True, **values: Any) -> int:
    """An account `essai-00001` with a complete draft, for the programme `demo` unless said otherwise; its id."""
    content = invented_content("essai", number)
    identity = values.pop("identity", identity_of(content))
    content = values.pop("content", content)
    begun_at, programme = values.pop("begun_at", now_ms()), values.pop("programme", "demo")
    hashes = await desk.accounts.hasher.hash(PASSWORD, identities.answers_text(ANSWERS))
    row = {
        "username": f"essai-{number:05d}",
        "password_hash": hashes[0],
        "answers_hash": hashes[1],
        "questions": '["Arbre ?", "Animal ?", "Ville ?"]',
        "created_at": now_ms(),
        "identity": msgspec.json.encode(identity).decode(),
        "accommodation": 1.0,
    } | values

    async def insert(conn: Any) -> int:
        a = accounts_store.account
        account: int = (await conn.execute(sa.insert(a).values(row).returning(a.c.id))).scalar_one()
        if draft:
            await repository.add(conn, desk.drafts, {account: content}, programme, begun_at)
        return account

    return await desk.db.write(insert)


class CalledPerson(msgspec.Struct, frozen=True):
    """A browser that was called: its number, signed ticket and submission token."""

    period: Period
    number: int
    ticket: str
    token: str

    def visit(self, signed_in: SignedIn | None = None, **values: Any) -> Visit:
        """A request of this browser, with its session if it has one."""
        cookies = {f"ticket-{self.period.id}": self.ticket}
        return visit(cookies, signed_in, **values)


def visit(
    cookies: dict[str, str] | None = None,
    signed_in: SignedIn | None = None,
    *,
    bearer: str | None = None,
    address: str = "192.0.2.1",
    verdict: Verdict = COMPUTER,
    arrived: float | None = None,
) -> Visit:
    """A request from a computer, that arrived just now."""
    cookies = dict(cookies or {})
    if signed_in is not None:
        cookies[sessions.COOKIES[signed_in.session.role]] = signed_in.secret
    headers = {b"cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()).encode()}
    if bearer is not None:
        headers[b"authorization"] = f"Bearer {bearer}".encode()
    came = Incoming({"client": (address, 1)}, headers=headers)
    came.arrived = time.monotonic() if arrived is None else arrived
    return Visit(came, verdict)


async def call(desk: Desk, period: Period, number: int, **values: Any) -> CalledPerson:
    """Call this number: a live row that holds a place, unless `state` says otherwise."""
    row = {
        "period": period.uid,
        "number": number,
        "state": "live",
        "called_at": now_ms(),
        "called_clock": period.clock,
        "ends": period.clock + period.token_seconds * 1000,
        "jti": secrets.token_urlsafe(16),
    } | values
    p, t = quota_store.period, quota_store.token

    async def insert(conn: Any) -> Any:
        if row["state"] == "live":
            await conn.execute(sa.update(p).where(p.c.uid == period.uid).values(held=p.c.held + 1))
        await conn.execute(sa.insert(t).values(row))
        return await desk_token(conn, period.uid, number)

    token = await desk.db.write(insert)
    ticket = desk.tickets.issue(Ticket(period.uid, number, f"visitor{number}"))
    return CalledPerson(period, number, ticket, desk.tokens.mint(period, token, now_ms()))


async def desk_token(conn: Any, uid: str, number: int) -> Any:

    return await ledger.find(conn, uid, number)


def credentials(number: int = 1, token: str | None = None, **values: Any) -> TypedSecrets:
    """What the owner of `essai-00001` types."""
    given: dict[str, Any] = {"username": f"essai-{number:05d}", "password": PASSWORD, "answers": ANSWERS}
    return TypedSecrets(Credentials(**(given | values)), token)


async def sign_in(desk: Desk, called: CalledPerson | None = None, number: int = 1, **values: Any) -> SignedIn:
    """Sign in as the owner of `essai-00001`, with the token if called."""
    if called is None:
        return await desk.sign_in(visit(), credentials(number, **values))
    return await desk.sign_in(called.visit(), credentials(number, called.token, **values))


def signed(called: CalledPerson | None, **values: Any) -> Signing:
    """The last page, filled in."""
    given: dict[str, Any] = {
        "token": "" if called is None else called.token, "declaration": True, "capacity": Capacity.CANDIDATE
    }  # fmt: skip
    return Signing(**(given | values))


async def token_row(desk: Desk, uid: str, number: int) -> ledger.Token:
    """The row of a number that was called."""
    token = await desk.db.read(lambda conn: ledger.find(conn, uid, number))
    assert token is not None
    return token


async def bound_to(desk: Desk, uid: str, number: int) -> int | None:
    """The account that a number's token belongs to."""
    return (await token_row(desk, uid, number)).account
