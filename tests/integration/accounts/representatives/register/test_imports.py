"""A register's file in the store: added, changed, never taken away; whoever represents somebody is checked at once."""

from pathlib import Path

import msgspec
import sqlalchemy as sa

from accounts.representatives.register import imports
from accounts.representatives.register.daily import RegisterTask
from accounts.representatives.register.files import RegisterFile, read_register
from accounts.representatives.register.standing import ConsultantStatus, RegisterStanding, by_number, standing
from foundation import audit, outbox
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support.candidates.representing import register
from tests.support.desks import today

HEADER = "number,name,status,valid_from,valid_to\n"


def file_of(folder: Path, *rows: str) -> RegisterFile:
    path = folder / "register.csv"
    path.write_text(HEADER + "\n".join(rows), "utf-8")
    return read_register(path)


async def test_consultants_are_added_and_changed_and_the_others_stay(
    database: Database, tmp_path: Path
) -> None:
    """The plan says it before anything is written, and the record has it afterwards."""
    await register(database, number="1", name="A")
    await register(database, number="2", name="B", valid_to="2030-01-01")
    await register(database, number="3", name="C")
    file = file_of(
        tmp_path, "2,B,recognised,2020-01-01,2030-01-01", "3,C,suspended,2020-01-01,2030-01-01",
        "4,D,recognised,2020-01-01,2030-01-01",
    )  # fmt: skip
    planned = await database.read(lambda conn: imports.plan(conn, file))
    assert (len(planned.new), len(planned.changed), planned.same, planned.absent) == (1, 1, 1, 1)
    assert planned.told(check=True).startswith(
        "Nothing was written, with --check. 1 consultants are new, 1 changed"
    )
    now = now_ms()
    assert await database.write(lambda conn: imports.carry_out(conn, file, "claire", now)) == planned
    found = [await database.read(lambda conn, n=n: by_number(conn, n)) for n in "1234"]  # type: ignore[misc]
    assert [standing(one, today()) for one in found] == [
        RegisterStanding.RECOGNISED, RegisterStanding.RECOGNISED, RegisterStanding.SUSPENDED,
        RegisterStanding.RECOGNISED,
    ]  # fmt: skip
    rows = await database.read(lambda conn: conn.execute(sa.select(audit.audit)))
    (line,) = list(rows)
    assert (line.actor, line.act) == ("claire", imports.CONSULTANTS_IMPORT)
    assert msgspec.json.decode(line.detail) == {"new": 1, "changed": 1, "same": 1, "absent": 1}
    kinds = await database.read(lambda conn: conn.execute(sa.select(outbox.task.c.kind)))
    assert list(kinds.scalars()) == [RegisterTask.CHECK]


async def test_the_same_file_again_changes_nothing(database: Database, tmp_path: Path) -> None:
    """A status that goes and comes back is a change each time."""
    file = file_of(tmp_path, "2,B,recognised,2020-01-01,2030-01-01")
    for changed in (0, 0):
        done = await database.write(lambda conn: imports.carry_out(conn, file, "claire", now_ms()))
        assert len(done.changed) == changed
    entry = await database.read(lambda conn: by_number(conn, "2"))
    assert entry is not None and entry.status is ConsultantStatus.RECOGNISED
