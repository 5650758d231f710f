"""Time: instants as milliseconds, as texts, and in Montréal.

Instants are milliseconds since 1970 UTC; the service clock is milliseconds the room has served (it stands still in
pauses and outages). The two are never compared.
"""

import time
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

MONTREAL = ZoneInfo("America/Toronto")


def now_ms() -> int:
    """This host's clock, in milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


@lru_cache(256)
def rfc3339(instant_ms: int) -> str:
    """`2026-06-13T12:30:00.000Z`."""
    return datetime.fromtimestamp(instant_ms / 1000, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def parse_rfc3339(text: str) -> int:
    """Milliseconds of an RFC 3339 text. ValueError without an offset: a bare local time is no instant (WR-14)."""
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
