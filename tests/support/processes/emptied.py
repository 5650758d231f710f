"""PostgreSQL databases for tests, emptied and used again: making one anew costs hundreds of files, emptying it a few.

A database whose tables a test has changed is dropped; so what a test is given is always as the migrations leave it.
"""

from typing import Any
from uuid import uuid4

import asyncpg

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


async def connected(folder: str, database: str) -> asyncpg.Connection:
    return await asyncpg.connect(host=folder, user="postgres", database=database)


class EmptiedDatabases:
    """Copies of one migrated database of a server: `take` one, `give_back` after the test. One test at a time."""

    def __init__(self, folder: str, template: str) -> None:
        """`folder` is the server's socket folder."""
        self._folder, self._template = folder, template
        self._free: list[str] = []
        self._shape: Any = None
        self._tables: list[str] = []
        self._first_rows: dict[str, list[asyncpg.Record]] = {}

    async def take(self) -> str:
        """The name of a database that is as migrated."""
        if self._shape is None:
            await self._learn()
        if self._free:
            return self._free.pop()
        name = f"test_{uuid4().hex[:12]}"
        await self._administer(f"create database {name} template {self._template}")
        return name

    async def give_back(self, name: str) -> None:
        """Empty it for the next test, whoever is still connected; drop it if its tables are not what they were."""
        if await self._emptied(name):
            self._free.append(name)
        else:
            await self._administer(f"drop database if exists {name} with (force)")

    async def _emptied(self, name: str) -> bool:
        try:
            connection = await connected(self._folder, name)
        except asyncpg.PostgresError:
            return False
        try:
            await connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid()"
            )
            if dict(await connection.fetchrow(SHAPE)) != self._shape:
                return False
            async with connection.transaction():
                await self._empty(connection)
            return True
        except asyncpg.PostgresError:
            return False
        finally:
            await connection.close()

    async def _empty(self, connection: asyncpg.Connection) -> None:
        held = " union all ".join(
            f"(select '{table}' as name from {table} limit 1)" for table in self._tables
        )
        used = [row["name"] for row in await connection.fetch(held)]
        if used:
            await connection.execute(f"truncate {', '.join(used)} restart identity cascade")
        for row in await connection.fetch(MOVED):
            await connection.execute(f"alter sequence {row['name']} restart")
        for table, rows in self._first_rows.items():
            await connection.copy_records_to_table(table, records=rows)

    async def _learn(self) -> None:
        connection = await connected(self._folder, self._template)
        try:
            self._shape = dict(await connection.fetchrow(SHAPE))
            self._tables = [row["name"] for row in await connection.fetch(TABLES)]
            rows = {table: await connection.fetch(f"select * from {table}") for table in self._tables}
            self._first_rows = {table: found for table, found in rows.items() if found}
        finally:
            await connection.close()

    async def _administer(self, statement: str) -> None:
        connection = await connected(self._folder, "postgres")
        try:
            await connection.execute(statement)
        finally:
            await connection.close()
