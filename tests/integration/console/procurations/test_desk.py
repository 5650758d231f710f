"""What is offered to whom, and what was typed."""

import pytest

from accounts.representatives.states import PowerPosition, PowerState, ReturnReason
from accounts.roles import Role
from console.procurations.desk import (
    MAY,
    MOVES,
    ProcurationAct,
    StaffView,
    TypedProcuration,
    paper_of,
    reason_of,
)
from foundation.errors import Refusal
from tests.integration.console.procurations.conftest import ProcurationPlace


def test_each_act_has_its_roles_and_its_move() -> None:
    """Clerks decide nothing: what they may, agents may too."""
    assert set(MAY) == set(MOVES) == set(ProcurationAct)
    assert all(Role.AGENT in roles for roles in MAY.values())
    assert Role.CLERK not in MAY[ProcurationAct.THAW]


async def test_only_what_is_possible_is_offered(mailroom: ProcurationPlace) -> None:
    """By state and by role."""
    view = StaffView(mailroom.made, [], "Anne")
    assert view.offered((Role.CLERK,)) == [ProcurationAct.RECEIVE, ProcurationAct.RETURN]
    assert view.offered((Role.AUDITOR,)) == []
    mailroom.made = type(mailroom.made)(
        **{name: getattr(mailroom.made, name) for name in mailroom.made.__struct_fields__}
        | {"position": PowerPosition(PowerState.FROZEN, PowerState.ACTIVE)}
    )
    frozen = StaffView(mailroom.made, [], "Anne")
    assert frozen.offered((Role.CLERK,)) == [ProcurationAct.UNDO]
    assert frozen.offered((Role.AGENT,)) == [ProcurationAct.UNDO, ProcurationAct.THAW]


def test_days_and_reasons_are_read_or_refused() -> None:
    """ISO days, one of the reasons; the rest is invalid by field."""
    assert paper_of(TypedProcuration("2026-06-13")).postmarked_on is None
    assert reason_of("unsigned") is ReturnReason.UNSIGNED
    for wrong in (TypedProcuration(), TypedProcuration("2026-06-13", "x")):
        with pytest.raises(Refusal):
            paper_of(wrong)
    with pytest.raises(Refusal):
        reason_of("")
