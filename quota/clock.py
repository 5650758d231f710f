"""Time: instants as milliseconds, the service clock's arithmetic, and how many to call now. All pure.

Instants are milliseconds since 1970 UTC; the service clock is milliseconds the room has served (it stands still in
pauses and outages). The two are never compared.
"""

import time
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

MONTREAL = ZoneInfo("America/Toronto")

MOST_STEP_MS = 2_000
"""No tick moves the beat or the service clock further than this, whatever the host's clock does."""

LAPSE_GRACE_MS = 1_000
"""A place goes on this long after the token's end, so that a submission received in time can still be recorded."""


def now_ms() -> int:
    """This host's clock, in milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


@lru_cache(256)
def rfc3339(instant_ms: int) -> str:
    """`2026-06-13T12:30:00.000Z`."""
    return datetime.fromtimestamp(instant_ms / 1000, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def parse_rfc3339(text: str) -> int:
    """Milliseconds of an RFC 3339 text. ValueError without an offset: a bare local time is nobody's instant (WR-14)."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("an instant needs its offset, such as 2026-06-13T08:30:00-04:00")
    return round(moment.timestamp() * 1000)


def montreal(instant_ms: int) -> datetime:
    """The same instant on a clock in Montréal (WR-14)."""
    return datetime.fromtimestamp(instant_ms / 1000, MONTREAL)


def montreal_instant(local: datetime) -> int:
    """The instant of a time without an offset, read on a clock in Montréal (WR-14).

    Raises ValueError for a time that the clock shows twice or never, when summer time ends or begins.
    """
    readings = {local.replace(tzinfo=MONTREAL, fold=fold).timestamp() for fold in (0, 1)}
    if len(readings) > 1:
        exists = any(montreal(round(reading * 1000)).replace(tzinfo=None) == local for reading in readings)
        how_often = "twice" if exists else "never"
        raise ValueError(f"a clock in Montréal shows {local:%Y-%m-%d %H:%M} {how_often} (change of the hour)")
    return round(readings.pop() * 1000)


def due_calls(clock_ms: int, next_call_ms: int, calls_per_minute: int) -> tuple[int, int]:
    """How many calls are due at this reading of the service clock, and when the next one is.

    Calls are even: 4 a minute is one each 15 s. A beat that was missed by more than two seconds is not made up: the
    next call is then due at once, and the rhythm starts again from it. That is so at a slow pace too: whoever comes
    into an empty line just before the next beat is called, and the one behind them an interval later, not at that beat.
    """
    if calls_per_minute <= 0 or clock_ms < next_call_ms:
        return 0, next_call_ms
    interval = 60_000 / calls_per_minute
    late = clock_ms - next_call_ms
    if late > MOST_STEP_MS:
        return 1, clock_ms + round(interval)
    due = 1 + int(late // interval)
    return due, next_call_ms + round(due * interval)
