"""What every table stands on: the metadata, and SQL that both stores understand."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""SQLite counts rows up by itself only for a plain INTEGER."""


def insert_for(conn: AsyncConnection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """An insert that knows `on_conflict_do_nothing` and `on_conflict_do_update` on both stores."""
    return sqlite.insert(table) if conn.dialect.name == "sqlite" else postgresql.insert(table)


class InsertOnce:
    """An insert that does nothing where one of these columns has the value already, and gives back what is asked for.
    Made once for both stores: to build a statement takes as long as to execute it. Values are given with `execute`."""

    def __init__(
        self,
        table: sa.Table,
        unique: Sequence[sa.Column[Any]],
        returning: Sequence[sa.Column[Any]],
        **values: sa.ColumnElement[Any],
    ) -> None:
        self._made = {
            name: made(table)
            .values(values)
            .on_conflict_do_nothing(index_elements=list(unique))
            .returning(*returning)
            for name, made in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
        }

    async def execute(self, conn: AsyncConnection, values: Mapping[str, Any]) -> Any:
        """The row that was made; None where there was one."""
        return (await conn.execute(self._made[conn.dialect.name], values)).one_or_none()


class Many(sa.types.TypeDecorator[Collection[Any]]):
    """Any number of values as one parameter: an array, in SQLite a JSON text."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, each: sa.types.TypeEngine[Any]) -> None:
        super().__init__()
        self.each = each

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        is_sqlite = dialect.name == "sqlite"
        return dialect.type_descriptor(sa.Text() if is_sqlite else postgresql.ARRAY(self.each))

    def process_bind_param(self, value: Collection[Any] | None, dialect: sa.Dialect) -> Any:
        values = list(value or ())
        return msgspec.json.encode(values).decode() if dialect.name == "sqlite" else values


class _Among(FunctionElement[bool]):
    """Without a type: SQLite would compare a boolean with 1, and then use no index."""

    inherit_cache = True


@compiles(_Among)
def _any_of_array(element: _Among, compiler: Any, **options: Any) -> str:
    column, values = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} = ANY ({values})"


@compiles(_Among, "sqlite")
def _one_of_json(element: _Among, compiler: Any, **options: Any) -> str:
    column, values = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608  compiled parts


def among(column: sa.Column[Any], name: str) -> sa.ColumnElement[bool]:
    """`column` is one of the values given as the parameter `name`: one statement for any length."""
    return _Among(column, sa.bindparam(name, type_=Many(column.type)))


def plain_row(row: sa.Row[*tuple[Any, ...]]) -> dict[str, Any]:
    """A row by column name. SQLAlchemy's names are a subclass of `str`, which msgspec does not take for one."""
    return {str(name): value for name, value in row._mapping.items()}
