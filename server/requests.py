"""What a request carries: its body, cookies, address and age. Every wrong input is a `Refusal`.

One reading for all ways in: the fast path and the framework both make an `Incoming`, and handlers read from that. The
limits on bodies, 64 KiB and 10 s, are `request_checks.py`'s; here a body is already whole.
"""

import asyncio
import ipaddress
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping
from functools import lru_cache, partial
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import HTTPConnection, Request, cookie_parser
from starlette.types import Scope

from foundation.errors import Code, Refusal, Unavailable
from server.reading import wrong_values

S = TypeVar("S", bound=msgspec.Struct)

R = TypeVar("R")

RECEIVED = "guichet.received"
"""Key in the ASGI scope: `time.monotonic()` at the last byte of the body, written by `BoundedBodies`."""

MOST_FORM_FIELDS = 100
"""The longest form of the pages has some 20 fields; more comes from no browser."""

_NO_COOKIES: Mapping[str, str] = {}


class Incoming:
    """A request that is here as a whole, however it came in.

    `headers` by lower-case name, of one that comes twice the first; `parameters` are those of the address; `query` is
    what stands behind its `?`; `peer` is the host it came from, behind a trusted proxy the one that the proxy names.
    `arrived` is when its last byte came, by
    `time.monotonic` in seconds.
    """

    __slots__ = ("_cookies", "arrived", "body", "headers", "parameters", "peer", "query")

    def __init__(
        self,
        scope: Scope,
        body: bytes = b"",
        parameters: Mapping[str, str] | None = None,
        headers: Mapping[bytes, bytes] | None = None,
    ) -> None:
        """`parameters` and `headers` where they were read from the scope already."""
        self.headers = first_of_each(scope["headers"]) if headers is None else headers
        self.parameters: Mapping[str, str] = (
            scope.get("path_params", {}) if parameters is None else parameters
        )
        self.body = body
        self.query: bytes = scope.get("query_string", b"")
        client = scope.get("client")
        self.peer: str | None = client[0] if client else None
        self.arrived: float = scope.get(RECEIVED) or time.monotonic()
        self._cookies: Mapping[str, str] | None = None if b"cookie" in self.headers else _NO_COOKIES

    def header(self, name: bytes, longest: int | None = None) -> str:
        """A header's value, cut to so many bytes; empty when it did not come."""
        return self.headers.get(name, b"")[:longest].decode("latin-1")

    @property
    def is_anonymous(self) -> bool:
        """Whether it brings neither a cookie nor a bearer: most first requests of programs do not."""
        return b"cookie" not in self.headers and b"authorization" not in self.headers

    @property
    def cookies(self) -> Mapping[str, str]:
        if self._cookies is None:
            self._cookies = cookies_in(self.headers[b"cookie"])
        return self._cookies

    @property
    def asked(self) -> Mapping[str, str]:
        """The parameters of the query by name; of one that comes twice the last counts."""
        return asked_in(self.query) if self.query else {}

    @property
    def bearer(self) -> str | None:
        """The text after `Authorization: Bearer`, or None. Any other scheme is as none at all."""
        raw = self.headers.get(b"authorization")
        return bearer_in(raw.decode("latin-1")) if raw else None

    @property
    def address(self) -> str:
        """The address limits are counted by; an IPv6 peer counts as its /64. Never logged."""
        return network(self.peer)

    def age_ms(self) -> int:
        """Milliseconds since it was here: the wait for a lock is not held against anybody (SW-01)."""
        return max(0, round((time.monotonic() - self.arrived) * 1000))

    def json(self, type_: type[S]) -> S:
        """The body as `type_`, as `decode_json`."""
        return decode_json(self.body, type_)


@lru_cache(256)
def asked_in(query: bytes) -> Mapping[str, str]:
    """A query's parameters; for reading only, as they are remembered."""
    return dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True))


