"""The readiness check from the shell, and announcing and arming held to it."""

import json

import pytest

from config.processes.embedded import Valkey
from foundation.audit import audit
from foundation.clock import now_ms
from foundation.heartbeat import heartbeat
from foundation.sql.database import Database
from tests.conftest import apart
from tests.integration.config.commands.shell import CREATE, add_staff, guichet, one_sentence, rows


def began(url: str, *kinds: str) -> None:
    """Processes of these kinds have just written their heartbeat, and no others."""

    async def work() -> None:
        database = Database(url)
        row = {"beats": 1, "marks": 0, "at": now_ms()}
        written = [row | {"process": kind, "kind": kind} for kind in kinds]
        try:
            await database.write(lambda conn: conn.execute(heartbeat.insert(), written))
        finally:
            await database.close()

    apart(work())


@pytest.mark.slow
def test_the_check_says_what_will_happen_and_what_was_found(sqlite_url: str, valkey: Valkey) -> None:
    """In sentences, or as JSON; without a ticker it is not ready, and the exit status says so."""
    add_staff(sqlite_url, "jeanne")
    guichet(*CREATE, url=sqlite_url)
    said = guichet("period", "check", "june", url=sqlite_url, REDIS_URL=valkey.url)
    assert said.exit_code == 1
    for part in ("lundi 15 juin 2099", "heure de Montréal", "Processus « ticker »", "empêche", "en ordre"):
        assert part in said.stdout, part
    found = json.loads(
        guichet("period", "check", "june", "--json", url=sqlite_url, REDIS_URL=valkey.url).stdout
    )
    states = {one["check"]: one["state"] for one in found["findings"]}
    assert found["ready"] is False
    assert (states["sql"], states["redis"], states["durability"]) == ("green", "green", "green")
    assert (states["ticker"], states["public_url"]) == ("blocks", "unknown")
    one_sentence(guichet("period", "check", "nope", url=sqlite_url), "not_found")


def test_an_installation_that_has_not_begun_keeps_nothing_back(sqlite_url: str) -> None:
    """A script may prepare a period before the first process runs."""
    add_staff(sqlite_url, "jeanne")
    guichet(*CREATE, url=sqlite_url)
    done = guichet("period", "announce", "june", "--as", "jeanne", url=sqlite_url)
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["state"] == "announced"


@pytest.mark.parametrize("reason", [None, "le ticker démarre ce soir"])
def test_without_a_ticker_a_reason_is_needed(sqlite_url: str, reason: str | None) -> None:
    """Where other processes run already; with the reason it is done, and on record after the act."""
    add_staff(sqlite_url, "jeanne")
    guichet(*CREATE, url=sqlite_url)
    began(sqlite_url, "web")
    given = () if reason is None else ("--override-reason", reason)
    done = guichet("period", "announce", "june", "--as", "jeanne", *given, url=sqlite_url)
    if reason is None:
        one_sentence(done, "not_ready")
        return
    assert done.exit_code == 0, done.stderr
    last = rows(sqlite_url, audit)[-1]
    assert (last.act, last.actor, last.reason) == ("override", "jeanne", reason)
