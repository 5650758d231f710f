"""A period as the contract shows it (`docs/contract.md`). Pure."""

from typing import Final, NamedTuple

import msgspec

from foundation.clock import rfc3339
from quota.draw import published
from quota.periods import phase
from quota.states import PeriodState
from quota.store import Period
from waitingroom.line.looks import Look


def annulment(period: Period) -> dict[str, object] | None:
    """When and why a period was taken back; None for one that stands."""
    if period.annulled_at is None:
        return None
    return {"annulled_at": rfc3339(period.annulled_at), "reason": period.annul_reason}


def summary(period: Period, look: Look | None, now: int) -> dict[str, object]:
    """The row and the last look at its line, at this instant (ms)."""
    return {
        "id": period.id,
        "programme": period.programme,
        "ordinal": period.ordinal,
        "state": phase(period, now),
        "opens_at": rfc3339(period.opens_at),
        "closes_at": rfc3339(period.closes_at),
        "cap": period.cap,
        "accepted": period.accepted,
        "live_tokens": period.live_tokens,
        "waiting": look.snapshot.waiting if look else 0,
        "last_number": look.snapshot.seq if look else 0,
        "paused": period.paused,
        "suspended": period.suspended,
        "proof": period.proof,
        "notice": period.notice,
        "annulment": annulment(period),
        "mode": period.mode,
        "draw": published(period),
        "server_time": rfc3339(now),
    }


class _KnownSummary(NamedTuple):
    period: Period
    look: Look | None
    phase: PeriodState
    text: bytes
    """Up to the clock, which is the last."""


MOST_REMEMBERED: Final = 100


class Summaries:
    """Summaries as JSON. Before an opening everybody's page asks for one again and again: it is the same for all of
    them until the row or the line is read again, but for the clock."""

    def __init__(self) -> None:
        self._known: dict[str, _KnownSummary] = {}

    def text(self, period: Period, look: Look | None, now: int) -> bytes:
        """What `summary` says at this instant (ms)."""
        known, stands = self._known.get(period.id), phase(period, now)
        if known is None or known.period is not period or known.look is not look or known.phase is not stands:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            whole = summary(period, look, now)
            del whole["server_time"]
            known = _KnownSummary(period, look, stands, msgspec.json.encode(whole)[:-1])
            self._known[period.id] = known
        return b'%b,"server_time":"%b"}' % (known.text, rfc3339(now).encode())
