"""The paper register: who sent an application by post in an earlier period (DU-05), read from a file of the ministry.

« Vous n'avez pas à utiliser l'application » is no ban: a hit warns before the submission and lets a person look after
it. Nothing is refused by it.
"""

import csv
import io
from collections.abc import Collection, Iterable
from typing import NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.identities import Identity, iso_date
from accounts.linkage import blocks, store
from accounts.linkage.blocking import keys_of
from accounts.linkage.comparison import PersonRecord
from accounts.linkage.keys import LinkageKey, open_key
from accounts.linkage.staging import stage_scan
from accounts.normalisation import visible
from accounts.store import ACCOUNT
from foundation import audit
from foundation.audit import By
from foundation.encryption.fields import FieldCipher
from foundation.sql.tables import among, insert_for

p = store.paper_record

COLUMNS = ("reference", "family_name", "given_name", "birth_date", "passport")
"""What the file's first line names; the passport may be empty, older papers have none."""

LONGEST_CELL = 200


class PaperRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the register: the paper file's reference, and whose it is."""

    reference: str
    identity: Identity

    @property
    def record(self) -> PersonRecord:
        """As it is compared."""
        return PersonRecord(identity=self.identity)


class WrongLine(NamedTuple):
    """What is wrong in a line, for whoever sends the file; the line's text is not quoted."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


def read_register(text: str) -> tuple[list[PaperRecord], list[WrongLine]]:
    """The lines of a file and what is wrong with it. Comma, semicolon or tab, with or without a byte order mark."""
    text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    head = text.partition("\n")[0]
    separator = max(",;\t", key=head.count)
    rows = csv.DictReader(io.StringIO(text), delimiter=separator)
    named = [(name or "").strip().casefold() for name in rows.fieldnames or ()]
    if missing := [name for name in COLUMNS if name not in named]:
        return [], [WrongLine(1, f"these columns are missing: {', '.join(missing)}")]
    rows.fieldnames = named
    found, wrong = [], []
    for row in rows:
        reason = _wrong(row)
        if reason:
            wrong.append(WrongLine(rows.line_num, reason))
            continue
        cells = {name: visible(row[name] or "") for name in COLUMNS}
        reference = cells.pop("reference")
        found.append(PaperRecord(reference=reference, identity=Identity(**cells)))
    return found, wrong


def _wrong(row: dict[str, str]) -> str:
    if None in row or None in row.values():
        return "has not as many cells as the first line"
    if any(len(row[name]) > LONGEST_CELL for name in COLUMNS):
        return f"a cell is longer than {LONGEST_CELL} characters"
    if not visible(row["reference"]):
        return "has no reference"
    if not visible(row["family_name"]) and not visible(row["given_name"]):
        return "has no name"
    if iso_date(row["birth_date"]) is None:
        return "birth_date is no date such as 1990-02-03"
    return ""


async def keep(
    conn: AsyncConnection, ciphers: FieldCipher, key: LinkageKey, lines: Iterable[PaperRecord], now: int
) -> list[int]:
    """Keep these lines with their blocking keys; the numbers of those that are new. A line that is there stays."""
    new = []
    for line in lines:
        text = msgspec.json.encode(line).decode()
        digest = key.digest(f"paper {text}")
        values = {"row_digest": digest, "identity": ciphers.encrypt(text, _field(digest)), "imported_at": now}
        statement = insert_for(conn, p).values(values).on_conflict_do_nothing(index_elements=[p.c.row_digest])
        made = (await conn.execute(statement.returning(p.c.id))).scalar_one_or_none()
        if made is not None:
            await blocks.write(conn, key, store.PAPER_RECORD, made, [line.record])
            new.append(made)
    return new


_LINES = sa.select(p.c.id, p.c.row_digest, p.c.identity).where(among(p.c.id, "ids"))

PAPER_REGISTER_IMPORT = "paper_register_import"
"""The act in the audit; `detail` says how many lines were new, and how many accounts are looked at again."""


async def take_over(
    conn: AsyncConnection, ciphers: FieldCipher, lines: Collection[PaperRecord], by: By, now: int
) -> tuple[int, int]:
    """Keep these lines, and have the accounts looked at that have a blocking key in common with a new one; how many
    lines were new, and how many accounts those are."""
    key = await open_key(conn, ciphers, now)
    new = await keep(conn, ciphers, key, lines, now)
    accounts: set[int] = set()
    for number, line in (await paper_records(conn, ciphers, new)).items():
        digests = key.digests(keys_of(line.record))
        accounts |= (await blocks.met(conn, store.PAPER_RECORD, number, digests)).get(ACCOUNT, set())
    for account in sorted(accounts):
        await stage_scan(conn, account, now)
    await audit.record(conn, by, PAPER_REGISTER_IMPORT, None, now, new=len(new), accounts=len(accounts))
    return len(new), len(accounts)


async def paper_records(
    conn: AsyncConnection, ciphers: FieldCipher, ids: Collection[int]
) -> dict[int, PaperRecord]:
    """Lines of the register, by number."""
    rows = await conn.execute(_LINES, {"ids": sorted(ids)})
    found = {}
    for row in rows:
        text = ciphers.decrypt(row.identity, _field(row.row_digest))
        if text is not None:
            found[row.id] = msgspec.json.decode(text, type=PaperRecord)
    return found


def _field(digest: str) -> str:
    return f"paper_record:{digest}:identity"