@lru_cache(4096)
def cookies_in(raw: bytes) -> Mapping[str, str]:
    """Cookies by name, of one that comes twice the last; for reading only, as they are remembered: a browser sends the
    same with each request. What is quoted, as none of ours is, the framework reads."""
    header = raw.decode("latin-1")
    if '"' in header:
        return cookie_parser(header)
    pairs = [part.partition("=") for part in header.split(";")]
    return {name.strip(): value.strip() for name, equals, value in pairs if equals}


def first_of_each(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Headers by name: of one that comes twice the first, but cookies together, as a browser may split them."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name not in found:
            found[name] = value
        elif name == b"cookie":
            found[name] += b"; " + value
    return found


def incoming(request: HTTPConnection) -> Incoming:
    """What the framework's request carries besides its body."""
    return Incoming(request.scope)


async def received(request: Request) -> Incoming:
    """The framework's request with its body."""
    return Incoming(request.scope, await request.body())


Headers = tuple[tuple[bytes, bytes], ...]
"""Names in lower case, and values."""

NO_STORE: Final = (b"cache-control", b"no-store")
"""No cache keeps what is about a person or about now."""

JSON: Final[Headers] = ((b"content-type", b"application/json"), NO_STORE)

NOTHING: Final[Headers] = (NO_STORE,)
"""An answer without a body, such as a redirect."""


class Answer(NamedTuple):
    """An answer: status, body, headers of its own. `kind` are those that it shares with all of its kind, a value that
    is made once: their lines are remembered."""

    status: int
    body: bytes
    headers: Headers = ()
    kind: Headers = JSON


Respond = Callable[[Answer | Exception], None]
"""Takes what became of a request, once: an answer, a refusal, or an unexpected exception."""

Work = Callable[[], Coroutine[Any, Any, Answer]]
"""What has to run for an answer. It has not begun: where there is no time for it, nothing was done."""

Handler = Callable[[Incoming, Respond], Work | None]
"""Handles a request, whichever way it came in. Either it answers through `Respond`, now or later (None), or it gives
back the work that brings the answer. It decides which before it does anything. What it raises is an answer too."""


_working: set["asyncio.Task[None]"] = set()
"""The loop itself holds tasks by weak references only."""


def when_done(work: Coroutine[Any, Any, R], then: Callable[[R | Exception], None]) -> None:
    """From a coroutine to a callback, where it turns out late that more has to be asked: `then` hears what the work
    returns or raises."""

    async def run() -> None:
        try:
            found = await work
        except Exception as error:
            then(error)
        else:
            then(found)

    task = asyncio.create_task(run())
    _working.add(task)
    task.add_done_callback(_working.discard)


def answering(respond: Respond, answer: Callable[[R], Answer]) -> Callable[[R | BaseException], None]:
    """A callback that answers with what `answer` makes of a reply. What that raises is an answer too, and so is what
    came instead of the reply."""
    # No function made here: its annotations would be evaluated for each request, which takes as long as the rest of it.
    return partial(_answered, respond, answer)


def _answered(respond: Respond, answer: Callable[[R], Answer], reply: R | BaseException) -> None:
    found: Answer | Exception
    try:
        if isinstance(reply, BaseException):
            found = reply if isinstance(reply, Exception) else Unavailable("web")
        else:
            found = answer(reply)
    except Exception as error:
        found = error
    respond(found)


def see_other(address: str, headers: Headers = ()) -> Answer:
    """What was asked for is done, or stands elsewhere: at this address, asked for by GET."""
    return Answer(303, b"", ((b"location", address.encode()), *headers), NOTHING)


def decode_json(body: bytes, type_: type[S]) -> S:
    """The body as `type_`, strictly: no text for a number, no number for a text. An empty body is `{}`.

    Fields that `type_` does not have are ignored, so that a newer client may talk to an older service.
    Refusal `bad_request` when it is not JSON in UTF-8 (lone surrogates and NaN are not JSON, nor is nesting
    beyond the parser's depth); `invalid` with `fields` when a value is missing, has the wrong type or holds a
    NUL character.
    """
    raw = body.strip() or b"{}"
    try:
        raw.decode()
        value = msgspec.json.decode(raw, type=type_)
    except msgspec.ValidationError as error:
        _well_formed(raw)
        raise _invalid(*wrong_values.told(raw, type_, str(error))) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refusal(Code.BAD_REQUEST) from None
    if b"\\u0000" in raw:
        _no_nul(msgspec.to_builtins(value), "")
    return value


LONGEST_ROW_NUMBER: Final = 18
"""Digits: below it every number is one that both stores can hold."""


def row_number(text: str) -> int:
    """The number of a row in an address. Refusal not_found for what is none."""
    if not (text.isascii() and text.isdecimal() and len(text) < LONGEST_ROW_NUMBER):
        raise Refusal(Code.NOT_FOUND)
    return int(text)


async def json_body(request: Request, type_: type[S]) -> S:
    """The body of the framework's request, as `decode_json`."""
    return decode_json(await request.body(), type_)


async def form_body(request: Request) -> dict[str, str]:
    """The fields of a page's form, as `form_fields`."""
    return form_fields(await received(request))


def form_fields(came: Incoming) -> dict[str, str]:
    """The fields of a page's form. Of a field that comes twice the last counts. Refusals as `json_body`."""
    if not came.body:
        return {}
    refuse_other_encodings(came)
    return fields_in(came.body)


def fields_in(raw: bytes) -> dict[str, str]:
    """What a form's body says, as `form_fields`."""
    try:
        pairs = parse_qsl(
            raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FORM_FIELDS
        )
    except ValueError:  # bad UTF-8 too: UnicodeDecodeError is one
        raise Refusal(Code.BAD_REQUEST) from None
    fields = dict(pairs)
    _no_nul(fields, "")
    return fields


def refuse_other_encodings(came: Incoming) -> None:
    """Refusal bad_request for a body that is no page's form: what is in another one, such as a file, is read by nobody,
    and nobody is told that it is saved."""
    if came.header(b"content-type").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise Refusal(Code.BAD_REQUEST)


def bearer_in(authorization: str) -> str | None:
    """The text after `Bearer` in the header's value, or None. Any other scheme is as none at all."""
    scheme, _, text = authorization.partition(" ")
    text = text.strip()
    return text if scheme.lower() == "bearer" and text else None


def wants_json(request: HTTPConnection) -> bool:
    """Whether an answer should be JSON rather than a page: calls of the API, and clients that ask for it."""
    if request.scope["path"].startswith("/api/"):
        return True
    accept = request.headers.get("accept", "")
    return "json" in accept and "text/html" not in accept


def _well_formed(raw: bytes) -> None:
    """A wrong type may stand before a malformed rest; then the body is not JSON at all."""
    try:
        msgspec.json.decode(raw)
    except msgspec.ValidationError:
        pass  # JSON, but a number beyond what Python's floats hold
    except (msgspec.DecodeError, RecursionError):
        raise Refusal(Code.BAD_REQUEST) from None


def _invalid(name: str, reason: str) -> Refusal:
    return Refusal(Code.INVALID, fields=[{"name": name, "reason": reason}])


def _no_nul(value: Any, path: str) -> None:
    """PostgreSQL cannot store a NUL in a text, and no keyboard types one."""
    if isinstance(value, str) and "\0" in value:
        raise _invalid(path, "Le caractère nul n’est pas permis.")
    if isinstance(value, dict):
        for key, item in value.items():
            _no_nul(key, path)
            _no_nul(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _no_nul(item, f"{path}[{index}]")


def network(host: str | None) -> str:
    """An IPv4 address as it is, an IPv6 address cut to its first 64 bits; anything else as it is."""
    if host is None:
        return "local"  # a Unix socket has no address
    if ":" not in host:
        return host
    try:
        address = ipaddress.IPv6Address(host.partition("%")[0])
    except ValueError:
        return host
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))
