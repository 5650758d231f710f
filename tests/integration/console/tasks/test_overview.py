"""What there is of tasks, counted in SQL."""

from console.tasks import overview
from console.tasks.states import TaskStand, stand_of
from foundation import outbox
from foundation.clock import now_ms
from foundation.outbox import TaskState
from tests.integration.console.tasks.conftest import DAY_MS, TaskPlace
from tests.support.tasks import rows

t = outbox.task.c


async def test_each_task_is_counted_in_one_stand(tasks: TaskPlace) -> None:
    """As the pure function says of its row; what was done in the last hour apart, and since when the oldest is due."""
    now = now_ms()
    kinds = await tasks.db.read(lambda conn: overview.by_kind(conn, ("confirmation", "unused"), now))
    assert [one.kind for one in kinds] == ["confirmation", "mail", "of_tomorrow", "unused"]
    first = kinds[0]
    assert first.counts == dict.fromkeys(TaskStand, 1) | {TaskStand.DONE: 2}
    assert (first.done_last_hour, first.failing) == (1, 1)
    assert first.oldest_due_at is not None and now - first.oldest_due_at >= DAY_MS
    assert [one.is_known for one in kinds] == [True, False, False, True]
    every = await rows(tasks.db, t.id, t.state, t.due_at, t.leased_until)
    for stand in TaskStand:
        held = sum(stand_of(state, due, leased, now) is stand for _, state, due, leased in every)
        assert held == sum(kind.counts[stand] for kind in kinds)
    assert await tasks.db.read(lambda conn: overview.stand(conn, 4, now)) is TaskStand.SET_ASIDE
    assert await tasks.db.read(lambda conn: overview.stand(conn, 999, now)) is None


async def test_what_was_set_aside_is_listed_by_page(tasks: TaskPlace) -> None:
    """With the type of its error; mails apart, without address or text."""
    found, more = await tasks.db.read(lambda conn: overview.aside(conn, TaskState.SET_ASIDE, None, 1))
    assert [(one.subject_id, one.error, one.failures) for one in found] == [("4", "KeyError", 5)] and not more
    assert (await tasks.db.read(lambda conn: overview.aside(conn, TaskState.SET_ASIDE, "mail", 1)))[0] == []
    assert (await tasks.db.read(lambda conn: overview.aside(conn, TaskState.SET_ASIDE, None, 2)))[0] == []
    mails, count = await tasks.db.read(overview.mails_aside)
    assert count == 1 and [(one.title, one.tries) for one in mails] == [("Un avis vous attend", 9)]
    assert "exemple" not in str(mails)
