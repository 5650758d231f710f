"""Ask for an account: everything about it is kept, encrypted, until its address is confirmed (`confirming.py`).

No account is made before that, so that nobody takes an address that is not theirs, and so that an address which has an
account is answered as any other: the same work, the same row, a message to its owner in either case. Only who reads
its messages learns which it was.
"""

import secrets
from collections.abc import Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store
from accounts.identities import Identity, spellings
from accounts.normalisation import opaque, visible
from accounts.passwords import HashingLane
from accounts.personal_data.email_addresses import EmailAddress
from accounts.personal_data.home_address import HomeAddress
from accounts.registration import application, codes, mails, windows
from accounts.registration.application import Application, ApplicationFaults, CheckedApplication
from accounts.registration.services import RegistrationServices
from accounts.registration.states import RegistrationStep
from accounts.registration.store import REGISTRATION, registration
from accounts.secrets import questions
from foundation.clock import montreal, now_ms
from foundation.errors import Code, Refusal
from foundation.mail.outgoing import post
from foundation.sql.tables import insert_for
from foundation.subjects import Subject
from quota.programmes import Programme
from server.requests import Incoming

KEPT_DAYS = 7
"""For so long a registration waits for its confirmation: a message that was held back for a weekend, and a reader who
looks once a week. Then what it held is gone."""

REPEATED_MS = 600_000
"""For so long a registration that comes again is the same one: a page sends its form again until it has an answer."""

DAY_MS = 86_400_000

MOST_MESSAGES = 3
"""To one address in a day, whoever asks: nobody is flooded with our messages."""

CONTENT = "registration"
"""The column, for the cipher."""

r = registration


class AccountToBe(msgspec.Struct, frozen=True, kw_only=True):
    """What an account will be made of: its secrets are hashed."""

    username: str
    password_hash: str
    answers_hash: str
    questions: list[str]
    identity: Identity
    email: EmailAddress
    address: HomeAddress | None
    terms_version: str


class NewCode(msgspec.Struct, frozen=True):
    """A code that was just made, what it is made of, and how it is looked up."""

    code: str
    serial: str
    key: str

    def columns(self, now: int) -> dict[str, str | int]:
        """What a row that waits for it holds: good for so many days from now."""
        kept_until = now + KEPT_DAYS * DAY_MS
        return {"code_key": self.key, "serial": self.serial, "made_at": now, "kept_until": kept_until}


def new_code(services: RegistrationServices) -> NewCode:
    """A code of today's secret."""
    serial = secrets.token_hex(8)
    code = codes.code_of(services.secrets[0], serial)
    return NewCode(code, serial, services.codes.stored(code))


async def register(services: RegistrationServices, came: Incoming, typed: Application) -> str:
    """Ask for an account; the user name that it will have.

    Refusals in this order: not_found (no such programme), rate_limited, registration_closed, invalid or password_weak
    (both with `fields`), username_taken. Unavailable when a store or the hashing threads have no room.

    The same once more within ten minutes is answered as it was, and nobody is written to again: a form comes twice
    when its first answer was lost, and its user name is its own.
    """
    programme = services.programmes.get(typed.programme)
    if programme is None:
        raise Refusal(Code.NOT_FOUND)
    services.budgets.charge(came.address)
    now = now_ms()
    windows.expect_open(programme, now)
    checked = _checked(programme, typed, now)
    try:
        await _register(services, programme, typed, checked, now)
    except Refusal as refusal:
        if refusal.code != Code.USERNAME_TAKEN or not await _is_repeated(services, typed, checked, now):
            raise
    return visible(typed.username)


async def _register(
    services: RegistrationServices,
    programme: Programme,
    typed: Application,
    checked: CheckedApplication,
    now: int,
) -> None:
    """Hash the secrets and keep it. Refusal username_taken. Unavailable."""
    await services.accounts.db.read(lambda conn: refuse_taken(conn, checked.known, now))
    asked, answers = questions.asked(typed.questions)
    hashes = await services.accounts.hasher.hash(opaque(typed.password), answers, lane=HashingLane.NEWCOMERS)
    to_be = AccountToBe(
        username=checked.known,
        password_hash=hashes[0],
        answers_hash=hashes[1],
        questions=asked,
        identity=checked.identity,
        email=checked.email,
        address=typed.address,
        terms_version=application.TERMS_VERSION,
    )
    await services.accounts.db.write(lambda conn: _keep(conn, services, to_be, programme.id, now_ms()))


