"""What a request carries: its body, cookies, device and age. Every wrong input is a `Refusal`.

Shared by the calls of the API and by the pages, so that a wrong body gets the same answer everywhere. The
64 KiB and 10 s limits on bodies are the frame's (`server/middleware.py`); here a body is already whole.
"""

import ipaddress
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from foundation.errors import Code, Refusal

S = TypeVar("S", bound=msgspec.Struct)

RECEIVED = "guichet.received"
"""Key in the ASGI scope: `time.monotonic()` at the last byte of the body, written by the frame."""

MOST_FORM_FIELDS = 100
"""The longest form of the pages has some 20 fields; more is nobody's browser."""

_AT = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")

_MISSING = re.compile(r"^Object missing required field `(?P<name>[^`]*)`")

_EXPECTED = re.compile(r"^Expected `(?P<type>\w+)[^`]*`(?P<bound>.*)$")

KINDS = {
    "str": "un texte",
    "int": "un nombre entier",
    "float": "un nombre",
    "bool": "« true » ou « false »",
    "array": "une liste",
    "object": "un objet",
    "null": "une valeur vide",
}


class WholeRequest(NamedTuple):
    """A request that was there as a whole and has no header twice; headers by lower-case name, `host` the peer's."""

    headers: Mapping[bytes, bytes]
    body: bytes
    host: str | None


class Answer(NamedTuple):
    """An answer in JSON that no cache keeps: status, body, headers besides those that every answer has."""

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()


Respond = Callable[[Answer | Exception], None]
"""Takes what became of a request that is answered without a task: an answer, a refusal, or what nobody expected."""


async def json_body(request: Request, type_: type[S]) -> S:
    """The body as `type_`, strictly: no text for a number, no number for a text. An empty body is `{}`.

    Fields that `type_` does not have are ignored, so that a newer client may talk to an older service.
    Refusal `bad_request` when it is not JSON in UTF-8 (lone surrogates and NaN are not JSON, nor is nesting
    beyond the parser's depth); `invalid` with `fields` when a value is missing, has the wrong type or holds a
    NUL character.
    """
    raw = (await request.body()).strip() or b"{}"
    try:
        raw.decode()
        value = msgspec.json.decode(raw, type=type_)
    except msgspec.ValidationError as error:
        _well_formed(raw)
        raise _invalid(_name(str(error)), _reason(str(error))) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refusal(Code.BAD_REQUEST) from None
    if b"\\u0000" in raw:
        _no_nul(msgspec.to_builtins(value), "")
    return value


def plain_body(came: WholeRequest, type_: type[S]) -> S | None:
    """The body of a request on the quick way, without anything to refuse; None for the long way, which says what."""
    if b"\\u0000" in came.body:
        return None
    try:
        came.body.decode()
        return msgspec.json.decode(came.body.strip() or b"{}", type=type_)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


async def form_body(request: Request) -> dict[str, str]:
    """The fields of a page's form. Of a field that comes twice the last counts. Refusals as `json_body`."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    raw = await request.body()
    if not raw:
        return {}
    if kind != "application/x-www-form-urlencoded":
        raise Refusal(Code.BAD_REQUEST)
    try:
        pairs = parse_qsl(
            raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FORM_FIELDS
        )
    except ValueError:  # bad UTF-8 too: UnicodeDecodeError is one
        raise Refusal(Code.BAD_REQUEST) from None
    fields = dict(pairs)
    _no_nul(fields, "")
    return fields


def received_age_ms(request: HTTPConnection) -> int:
    """Milliseconds since the last byte of this request's body arrived; 0 when the frame did not stamp it."""
    received: float | None = request.scope.get(RECEIVED)
    return 0 if received is None else max(0, round((time.monotonic() - received) * 1000))


def client_address(request: HTTPConnection) -> str:
    """The address limits are counted by. Never logged.

    It is the peer's, or, behind a proxy we trust, what the server took from that proxy's headers. An IPv6 peer
    counts as its /64: one household or host has all of it.
    """
    peer = request.client
    return network(peer.host if peer is not None else None)


def bearer(request: HTTPConnection) -> str | None:
    """The text after `Authorization: Bearer`, or None. Any other scheme is as none at all."""
    return bearer_in(request.headers.get("authorization", ""))


def bearer_in(authorization: str) -> str | None:
    """The same, from the header's value; empty where there is none."""
    scheme, _, text = authorization.partition(" ")
    text = text.strip()
    return text if scheme.lower() == "bearer" and text else None


def wants_json(request: HTTPConnection) -> bool:
    """Whether an answer should be JSON rather than a page: calls of the API, and clients that ask for it."""
    if request.scope["path"].startswith("/api/"):
        return True
    accept = request.headers.get("accept", "")
    return "json" in accept and "text/html" not in accept


def set_cookie(
    response: Response, name: str, value: str, *, secure: bool, max_age: int | None = None
) -> None:
    """A cookie closed to scripts, that other sites cannot send with a form.

    `max_age` in seconds: None lasts as long as the browser runs, 0 removes the cookie.
    """
    response.set_cookie(name, value, max_age=max_age, path="/", secure=secure, httponly=True, samesite="lax")


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
    """PostgreSQL cannot store a NUL in a text, and nobody types one."""
    if isinstance(value, str) and "\0" in value:
        raise _invalid(path, "Le caractère nul n’est pas permis.")
    if isinstance(value, dict):
        for key, item in value.items():
            _no_nul(key, path)
            _no_nul(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _no_nul(item, f"{path}[{index}]")


def _name(message: str) -> str:
    """`device.touch_points`, from what msgspec says. Empty when the body itself is of the wrong type."""
    at = _AT.search(message)
    path = at["path"] if at else ""
    missing = _MISSING.match(message)
    return ".".join(part for part in (path, missing["name"] if missing else "") if part)


def _reason(message: str) -> str:
    """The same in French, without the value: it may be somebody's."""
    if _MISSING.match(message):
        return "Ce champ est obligatoire."
    expected = _EXPECTED.match(message)
    if expected is None:
        return "Cette valeur n’est pas permise."
    if "length" in expected["bound"]:
        return "Cette valeur est trop courte ou trop longue."
    if not expected["bound"].startswith(", got"):
        return "Cette valeur est hors des limites."
    return f"On attend {KINDS.get(expected['type'], 'une autre valeur')}."


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
