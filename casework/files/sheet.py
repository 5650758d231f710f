"""Who a file is about and what is asked of it, from one row read once: letters and mails are made of it (P14)."""

from collections.abc import Collection
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.identities import Identity
from accounts.personal_data.fields import ADDRESS, EMAIL, PersonalFields
from accounts.personal_data.home_address import HomeAddress
from accounts.store import account
from casework.files.numbers import file_number
from foundation.errors import Code, Refusal
from quota.store import period
from submission.store import submission


class FileSheet(msgspec.Struct, frozen=True, kw_only=True):
    """The head of a file. `programme` is its id, `rules` what was frozen when its period was announced (None outside
    the quota). `email` is None for accounts that have none. Instants in milliseconds."""

    submission: int
    account: int
    username: str
    identity: Identity
    email: str | None
    address: HomeAddress | None
    receipt: str
    programme: str
    rules: str | None
    ordinal: int | None
    rank: int
    submitted_at: int
    pay_by: int

    @property
    def number(self) -> str:
        """The number of the file, with its check digits."""
        return file_number(self.submission)


async def sheet(conn: AsyncConnection, personal: PersonalFields, number: int) -> FileSheet:
    """The head of a submission's file. Refusal not_found."""
    return (await sheets(conn, personal, [number]))[number]


async def sheets(
    conn: AsyncConnection, personal: PersonalFields, numbers: Collection[int]
) -> dict[int, FileSheet]:
    """The heads of many files, in one statement. Refusal not_found where one of them is not there."""
    s, a, p = submission.c, account.c, period.c
    rows = await conn.execute(
        sa.select(s.id, s.account, s.receipt, s.rank, s.submitted_at, s.pay_by, a.username, a.identity)
        .add_columns(a.email, a.address, p.rules, p.ordinal)
        .add_columns(sa.func.coalesce(p.programme, s.ledger).label("programme"))
        .join(account, a.id == s.account)
        .outerjoin(period, p.uid == s.period)
        .where(s.id.in_(numbers))
    )
    found = {row.id: _sheet(personal, row) for row in rows}
    if not found.keys() >= set(numbers):
        raise Refusal(Code.NOT_FOUND)
    return found


def _sheet(personal: PersonalFields, row: Any) -> FileSheet:
    email = None if row.email is None else personal.opened(row.username, EMAIL, row.email)
    address = None if row.address is None else personal.opened(row.username, ADDRESS, row.address)
    return FileSheet(
        submission=row.id,
        account=row.account,
        username=row.username,
        identity=personal.identity(row.username, row.identity),
        email=email,
        address=None if address is None else msgspec.json.decode(address, type=HomeAddress),
        receipt=row.receipt,
        programme=row.programme,
        rules=row.rules,
        ordinal=row.ordinal,
        rank=row.rank,
        submitted_at=row.submitted_at,
        pay_by=row.pay_by,
    )
