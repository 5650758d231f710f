"""Loopback addresses of one's own: everybody from another network, and source ports enough for everybody."""

import socket
from typing import Final

BIND_ADDRESS_NO_PORT: Final = getattr(socket, "IP_BIND_ADDRESS_NO_PORT", 24)
"""The port is then chosen with the whole address known; alone, each search is longer than the one before. Python knows
it by name from 3.12 on."""


def own_address(place: int) -> str:
    """The address of this place (from 0), within 127.0.0.0/8: Linux has all sixteen million of them.

    Neighbours are far apart, so that nobody is limited for the network they seem to come from.
    """
    spread = (place * 40_503 + 257) % 65_536
    return f"127.{1 + spread // 256 % 254}.{spread % 256}.{1 + place // 65_536 % 250}"
