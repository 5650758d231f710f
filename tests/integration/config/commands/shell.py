"""The command line as the tests of its commands call it: on a store, with what was typed, and what is said."""

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click.testing
import sqlalchemy as sa
from click.testing import CliRunner

from config.cli import main
from foundation.sql.database import Database
from tests.conftest import apart

GOOD_KEY = "0123456789abcdefghijklmnopqrstuvwxyz"


def guichet(
    *arguments: str, url: str | None = None, typed: str | None = None, **environ: str
) -> click.testing.Result:
    """Run a command. An exception that reaches us is a traceback that a person would see.

    What one command sets up for its log is not there for the next: each is a process of its own.
    """
    environ |= {"DATABASE_URL": url} if url else {}
    if arguments[:1] == ("accounts",):  # what is about people is encrypted
        environ.setdefault("SECRET_KEYS", GOOD_KEY)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        result = CliRunner().invoke(main, arguments, input=typed, env=dict(environ))
    finally:
        root.handlers[:], root.level = handlers, level
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def rows(url: str, table: sa.Table) -> list[Any]:
    async def look() -> list[Any]:
        database = Database(url)
        try:
            return await database.read(lambda conn: every(conn, table))
        finally:
            await database.close()

    return apart(look())


async def every(conn: Any, table: sa.Table) -> list[Any]:
    """All rows, in the order of their keys."""
    return list((await conn.execute(sa.select(table).order_by(*table.primary_key))).all())


def one_sentence(result: click.testing.Result, *words: str) -> None:
    """The command failed and said one line, with these words in it."""
    assert result.exit_code in (1, 2)
    assert len(result.stderr.strip().splitlines()) == 1, result.stderr
    assert result.stderr.strip().endswith(".")
    for word in words:
        assert word in result.stderr


CREATE = (
    "period",
    "create",
    "june",
    "--programme",
    "demo",
    "--opens-at",
    "2099-06-15T08:30",
    "--as",
    "jeanne",
)


def add_staff(url: str, *names: str) -> None:
    """Operators of these names, each with the same password."""
    for name in names:
        made = guichet("operator", "add", name, url=url, typed="un long mot de passe\n")
        assert made.exit_code == 0, made.stderr


@contextmanager
def free_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


HEADER = (
    "username,password,question-1,answer-1,question-2,answer-2,accommodation,"
    "identity.family_name,identity.given_name,identity.birth_date,identity.passport,training.diploma"
)

LINE = 'awa,mot de passe,Ville ?,Dakar,Animal ?,Néo,"1,5",N’Diaye,Awa,1990-02-03,X123,Maîtrise'
