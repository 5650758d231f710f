"""The processes of the Procfile refuse to start where they could not keep their promises."""

from pathlib import Path

import pytest
import redis

from config.processes.embedded import Valkey
from tests.integration.config.commands.shell import GOOD_KEY, guichet, one_sentence


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
