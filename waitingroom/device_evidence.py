"""What a request and the page's script say of the device (DV-01 to DV-03), as the device rule takes it."""

from functools import lru_cache

import msgspec

from server.requests import Incoming
from waitingroom import device
from waitingroom.device import DEFAULT, LONGEST_AGENT, LONGEST_HINT, Verdict

MOST_TOUCH_POINTS = 256
"""Browsers say 0 to 10; beyond this a figure tells nothing more and would only fill the evidence."""

POINTERS = frozenset({"fine", "coarse", "none"})
"""What the media feature `pointer` can be; anything else is kept as unknown."""


class Probe(msgspec.Struct, frozen=True):
    """What the page's script saw of the device (DV-03): the `device` object of bodies."""

    touch_points: int = 0
    pointer: str = ""


def probe_of(fields: dict[str, str]) -> Probe | None:
    """What a page's form says of the device. Without script the fields are empty: nothing is known (None)."""
    touch_points = fields.get("touch_points", "")
    if not (touch_points.isascii() and touch_points.isdecimal()):
        return None
    return Probe(touch_points=int(touch_points[:4]), pointer=fields.get("pointer", ""))


def device_of(came: Incoming, probe: Probe | None, allow: frozenset[str] = DEFAULT) -> Verdict:
    """May this device apply where these families are allowed (DV-01 to DV-03)? The caller refuses."""
    touch_points, pointer = probed(probe)
    header = came.headers.get
    return _judged(
        header(b"user-agent", b"")[:LONGEST_AGENT].decode("latin-1"),
        header(b"sec-ch-ua-mobile", b"")[:LONGEST_HINT].decode("latin-1"),
        header(b"sec-ch-ua-platform", b"")[:LONGEST_HINT].decode("latin-1"),
        touch_points,
        pointer,
        allow,
    )


@lru_cache(4096)
def _judged(
    agent: str, mobile: str, platform: str, touch_points: int | None, pointer: str, allow: frozenset[str]
) -> Verdict:
    """The device rule, remembered: a crowd has few browsers."""
    return device.verdict(agent, mobile, platform, touch_points, pointer, allow)


def probed(probe: Probe | None) -> tuple[int | None, str]:
    """Touch points and pointer as the device rule takes them: within bounds, None and empty where nothing is known."""
    if probe is None:
        return None, ""
    touch_points = max(0, min(probe.touch_points, MOST_TOUCH_POINTS))
    return touch_points, probe.pointer if probe.pointer in POINTERS else ""
