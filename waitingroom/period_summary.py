"""A period as the contract shows it (`docs/contract.md`). Pure."""

from foundation.clock import rfc3339
from quota.draw import published
from quota.periods import phase
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
        "server_time": rfc3339(now),
        "mode": period.mode,
        "draw": published(period),
    }
