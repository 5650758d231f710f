"""The processes of the Procfile refuse to start where they could not keep their promises."""

import json
from pathlib import Path

import pytest
import redis

from config.failures import NOT_MIGRATED
from config.processes.embedded import Valkey
from foundation.audit import audit
from tests.integration.config.commands.shell import CREATE, GOOD_KEY, add_staff, guichet, one_sentence, rows


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
