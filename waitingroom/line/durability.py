"""What of the line a crash of its Redis leaves: read from what the server says of itself. Pure.

Nobody loses a number by it (tickets bring them back), but it costs a hold, and numbers skip. With both stores lost at
once it is what stands between a person and a second one with the same number.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any


class Durability(StrEnum):
    """How much of what Redis has acknowledged is there after a crash."""

    NONE = "none"
    """Nothing, or a snapshot of some minutes ago: `appendonly no`."""
    SECONDS = "seconds"
    """All but the last second or two: `appendfsync` is not `always`."""
    UNTOLD = "untold"
    """The log is on; how often it is forced to the disk our user may not see (`CONFIG`)."""
    ALL = "all"
    """All of it."""


def durability(persistence: Mapping[str, Any], appendfsync: str | None) -> Durability:
    """By INFO's section `persistence`, and the setting where it may be read."""
    if not int(persistence.get("aof_enabled") or 0):
        return Durability.NONE
    if appendfsync is None:
        return Durability.UNTOLD
    return Durability.ALL if appendfsync == "always" else Durability.SECONDS


def least(found: Iterable[Durability]) -> Durability:
    """Of several servers, what is sure of all."""
    return min(found, key=list(Durability).index, default=Durability.UNTOLD)
