"""The kill switch from the shell: with both stores, with one of them, and with none."""

import json

from accounts.staff import add_operator
from config.processes.embedded import Valkey
from foundation.audit import audit
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.conftest import apart
from tests.integration.config.commands.shell import guichet, one_sentence, rows
from tests.support.outages import NOWHERE
from tests.support.rooms import make_period


def prepared(url: str) -> None:
    """An open period and an operator."""

    async def work() -> None:
        database = Database(url)
        try:
            await make_period(database)
            await database.write(lambda conn: add_operator(conn, "jeanne", "le mot de passe", now_ms()))
        finally:
            await database.close()

    apart(work())


STOP = ("period", "stop", "essai", "--as", "Jeanne")


def test_both_stores_are_told(database_url: str, valkey: Valkey) -> None:
    """The answer is a line of JSON, the record has who and why, and no mark is left."""
    prepared(database_url)
    done = guichet(*STOP, "--reason", "panne", url=database_url, REDIS_URL=valkey.url)
    assert done.exit_code == 0, done.stderr
    shown = json.loads(done.stdout)
    assert (shown["id"], shown["sql"], shown["redis"]) == ("essai", True, True)
    (line,) = [row for row in rows(database_url, audit) if row.act == "stop"]
    assert (line.actor, line.role, line.reason) == ("jeanne", "command-line", "panne")


def test_one_store_is_enough(database_url: str, valkey: Valkey) -> None:
    """Without Redis, or without SQL, the other half stops the period; what was not reached is said."""
    prepared(database_url)
    without_redis = guichet(*STOP, url=database_url, REDIS_URL="")
    assert (without_redis.exit_code, json.loads(without_redis.stdout)["redis"]) == (0, False)
    assert "REDIS_URL is not set" in without_redis.stderr
    assert "Redis ne répond pas" in without_redis.stderr
    without_sql = guichet(*STOP, url=NOWHERE, REDIS_URL=valkey.url)
    shown = json.loads(without_sql.stdout)
    assert (without_sql.exit_code, shown["sql"], shown["redis"]) == (0, False, True)
    assert "base de données ne répond pas" in without_sql.stderr


def test_neither_is_a_failure() -> None:
    """Exit status 1, and both halves are false."""
    done = guichet(*STOP, url=NOWHERE, REDIS_URL="unix:///nonexistent/valkey.sock")
    assert done.exit_code == 1
    shown = json.loads(done.stdout)
    assert (shown["sql"], shown["redis"]) == (False, False)


def test_a_name_of_nobody_is_refused(sqlite_url: str, valkey: Valkey) -> None:
    """While SQL can say so; and so is a period that is not there."""
    prepared(sqlite_url)
    nobody = ("period", "stop", "essai", "--as", "personne")
    one_sentence(guichet(*nobody, url=sqlite_url, REDIS_URL=valkey.url), "not_allowed")
    unknown = ("period", "stop", "nope", "--as", "jeanne")
    one_sentence(guichet(*unknown, url=sqlite_url, REDIS_URL=valkey.url), "not_found")
