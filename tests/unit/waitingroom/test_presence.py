"""A ticket as the line takes it."""

import pytest

from waitingroom.line.states import OwedProof
from waitingroom.line.store import Seen
from waitingroom.presence import shown
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
