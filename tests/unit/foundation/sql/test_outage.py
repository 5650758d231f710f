"""Which errors mean that the database is away, and which are ours."""

import sqlite3

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, ProgrammingError

from foundation.errors import Code, Refusal
from foundation.sql.outage import away, raise_if_away


class Told(Exception):
    """What a driver raises, with its SQLSTATE."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


def of_driver(sqlstate: str) -> DBAPIError:
    return DBAPIError("select 1", {}, Told(sqlstate))


@pytest.mark.parametrize("sqlstate", ["08006", "40P01", "53300", "55P03", "57014", "57P01"])
def test_a_server_that_gave_up_is_away(sqlstate: str) -> None:
    """Connection, deadlock, resources, lock, an operator's hand: the same request may be repeated."""
    found = away(of_driver(sqlstate))
    assert found is not None
    assert found.fields["store"] == "sql"


@pytest.mark.parametrize("problem", [OSError(), TimeoutError(), OperationalError("x", {}, Exception())])
def test_silence_is_away(problem: Exception) -> None:
    """No answer in time, no connection."""
    with pytest.raises(Refusal) as caught:
        raise_if_away(problem)
    assert caught.value.code is Code.UNAVAILABLE
    assert caught.value.__cause__ is problem


@pytest.mark.parametrize(
    "problem", [sqlite3.OperationalError("disk I/O error"), asyncpg.InterfaceError("closed"), Told("57P01")]
)
def test_what_a_driver_says_itself_is_away_too(problem: Exception) -> None:
    """A look that went to it has none of SQLAlchemy's errors around it."""
    assert away(problem) is not None


@pytest.mark.parametrize(
    "problem",
    [
        of_driver("23505"),
        Told("42703"),
        sqlite3.IntegrityError("x"),
        IntegrityError("x", {}, Exception()),
        ProgrammingError("x", {}, Exception()),
        KeyError("a"),
    ],
)
def test_a_fault_of_ours_is_not(problem: Exception) -> None:
    """A broken constraint or a wrong statement is no outage: it must be seen."""
    assert away(problem) is None
    raise_if_away(problem)
