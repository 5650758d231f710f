"""The processes of the Procfile refuse to start where they could not keep their promises."""

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from config.failures import NOT_MIGRATED
from config.fitness import look_at_database
from config.processes.embedded import Valkey
from foundation.audit import audit
from tests.conftest import administer, apart
from tests.integration.config.commands.shell import CREATE, GOOD_KEY, add_staff, guichet, one_sentence, rows
from tests.support.processes.postgres import PostgresServer


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    """`migrate` into a folder that is none says so."""
    (tmp_path / "file").touch()
    one_sentence(guichet("migrate", url=f"sqlite:///{tmp_path / 'file' / 'x.db'}"), "cannot be opened")


def test_migrate_makes_the_database_and_says_where(tmp_path: Path) -> None:
    """The first command anybody runs."""
    result = guichet("migrate", url=f"sqlite:///{tmp_path / 'new.db'}")
    assert result.exit_code == 0
    assert "new.db" in result.stderr
    assert (tmp_path / "new.db").exists()


@pytest.mark.parametrize("process", ["web", "ticker", "worker"])
def test_a_process_refuses_to_start_with_a_secret_that_is_none(process: str) -> None:
    """Exit status 2 and the setting's name."""
    result = guichet(process, REDIS_URL="redis://127.0.0.1:1/0", SECRET_KEYS="changeme")
    one_sentence(result, "SECRET_KEYS")
    assert result.exit_code == 2


@pytest.mark.parametrize("process", ["web", "ticker", "worker"])
def test_a_process_refuses_a_redis_that_may_drop_keys(process: str, valkey: Valkey, sqlite_url: str) -> None:
    """At start, with the policy's name, before anything is served."""
    with redis.Redis.from_url(valkey.url) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
    result = guichet(process, url=sqlite_url, REDIS_URL=valkey.url, SECRET_KEYS=GOOD_KEY)
    one_sentence(result, "allkeys-lru", "noeviction")


@pytest.fixture(scope="module")
def locked() -> Iterator[PostgresServer]:
    """A PostgreSQL that asks one of its users for a password; it has no tables."""
    server = PostgresServer("-c", "log_min_messages=fatal")
    rules = server.folder / "data" / "pg_hba.conf"
    rules.write_text(f"local all locked scram-sha-256\n{rules.read_text()}")
    try:
        server.start()
        apart(administer(str(server.folder), "create role locked login password 'the right one'"))
        yield server
    finally:
        server.remove()


@pytest.mark.parametrize("process", ["web", "ticker", "worker"])
@pytest.mark.parametrize(
    ("user", "name", "words"),
    [
        ("locked:wrong", "postgres", "password authentication failed"),
        ("nobody", "postgres", "does not exist"),
        ("postgres", "elsewhere", "does not exist"),
        ("postgres", "postgres", "guichet migrate"),
    ],
)
def test_a_process_says_in_one_sentence_why_the_database_is_of_no_use(
    process: str, user: str, name: str, words: str, locked: PostgresServer, session_valkey: Valkey
) -> None:
    """A wrong password, an unknown user, a database that is not there or has no tables: nothing waits for them."""
    url = f"postgres://{user}@/{name}?host={locked.folder}"
    result = guichet(process, url=url, REDIS_URL=session_valkey.url, SECRET_KEYS=GOOD_KEY)
    one_sentence(result, words)
    assert result.exit_code == 1
    assert "wrong" not in result.stderr


@pytest.mark.parametrize("process", ["web", "ticker", "worker"])
def test_a_process_does_not_make_a_database(process: str, tmp_path: Path, session_valkey: Valkey) -> None:
    """SQLite would: `migrate` alone makes one. Old tables are as none."""
    file = tmp_path / "none.db"
    url = f"sqlite:///{file}"
    given = {"url": url, "REDIS_URL": session_valkey.url, "SECRET_KEYS": GOOD_KEY}
    one_sentence(guichet(process, **given), "guichet migrate")
    assert not file.exists()
    with contextlib.closing(sqlite3.connect(file)) as old:
        old.execute("create table alembic_version (version_num text)")
        old.execute("insert into alembic_version values ('0001')")
        old.commit()
    one_sentence(guichet(process, **given), "guichet migrate")


