"""Which networks somebody asks from: inside or outside, also behind a proxy."""

import ipaddress
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from starlette.types import Scope

INTERNAL: Final = (
    "127.0.0.0/8", "::1/128",  # this machine
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7",  # private (RFC 1918, RFC 4193)
    "169.254.0.0/16", "fe80::/10",  # of one link
)  # fmt: skip
"""What is internal where nothing else is said."""

_PASSED_ON: Final = frozenset({b"forwarded", b"x-real-ip"})
"""Headers of other proxies, which the server does not read: somebody stands behind them whom it does not know."""


class Networks:
    """Networks by which an address is judged."""

    def __init__(self, networks: Sequence[str]) -> None:
        """`networks` as `10.0.0.0/8`. ValueError for one that is none."""
        self._networks = [ipaddress.ip_network(one, strict=False) for one in networks]
        self.have = lru_cache(4096)(self._have)

    def _have(self, host: str) -> bool:
        """Whether an address, without a port, is in one of them. What is no address is in none."""
        try:
            address = ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            return False
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        return any((mapped or address) in one for one in self._networks)


class Callers:
    """Tells who asks from some networks, also behind proxies that are believed, from those whom a proxy brings."""

    def __init__(self, networks: Sequence[str], trusted_proxies: Sequence[str] = ()) -> None:
        """`trusted_proxies` are those whose word the server has put into the scope before."""
        self._networks, self._trusted = Networks(networks), Networks(trusted_proxies)

    def include(self, scope: Scope) -> bool:
        """Whether this request comes from one of the networks.

        A proxy that is not believed stands there with its own address, which says nothing of whom it brings: a request
        that somebody passed on counts only if the server took the client from what a believed proxy said.
        """
        client = scope.get("client")
        if client is None:
            return True  # a Unix socket: this machine
        return self._networks.have(client[0]) and self._brought(scope) in (None, client[0])

    def _brought(self, scope: Scope) -> str | None:
        """Whom the proxies say they bring, as the server reads it: the last that is no proxy of ours. None: nobody."""
        chain = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        if not chain:
            return "" if any(name in _PASSED_ON for name, _ in scope["headers"]) else None
        hosts = [_host(one) for one in b",".join(chain).decode("latin-1").split(",")]
        return next((one for one in reversed(hosts) if not self._trusted.have(one)), hosts[0])


def _host(text: str) -> str:
    """The address of an entry of `X-Forwarded-For`, which may have a port."""
    text = text.strip()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
