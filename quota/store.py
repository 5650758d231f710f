"""SQL: the engine, and the tables from the call onwards (`docs/architecture.md`, "Where the truth is").

The only truth about calls, tokens and places. Every transaction here fails closed: no answer in time is `Unavailable`,
nothing half-written. SQLite is opened with WAL, `synchronous=FULL` and `BEGIN IMMEDIATE`; PostgreSQL at READ COMMITTED
with the period's row locked first.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from quota.errors import Unavailable

T = TypeVar("T")

FOLD_MS = 1_000
"""The longest that a checkpoint keeps writers waiting for a reader."""

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

period = sa.Table(
    "period",
    metadata,
    sa.Column(
        "uid", sa.Text, primary_key=True, comment="random; made with the period, signed into its tickets"
    ),
    sa.Column("id", sa.Text, nullable=False, unique=True, comment="the public name, such as demo"),
    sa.Column("programme", sa.Text, nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False, comment="1..n within the programme (QU-08)"),
    sa.Column("state", sa.Text, nullable=False, comment="draft, announced, armed, open, cap_reached, closed"),
    sa.Column("paused", sa.Boolean, nullable=False, default=False),
    sa.Column("suspended", sa.Boolean, nullable=False, default=False),
    sa.Column("paused_at", sa.BigInteger, comment="instant; since when paused or suspended"),
    sa.Column("ended_at", sa.BigInteger, comment="instant of cap_reached or closed"),
    sa.Column("opens_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("closes_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("cap", sa.Integer, nullable=False),
    sa.Column("held", sa.Integer, nullable=False, default=0, comment="accepted + live tokens"),
    sa.Column("accepted", sa.Integer, nullable=False, default=0, comment="never goes down"),
    sa.Column("calls_per_minute", sa.Integer, nullable=False),
    sa.Column("most_live_tokens", sa.Integer, nullable=False),
    sa.Column("token_seconds", sa.Integer, nullable=False),
    sa.Column(
        "accounts_created_before", sa.BigInteger, comment="instant; younger accounts are refused (WR-16)"
    ),
    sa.Column("pay_days", sa.Integer, nullable=False, default=30),
    sa.Column("notice", sa.Text),
    sa.Column("clock", sa.BigInteger, nullable=False, default=0, comment="service clock, ms"),
    sa.Column(
        "ticked_at", sa.BigInteger, nullable=False, default=0, comment="instant of the last tick (Redis TIME)"
    ),
    sa.Column("next_call", sa.BigInteger, nullable=False, default=0, comment="service clock, ms"),
    sa.Column("epoch", sa.Integer, nullable=False, default=0),
    sa.Column(
        "mark", sa.BigInteger, nullable=False, default=0, comment="no number above this was ever given"
    ),
    sa.Column(
        "version", sa.BigInteger, nullable=False, default=0, comment="goes up with every write of this row"
    ),
    sa.Column("person_key", sa.Text, nullable=False, comment="random, one a period, never rotated"),
    sa.CheckConstraint("accepted <= held and held <= cap and accepted >= 0", name="places"),
)

token = sa.Table(
    "token",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("period", sa.Text, sa.ForeignKey("period.uid"), nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False, comment="live, used, lapsed, left"),
    sa.Column("account", sa.BigInteger),
    sa.Column("call", sa.BigInteger, comment="call.id; empty for a number that left while waiting"),
    sa.Column("called_at", sa.BigInteger, comment="instant"),
    sa.Column("called_clock", sa.BigInteger, comment="service clock, ms"),
    sa.Column("ends", sa.BigInteger, comment="service clock, ms"),
    sa.Column("ended_at", sa.BigInteger, comment="instant at which it stopped being live"),
    sa.Column("jti", sa.Text),
    sa.Column("receipt", sa.Text, comment="of the submission that used it"),
    sa.UniqueConstraint("period", "number"),
    sa.Index(
        "uq_token_live_account",
        "period",
        "account",
        unique=True,
        sqlite_where=sa.text("state = 'live'"),
        postgresql_where=sa.text("state = 'live'"),
    ),
    sa.Index(
        "ix_token_live_ends",
        "period",
        "ends",
        sqlite_where=sa.text("state = 'live'"),
        postgresql_where=sa.text("state = 'live'"),
    ),
)

call = sa.Table(
    "call",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("period", sa.Text, sa.ForeignKey("period.uid"), nullable=False, index=True),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("clock", sa.BigInteger, nullable=False, comment="service clock, ms"),
    sa.Column("listed_at", sa.BigInteger, nullable=False, comment="instant of the list (Redis TIME)"),
    sa.Column("passed_over", sa.LargeBinary, comment="zlib bitmap of lower waiting numbers that were parked"),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("actor", sa.Text, nullable=False, comment="operator's user name, or service"),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("period", sa.Text, comment="period.uid"),
    sa.Column("detail", sa.Text, nullable=False, default="{}", comment="JSON"),
)

figure = sa.Table(
    "figure",
    metadata,
    sa.Column("period", sa.Text, primary_key=True),
    sa.Column("at", sa.BigInteger, primary_key=True, comment="instant, cut to whole seconds"),
    *(
        sa.Column(name, sa.Integer, nullable=False)
        for name in ("waiting", "parked", "live_tokens", "accepted", "lapsed", "joined")
    ),
)

heartbeat = sa.Table(
    "heartbeat",
    metadata,
    sa.Column("process", sa.Text, primary_key=True, comment="kind, host, pid and a random part"),
    sa.Column("kind", sa.Text, nullable=False, comment="web, ticker or worker"),
    sa.Column(
        "beats", sa.BigInteger, nullable=False, comment="goes up while alive; read by change, not by clock"
    ),
    sa.Column("marks", sa.BigInteger, nullable=False, default=0, comment="presence marks that Redis took"),
    sa.Column("at", sa.BigInteger, nullable=False, comment="instant by its own clock, for cleaning up"),
)


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """A period's row as a value. Field meanings stand at the table's columns."""

    uid: str
    id: str
    programme: str
    ordinal: int
    state: str
    paused: bool
    suspended: bool
    paused_at: int | None
    ended_at: int | None
    opens_at: int
    closes_at: int
    cap: int
    held: int
    accepted: int
    calls_per_minute: int
    most_live_tokens: int
    token_seconds: int
    accounts_created_before: int | None
    pay_days: int
    notice: str | None
    clock: int
    ticked_at: int
    next_call: int
    epoch: int
    mark: int
    version: int
    person_key: str

    @property
    def live_tokens(self) -> int:
        return self.held - self.accepted


def period_of(row: sa.Row[*tuple[Any, ...]]) -> Period:
    return Period(**row._mapping)


class Database:
    """One SQL store: `read` for looks, `write` for one transaction that is committed when it returns."""

    def __init__(self, url: str, patience_seconds: float = 5.0) -> None:
        self.url = sa.make_url(url)
        self._patience = patience_seconds
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._reader = self._sqlite("BEGIN")
            self._writer = self._sqlite("BEGIN IMMEDIATE")
        else:
            # Apart, so that writers who wait for a period's row do not keep everybody from looking.
            self._reader, self._writer = self._postgresql(), self._postgresql()
        # Writers of one process wait here in order; SQLite's own lock is polled and not fair.
        self._turn = asyncio.Lock() if self.is_sqlite else None

    def _sqlite(self, begin: str) -> AsyncEngine:
        url = self.url.set(drivername="sqlite+aiosqlite")
        engine = create_async_engine(
            url, connect_args={"timeout": self._patience}, pool_size=4, max_overflow=0, pool_timeout=5
        )

        @event.listens_for(engine.sync_engine, "connect")
        def configure(connection: Any, _record: object) -> None:
            connection.isolation_level = None
            cursor = connection.cursor()
            # Autocheckpoint is off because of the WAL reset bug before SQLite 3.51.3: `checkpoint` does it alone.
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "wal_autocheckpoint=0"):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

        @event.listens_for(engine.sync_engine, "begin")
        def start(connection: sa.Connection) -> None:
            connection.exec_driver_sql(begin)

        return engine

    def _postgresql(self) -> AsyncEngine:
        url = self.url.set(drivername="postgresql+asyncpg")
        server = {
            "lock_timeout": "5000",
            "statement_timeout": "10000",
            "idle_in_transaction_session_timeout": "5000",
        }
        return create_async_engine(
            url,
            pool_size=10,
            max_overflow=0,
            pool_timeout=5,
            pool_pre_ping=True,
            isolation_level="READ COMMITTED",
            connect_args={"timeout": 5, "command_timeout": 15, "server_settings": server},
        )

    async def read(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Run `work` on a connection of its own; nothing it writes is kept. Raises Unavailable."""
        try:
            async with self._reader.connect() as connection:
                return await work(connection)
        except (OperationalError, InterfaceError, PoolTimeout, OSError, TimeoutError) as problem:
            raise Unavailable("sql") from problem
        except DBAPIError as problem:
            raise_if_away(problem)
            raise

    async def write(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Run `work` in one transaction, committed when this returns. Raises Unavailable.

        It runs to its end even if the caller is cancelled: a statement in SQLite's thread cannot be called back.
        """
        return await asyncio.shield(asyncio.ensure_future(self._write(work)))

    async def _write(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        try:
            async with self._my_turn(), self._writer.begin() as connection:
                return await work(connection)
        except (OperationalError, InterfaceError, PoolTimeout, OSError, TimeoutError) as problem:
            raise Unavailable("sql") from problem
        except DBAPIError as problem:
            raise_if_away(problem)
            raise

    @contextlib.asynccontextmanager
    async def _my_turn(self) -> AsyncIterator[None]:
        """The turn to write. TimeoutError after the patience for one: waits of those in front do not add up."""
        if self._turn is None:
            yield
            return
        async with asyncio.timeout(self._patience):
            await self._turn.acquire()
        try:
            yield
        finally:
            self._turn.release()

    async def checkpoint(self) -> None:
        """Fold SQLite's write-ahead log into the file, with the writer's lock held. Nothing to do on PostgreSQL.

        It waits for a reader with that lock in its hand, and so makes all writers wait: a second at most, and a log
        that could not be folded now is folded later.
        """
        if self.is_sqlite:
            async with self._my_turn(), self._writer.connect() as connection:
                driver: Any = (await connection.get_raw_connection()).driver_connection
                await driver.execute(f"PRAGMA busy_timeout={FOLD_MS}")
                try:
                    await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                finally:
                    await driver.execute(f"PRAGMA busy_timeout={round(self._patience * 1000)}")

    async def close(self) -> None:
        await self._writer.dispose()
        await self._reader.dispose()


def insert_for(conn: AsyncConnection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """An insert that knows `on_conflict_do_nothing` and `on_conflict_do_update` on both stores."""
    return sqlite.insert(table) if conn.dialect.name == "sqlite" else postgresql.insert(table)


def raise_if_away(problem: DBAPIError) -> None:
    """Tell a server that went away, or that gave up waiting for a lock, from a fault of ours.

    By the class of SQLSTATE: connection, transaction rolled back (a deadlock), resources, lock, operator's hand.
    """
    state = getattr(problem.orig, "sqlstate", None) or ""
    if problem.connection_invalidated or state[:2] in {"08", "40", "53", "55", "57"}:
        raise Unavailable("sql") from problem
