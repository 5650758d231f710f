"""What is known of persons, read for comparing: accounts with what they have signed, lines of the paper register.

An account may have several identities: its own, and those that its submissions were signed with.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.identities import Identity
from accounts.linkage.comparison import PersonRecord
from accounts.linkage.paper_register import PaperRecord, paper_records
from accounts.personal_data.fields import EMAIL, PersonalFields
from accounts.registration.states import AccountState
from accounts.store import account as accounts
from foundation.encryption.fields import FieldCipher
from quota.store import period
from submission.signing import signatures
from submission.signing.frozen import FrozenAnswers
from submission.store import submission as submissions

a, s = accounts.c, submissions.c

OWN_SECTION = "identity"
"""The section in which a form asks who its person is; every other one that names a person names a relative."""


class PersonCiphers(msgspec.Struct, frozen=True):
    """What opens what is stored of persons: the columns of accounts, and what was signed."""

    personal: PersonalFields
    seals: FieldCipher

    @property
    def reviews(self) -> FieldCipher:
        """What opens cases and the paper register."""
        return self.personal.reviews


class AccountRecords(msgspec.Struct, frozen=True, kw_only=True):
    """Every record of one account's person, the account's own identity first."""

    account: int
    username: str
    created_at: int
    records: tuple[PersonRecord, ...]


async def of_accounts(
    conn: AsyncConnection, ciphers: PersonCiphers, ids: Collection[int]
) -> dict[int, AccountRecords]:
    """The records of these accounts, by account; those that are gone or closed are left out."""
    wanted = sorted(ids)
    signed: dict[int, list[FrozenAnswers]] = defaultdict(list)
    submitted = (
        sa.select(s.account, s.receipt, period.c.programme)
        .join(period, period.c.uid == s.period)
        .where(s.account.in_(wanted))
        .order_by(s.id)
    )
    for owner, receipt, programme in (await conn.execute(submitted)).all():
        content = await signatures.find(conn, receipt, programme, ciphers.seals)
        signed[owner].append(content.answers)
    columns = sa.select(a.id, a.username, a.identity, a.email, a.created_at)
    rows = await conn.execute(columns.where(a.id.in_(wanted), a.state == AccountState.ACTIVE))
    found = {}
    for row in rows:
        email = "" if row.email is None else ciphers.personal.opened(row.username, EMAIL, row.email)
        identity = ciphers.personal.identity(row.username, row.identity)
        found[row.id] = AccountRecords(
            account=row.id, username=row.username, created_at=row.created_at,
            records=records_of(identity, email, signed[row.id]),
        )  # fmt: skip
    return found


def records_of(identity: Identity, email: str, signed: Collection[FrozenAnswers]) -> tuple[PersonRecord, ...]:
    """The records of one person: each identity once, each with all contacts and relatives. Pure."""
    contents = [answers.content() for answers in signed]
    contacts = [content.get("contact", {}) for content in contents]
    emails = _filled([email, *(contact.get("email", "") for contact in contacts)])
    telephones = _filled(contact.get("telephone", "") for contact in contacts)
    relatives = tuple(one for answers in signed for one in _relatives(answers))
    own = (_identity(content.get(OWN_SECTION, {})) for content in contents)
    return tuple(
        PersonRecord(identity=one, emails=emails, telephones=telephones, relatives=relatives)
        for one in dict.fromkeys((identity, *own))
        if one.full_name
    )


def _filled(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, texts)))


def _relatives(answers: FrozenAnswers) -> Iterator[Identity]:
    """Whom a form names beside its own person: the spouse, children and others, each with a date of birth."""
    for section in answers.sections:
        for member in section.members:
            if section.id != OWN_SECTION:
                one = _identity({answer.field: answer.value for answer in member.answers})
                if one.full_name and one.birth_date:
                    yield one


def _identity(fields: dict[str, str]) -> Identity:
    return Identity(**{name: fields.get(name, "") for name in Identity.__struct_fields__})


async def of_papers(
    conn: AsyncConnection, ciphers: PersonCiphers, ids: Collection[int]
) -> dict[int, PaperRecord]:
    """Lines of the paper register, by number."""
    return await paper_records(conn, ciphers.reviews, ids)