def test_tables_of_a_newer_release_are_taken(sqlite_url: str) -> None:
    """Processes of before go on while they are replaced; `migrate` of an old program refuses."""
    with contextlib.closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as newer:
        newer.execute("update alembic_version set version_num = '9999'")
        newer.commit()
    asyncio.run(look_at_database(sqlite_url))


def test_a_database_that_is_away_is_waited_for() -> None:
    """It may come; a process that ended would not see it."""
    asyncio.run(look_at_database("postgresql://u:p@127.0.0.1:1/guichet"))


def test_what_is_done_by_commands_is_on_the_record(tmp_path: Path) -> None:
    """Migrating, making an operator, what is refused: with the name that `--as` gives, or a reserved one (P16)."""
    url = f"sqlite:///{tmp_path / 'new.db'}"
    guichet("migrate", url=url)
    add_staff(url, "chef", "jeanne")
    guichet("operator", "add", "boris", "--as", "Chef", url=url, typed="un long mot de passe\n")
    guichet(*CREATE, url=url)
    guichet("period", "pause", "june", "--as", "jeanne", url=url)
    lines = rows(url, audit)
    assert [(line.actor, line.act) for line in lines] == [
        ("command-line", "migrate"),
        *[("command-line", "operator_add")] * 2,
        ("chef", "operator_add"),
        ("jeanne", "create"),
        ("jeanne", "refused"),
    ]
    assert {line.role for line in lines} == {"command-line"}
    assert json.loads(lines[0].before) == {"step": None}
    assert json.loads(lines[-1].detail)["code"] == "move_not_allowed"


def test_migrate_without_a_database_is_told_to_name_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file made in whatever folder it is would be another, empty database."""
    monkeypatch.chdir(tmp_path)
    result = guichet("migrate", DATABASE_URL="")
    one_sentence(result, "DATABASE_URL")
    assert (result.exit_code, list(tmp_path.iterdir())) == (2, [])


LEAST = {"REDIS_URL": "redis://127.0.0.1:1/0", "SECRET_KEYS": GOOD_KEY}


@pytest.mark.parametrize("process", ["web", "ticker", "worker"])
@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"DEMO": "yes"}, "DEMO"),
        ({"DEMO": "demo-1"}, "DEMO"),
        ({"TRUSTED_PROXIES": "0.0.0.0/0", "PUBLIC_URL": "https://guichet.example"}, "TRUSTED_PROXIES"),
        ({"TRUSTED_PROXIES": "10.0.0.1"}, "PUBLIC_URL"),
        ({"INTERNAL_NETWORKS": "::/0"}, "INTERNAL_NETWORKS"),
    ],
    ids=str,
)
def test_what_cannot_be_meant_does_not_start(process: str, wrong: dict[str, str], word: str) -> None:
    """Exit status 2 and one sentence that names the setting."""
    result = guichet(process, **LEAST | wrong)
    one_sentence(result, word)
    assert result.exit_code == 2


@pytest.mark.slow
def test_nobody_migrates_in_a_name_that_is_no_operators(tmp_path: Path, empty_postgresql_url: str) -> None:
    """Not in an empty database, which stays empty; an operator does in theirs, harmlessly."""
    path = tmp_path / "new.db"
    for url in (f"sqlite:///{path}", empty_postgresql_url):
        refused = guichet("migrate", "--as", "chef", url=url)
        assert (refused.exit_code, "--as names nobody" in refused.stderr) == (1, True)
        assert guichet("operator", "list", url=url).stderr.strip() == NOT_MIGRATED
        guichet("migrate", url=url)
        add_staff(url, "chef")
        assert guichet("migrate", "--as", "chef", url=url).exit_code == 0
