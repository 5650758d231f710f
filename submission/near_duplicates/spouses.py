"""Spouses who both apply: one has declared the other, and the other has an account of their own.

Each may apply, and keeps a file of their own: nothing here refuses or bars anybody. A flag says to whoever reads one of
the two files that there is another one, so that a couple is not taken for one person. Names and date of birth decide,
as a form does not ask for the passport of a spouse.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import identities
from accounts.identities import Identity
from accounts.linkage import blocks
from accounts.linkage.comparison import PersonRecord
from accounts.linkage.keys import LinkageKey
from accounts.linkage.store import DECLARED_SPOUSE
from accounts.representatives.store import spouse_flag
from accounts.store import ACCOUNT
from foundation.encryption.fields import FieldCipher
from foundation.sql.tables import insert_for, plain_row
from quota.store import PERSON_KEY_MARK, period
from submission.near_duplicates import records
from submission.near_duplicates.records import AccountRecords, PersonCiphers
from submission.signing import signatures
from submission.store import submission as submissions

SPOUSE_SECTION = "spouse"
"""The section of a form in which a spouse is declared."""

s, f = submissions.c, spouse_flag.c


class DeclaredSpouse(msgspec.Struct, frozen=True):
    """Whom somebody has declared as their spouse, in an application for a programme."""

    programme: str
    identity: Identity


class SpouseFlag(msgspec.Struct, frozen=True, kw_only=True):
    """The account that has declared a spouse, and the account of this spouse. `found_at` is an instant."""

    account: int
    spouse: int
    programme: str
    found_at: int

    def other(self, account: int) -> int:
        """The other one of the two."""
        return self.spouse if account == self.account else self.account


def is_spouse(declared: Identity, identity: Identity) -> bool:
    """Whether this identity is the one that was declared: both names, in either order, and the date of birth. Pure."""
    *names, born, _ = identities.compared(declared, PERSON_KEY_MARK)
    *other_names, other_born, _ = identities.compared(identity, PERSON_KEY_MARK)
    return bool(any(names) and born) and sorted(names) == sorted(other_names) and born == other_born


async def scan(
    conn: AsyncConnection,
    ciphers: PersonCiphers,
    key: LinkageKey,
    mine: AccountRecords,
    declaring: Collection[int],
    now: int,
) -> list[SpouseFlag]:
    """Flag this account's spouse who has one too, and those of `declaring` whose spouse this account's owner is.

    `declaring` are the accounts whose declared spouse has a blocking key in common with this account.
    """
    known = await declared(conn, ciphers.seals, {mine.account, *declaring})
    own = known[mine.account]
    spouses = [PersonRecord(identity=one.identity) for one in own]
    digests = await blocks.write(conn, key, DECLARED_SPOUSE, mine.account, spouses)
    met = (await blocks.met(conn, DECLARED_SPOUSE, mine.account, digests))[ACCOUNT] if digests else set()
    others = await records.of_accounts(conn, ciphers, met - {mine.account})
    found = [
        SpouseFlag(account=mine.account, spouse=other.account, programme=one.programme, found_at=now)
        for other in others.values()
        for one in own
        if _is_among(one.identity, other.records)
    ]
    found += [
        SpouseFlag(account=account, spouse=mine.account, programme=one.programme, found_at=now)
        for account in sorted(set(declaring) - {mine.account})
        for one in known[account]
        if _is_among(one.identity, mine.records)
    ]
    for flag in found:
        once = insert_for(conn, spouse_flag).values(msgspec.structs.asdict(flag)).on_conflict_do_nothing()
        await conn.execute(once)
    return found


async def declared(
    conn: AsyncConnection, seals: FieldCipher, accounts: Collection[int]
) -> dict[int, list[DeclaredSpouse]]:
    """Whom these accounts have declared as their spouse in what they submitted."""
    found: dict[int, list[DeclaredSpouse]] = defaultdict(list)
    rows = await conn.execute(
        sa.select(s.account, s.receipt, s.ledger, period.c.programme)
        .outerjoin(period, period.c.uid == s.period)
        .where(s.account.in_(sorted(accounts)))
        .order_by(s.id)
    )
    for row in rows.all():
        programme = row.programme or row.ledger or ""
        answers = (await signatures.find(conn, row.receipt, programme, seals)).answers
        fields = answers.content().get(SPOUSE_SECTION)
        if fields:
            values = {name: fields.get(name, "") for name in Identity.__struct_fields__}
            found[row.account].append(DeclaredSpouse(answers.programme, Identity(**values)))
    return found


async def of_account(conn: AsyncConnection, account: int) -> list[SpouseFlag]:
    """The flags of an account, on either side: for the desks of agents and of reviews, never for the candidate."""
    theirs = sa.or_(f.account == account, f.spouse == account)
    rows = await conn.execute(sa.select(spouse_flag).where(theirs).order_by(f.found_at, f.account))
    return [msgspec.convert(plain_row(row), SpouseFlag) for row in rows]


def _is_among(spouse: Identity, some: Iterable[PersonRecord]) -> bool:
    return any(is_spouse(spouse, record.identity) for record in some)
