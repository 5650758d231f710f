"""The calls of representatives as the document has them are the ones that are served."""

from config.openapi import CALLS
from config.openapi_calls.representatives import REPRESENTATIVES
from console.procurations.desk import ProcurationAct


def test_each_act_has_its_call() -> None:
    """And each call is in the document."""
    paths = {call.path for call in REPRESENTATIVES}
    for act in ProcurationAct:
        end = "" if act is ProcurationAct.RECEIVE else f"/{{reference}}/{act}"
        assert f"/api/v1/staff/procurations{end}" in paths
    assert set(paths) <= {call.path for call in CALLS}
