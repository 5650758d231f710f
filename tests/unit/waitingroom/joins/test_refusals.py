"""By which rule of its row a period refuses numbers, and what the refusal says."""

from typing import Any

import pytest

from foundation.clock import rfc3339
from foundation.errors import Code
from tests.unit.waitingroom.test_states import OPENS, period
from waitingroom.joins.proof_of_work import ProofFault
from waitingroom.joins.refusals import closed_by, proof_required, refusal

HOUR_MS = 3_600_000

DRAW = {"mode": "draw", "entries_from": OPENS - HOUR_MS}


@pytest.mark.parametrize(
    ("values", "after_opening_ms", "code"),
    [
        ({"state": "open"}, 1, None),
        ({"state": "armed"}, -1, Code.ROOM_NOT_OPEN),
        ({"state": "armed"}, 0, None),
        ({"state": "announced"}, 1, Code.ROOM_NOT_OPEN),
        ({"state": "open"}, 2 * HOUR_MS, None),
        ({"state": "armed"}, 2 * HOUR_MS, None),
        ({"state": "cap_reached"}, 1, Code.QUOTA_REACHED),
        ({"state": "closed"}, 1, Code.PERIOD_CLOSED),
        ({"state": "annulled"}, 1, Code.ANNULLED),
        ({"state": "annulled"}, -1, Code.ANNULLED),
        (DRAW | {"state": "armed"}, -1, Code.ROOM_NOT_OPEN),
        (DRAW | {"state": "armed", "entries": 4}, 1, None),
        (DRAW | {"state": "armed", "entries": 0}, -1, None),
        (DRAW | {"state": "closed", "entries": 4}, 1, Code.PERIOD_CLOSED),
    ],
)
def test_the_row_says_whether_the_line_may_be_asked(
    values: dict[str, Any], after_opening_ms: int, code: Code | None
) -> None:
    """Past its end by this host's clock alone the line decides: no clock of one host ends a period (P10)."""
    assert closed_by(period(**values), OPENS + after_opening_ms) == code


def test_a_refusal_says_what_its_text_needs() -> None:
    """Instants as RFC 3339, the cap as a number, the address of a challenge."""
    row = period()
    assert refusal(Code.QUOTA_REACHED, row).fields == {"cap": 50}
    assert refusal(Code.PERIOD_CLOSED, row).fields == {"closes_at": rfc3339(row.closes_at)}
    assert (refusal(Code.ANNULLED, row).code, refusal(Code.ANNULLED, row).fields) == (Code.ANNULLED, {})
    assert refusal(Code.ROOM_NOT_OPEN, row).fields == {"opens_at": rfc3339(OPENS)}
    asked = refusal(Code.PROOF_REQUIRED, row)
    assert asked.fields == {"cause": "missing", "challenge": "/api/v1/periods/essai/challenge"}
    assert proof_required(row, ProofFault.SPENT).fields["cause"] == "spent"


def test_too_early_for_an_entry_says_both_instants() -> None:
    """In mode draw one comes twice: for the entry, and after the opening."""
    fields = refusal(Code.ROOM_NOT_OPEN, period(**DRAW)).fields
    assert fields == {"opens_at": rfc3339(OPENS), "entries_from": rfc3339(OPENS - HOUR_MS)}
