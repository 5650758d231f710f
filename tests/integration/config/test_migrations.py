"""The migrations make exactly the tables that the code declares, on both stores, once."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from accounts import candidates
from accounts import store as accounts_store
from accounts.normalisation import earlier_username
from config.failures import UnknownVersion
from config.migrations import configuration, engine_for, migrate
from config.migrations.tables import TABLES
from foundation.sql.database import Database
from foundation.sql.tables import metadata

VERSIONS = Path("config/migrations/versions")

DECLARED = TABLES


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    url: str = request.getfixturevalue("empty_postgresql_url")
    return url


def differences(connection: sa.Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


def checks(connection: sa.Connection) -> set[str | None]:
    inspector = sa.inspect(connection)
    return {check["name"] for table in metadata.tables for check in inspector.get_check_constraints(table)}


def declared_checks() -> set[str]:
    return {
        str(constraint.name)
        for table in metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, sa.CheckConstraint)
    }


async def test_the_migrated_tables_are_the_declared_ones(database: Database) -> None:
    """After `migrate` a database has every declared table, column, key, index and check, and nothing else."""

    async def look(connection: Any) -> tuple[list[Any], set[str | None]]:
        return await connection.run_sync(differences), await connection.run_sync(checks)

    found, named = await database.read(look)
    assert found == []
    assert named == declared_checks()


async def test_the_comparison_sees_a_missing_table(database: Database) -> None:
    """Twin: with one table gone the comparison is not empty, so the test above could fail."""

    async def look(connection: Any) -> list[Any]:
        await connection.execute(sa.text("drop table journal"))
        return list(await connection.run_sync(differences))

    assert await database.write(look) != []


async def test_migrating_twice_changes_nothing(empty_url: str) -> None:
    """A second `migrate` finds the newest step and leaves everything as it is."""
    await migrate(empty_url)
    await migrate(empty_url)
    database = Database(empty_url)

    async def versions(connection: Any) -> list[str]:
        return list((await connection.execute(sa.text("select version_num from alembic_version"))).scalars())

    newest = max(path.name[:4] for path in VERSIONS.glob("[0-9]*.py"))
    assert await database.read(versions) == [newest]
    await database.close()


NAMES = {"René": "rené", "rene": "rene", "Zoé": "zoe", "n’diaye": "n'diaye", "awa\N{ZERO WIDTH SPACE}": "awa",
         "jean–paul": "jean–paul", "jean-paul": "jean-paul", "demo-00001": "demo-00001"}  # fmt: skip
"""User names as they were typed under an earlier release, and as they are stored afterwards."""


async def test_user_names_are_stored_as_they_are_compared_now(
    empty_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """But those that would become another's, which keep their form and sign in as before; how many is said, not who."""
    config = configuration()

    def before(connection: sa.Connection) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, "0006")
        accounts = [
            {"username": earlier_username(name), "password_hash": "", "answers_hash": "", "questions": "[]",
             "created_at": 0, "identity": "{}", "accommodation": 1}
            for name in NAMES
        ]  # fmt: skip
        operators = [{"username": name, "password_hash": "", "created_at": 0} for name in ("zoé", "agnes")]
        for table, rows in (("account", accounts), ("operator", operators)):
            metadata = sa.MetaData()
            metadata.reflect(connection, only=[table])
            connection.execute(sa.insert(metadata.tables[table]), rows)

    engine = engine_for(empty_url)
    async with engine.begin() as connection:
        await connection.run_sync(before)
    await engine.dispose()
    await migrate(empty_url)
    database = Database(empty_url)

    async def names(connection: Any, table: sa.Table) -> list[str]:
        return list((await connection.execute(sa.select(table.c.username).order_by(table.c.id))).scalars())

    assert await database.read(lambda conn: names(conn, accounts_store.account)) == list(NAMES.values())
    assert await database.read(lambda conn: names(conn, accounts_store.operator)) == ["zoe", "agnes"]
    for typed, stored in NAMES.items():
        found = await database.read(lambda conn, typed=typed: stored_name(conn, typed))  # type: ignore[misc]
        assert found == stored
    assert "2 user names of the table account keep their spelling" in caplog.text
    assert "ren" not in caplog.text
    await database.close()


async def test_a_surplus_that_was_decided_before_is_owed_as_a_cheque(empty_url: str) -> None:
    """Only the surplus of a payment by post: what went back whole had no cheque to come (PY-06)."""
    config = configuration()

    def before(connection: sa.Connection) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, "0026")
        earlier = sa.MetaData()
        earlier.reflect(connection, only=["money_case", "movement"])
        if connection.dialect.name == "postgresql":  # what the file is otherwise does not matter here
            connection.exec_driver_sql("set session_replication_role = replica")
        case = {
            "submission": 7, "reason": "too_much", "instrument": "money_order", "cents": 90_000, "opened_at": 1,
            "on_day": "2016-07-14", "act": "accept", "decided_at": 5, "decided_by": "lucie",
        }  # fmt: skip
        cases = [case | {"id": number, "key": f"post:{number}"} for number in (1, 2)]
        connection.execute(sa.insert(earlier.tables["money_case"]), cases)
        move = {"submission": 7, "kind": "out", "instrument": "money_order", "on_day": "2016-07-14", "at": 5,
                "actor": "lucie"}  # fmt: skip
        moves = [
            move | {"cents": 7_800, "key": "case:1:surplus"},
            move | {"cents": 90_000, "key": "case:2:back"},
        ]
        connection.execute(sa.insert(earlier.tables["movement"]), moves)
        command.upgrade(config, "0027")

    engine = engine_for(empty_url)
    async with engine.begin() as connection:
        await connection.run_sync(before)
        owed = await connection.execute(sa.text("select * from refund_cheque"))
        assert [tuple(row)[:6] for row in owed] == [(1, 7, 7_800, 5, None, None)]
    await engine.dispose()


async def stored_name(connection: Any, typed: str) -> str:
    """The stored name that a typed one stands for."""
    statement = candidates.named(sa.select(accounts_store.account.c.username), typed)
    return str((await connection.execute(statement)).scalar_one())


@pytest.mark.slow
async def test_four_migrations_at_once_do_the_work_once(empty_url: str) -> None:
    """Processes that migrate one empty database at the same moment all succeed."""
    code = "import asyncio, sys; from config.migrations import migrate; asyncio.run(migrate(sys.argv[1]))"
    started = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-W", "error", "-c", code, empty_url, stderr=subprocess.PIPE, env=dict(os.environ)
        )
        for _ in range(4)
    ]
    ended = await asyncio.gather(*(process.communicate() for process in started))
    assert [process.returncode for process in started] == [0] * 4, [error.decode() for _, error in ended]


async def test_a_database_from_the_future_is_refused(sqlite_url: str) -> None:
    """A program that is older than its database says so and touches nothing."""
    engine = engine_for(sqlite_url)
    async with engine.begin() as connection:
        await connection.execute(sa.text("update alembic_version set version_num = '9999'"))
    await engine.dispose()
    with pytest.raises(UnknownVersion):
        await migrate(sqlite_url)


def test_there_is_one_chain_of_steps() -> None:
    """The steps form one line with one end, so that `head` means one thing."""
    from alembic.script import ScriptDirectory

    assert len(ScriptDirectory.from_config(configuration()).get_heads()) == 1