async def _is_repeated(
    services: RegistrationServices, typed: Application, checked: CheckedApplication, now: int
) -> bool:
    """Whether the registration that has this name is this very one, of just now, with all of its secrets.

    Secrets are verified whatever there is, so that how long it takes tells nobody which address waits.
    """
    found = sa.select(r.c.username, r.c.content).where(
        r.c.username.in_(spellings(checked.known)),
        r.c.programme == typed.programme,
        r.c.made_at > now - REPEATED_MS,
        r.c.content.is_not(None),
    )
    row = (await services.accounts.db.read(lambda conn: conn.execute(found))).first()
    there: AccountToBe | None = None
    if row is not None:
        text = services.accounts.personal.opened(row.username, CONTENT, row.content)
        there = msgspec.json.decode(text, type=AccountToBe)
        if (there.email.canonical, there.identity) != (checked.email.canonical, checked.identity):
            there = None
    _, answers = questions.asked(typed.questions)
    right = await services.accounts.hasher.check(
        (None if there is None else there.password_hash, opaque(typed.password)),
        (None if there is None else there.answers_hash, answers),
        lane=HashingLane.NEWCOMERS,
    )
    return all(right)


def _checked(programme: Programme, typed: Application, now: int) -> CheckedApplication:
    found = application.check(typed, montreal(now).date(), (programme.name,))
    if isinstance(found, ApplicationFaults):
        fields = [{"name": application.api_name(name), "reason": said} for name, said in found.fields.items()]
        only_password = set(found.fields) == {"password"}
        raise Refusal(Code.PASSWORD_WEAK if only_password else Code.INVALID, fields=fields)
    return found


async def refuse_taken(conn: AsyncConnection, known: str, now: int) -> None:
    """Raises Refusal username_taken where an account or a registration that waits has this name."""
    names = spellings(known)
    accounts = sa.select(sa.literal(1)).where(store.account.c.username.in_(names))
    waiting = sa.select(sa.literal(1)).where(r.c.username.in_(names), r.c.kept_until > now)
    if (await conn.execute(sa.union_all(accounts, waiting).limit(1))).first() is not None:
        raise Refusal(Code.USERNAME_TAKEN)


async def _keep(
    conn: AsyncConnection, services: RegistrationServices, to_be: AccountToBe, programme: str, now: int
) -> None:
    """Keep a registration and write to its address, in one transaction. Raises Refusal username_taken."""
    personal = services.accounts.personal
    # What has waited too long holds no name.
    await conn.execute(sa.delete(r).where(r.c.username == to_be.username, r.c.kept_until <= now))
    await refuse_taken(conn, to_be.username, now)
    is_taken = await has_account(conn, services, to_be.email)
    made = new_code(services)
    text = msgspec.json.encode(to_be).decode()
    row = {
        "username": to_be.username,
        "step": RegistrationStep.UNANSWERABLE if is_taken else RegistrationStep.WAITING,
        "email_key": personal.emails.stored(to_be.email.canonical),
        "content": personal.seal(to_be.username, CONTENT, text),
        "programme": programme,
        **made.columns(now),
    }
    added = insert_for(conn, r).values(row).on_conflict_do_nothing(index_elements=[r.c.username])
    id = (await conn.execute(added.returning(r.c.id))).scalar_one_or_none()
    if id is None:  # another one came first, a moment ago
        raise Refusal(Code.USERNAME_TAKEN)
    await write_to(conn, services, id, to_be.email, "" if is_taken else made.code, now)


async def has_account(conn: AsyncConnection, services: RegistrationServices, email: EmailAddress) -> bool:
    """Whether an account has this address."""
    sought = services.accounts.personal.emails.sought(email.canonical)
    found = sa.select(sa.literal(1)).where(store.account.c.email_key.in_(sought))
    return (await conn.execute(found)).first() is not None


async def write_to(
    conn: AsyncConnection, services: RegistrationServices, id: int, email: EmailAddress, code: str, now: int
) -> None:
    """Stage the message of a registration, if its address has not had the day's share; without a code the one that
    says that there is an account already."""
    sought = services.accounts.personal.emails.sought(email.canonical)
    sent = await messages_of_a_day(conn, sought, now)
    if sent >= MOST_MESSAGES:
        return
    mail = (
        mails.confirmation(email.typed, code, services.public_url, KEPT_DAYS)
        if code
        else mails.taken(email.typed, services.public_url)
    )
    values = {"messages": r.c.messages + 1, "written_at": now}
    counted = sa.update(r).where(r.c.id == id).values(values).returning(r.c.messages, r.c.serial)
    row = (await conn.execute(counted)).one()
    # By its serial: SQLite gives the number of a row that was forgotten to the next one.
    await post(
        conn, mail, Subject.row(REGISTRATION, id), now, key=f"registration:{row.serial}:{row.messages}"
    )


async def messages_of_a_day(conn: AsyncConnection, email_keys: Sequence[str], now: int) -> int:
    """How many messages went to an address in the last day, over all registrations with it."""
    recent = (r.c.email_key.in_(email_keys), r.c.written_at > now - DAY_MS)
    total = sa.select(sa.func.coalesce(sa.func.sum(r.c.messages), 0)).where(*recent)
    return int((await conn.execute(total)).scalar_one())


async def sweep(conn: AsyncConnection, now: int) -> None:
    """Forget registrations that have waited too long, with everything that they held."""
    await conn.execute(sa.delete(r).where(r.c.kept_until <= now))
