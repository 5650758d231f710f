"""The calls of tasks as the document has them are the ones that are served."""

from config.openapi import CALLS
from config.openapi_calls.tasks import TASKS
from config.openapi_schemas import PATH_SCHEMAS, SCHEMAS
from console.tasks.desk import TaskAct


def test_each_call_and_each_answer_is_in_the_document() -> None:
    """And what operators can do is what the address takes."""
    assert all(call in CALLS for call in TASKS)
    assert {name for call in TASKS for name in call.answers.values() if name} <= set(SCHEMAS)
    assert set(PATH_SCHEMAS["task_act"]["enum"]) == set(TaskAct)
