"""A command and its database: one that is not there, has no tables, or does not answer."""

from pathlib import Path

from config.commands.database import noted
from config.failures import NOT_MIGRATED
from foundation.audit import Actor, audit
from foundation.sql.database import Database
from tests.integration.config.commands.shell import free_port, guichet, one_sentence


def test_a_database_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    """No file is made by looking for one."""
    path = tmp_path / "none.db"
    one_sentence(guichet("verify", "--period", "demo", url=f"sqlite:///{path}"), str(path), "guichet migrate")
    assert not path.exists()


def test_a_database_without_tables_is_one_sentence(tmp_path: Path, empty_postgresql_url: str) -> None:
    """What to run is said, on both stores."""
    (tmp_path / "empty.db").touch()
    for url in (f"sqlite:///{tmp_path / 'empty.db'}", empty_postgresql_url):
        assert guichet("period", "show", "demo", url=url).stderr.strip() == NOT_MIGRATED


def test_a_database_server_that_is_away_is_one_sentence() -> None:
    """A refused connection is no traceback, and the password is not shown."""
    with free_port() as port:
        url = f"postgresql://someone:hidden@127.0.0.1:{port}/guichet"
    for command in (("migrate",), ("verify", "--period", "demo"), ("period", "show")):
        result = guichet(*command, url=url)
        one_sentence(result)
        assert "hidden" not in result.output


async def test_work_that_leaves_no_line_is_given_one(database: Database) -> None:
    """In its own transaction; work that changed nothing has none, as a notification that was known."""
    jeanne = Actor("jeanne", "command-line")

    async def answer(changed: bool) -> bool:
        return changed

    for changed in (True, False):
        done = noted(jeanne, "bounces_take", lambda _conn, changed=changed: answer(changed), of="essai")  # type: ignore[misc]
        assert await database.write(done) is changed
    (line,) = (await database.read(lambda conn: conn.execute(audit.select()))).all()
    assert (line.actor, line.act, line.detail) == ("jeanne", "bounces_take", '{"of":"essai"}')
