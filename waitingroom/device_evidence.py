"""What a request and the page's script say of the device (DV-01 to DV-03), as the device rule takes it."""

from collections.abc import Mapping
from functools import lru_cache

from server.requests import Incoming
from waitingroom import device
from waitingroom.device import DEFAULT, LONGEST_AGENT, LONGEST_HINT, Probe, Verdict


def probe_of(fields: Mapping[str, str]) -> Probe | None:
    """What a page's form says of the device. Without script the fields are empty: nothing is known (None)."""
    touch_points = fields.get("touch_points", "")
    if not (touch_points.isascii() and touch_points.isdecimal()):
        return None
    return Probe(
        touch_points=int(touch_points[:4]),
        pointer=fields.get("pointer", ""),
        any_pointer=fields.get("any_pointer", ""),
        any_hover=fields.get("any_hover", ""),
    )


def device_of(
    came: Incoming, probe: Probe | None, allow: frozenset[str] = DEFAULT, admitted: bool = False
) -> Verdict:
    """May this device apply where these families are allowed (DV-01 to DV-03)? The caller refuses.

    `admitted` as `device.verdict` has it.
    """
    header = came.headers.get
    return _judged(
        header(b"user-agent", b"")[:LONGEST_AGENT].decode("latin-1"),
        header(b"sec-ch-ua-mobile", b"")[:LONGEST_HINT].decode("latin-1"),
        header(b"sec-ch-ua-platform", b"")[:LONGEST_HINT].decode("latin-1"),
        None if probe is None else probe.cleaned(),
        allow,
        admitted,
    )


@lru_cache(4096)
def _judged(
    agent: str, mobile: str, platform: str, probe: Probe | None, allow: frozenset[str], admitted: bool
) -> Verdict:
    """The device rule, remembered: a crowd has few browsers."""
    return device.verdict(agent, mobile, platform, probe, allow, admitted)
