"""Which errors of a database mean that it is away, rather than that we are at fault."""

import sqlite3

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from foundation.errors import Unavailable

OF_DRIVERS = (sqlite3.OperationalError, asyncpg.InterfaceError)
"""What SQLAlchemy makes its own two of, as a look raises it that went to the driver (`direct.py`)."""

AWAY = (OperationalError, InterfaceError, PoolTimeout, OSError, TimeoutError, *OF_DRIVERS)


def away(problem: BaseException) -> Unavailable | None:
    """Unavailable for a server that went away or gave up waiting for a lock; None for a fault of ours, or a refusal.

    By the class of SQLSTATE: connection, transaction rolled back (a deadlock), resources, lock, operator's hand.
    """
    told = problem.orig if isinstance(problem, DBAPIError) else problem
    state = getattr(told, "sqlstate", None) or ""
    lost = state[:2] in {"08", "40", "53", "55", "57"} or (
        isinstance(problem, DBAPIError) and problem.connection_invalidated
    )
    if not lost and not isinstance(problem, AWAY):
        return None
    unavailable = Unavailable("sql")
    unavailable.__cause__ = (
        problem  # also where it is told to others: what is said on the command line is in there
    )
    return unavailable


def raise_if_away(problem: Exception) -> None:
    """Raises Unavailable in place of what `away` knows."""
    if (unavailable := away(problem)) is not None:
        raise unavailable from problem


REFUSALS = ("28", "3D", "42")
"""Classes of SQLSTATE in which a server refuses for good: who asks, which database, what it may read."""


def refused(problem: BaseException) -> Exception | None:
    """What a PostgreSQL server refused for good, somewhere in the causes of this; None when it is only away."""
    cause: BaseException | None = problem
    while cause is not None:
        state = (
            getattr(cause, "sqlstate", None) or getattr(getattr(cause, "orig", None), "sqlstate", None) or ""
        )
        if isinstance(cause, Exception) and state[:2] in REFUSALS:
            return cause
        cause = cause.__cause__
    return None
