"""Failed sign-ins of staff on the record: each leaves a trace, and a flood does not fill it."""

import asyncio
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from accounts.attempts import failures
from accounts.staff import add_operator
from foundation.audit import audit
from foundation.clock import rfc3339
from foundation.errors import Code
from foundation.sql.database import Database

NOW = 1_800_000_000_000

SINCE = rfc3339(NOW // failures.MINUTE_MS * failures.MINUTE_MS)


async def fail(database: Database, times: int, name: str = "agnes", now: int = NOW, **detail: Any) -> None:
    """So many wrong tries at once."""
    code = detail.pop("code", Code.BAD_CREDENTIALS)
    tries = (
        database.write(lambda conn: failures.record(conn, name, code, now, **detail)) for _ in range(times)
    )
    await asyncio.gather(*tries)


async def lines(database: Database) -> list[tuple[str, dict[str, Any]]]:
    """The actor and detail of each failed sign-in on the record."""
    a = audit.c
    found = sa.select(a.actor, a.detail).where(a.act == "sign_in_failed").order_by(a.id)
    rows = await database.read(lambda conn: conn.execute(found))
    return [(row.actor, msgspec.json.decode(row.detail)) for row in rows.all()]


@pytest.fixture(autouse=True)
async def agnes(database: Database) -> None:
    """The one operator there is."""
    await database.write(lambda conn: add_operator(conn, "agnes", "un long mot de passe", NOW))


async def test_a_person_who_mistypes_has_a_line_each_time(database: Database) -> None:
    """Under their name; what is nobody's name may be a password, and stays out."""
    await fail(database, 2, knew_password=True)
    await fail(database, 1, "Pa55word in the wrong field")
    one = {"code": "bad_credentials"}
    assert await lines(database) == [*[("agnes", one | {"knew_password": True})] * 2, ("unknown", one)]
    await database.write(lambda conn: failures.flush(conn, NOW + failures.MINUTE_MS))
    assert len(await lines(database)) == 3


async def test_a_flood_has_a_few_lines_a_minute_and_a_count(database: Database) -> None:
    """Of 300 tries in a minute five have lines of their own, and one line has the other 295."""
    await fail(database, 300)
    assert len(await lines(database)) == failures.LINES_A_MINUTE
    await database.write(lambda conn: failures.flush(conn, NOW + failures.MINUTE_MS - 1_000))
    assert len(await lines(database)) == failures.LINES_A_MINUTE, "the minute is not over"
    await database.write(lambda conn: failures.flush(conn, NOW + failures.MINUTE_MS))
    await database.write(lambda conn: failures.flush(conn, NOW + 2 * failures.MINUTE_MS))
    found = await lines(database)
    assert len(found) == failures.LINES_A_MINUTE + 1
    assert found[-1] == ("agnes", {"code": "bad_credentials", "more": 295, "since": SINCE})


async def test_without_a_ticker_the_next_minute_puts_the_last_one_on_the_record(database: Database) -> None:
    """Nothing is lost where nobody flushes; each code and each name is counted apart."""
    await fail(database, 7)
    await fail(database, 8, code=Code.RATE_LIMITED)
    await fail(database, 6, "boris")
    await fail(database, 1, now=NOW + failures.MINUTE_MS)
    assert [(who, said["more"]) for who, said in await lines(database) if "more" in said] == [("agnes", 2)]
    await database.write(lambda conn: failures.flush(conn, NOW + 2 * failures.MINUTE_MS))
    summed = [(who, said["code"], said["more"]) for who, said in await lines(database) if "more" in said]
    assert sorted(summed) == [
        ("agnes", "bad_credentials", 2),
        ("agnes", "rate_limited", 3),
        ("unknown", "bad_credentials", 1),
    ]
