"""`guichet verify --audit`: whatever was done to the audit behind its back is found, and said where (P16)."""

import io

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from evidence.verify_audit import read_chains, verify
from foundation import audit
from foundation.audit import Actor
from foundation.audit_chain import ChainPosition
from foundation.sql.database import Database
from foundation.subjects import Subject

DAY_MS = 86_400_000

NOW = 1_465_821_000_000


async def lay_lines(conn: AsyncConnection) -> None:
    """Six acts and, between them, four looks."""
    agnes, subject = Actor("agnès", "operator"), Subject("period", "u1")
    for n in range(6):
        await audit.record(conn, agnes, "pause", subject, NOW + n, before={"stand": "open"}, reason="É\n😀")
        if n < 4:
            await audit.record(conn, agnes, audit.LOOK, None, NOW + n, call="GET /")


async def verified(url: str, *kept: ChainPosition) -> tuple[int, list[str]]:
    """The exit code, and what was printed without the heads' hashes."""
    out = io.StringIO()
    code = await verify(url, kept, out)
    return code, [line.split(", head ")[0].strip() for line in out.getvalue().splitlines()]


WHOLE = [
    "P16 holds: nothing in the audit was changed, taken out or put in",
    "acts: 6 lines",
    "looks: 4 lines",
]

BROKEN = "P16 BROKEN: nothing in the audit was changed, taken out or put in"

ACT, LOOK = "stream = 'acts' and sequence", "stream = 'looks' and sequence"

SPOILED = {
    "altered": ([f"update audit set actor = 'mallory' where {ACT} = 3"], ["line 3: altered"]),
    "altered instant": ([f"update audit set at = at - 1 where {ACT} = 3"], ["line 3: altered"]),
    "altered role": ([f"update audit set role = null where {ACT} = 3"], ["line 3: altered"]),
    "deleted": ([f"delete from audit where {ACT} = 3"], ["line 3: missing"]),
    "deleted at the end": ([f"delete from audit where {ACT} > 4"], ["lines 5 to 6: missing"]),
    "deleted at the beginning": ([f"delete from audit where {ACT} < 3"], ["lines 1 to 2: missing"]),
    "deleted and renumbered": (
        [f"delete from audit where {ACT} = 3", f"update audit set sequence = sequence + 100 where {ACT} > 3",
         f"update audit set sequence = sequence - 101 where {ACT} > 100"],
        ["line 3: out of order", "line 6: missing"],
    ),
    "swapped": (
        [f"update audit set sequence = 100 where {ACT} = 2", f"update audit set sequence = 2 where {ACT} = 3",
         f"update audit set sequence = 3 where {ACT} = 100"],
        ["line 2: out of order", "line 3: out of order", "line 4: out of order"],
    ),
    "inserted": (
        ["insert into audit (stream, sequence, at, actor, act, detail, previous, hash)"
         " select stream, 7, at, 'mallory', act, detail, hash, hash from audit where stream = 'acts' and sequence = 6"],
        ["line 7: altered", "line 7: out of order"],
    ),
    "inserted beside the streams": (
        ["insert into audit (stream, sequence, at, actor, act, detail, previous, hash)"
         " select 'others', 70, at, 'mallory', act, detail, previous, hash from audit where stream = 'acts'"
         " and sequence = 1"],
        ["line 70: out of order"],
    ),
    "the head put back": (
        [f"delete from audit where {ACT} = 6",
         "update audit_chain set sequence = 5 where stream = 'acts'"],
        ["line 5: altered"],
    ),
    "a look deleted": ([f"delete from audit where {LOOK} = 2"], ["line 2: missing"]),
    "looks forgotten without an act": (
        [f"delete from audit where {LOOK} <= 2",
         "update audit_chain set anchor_sequence = 2, anchor_hash ="
         f" (select previous from audit where {LOOK} = 3) where stream = 'looks'"],
        ["lines 1 to 2: missing"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", list(SPOILED))
async def test_what_was_done_behind_its_back_is_found(
    database: Database, database_url: str, how: str
) -> None:
    """Altered, deleted, swapped, inserted: exit status 1, with the lines and what is wrong with them."""
    statements, found = SPOILED[how]
    await database.write(lay_lines)

    async def spoil(conn: AsyncConnection) -> None:
        for statement in statements:
            await conn.execute(sa.text(statement))

    await database.write(spoil)
    code, lines = await verified(database_url)
    assert (code, lines[0]) == (1, BROKEN)
    assert [line for line in lines[1:] if line.startswith("line")] == found


async def test_an_untouched_audit_is_whole(database: Database, database_url: str) -> None:
    """Twin: nothing is found where nothing was done, in an empty audit either."""
    assert (await verified(database_url))[0] == 0
    await database.write(lay_lines)
    assert await verified(database_url) == (0, WHOLE)


async def test_a_step_that_is_refused_leaves_the_chain_as_it_was(database: Database) -> None:
    """A line goes with its transaction: undone with it, and the next one takes its place."""

    async def fails(conn: AsyncConnection) -> None:
        await audit.record(conn, "boris", "pause", None, NOW)
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(fails)
    await database.write(lay_lines)
    assert [(one.lines, one.breaks) for one in await database.read(read_chains)] == [(6, []), (4, [])]


async def test_a_head_that_was_kept_shows_what_was_written_anew(
    database: Database, database_url: str
) -> None:
    """A chain that was hashed anew from end to end is sound by itself; not beside a head of before."""
    await database.write(lay_lines)
    acts, _ = await database.read(read_chains)
    assert (await verified(database_url, acts.head))[0] == 0

    async def write_anew(conn: AsyncConnection) -> None:
        await conn.execute(sa.text("delete from audit"))
        await conn.execute(sa.text(f"update audit_chain set sequence = 0, hash = '{'0' * 64}'"))
        for n in range(6):
            await audit.record(conn, "mallory", "pause", None, NOW + n)

    await database.write(write_anew)
    assert (await verified(database_url))[0] == 0
    code, lines = await verified(database_url, acts.head)
    assert code == 1
    assert "line 6: altered" in lines
    assert "line 9: missing" in (await verified(database_url, ChainPosition(9, acts.head.hash)))[1]
