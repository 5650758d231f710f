"""The refusals of a join, and by which rule of the period's row it is refused before the line is asked. Pure."""

from typing import Final

from foundation.clock import rfc3339
from foundation.errors import Code, Refusal
from quota.periods import over, phase
from quota.states import Mode, PeriodState
from quota.store import Period
from waitingroom.joins.proof_of_work import ProofFault

_DRAW: Final = Mode.DRAW

ASKED_IN: Final = frozenset({PeriodState.OPEN, PeriodState.CLOSED})
"""By this host's clock alone; where one is closed by it, the line decides."""


OVER: Final = {
    PeriodState.CAP_REACHED: Code.QUOTA_REACHED,
    PeriodState.CLOSED: Code.PERIOD_CLOSED,
    PeriodState.ANNULLED: Code.ANNULLED,
}
"""With which code numbers are refused once it is recorded that a period is over."""


def challenge_path(period: Period) -> str:
    """Where a challenge of this period is."""
    return f"/api/v1/periods/{period.id}/challenge"


def proof_required(period: Period, cause: ProofFault = ProofFault.MISSING) -> Refusal:
    """Asks for a proof of work: why, and where a challenge is."""
    return Refusal(Code.PROOF_REQUIRED, cause=cause, challenge=challenge_path(period))


def too_early(period: Period) -> Refusal:
    """Too early for a number; in mode draw, for an entry too."""
    fields = {"opens_at": rfc3339(period.opens_at)}
    if period.mode == Mode.DRAW:
        fields["entries_from"] = rfc3339(period.entries_from or period.opens_at)
    return Refusal(Code.ROOM_NOT_OPEN, **fields)


def refusal(code: Code, period: Period) -> Refusal:
    """The refusal of a join with what its text needs of the period."""
    if code == Code.PROOF_REQUIRED:
        return proof_required(period)
    if code == Code.QUOTA_REACHED:
        return Refusal(code, cap=period.cap)
    if code == Code.PERIOD_CLOSED:
        return Refusal(code, closes_at=rfc3339(period.closes_at))
    if code == Code.ANNULLED:
        return Refusal(code)
    return too_early(period)


def closed_by(period: Period, now_ms: int) -> Code | None:
    """With which code the row refuses numbers at this instant; None where the line may be asked.

    In mode draw numbers are given from the freeze on, behind those of the entries, also before the order is drawn. Past
    its end by this host's clock alone a period is not over: the script decides that.
    """
    if over(period):
        return OVER[period.state]
    if period.mode == _DRAW and period.entries is not None:
        return None
    if phase(period, now_ms) in ASKED_IN:
        return None
    return Code.ROOM_NOT_OPEN
