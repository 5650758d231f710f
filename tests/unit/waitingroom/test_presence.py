"""A ticket as the line takes it."""

import pytest
from structlog.testing import capture_logs

from foundation.errors import Unavailable
from waitingroom.line.states import OwedProof
from waitingroom.line.store import Seen
from waitingroom.presence import _noted, shown
from waitingroom.tickets import Ticket


@pytest.mark.parametrize(
    ("owes", "proved", "proof"),
    [
        (0, False, OwedProof.NOTHING),
        (0, True, OwedProof.NOTHING),
        (1_700_000_000_000, False, OwedProof.OWES),
        (1_700_000_000_000, True, OwedProof.PROVED),
    ],
)
def test_what_it_owes_goes_with_it(owes: int, proved: bool, proof: OwedProof) -> None:
    """No loss of Redis forgives it: it stands in the ticket (ADR 0012)."""
    assert shown(Ticket("uid", 7, "v", owes=owes), proved) == Seen(7, "v", proof)


@pytest.mark.parametrize(("problem", "said"), [(None, 0), (Unavailable("redis"), 0), (KeyError("x"), 1)])
def test_a_fault_in_a_sign_of_presence_is_in_the_log(problem: Exception | None, said: int) -> None:
    """Nobody waits for the sign: that Redis is away the feed says, anything else is a fault that must be seen."""
    with capture_logs() as logs:
        _noted(problem)
    assert [line["log_level"] for line in logs] == ["error"] * said
