"""`guichet tasks`: listed, done again, left."""

import msgspec
import sqlalchemy as sa

from foundation import outbox
from foundation.audit import audit
from foundation.clock import now_ms
from foundation.outbox import task
from foundation.sql.database import Database
from foundation.subjects import Subject
from tests.conftest import apart
from tests.integration.config.commands.shell import add_staff, guichet, one_sentence, rows


def test_what_was_set_aside_is_listed_and_done_again(sqlite_url: str) -> None:
    """With exit status 1 while something is aside; who did it and why is on the record."""

    async def two() -> None:
        database = Database(sqlite_url)
        for number in (1, 2):
            await database.write(
                lambda conn, number=number: outbox.stage(  # type: ignore[misc]
                    conn, "confirmation", Subject.row("submission", number), now_ms()
                )
            )
        await database.write(
            lambda conn: conn.execute(sa.update(task).values(state="set_aside", error="KeyError"))
        )
        await database.close()

    apart(two())
    add_staff(sqlite_url, "jeanne")
    listed = guichet("tasks", "list", url=sqlite_url)
    assert listed.exit_code == 1
    lines = [msgspec.json.decode(line) for line in listed.stdout.splitlines()]
    assert lines[0]["kind"] == "confirmation" and lines[0]["set_aside"] == 2 and "known" not in lines[0]
    assert [(line["task"], line["error"]) for line in lines[1:]] == [(2, "KeyError"), (1, "KeyError")]
    one_sentence(guichet("tasks", "retry", "--reason", "x", "--as", "jeanne", url=sqlite_url), "which")
    one_sentence(guichet("tasks", "retry", "1", "--reason", "x", "--as", "personne", url=sqlite_url), "--as")
    done = guichet("tasks", "retry", "1", "--reason", "corrigé", "--as", "jeanne", url=sqlite_url)
    assert done.exit_code == 0, done.stderr
    left = guichet("tasks", "leave", "2", "--reason", "sans objet", "--as", "jeanne", url=sqlite_url)
    assert left.exit_code == 0, left.stderr
    assert guichet("tasks", "list", url=sqlite_url).exit_code == 0
    assert [row.state for row in rows(sqlite_url, task)] == ["staged", "left"]
    acts = [(row.actor, row.act, row.reason) for row in rows(sqlite_url, audit)][-2:]
    assert acts == [("jeanne", "task_retry", "corrigé"), ("jeanne", "task_leave", "sans objet")]
    again = guichet(
        "tasks", "retry", "--kind", "confirmation", "--reason", "x", "--as", "jeanne", url=sqlite_url
    )
    assert "0 are done again" in again.stderr
