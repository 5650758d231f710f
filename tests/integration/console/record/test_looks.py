"""Looks at pages: one line a page, person and ten minutes, whichever process serves."""

from console.record.entries import RecordFilter, newest
from console.record.looks import PageLooks
from foundation import audit
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.sql.database import Database
from foundation.subjects import Subject

AGNES = Actor("agnes", "operator")


async def test_one_look_is_one_line(database: Database) -> None:
    """A hundred refreshes in two processes are one; another page, period or person is another."""
    one, other = PageLooks(database), PageLooks(database)
    about = Subject("period", "u")
    for _ in range(50):
        for process in (one, other):
            await process.saw(AGNES, "journée", about)
    await other.saw(AGNES, "registre")
    await one.saw(AGNES, "journée", Subject("period", "v"))
    await one.saw(Actor("boris", "operator"), "journée", about)
    found = await database.read(lambda conn: newest(conn, RecordFilter(looks=True), 50))
    assert [(line.actor, line.act, line.detail["page"], line.subject_id) for line in found] == [
        ("boris", "look", "journée", "u"),
        ("agnes", "look", "journée", "v"),
        ("agnes", "look", "registre", None),
        ("agnes", "look", "journée", "u"),
    ]


async def test_a_look_of_long_ago_does_not_count(database: Database) -> None:
    """After ten minutes it is another one."""
    ago = now_ms() - 700_000
    await database.write(lambda conn: audit.record(conn, AGNES, audit.LOOK, None, ago, page="registre"))
    await PageLooks(database).saw(AGNES, "registre")
    assert len(await database.read(lambda conn: newest(conn, RecordFilter(looks=True), 50))) == 2
