"""SQL that both stores understand: any number of values as one parameter, inserts that know conflicts."""

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.heartbeat import heartbeat
from foundation.sql.database import Database
from foundation.sql.tables import InsertOnce, among, insert_for, plain_row


def row(process: str, kind: str = "web") -> dict[str, object]:
    return {"process": process, "kind": kind, "beats": 1, "marks": 0, "at": 0}


@pytest.mark.parametrize("asked", [[], ["a"], ["a", "c", "no such"], [f"n{n}" for n in range(5_000)] + ["b"]])
async def test_any_number_of_values_is_one_parameter(database: Database, asked: list[str]) -> None:
    """None, one, or more than a statement could list; the statement is the same."""
    await database.write(lambda conn: conn.execute(sa.insert(heartbeat), [row(one) for one in "abc"]))
    statement = sa.select(heartbeat.c.process).where(among(heartbeat.c.process, "names"))
    found = await database.read(lambda conn: conn.execute(statement, {"names": asked}))
    assert set(found.scalars()) == set(asked) & set("abc")


async def test_an_insert_that_is_there_already_changes_nothing(database: Database) -> None:
    """`on_conflict_do_nothing` on both stores."""

    async def twice(conn: AsyncConnection) -> str:
        for kind in ("web", "ticker"):
            insert = insert_for(conn, heartbeat).values(row("a", kind)).on_conflict_do_nothing()
            await conn.execute(insert)
        return str((await conn.execute(sa.select(heartbeat.c.kind))).scalar_one())

    assert await database.write(twice) == "web"


async def test_an_insert_that_is_made_once_gives_its_row_the_first_time(database: Database) -> None:
    """And nothing where it was there: on both stores, with a value that SQL works out of a parameter."""
    h = heartbeat.c
    once = InsertOnce(
        heartbeat, unique=[h.process], returning=[h.kind, h.beats], beats=sa.bindparam("seven") + 1
    )

    async def twice(conn: AsyncConnection) -> list[object]:
        values = {name: value for name, value in row("a").items() if name != "beats"}
        return [await once.execute(conn, {**values, "seven": 7}) for _ in range(2)]

    made, again = await database.write(twice)
    assert (made, again) == (("web", 8), None)


async def test_a_row_is_a_plain_dictionary(database: Database) -> None:
    """With names that are texts and nothing more."""
    await database.write(lambda conn: conn.execute(sa.insert(heartbeat), [row("a")]))
    found = await database.read(lambda conn: conn.execute(sa.select(heartbeat)))
    plain = plain_row(found.one())
    assert plain == row("a")
    assert {type(name) for name in plain} == {str}
