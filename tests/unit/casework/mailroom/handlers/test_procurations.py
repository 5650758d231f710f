"""What a procuration does, by where the power stands."""

from typing import Any

from accounts.representatives.declaration.details import RepresentativeDetails
from accounts.representatives.powers import Representation
from accounts.representatives.states import PowerPosition, PowerState, RepresentativeKind
from casework.mailroom.handlers.procurations import NOBODY, judged
from casework.mailroom.states import MailMove


def power(state: PowerState) -> Representation:
    """A lawyer whose power stands there."""
    blank: dict[str, Any] = dict.fromkeys(RepresentativeDetails.__struct_fields__, "")
    details = RepresentativeDetails(**(blank | {"family_name": "Tremblay", "given_name": "Luc"}))
    return Representation(
        id="r", account=1, reference="PR-1", kind=RepresentativeKind.LAWYER, position=PowerPosition(state),
        consultant=None, details=details, declared_at=0, received_on=None, postmarked_on=None,
    )  # fmt: skip


def test_held_until_paid_and_in_force_when_paid() -> None:
    """The name is said, to be compared with the paper."""
    held, paid = (judged(power(PowerState.DECLARED), is_paid=paid) for paid in (False, True))
    assert (held.move, paid.move) == (MailMove.ACCEPT, MailMove.ACCEPT)
    assert "Luc Tremblay" in held.says[0] and "gardée" in held.says[1] and "vigueur" in paid.says[1]
    assert held.facts == {"reference": "PR-1"}


def test_one_that_is_not_awaited_goes_back() -> None:
    """It has come already, or the power is over; and for nobody a person decides."""
    for state in (PowerState.ACTIVE, PowerState.REVOKED):
        found = judged(power(state), is_paid=True)
        assert found.move is MailMove.SET_ASIDE and found.warns
    nobody = judged(None, is_paid=True)
    assert (nobody.move, nobody.says, nobody.warns) == (None, (), (NOBODY,))
