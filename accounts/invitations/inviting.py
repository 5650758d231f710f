"""An account outside the windows of registration, for somebody of an exempt stream who has telephoned (AC-12).

An agent begins it with who the person is, their address and the stream; the person finishes it by the link in a mail,
with secrets that nobody else ever sees. No account exists before. It exists since then: a quota's rule on new accounts
(WR-16) holds for it as for any other.
"""

import secrets

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import normalisation
from accounts.identities import Identity
from accounts.invitations import mails
from accounts.invitations.services import InvitationServices
from accounts.invitations.store import INVITATION, invitation
from accounts.normalisation import opaque
from accounts.passwords import HashingLane
from accounts.personal_data import email_addresses
from accounts.personal_data.email_addresses import EmailAddress
from accounts.registration import application, codes
from accounts.registration.application import Application, ApplicationFaults
from accounts.registration.confirming import make_account
from accounts.registration.registering import AccountToBe, has_account, refuse_taken
from accounts.secrets import questions
from foundation import audit
from foundation.audit import By
from foundation.calendar.days import DAY_MS
from foundation.clock import montreal, now_ms
from foundation.errors import Code, Refusal
from foundation.mail.outgoing import post
from foundation.subjects import Subject
from server.requests import Incoming

i = invitation.c

GOOD_DAYS = 14
"""For so long a link is good: a person may be travelling."""

LONGEST_REASON = 500

CONTENT = "invitation"
"""The column, for the cipher."""

FORGOTTEN = {"content": None, "email_key": ""}
"""What is left of who was invited once the link is used or past."""

INVITED = "account_invited"
"""The act in the audit; `reason` is the agent's justification, `detail` programme and stream."""


class InvitedPerson(msgspec.Struct, frozen=True):
    """Who was invited, where to, and the code of their link, which a rotated key finds again by it."""

    identity: Identity
    email: EmailAddress
    code: str = ""


class OpenInvitation(msgspec.Struct, frozen=True):
    """An invitation whose link is good."""

    id: int
    programme: str
    stream: str
    person: InvitedPerson


async def invite(
    conn: AsyncConnection,
    services: InvitationServices,
    programme: str,
    stream: str,
    identity: Identity,
    email: str,
    reason: str,
    by: By,
    now: int,
) -> int:
    """Begin an account and write to its person; the invitation's id.

    Refusals not_found (no such stream), invalid (with `fields`), email_already_used.
    """
    registration = services.registration
    known = registration.programmes.get(programme)
    if known is None or known.stream(stream) is None:
        raise Refusal(Code.NOT_FOUND)
    cleaned, address = application.cleaned(identity), email_addresses.read(email)
    wrong = application.identity_problems(cleaned, montreal(now).date())
    if address is None:
        wrong["email"] = "Entrez une adresse de courriel complète, comme nom@exemple.ca."
    why = normalisation.visible(reason)
    if not why or len(why) > LONGEST_REASON:
        wrong["reason"] = f"Donnez la justification, en {LONGEST_REASON} caractères au plus."
    if wrong or address is None:
        raise Refusal(Code.INVALID, fields=[{"name": name, "reason": said} for name, said in wrong.items()])
    if await has_account(conn, registration, address):
        raise Refusal(Code.EMAIL_ALREADY_USED)
    code = codes.code_of(registration.secrets[0], f"invitation {secrets.token_hex(16)}")
    code_key, personal = services.codes.stored(code), registration.accounts.personal
    text = msgspec.json.encode(InvitedPerson(cleaned, address, code)).decode()
    row = {
        "code_key": code_key,
        "content": personal.seal(place(code_key), CONTENT, text),
        "email_key": personal.emails.stored(address.canonical),
        "programme": programme,
        "stream": stream,
        "invited_by": audit.acting(by).name,
        "invited_at": now,
        "expires_at": now + GOOD_DAYS * DAY_MS,
    }
    id = int((await conn.execute(sa.insert(invitation).values(row).returning(i.id))).scalar_one())
    subject = Subject.row(INVITATION, id)
    mail = mails.invited(address.typed, registration.public_url, codes.shown(code), GOOD_DAYS)
    await post(conn, mail, subject, now, key=f"account_invitation:{id}")
    await audit.record(conn, by, INVITED, subject, now, reason=why, programme=programme, stream=stream)
    return id


async def find(conn: AsyncConnection, services: InvitationServices, typed: str, now: int) -> OpenInvitation:
    """The invitation of a link. Refusal link_expired for one that is past, used, or nobody's."""
    code = codes.typed(typed)
    sought = sa.select(invitation).where(
        i.code_key.in_(services.codes.sought(code)), i.expires_at > now, i.account.is_(None)
    )
    row = (await conn.execute(sought.with_for_update())).one_or_none() if code else None
    if row is None:
        raise Refusal(Code.LINK_EXPIRED)
    personal = services.registration.accounts.personal
    text = personal.opened(place(row.code_key), CONTENT, row.content)
    return OpenInvitation(row.id, row.programme, row.stream, msgspec.json.decode(text, type=InvitedPerson))


async def accept(
    services: InvitationServices, came: Incoming, code: str, typed: Application
) -> OpenInvitation:
    """Make the account with the secrets that its person chose; the invitation.

    Refusals rate_limited, link_expired, invalid or password_weak (with `fields`), username_taken, email_already_used.
    """
    registration = services.registration
    accounts = registration.accounts
    registration.budgets.charge(came.address)
    now = now_ms()
    found = await accounts.db.read(lambda conn: find(conn, services, code, now))
    person = found.person
    whole = msgspec.structs.replace(
        typed, programme=found.programme, email=person.email.typed, identity=person.identity, address=None
    )
    checked = application.check(whole, montreal(now).date(), (registration.programmes[found.programme].name,))
    if isinstance(checked, ApplicationFaults):
        fields = [{"name": name, "reason": said} for name, said in checked.fields.items()]
        only_password = set(checked.fields) == {"password"}
        raise Refusal(Code.PASSWORD_WEAK if only_password else Code.INVALID, fields=fields)
    asked, answers = questions.asked(whole.questions)
    hashes = await accounts.hasher.hash(opaque(whole.password), answers, lane=HashingLane.NEWCOMERS)
    to_be = AccountToBe(
        username=checked.known, password_hash=hashes[0], answers_hash=hashes[1], questions=asked,
        identity=person.identity, email=person.email, address=None, terms_version=application.TERMS_VERSION,
    )  # fmt: skip

    async def make(conn: AsyncConnection) -> OpenInvitation:
        at = now_ms()
        still = await find(conn, services, code, at)
        await refuse_taken(conn, to_be.username, at)
        if await has_account(conn, registration, person.email):
            raise Refusal(Code.EMAIL_ALREADY_USED)
        account = await make_account(conn, accounts.personal, to_be, still.programme, at, at)
        used = {"account": account, **FORGOTTEN}
        await conn.execute(sa.update(invitation).where(i.id == still.id).values(used))
        return still

    try:
        return await accounts.db.write(make)
    except IntegrityError:  # the name or the address was taken in this very moment
        raise Refusal(Code.USERNAME_TAKEN) from None


async def sweep(conn: AsyncConnection, now: int) -> int:
    """Forget who was invited by links that are past; how many those are."""
    past = sa.update(invitation).where(i.expires_at <= now, i.content.is_not(None)).values(FORGOTTEN)
    return int((await conn.execute(past)).rowcount)


def place(code_key: str) -> str:
    """In place of a user name: where the content stands, for the cipher."""
    return f"invitation {code_key}"
