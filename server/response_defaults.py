"""What every answer has: its id, security headers, figures, and a last resort."""

import itertools
import re
import secrets
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

import structlog
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Scope

from foundation.context import request_id
from foundation.errors import Refusal, Stale, Unavailable
from foundation.events import Events
from server.problems import REQUEST_ID, Problems
from server.request_checks import SAFE_METHODS
from server.request_tally import RequestTally
from server.requests import NO_STORE, Headers

log = structlog.get_logger()


KNOWN_METHODS: Final = SAFE_METHODS | {"POST", "PUT", "PATCH", "DELETE"}
"""What a figure names; any other method is `other`, or anybody could make a million figures."""

NOT_MODIFIED: Final = 304
"""It says how long the copy that the browser has is good."""

YEAR_SECONDS: Final = 31_536_000

MOST_KINDS: Final = 2000
"""Kinds of answers whose lines stand ready: every static file has a few."""

_OURS: Final = secrets.token_hex(5).encode()

_numbers = itertools.count(secrets.randbelow(1 << 20))
"""Ids are told apart, not guessed: which process, and which of its requests."""

_CLEAN_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")


def id_for(given: bytes | None) -> bytes:
    """A request's id: the one that came with it, if it is short and clean, otherwise a new one."""
    return given if given and _CLEAN_ID.fullmatch(given) else b"%b%08x" % (_OURS, next(_numbers))


def security_headers(public_url: str) -> list[tuple[bytes, bytes]]:
    """The fixed headers. HSTS only where the public address is https, or the demo could never be reached again."""
    public = urlsplit(public_url)
    socket = f"{'wss' if public.scheme == 'https' else 'ws'}://{public.netloc}"  # Safari 15 needs it named
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' {socket}; "
        "media-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    texts = {
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "autoplay=(self), screen-wake-lock=(self), camera=(), "
        "geolocation=(), microphone=(), payment=(), usb=()",
    }
    if public.scheme == "https":
        texts["strict-transport-security"] = f"max-age={YEAR_SECONDS}"
    return [(name.encode(), value.encode()) for name, value in texts.items()]


def route_of(scope: Scope) -> str:
    """The template of the route that took the request, such as `/periodes/{id}`: never the path itself."""
    return getattr(scope.get("route"), "path", None) or "unmatched"


HeaderList = Sequence[tuple[bytes, bytes]]

UNSEEN: Final = frozenset(
    {b"text/css", b"text/javascript", b"application/javascript", b"audio/x-wav", b"audio/wav"}
)
"""Types that no browser shows as a document: a policy for documents says nothing of them."""

ALWAYS: Final = frozenset({b"x-content-type-options", b"referrer-policy", b"cross-origin-resource-policy",
                           b"strict-transport-security"})  # fmt: skip
"""What counts for anything, also for what is no document, such as a redirect."""


def lines(headers: HeaderList) -> bytes:
    """Headers as they are sent, each with the end of its line."""
    return b"".join([b"%b: %b\r\n" % header for header in headers])


class ResponseDefaults:
    """One set of defaults for every answer, whichever way it goes out: middleware and fast path both ask this."""

    def __init__(self, problems: Problems, events: Events, public_url: str) -> None:
        self.problems, self.events = problems, events
        self.headers = security_headers(public_url)
        self._brief = [pair for pair in self.headers if pair[0] in ALWAYS]
        self._ready: dict[tuple[int, int], tuple[Headers, bytes]] = {}
        self.tally = RequestTally(events)

    def begin(self, scope: Scope, given: bytes | None) -> bytes:
        """Give the request its id: in the scope, in every line logged by this task; and for the answer's header."""
        id_ = self.name(scope, given)
        request_id.set(scope[REQUEST_ID])  # each request has a task of its own
        return id_

    def name(self, scope: Scope, given: bytes | None) -> bytes:
        """The same where no task works for the request: its lines are logged with the id as a field."""
        id_ = id_for(given)
        scope[REQUEST_ID] = id_.decode()
        return id_

    def failed(self, scope: Scope, error: Exception, route: str) -> Response:
        """What a handler raised, as an answer: an expected "no", or the last resort, which is logged (fails closed)."""
        conn = HTTPConnection(scope)
        if isinstance(error, Stale):
            error = Unavailable("redis")
        if isinstance(error, Refusal):
            return self.problems.response(conn, error)
        log.error("unexpected", route=route, request_id=scope[REQUEST_ID], exc_info=error)
        return self.problems.broken(conn)

    def head(self, response: Response, id_: bytes) -> bytes:
        """The header lines of this answer and those of every answer, without the length."""
        own = [pair for pair in response.raw_headers if pair[0] != b"content-length"]
        return lines((*own, *self.headers, (b"x-request-id", id_)))

    def ready(self, kind: Headers, status: int) -> bytes:
        """The lines that all answers of a kind share, with those of every answer; `kind` is one of a few values, each
        made once. They are told apart by which they are: to compare what they hold takes longer than all else here."""
        known = self._ready.get((id(kind), status))
        if known is None:
            if len(self._ready) >= MOST_KINDS:
                self._ready.clear()
            # The kind is kept along, so that no other is ever where it was.
            known = self._ready[id(kind), status] = kind, lines(self.added_to(kind, status))
        return known[1]

    def added_to(self, headers: HeaderList, status: int = 200) -> list[tuple[bytes, bytes]]:
        """Headers of an answer and those of every answer that it does not have itself. No cache keeps a "no", whoever
        says it: the framework itself answers some of them. Nor anything else that does not say for how long it is good:
        caches would choose a time themselves."""
        given = {name.lower(): value for name, value in headers}
        names = given.keys()
        unseen = 300 <= status < 400 or given.get(b"content-type", b"").partition(b";")[0] in UNSEEN
        added = [
            *headers,
            *(pair for pair in (self._brief if unseen else self.headers) if pair[0] not in names),
        ]
        if status >= 400:
            return [pair for pair in added if pair[0].lower() != NO_STORE[0]] + [NO_STORE]
        if status != NOT_MODIFIED and NO_STORE[0] not in names:
            added.append(NO_STORE)
        return added


def method_of(scope: Scope) -> str:
    """What a figure names: `WS` for a socket, `other` for a method that is none of the known ones."""
    method: str = scope.get("method", "WS")
    return method if method == "WS" or method in KNOWN_METHODS else "other"
