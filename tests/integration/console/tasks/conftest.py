"""The desk of tasks beside the console, with a task of each stand and a mail that no server took."""

from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from config.assets import renderer
from config.stores import open_queue
from console.tasks.api import TaskApi
from console.tasks.desk import TaskDesk
from console.tasks.pages import TaskPages
from console.tasks.queue import ANSWER_SECONDS, QueueProbe
from foundation import outbox
from foundation.clock import now_ms
from foundation.mail.outgoing import Mail, post
from foundation.mail.store import MAIL, mail
from foundation.sql.database import Database
from foundation.subjects import Subject
from server.problems import Problems
from tests.integration.console.conftest import ConsolePlace

DAY_MS = 86_400_000

t = outbox.task


class TaskPlace(msgspec.Struct):
    """The console with the desk of tasks."""

    place: ConsolePlace
    desk: TaskDesk

    @property
    def db(self) -> Database:
        return self.place.db


@pytest.fixture
async def tasks(place: ConsolePlace, redis_url: str) -> TaskPlace:
    now = now_ms()
    stands: tuple[dict[str, Any], ...] = (
        {"due_at": now + DAY_MS}, {"due_at": now - DAY_MS, "staged_at": now - 2 * DAY_MS, "failures": 1},
        {"leased_until": now + DAY_MS}, {"state": "set_aside", "error": "KeyError", "failures": 5, "attempt": 5},
        {"state": "left"}, {"state": "done", "done_at": now}, {"state": "done", "done_at": now - DAY_MS},
    )  # fmt: skip
    for number, values in enumerate(stands, 1):
        await one(place.db, "confirmation", number, **values)
    await one(place.db, "of_tomorrow", 1)
    letter = Mail("quelquun@exemple.invalid", "hello", "Un avis vous attend", "Un texte.\n")
    await place.db.write(lambda conn: post(conn, letter, Subject("account", "7"), now, key="one"))
    await place.db.write(
        lambda conn: conn.execute(
            sa.update(mail).values(state="set_aside", settled_at=now, tries=9, reply_code=0)
        )
    )
    await place.db.write(
        lambda conn: conn.execute(sa.update(t).where(t.c.kind == MAIL).values(state="done", done_at=now))
    )
    problems = Problems("http://guichet.test", renderer())
    queue = QueueProbe(lambda: open_queue(redis_url, ANSWER_SECONDS))
    desk = TaskDesk(place.console.staff, ("confirmation", MAIL), queue)
    place.app.router.routes[:0] = [
        *TaskApi(desk).routes(), *TaskPages(desk, renderer(), problems.tell).routes()
    ]  # fmt: skip
    return TaskPlace(place, desk)


async def one(db: Database, kind: str, number: int, **values: Any) -> None:
    """A task of this kind with these values."""

    async def write(conn: Any) -> None:
        await outbox.stage(conn, kind, Subject.row("submission", number), now_ms())
        if values:
            here = sa.update(t).where(t.c.kind == kind, t.c.subject_id == str(number))
            await conn.execute(here.values(**values))

    await db.write(write)
