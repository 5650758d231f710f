"""What a member of staff is offered for a switch."""

import msgspec

from casework.switches.plans import SwitchPlan
from casework.switches.states import SwitchName
from console.switches.desk import MAY, SEES, SwitchAct, SwitchView

PLAN = SwitchPlan(
    id=1, programme="demo", name=SwitchName.ADDRESS_CHANGE, on_at=200, author="agnes", reason=None, planned_at=1,
    approver=None, approved_at=None, turned_on_at=None, broadcast=None, told=0, told_at=None, ended_at=None,
    ended_by=None, end_reason=None,
)  # fmt: skip


class AtTheDesk(msgspec.Struct, frozen=True):
    """Who is at the desk, as far as it is asked."""

    username: str
    held: tuple[str, ...]


def offered(username: str, *held: str, at: int = 100, plan: SwitchPlan = PLAN) -> list[str]:
    view = SwitchView(at=at, plans=[plan])
    return [str(act) for act in view.offered(plan, AtTheDesk(username, held))]  # type: ignore[arg-type]


def test_what_is_offered_is_what_is_possible() -> None:
    """Never one's own plan to approve; nothing of another role; nothing that the state does not have."""
    assert offered("agnes", "operator") == ["end"]
    assert offered("Agnes ", "operator", "approver") == ["end"]
    assert offered("boris", "operator") == ["approve", "end"]
    assert offered("ines", "approver") == ["approve"]
    assert offered("ines", "approver", at=200) == []
    ended = msgspec.structs.replace(PLAN, ended_at=50)
    assert offered("boris", "operator", plan=ended) == []
    assert set(MAY) == set(SwitchAct) and set(SEES) == {role for roles in MAY.values() for role in roles}
