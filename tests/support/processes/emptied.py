"""PostgreSQL databases for tests, emptied and used again: making one anew costs hundreds of files, emptying it a few.

A database whose tables a test has changed is dropped; so what a test is given is always as the migrations leave it,
but for statistics and the sizes of indexes: a test of what the planner chooses makes its own.
"""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from uuid import uuid4

import asyncpg

T = TypeVar("T")

OURS = "emptied"
"""The name of its own connections, for a test that counts a database's."""

FEW = 500
"""Rows that are deleted faster than their table is made anew, which is what `truncate` does, with every index."""

SHAPE = """
select (select count(*) from pg_class where relnamespace = 'public'::regnamespace) as relations,
       (select sum(hashtext(relname::text || relkind::text)::bigint) from pg_class
        where relnamespace = 'public'::regnamespace) as names,
       (select sum(hashtext(conrelid::regclass::text || conname::text)::bigint) from pg_constraint
        where connamespace = 'public'::regnamespace) as constraints,
       (select sum(hashtext(attrelid::regclass::text || attname::text || atttypid::text || attnotnull::text)::bigint)
        from pg_attribute join pg_class on pg_class.oid = attrelid
        where attnum > 0 and relnamespace = 'public'::regnamespace) as columns,
       (select count(*) from pg_trigger) as triggers,
       (select count(*) from pg_namespace where nspname !~ '^pg_') as schemas
"""
"""A number for everything that a test may have done to the tables themselves."""

TABLES = """
select quote_ident(relname) as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
"""

MOVED = "select schemaname || '.' || sequencename as name from pg_sequences where last_value is not null"


class EmptiedDatabases:
    """Copies of one migrated database of a server: `take` one, `give_back` after the test. One test at a time.

    It has a thread and a loop of its own, so that its connections stay open from test to test, and what they asked
    before need not be planned anew.
    """

    def __init__(self, folder: str, template: str) -> None:
        """`folder` is the server's socket folder."""
        self._folder, self._template = folder, template
        self._free: list[str] = []
        self._shape: Any = None
        self._tables: list[str] = []
        self._first_rows: dict[str, list[asyncpg.Record]] = {}
        self._connections: dict[str, asyncpg.Connection] = {}
        self._thread, self._runner = ThreadPoolExecutor(1), asyncio.Runner()

    def take(self) -> str:
        """The name of a database that is as migrated."""
        return self._apart(self._take())

    def give_back(self, name: str) -> None:
        """Empty it for the next test, whoever is still connected; drop it if its tables are not what they were."""
        self._apart(self._give_back(name))

    def close(self) -> None:
        """End the connections and the thread."""
        self._apart(self._part())
        self._thread.submit(self._runner.close).result()
        self._thread.shutdown()

    def _apart(self, work: Coroutine[Any, Any, T]) -> T:
        return self._thread.submit(self._runner.run, work).result()

    async def _part(self) -> None:
        for name in list(self._connections):
            await self._forget(name)

    async def _take(self) -> str:
        if self._shape is None:
            await self._learn()
        if self._free:
            return self._free.pop()
        name = f"test_{uuid4().hex[:12]}"
        await self._administer(f"create database {name} template {self._template}")
        return name

    async def _give_back(self, name: str) -> None:
        if await self._emptied(name):
            self._free.append(name)
        else:
            await self._forget(name)
            await self._administer(f"drop database if exists {name} with (force)")

    async def _connected(self, name: str) -> asyncpg.Connection:
        connection = self._connections.get(name)
        if connection is None or connection.is_closed():
            connection = await asyncpg.connect(
                host=self._folder, user="postgres", database=name, server_settings={"application_name": OURS}
            )
            self._connections[name] = connection
        return connection

    async def _forget(self, name: str) -> None:
        if connection := self._connections.pop(name, None):
            await connection.close()

    async def _emptied(self, name: str) -> bool:
        try:
            connection = await self._connected(name)
            await connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid()"
            )
            if dict(await connection.fetchrow(SHAPE)) != self._shape:
                return False
            async with connection.transaction():
                await self._empty(connection)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            return False
        return True

    async def _empty(self, connection: asyncpg.Connection) -> None:
        held = " union all ".join(
            f"(select '{table}' as name from {table} limit 1)" for table in self._tables
        )
        # Everything goes, so no key can be left without its row, and what only grows may be taken away.
        await connection.execute("set local session_replication_role = replica")
        for row in await connection.fetch(held):
            status = await connection.execute(f"delete from {row['name']}")
            if int(status.rpartition(" ")[2]) > FEW:
                await connection.execute(f"truncate {row['name']} cascade")
        for row in await connection.fetch(MOVED):
            await connection.execute(f"alter sequence {row['name']} restart")
        for table, rows in self._first_rows.items():
            await connection.copy_records_to_table(table, records=rows)

    async def _learn(self) -> None:
        connection = await asyncpg.connect(host=self._folder, user="postgres", database=self._template)
        try:
            self._shape = dict(await connection.fetchrow(SHAPE))
            self._tables = [row["name"] for row in await connection.fetch(TABLES)]
            rows = {table: await connection.fetch(f"select * from {table}") for table in self._tables}
            self._first_rows = {table: found for table, found in rows.items() if found}
        finally:
            await connection.close()

    async def _administer(self, statement: str) -> None:
        await (await self._connected("postgres")).execute(statement)
