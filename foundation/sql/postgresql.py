"""PostgreSQL as it is really reached: addresses as libpq writes them, and poolers in between.

A pooler (PgBouncer and its kin) may hand each transaction to another server connection, refuses settings at the
connection's start, and knows no statement that was prepared earlier. Whether one stands between is found out, not
configured: the number of the server's process that the connection was told at its start is not the one that answers.
"""

import math
import time
from collections.abc import Mapping
from typing import Any, Final
from weakref import WeakKeyDictionary

import asyncpg
import sqlalchemy as sa

CONNECT_SECONDS: Final = 5.0

COMMAND_SECONDS: Final = 11.0
"""A little more than the server's own limit, which is the clearer answer."""

HEARD_SECONDS: Final = 1.0
"""For so long a server that said that it is there is believed: each batch of looks would ask it anew, and one of six
ways to the server was for that."""

LIMITS: Final = {
    "lock_timeout": "5000",
    "statement_timeout": "10000",
    "idle_in_transaction_session_timeout": "5000",
}
"""Milliseconds that the server gives a step: for a lock, a statement, a silence between two."""

SCHEMES: Final = ("postgresql", "postgres")
"""Both are libpq's. What stands behind a `+` names a driver of SQLAlchemy's; ours is asyncpg."""

OPTIONS: Final = frozenset({
    "host", "port", "user", "password", "dbname", "passfile", "sslmode", "sslcert", "sslkey", "sslrootcert", "sslcrl",
    "sslpassword", "ssl_min_protocol_version", "ssl_max_protocol_version", "sslnegotiation", "target_session_attrs",
    "application_name",
})  # fmt: skip
"""Of libpq's options those that asyncpg knows. It would send any other to the server as a setting."""

SSL_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")

POOLER: Final = "pgbouncer"
"""Not libpq's, but often written: `?pgbouncer=true` says that a pooler stands between, whatever it looks like."""


def canonical(text: str) -> str:
    """The address with one scheme and libpq's names of options. Raises ValueError, with what it must be."""
    scheme, colon, rest = text.partition("://")
    if scheme.partition("+")[0] not in SCHEMES or not colon:
        raise ValueError(f"must begin with {' or '.join(f'{one}://' for one in SCHEMES)}")
    try:
        place = _one_place(rest)
        url = sa.make_url(f"postgresql://{place}")
    except (sa.exc.ArgumentError, ValueError):
        raise ValueError("must be an address such as postgresql://user:password@host/name") from None
    understood = url.set(query=_options(url.query))
    # What says the same is left as it was written: people compare it with what they gave.
    is_same = scheme == SCHEMES[0] and place == rest and understood == url
    return text if is_same else understood.render_as_string(hide_password=False)


def _one_place(rest: str) -> str:
    """Several hosts, which libpq takes before the name, as its option `host`, where SQLAlchemy leaves them alone."""
    place, slash, after = rest.partition("/")
    user, at_sign, hosts = place.rpartition("@")
    if "," not in hosts:
        return rest
    return f"{user}{at_sign}{slash or '/'}{after}{'&' if '?' in after else '?'}host={hosts}"


def _options(query: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(query)
    if "ssl" in found:  # asyncpg's own name, with libpq's words
        found["sslmode"] = {"true": "require", "false": "disable"}.get(str(found["ssl"]), found["ssl"])
        del found["ssl"]
    if found.pop("channel_binding", "prefer") == "require":
        raise ValueError("must not ask for channel_binding=require, which the driver cannot do")
    for ours in ("connect_timeout", "gssencmode"):  # the service's own deadline counts; no Kerberos
        found.pop(ours, None)
    unknown = sorted(set(found) - OPTIONS - {POOLER})
    if unknown:
        raise ValueError(f"must have none but libpq's options: {', '.join(unknown)} is not understood")
    if found.get("sslmode", "prefer") not in SSL_MODES:
        raise ValueError(f"must have one of {', '.join(SSL_MODES)} as sslmode")
    if found.get(POOLER, "false") not in ("true", "false"):
        raise ValueError(f"must have true or false as {POOLER}")
    return found


class PooledConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """One that a pooler may stand behind, told apart by its very type: asyncpg's `isinstance` says yes to any."""


class Connector:
    """Opens connections to the server of one address, for SQLAlchemy's pools and its migrations."""

    def __init__(self, url: sa.URL, *, limits: bool = True) -> None:
        """`limits`: whether the server limits what a connection's steps take."""
        said = url.query.get(POOLER)
        self.is_pooled: bool | None = None if said is None else said == "true"
        """Whether a pooler stands between; None until a connection was looked at."""
        options = {name: value for name, value in url.query.items() if name != POOLER}
        self._dsn = url.set(query=options).render_as_string(hide_password=False)
        self._limits = limits
        self._heard = WeakKeyDictionary[Any, float]()
        """When the server of a connection last said that it is there (`time.monotonic`)."""

    async def __call__(self, *_: Any, **__: Any) -> Any:
        """A connection. Raises asyncpg's errors, OSError, TimeoutError; fails closed.

        What SQLAlchemy makes of the address is left aside: asyncpg reads it as libpq would.
        """
        if self.is_pooled is None:
            self.is_pooled = await self._look()
        if self.is_pooled:
            return await self._connect(statement_cache_size=0, connection_class=PooledConnection)
        return await self._connect(server_settings=LIMITS if self._limits else {})

    async def _look(self) -> bool:
        connection = await self._connect(statement_cache_size=0)
        try:
            return bool(connection.get_server_pid() != await connection.fetchval("select pg_backend_pid()"))
        finally:
            await connection.close(timeout=CONNECT_SECONDS)

    async def _connect(self, **options: Any) -> Any:
        return await asyncpg.connect(
            self._dsn, timeout=CONNECT_SECONDS, command_timeout=COMMAND_SECONDS, **options
        )

    def ping(self, connection: Any) -> bool:
        """Ask the server of a connection of SQLAlchemy's whether it is there, once: it raises what SQLAlchemy's own way
        does. That one asks three times, in a transaction, for the sake of poolers.

        A server that said so just now is not asked again; what it closed since is known here.
        """
        if self.is_pooled:
            connection.ping()
            return True
        driver = connection.driver_connection
        if not driver.is_closed() and time.monotonic() - self._heard.get(driver, -math.inf) < HEARD_SECONDS:
            return True
        try:
            connection.run_async(lambda driver: driver.execute("SELECT 1"))
        except Exception as problem:
            connection._handle_exception(problem)
        self._heard[driver] = time.monotonic()
        return True

    @property
    def setting(self) -> str | None:
        """What a transaction says first where the server was told nothing at the start: the same limits, in one
        statement, for this transaction alone. None where there is nothing to say."""
        if not self.is_pooled or not self._limits:
            return None
        calls = (f"set_config('{name}', '{value}', true)" for name, value in LIMITS.items())
        return f"select {', '.join(calls)}"


def at(url: sa.URL) -> sa.URL:
    """The address that an engine is made with; the rest is the connector's."""
    return url.set(drivername="postgresql+asyncpg", query={})
