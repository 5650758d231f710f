"""The desk of proclaimed days: each act by its role, and what is refused on the record."""

import pytest

from accounts.roles import Role
from console.proclaimed_days.desk import MAY, DayAct, typed_day
from foundation.audit import audit
from foundation.errors import Code, Refusal
from tests.integration.console.proclaimed_days.conftest import DayPlace
from tests.support.tasks import rows


async def test_what_is_refused_is_on_the_record(days: DayPlace) -> None:
    """An approver who enters a day, and whoever confirms what they entered themselves."""
    await days.approver.post("/api/v1/staff/proclaimed-days", json={"day": days.day.isoformat(), "name": "x"})
    lines = await rows(days.db, audit.c.id, audit.c.act, audit.c.actor, audit.c.detail)
    (line,) = [row for row in lines if row[1] == "refused"]
    assert line[2] == "alain"
    assert "proclaimed day enter" in line[3]


def test_every_act_has_its_roles() -> None:
    assert set(MAY) == set(DayAct)
    assert Role.APPROVER not in MAY[DayAct.ENTER]


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        typed_day("2026-02-30")
    assert refused.value.code == Code.INVALID
