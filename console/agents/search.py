"""Looking for a file: by receipt, user name, e-mail address, or name and date of birth; a few results, little of each.

What is found says that there is such an account and no more: who it is, is in the file, behind the check of who asks.
Each search is on the record with its reason, how many were found and which accounts; never what was typed.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import candidates, normalisation
from accounts.identities import iso_date
from accounts.linkage import by_name
from accounts.personal_data import email_addresses
from accounts.personal_data.fields import PersonalFields
from accounts.store import account
from console.agents.openings import LONGEST_REASON
from console.staff.desk import StaffMemberHere
from foundation import audit
from foundation.errors import Code, Refusal
from submission.receipt_numbers import typed_receipt
from submission.store import submission

a, s = account.c, submission.c

SEARCH = "file_search"
"""The act in the audit; `detail` has how, how many, and the accounts."""

MOST_FOUND = 20


class SearchBy(StrEnum):
    """What is looked for."""

    RECEIPT = "receipt"
    """A receipt's number, however it is typed."""
    USERNAME = "username"
    """A user name, whole."""
    EMAIL = "email"
    """An e-mail address, whole."""
    PERSON = "person"
    """A name and a date of birth, as a person says them."""


WAYS = {
    SearchBy.RECEIPT: "Numéro d’accusé de réception",
    SearchBy.USERNAME: "Nom d’utilisateur",
    SearchBy.EMAIL: "Adresse courriel",
    SearchBy.PERSON: "Nom et date de naissance",
}
"""What is looked for -> what is chosen."""


class FileSearch(msgspec.Struct, frozen=True, kw_only=True):
    """A search as it was typed."""

    by: SearchBy
    text: str
    birth_date: str
    reason: str


class FoundFile(msgspec.Struct, frozen=True, kw_only=True):
    """An account that was found: enough to tell it from another one, and nothing of the person."""

    id: int
    username: str
    created_at: int
    receipts: list[str]


def typed(fields: Mapping[str, str]) -> FileSearch:
    """The form of a search. Refusal invalid with what is to be corrected, by field."""
    by = next((one for one in SearchBy if one == fields.get("by")), SearchBy.RECEIPT)
    text, reason = (
        normalisation.visible(fields.get("text", "")[:300]),
        normalisation.visible(fields.get("reason", "")),
    )
    birth_date = fields.get("birth_date", "").strip()
    wrong: dict[str, str] = {}
    if not text or (by is SearchBy.RECEIPT and typed_receipt(text) is None):
        wrong["text"] = (
            "Ce n’est pas un numéro d’accusé de réception : MPQ, puis quatre groupes de cinq signes."
            if by is SearchBy.RECEIPT and text
            else "Entrez ce qui est cherché."
        )
    if by is SearchBy.PERSON and iso_date(birth_date) is None:
        wrong["birth_date"] = "Entrez la date de naissance, telle que 1990-02-03."
    if not reason or len(reason) > LONGEST_REASON:
        wrong["reason"] = f"Donnez le motif, en {LONGEST_REASON} caractères au plus."
    if wrong:
        raise Refusal(Code.INVALID, fields=[{"name": name, "reason": said} for name, said in wrong.items()])
    return FileSearch(by=by, text=text, birth_date=birth_date, reason=reason)


async def search(
    conn: AsyncConnection,
    personal: PersonalFields,
    member: StaffMemberHere,
    asked: FileSearch,
    now: int,
) -> list[FoundFile]:
    """The files that are found, on the record."""
    match asked.by:
        case SearchBy.RECEIPT:
            wanted = a.id.in_(sa.select(s.account).where(s.receipt == typed_receipt(asked.text)))
        case SearchBy.USERNAME:
            named = candidates.named(sa.select(a.id), asked.text).subquery()
            wanted = a.id.in_(sa.select(named.c.id))
        case SearchBy.EMAIL:
            wanted = a.email_key.in_(personal.emails.sought(_canonical(asked.text)))
        case SearchBy.PERSON:
            wanted = a.id.in_(await by_name.accounts_named(conn, personal, asked.text, asked.birth_date, now))
    found = sa.select(a.id, a.username, a.created_at).where(wanted).order_by(a.id).limit(MOST_FOUND)
    rows = list(await conn.execute(found))
    receipts = await _receipts(conn, [row.id for row in rows])
    await audit.record(
        conn, member.actor, SEARCH, None, now, reason=asked.reason, by=asked.by, found=len(rows),
        accounts=[row.id for row in rows],
    )  # fmt: skip
    return [
        FoundFile(
            id=row.id, username=row.username, created_at=row.created_at, receipts=receipts.get(row.id, [])
        )
        for row in rows
    ]


def _canonical(text: str) -> str:
    """An address as it is held unique; what is none is nobody's."""
    address = email_addresses.read(text)
    return "" if address is None else address.canonical


async def _receipts(conn: AsyncConnection, accounts: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    theirs = sa.select(s.account, s.receipt).where(s.account.in_(accounts)).order_by(s.id)
    for row in await conn.execute(theirs):
        found.setdefault(row.account, []).append(row.receipt)
    return found
