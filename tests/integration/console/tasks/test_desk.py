"""What operators do with tasks: with a reason, on the record."""

import pytest

from accounts.roles import Role
from accounts.sessions import Session
from console.staff.desk import StaffMemberHere
from console.tasks.desk import MOST_TOGETHER, TaskAct, reason_of, retry_all
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.outbox import task
from tests.integration.console.tasks.conftest import TaskPlace, one
from tests.support.tasks import rows


class Agnes(Actor, frozen=True):
    """Who is at the desk, as far as it asks."""

    held: tuple[Role, ...] = (Role.OPERATOR,)

    @property
    def actor(self) -> Actor:
        return Actor(self.name, self.role)


AGNES: StaffMemberHere = Agnes("agnes", Role.OPERATOR)  # type: ignore[assignment]


async def test_a_refused_act_is_on_the_record(tasks: TaskPlace) -> None:
    """And changes nothing: a task that is done is not done again."""
    with pytest.raises(Refusal) as refused:
        await tasks.desk.act(AGNES, TaskAct.RETRY, 6, "encore")
    assert refused.value.code == Code.MOVE_NOT_ALLOWED
    assert (await tasks.place.audit())[-1][1:] == (
        "refused", {"call": "task retry", "code": "move_not_allowed"}
    )  # fmt: skip


async def test_a_whole_kind_is_done_again(tasks: TaskPlace) -> None:
    """Five hundred at most in one transaction, each with its line; of mails those that no server took."""
    for number in range(100, 100 + 3):
        await one(tasks.db, "confirmation", number, state="set_aside")
    count = await tasks.db.write(lambda conn: retry_all(conn, "confirmation", "agnes", "corrigé", now_ms()))
    assert count == 4 <= MOST_TOGETHER
    assert await tasks.desk.retry_kind(AGNES, "mail", "le serveur est là") == 1
    assert await tasks.desk.retry_kind(AGNES, "nothing", "x") == 0
    assert "set_aside" not in {state for _, state in await rows(tasks.db, task.c.id, task.c.state)}
    assert [act for _, act, _ in await tasks.place.audit()][-5:] == ["task_retry"] * 4 + ["mail_retry"]


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 501])
def test_a_reason_is_asked_for(text: str) -> None:
    """Some words, and no letter."""
    with pytest.raises(Refusal) as refused:
        reason_of(text)
    assert refused.value.code == Code.INVALID
    assert reason_of("  une\n raison ") == "une raison"


def test_a_member_is_what_the_desk_takes() -> None:
    """The stand-in has what is asked of a member of staff."""
    assert {"held", "role"} <= set(
        StaffMemberHere.__struct_fields__
    ) and "username" in Session.__struct_fields__
