"""By which name this service is asked, and which origins are its own (RFC 9110, 7.4; RFC 9112, 3.2).

Both come from PUBLIC_URL, never from a request: a `Host` that is believed ends in links and redirects to somebody
else's site, and `X-Forwarded-Host` is not read at all. Health checks ask by whatever name they know, from inside.
"""

import ipaddress
import re
import socket
from collections.abc import Sequence
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

import structlog
from starlette.types import Scope

from foundation.errors import Code, Refusal
from server.networks import Callers

PORTS: Final = {"http": 80, "https": 443}

CHECKS: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""What internal checks ask for, by an address of their own."""

MOST_SERVED: Final = 64
"""Spellings of our name that are remembered; in the demo anybody could make up more."""

_HOST = re.compile(rb"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]*)(:[0-9]{1,5})?")

log = structlog.get_logger()


@lru_cache(1024)
def is_host(value: bytes) -> bool:
    """Whether it can be a `Host` at all: a name or an address, and a port."""
    return _HOST.fullmatch(value) is not None


def origin(scheme: str, netloc: str) -> tuple[str, str, int | None]:
    """Scheme, host and port, so that `https://a`, `https://A:443` and `https://a.` are one. ValueError for a port that
    is none."""
    parts = urlsplit(f"//{netloc}")
    host = (parts.hostname or "").lower().removesuffix(".")
    return scheme.lower(), host, parts.port or PORTS.get(scheme.lower())


class Hosts:
    """The names of this service."""

    def __init__(
        self, public_url: str, internal: Callers | None = None, *, demo_at: tuple[str, int] | None = None
    ) -> None:
        """`internal` may ask for `CHECKS` by any name. `demo_at` is where the demo listens, host and port: it is served
        under any name, and origins on this machine are its own."""
        public = urlsplit(public_url)
        self.public_url = public_url
        self._internal, self._demo_at = internal, demo_at
        self._scheme = public.scheme
        self._own = origin(public.scheme, public.netloc)
        self._told_of_tls = public.scheme == "https" or demo_at is not None
        self._serves = lru_cache(256)(self._judge_host)
        self._served: set[bytes] = set()
        # The same few browsers' origins, thousands of times.
        self._is_own = lru_cache(256)(self._judge_origin)

    def is_usual(self, host: bytes | None) -> bool:
        """Whether requests by this name were served before, as nearly all are; `refusal` knows about the others."""
        return host in self._served and self._told_of_tls

    def refusal(self, scope: Scope) -> Refusal | None:
        """Why this request cannot be served under the name that it asks by; None where it can."""
        named = [value for name, value in scope["headers"] if name == b"host"]
        if len(named) == 1 and self.is_usual(named[0]):
            return None
        if len(named) > 1 or (not named and scope.get("http_version", "1.1") != "1.0"):
            return Refusal(Code.BAD_REQUEST)
        host = named[0] if named else b""
        if not is_host(host):
            return Refusal(Code.BAD_REQUEST)
        if not self._told_of_tls and scope.get("scheme") in ("https", "wss"):
            self._tell_of_tls()
        if self._serves(host):
            if len(self._served) < MOST_SERVED:
                self._served.add(host)
            return None
        if self._is_check(scope):
            return None
        return Refusal(Code.MISDIRECTED, address=self.public_url)

    def is_own(self, value: bytes, host: bytes) -> bool:
        """Whether an `Origin` is one of ours. `host` is what the request asked by: only the demo looks at it."""
        return self._is_own(value, host if self._demo_at else b"")

    def is_own_page(self, referer: bytes, host: bytes) -> bool:
        """Whether a `Referer` is a page of ours."""
        scheme, found, rest = referer.partition(b"://")
        netloc = re.split(rb"[/?#]", rest, maxsplit=1)[0]
        return bool(found) and self.is_own(scheme + found + netloc, host)

    def _is_check(self, scope: Scope) -> bool:
        return scope["path"] in CHECKS and self._internal is not None and self._internal.include(scope)

    def _judge_host(self, host: bytes) -> bool:
        if self._demo_at is not None:
            return True
        try:
            return origin(self._scheme, host.decode("ascii")) == self._own
        except ValueError:
            return False

    def _judge_origin(self, value: bytes, host: bytes) -> bool:
        """`null` and anything unreadable are foreign."""
        try:
            given = urlsplit(value.decode("ascii"))
            named = origin(given.scheme, given.netloc)
            asked = origin(given.scheme, host.decode("ascii"))
        except ValueError:
            return False
        if not given.netloc or "@" in given.netloc or given.path or given.query or given.fragment:
            return False
        if named == self._own:
            return True
        if self._demo_at is None or given.scheme not in ("http", self._scheme):
            return False
        bound, port = self._demo_at
        if _is_local(named[1], bound):
            return named[2] == port or named == asked
        # A page may be given any name that leads here (DNS rebinding), but nobody else's address.
        return _is_everywhere(bound) and _is_address(named[1]) and named == asked

    def _tell_of_tls(self) -> None:
        """Once a process: a proxy that is believed says https, so cookies and origins of this process are wrong."""
        self._told_of_tls = True
        log.warning(
            "public_url_is_plain",
            reason="A trusted proxy says that browsers come over https, but PUBLIC_URL is http: cookies are not "
            "Secure, and unsafe requests are refused as foreign. Set PUBLIC_URL=https://...",
        )


def _is_local(name: str, bound: str) -> bool:
    """Whether a name is this machine's for the demo: loopback, what it listens on, the machine's own."""
    if name in ("localhost", bound.lower(), socket.gethostname().lower()):
        return True
    return _is_address(name) and ipaddress.ip_address(name).is_loopback


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_everywhere(bound: str) -> bool:
    return _is_address(bound) and ipaddress.ip_address(bound).is_unspecified


def effective_host(target: bytes, headers: Sequence[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Headers in which the host of a target in absolute form stands in the place of `Host`, which does not count then
    (RFC 9112, 3.2.2). Two `Host` stay two."""
    authority = re.split(rb"[/?#]", target.partition(b"://")[2], maxsplit=1)[0]
    return [(name, authority if name == b"host" else value) for name, value in headers]
