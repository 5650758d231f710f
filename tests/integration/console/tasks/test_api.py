"""`/api/v1/staff/tasks`: for operators' programs."""

from accounts.roles import Role
from tests.integration.console.tasks.conftest import TaskPlace

PATH = "/api/v1/staff/tasks"


async def test_the_same_by_calls(tasks: TaskPlace) -> None:
    """What there is, with instants as everywhere; retried and left with a reason."""
    operator = tasks.place.operator
    said = (await operator.get(PATH)).json()
    first = said["kinds"][0]
    assert (first["kind"], first["set_aside"], first["done"], first["known"]) == ("confirmation", 1, 2, True)
    assert first["oldest_due_at"].endswith("Z") and said["queue"]["rings"] == 0
    assert [one["error"] for one in said["set_aside"]] == ["KeyError"] and said["mails_set_aside"] == 1
    assert (await operator.post(f"{PATH}/4/retry", json={})).json()["fields"][0]["name"] == "reason"
    assert (await operator.post(f"{PATH}/4/retry", json={"reason": "corrigé"})).status_code == 204
    conflict = await operator.post(f"{PATH}/4/leave", json={"reason": "corrigé"})
    assert (conflict.status_code, conflict.json()["code"]) == (409, "move_not_allowed")
    assert (await operator.post("/api/v1/staff/mails/1/retry", json={"reason": "serveur"})).status_code == 204
    assert (await operator.post(f"{PATH}/retry", json={"kind": "mail", "reason": "x"})).json() == {
        "retried": 0
    }
    assert (await operator.post(f"{PATH}/4/burn", json={"reason": "x"})).status_code == 404
    clerk = await tasks.place.staff("claire", Role.CLERK)
    assert (await clerk.get(PATH)).json()["code"] == "not_your_role"
    await clerk.aclose()
