"""A register's file written into the store: consultants are added and changed, never taken away; on the record."""

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.representatives.register import daily
from accounts.representatives.register.files import RegisterFile
from accounts.representatives.register.standing import RegisterEntry, entry_of
from accounts.representatives.store import consultant
from foundation import audit
from foundation.audit import By

AT_ONCE = 1_000
"""Rows a statement."""

CONSULTANTS_IMPORT = "consultants_import"
"""The act in the audit; `detail` says how many consultants were new and changed."""

c = consultant.c


class RegisterPlan(msgspec.Struct, frozen=True):
    """What a file would do: consultants who are new, and who are in the store with something else. `same` stay as they
    are; so do those of the store whom the file does not name (`absent`)."""

    new: list[RegisterEntry]
    changed: list[RegisterEntry]
    same: int
    absent: int

    def told(self, *, check: bool) -> str:
        """The outcome as a sentence."""
        before = "Nothing was written, with --check. " if check else ""
        return (
            f"{before}{len(self.new)} consultants are new, {len(self.changed)} changed, {self.same} are as they were; "
            f"{self.absent} of the store are not in the file and stay as they are."
        )


async def plan(conn: AsyncConnection, file: RegisterFile) -> RegisterPlan:
    """What the file would do, as the store is now; nothing is written."""
    there = {entry.number: entry for entry in map(entry_of, await conn.execute(sa.select(consultant)))}
    new = [entry for number, entry in file.entries.items() if number not in there]
    changed = [
        msgspec.structs.replace(entry, id=there[number].id)
        for number, entry in file.entries.items()
        if number in there and msgspec.structs.replace(there[number], id=0) != entry
    ]
    named = len(file.entries) - len(new)
    return RegisterPlan(new, changed, named - len(changed), len(there) - named)


async def carry_out(conn: AsyncConnection, file: RegisterFile, by: By, now: int) -> RegisterPlan:
    """Write what the file says, and have every consultant who represents somebody checked at once."""
    planned = await plan(conn, file)
    rows = [_row(entry, now) for entry in planned.new]
    for start in range(0, len(rows), AT_ONCE):
        await conn.execute(sa.insert(consultant), rows[start : start + AT_ONCE])
    for entry in planned.changed:
        await conn.execute(sa.update(consultant).where(c.id == entry.id).values(_row(entry, now)))
    await daily.stage_now(conn, now)
    await audit.record(
        conn, by, CONSULTANTS_IMPORT, None, now,
        new=len(planned.new), changed=len(planned.changed), same=planned.same, absent=planned.absent,
    )  # fmt: skip
    return planned


def _row(entry: RegisterEntry, now: int) -> dict[str, object]:
    return {
        "number": entry.number, "name": entry.name, "status": entry.status,
        "valid_from": entry.valid_from.isoformat(), "valid_to": entry.valid_to.isoformat(), "imported_at": now,
    }  # fmt: skip
