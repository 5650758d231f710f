"""Refusals as answers: one table of texts (`refusals.toml`), one place that turns a "no" into HTTP (P9).

Calls of the API get `application/problem+json` (RFC 9457); people get a page with the same title, reason and
remedy. An unexpected exception gets the text of `unavailable` with status 500 and nothing of what went wrong: that
is in the log.
"""

import secrets
import tomllib
from collections.abc import Mapping
from html import escape
from importlib.resources import files
from typing import Any, Final

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.websockets import WebSocket, WebSocketState

from foundation.errors import Code, Refusal, RefusalCause, Stale, Unavailable
from foundation.events import Events
from server.programs import HINTED, hint, is_program
from server.rendering.templating import Render
from server.rendering.typography import unbreakable
from server.requests import wants_json

REQUEST_ID: Final = "guichet.request_id"
"""Key in the ASGI scope: the request's id, written by the frame."""

MACHINE_PATHS: Final = (
    "/api/",
    "/webhooks/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/openapi.json",
    "/.well-known/",
)
"""Addresses for machines: a refusal here is JSON whatever `Accept` says."""

RETRY_SECONDS: Final = (2, 5)
"""Between these, at random, when the refusal has no `retry_after`: who failed together must not return together."""

CODE_OF_STATUS: Final = {
    400: Code.BAD_REQUEST,
    401: Code.NOT_SIGNED_IN,
    403: Code.NOT_ALLOWED,
    404: Code.NOT_FOUND,
    405: Code.METHOD_NOT_ALLOWED,
    413: Code.TOO_LARGE,
    422: Code.INVALID,
    429: Code.RATE_LIMITED,
}
"""What the framework's own errors are called here; any other 4xx is `bad_request`, any 5xx `unavailable`."""

CLOSE_CODES: Final = {401: 4401, 404: 4404, 429: 4429, 503: 1013}
"""How a socket is closed for a refusal of this status; 1008 (policy) for the rest."""


SIGNED_IN_AS: Final = "Ce navigateur est connecté avec le compte «\N{NO-BREAK SPACE}{}\N{NO-BREAK SPACE}»."
"""Goes before the reason of a refusal that is about the account of this browser's session: whose session it is, a
person with two of them in two tabs cannot know otherwise."""


class ReasonText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The texts of one reason (`foundation.errors.RefusalCause`) of a code that has several."""

    title: str
    reason: str
    remedy: str


class RefusalText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one code means: HTTP status, and French texts without markup; other texts where it says why (`cause`)."""

    status: int
    title: str
    reason: str
    remedy: str
    cause: Mapping[RefusalCause, ReasonText] = {}

    def words(self) -> dict[str, str]:
        """Title, reason and remedy."""
        return {"title": self.title, "reason": self.reason, "remedy": self.remedy}


class Problem(msgspec.Struct, frozen=True):
    """One refusal as it goes out: the members of RFC 9457, then the refusal's own."""

    code: str
    entry: RefusalText
    status: int
    fields: Mapping[str, Any]


def _unbreakable(entry: RefusalText) -> RefusalText:
    """The same with the spaces of French that do not break: scripts and pages show these texts as they come."""
    return msgspec.convert(_each_text(msgspec.to_builtins(entry)), type=RefusalText)


def _each_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _each_text(one) for name, one in value.items()}
    return unbreakable(value) if isinstance(value, str) else value


def load_table(text: str) -> dict[str, RefusalText]:
    """The table from its TOML. ValueError names the code and the key that is wrong."""
    table: dict[str, RefusalText] = {}
    for code, raw in tomllib.loads(text).items():
        try:
            entry = msgspec.convert(raw, type=RefusalText)
        except msgspec.ValidationError as error:
            raise ValueError(f"refusals.toml, [{code}]: {error}") from None
        if not 400 <= entry.status < 600:
            raise ValueError(f"refusals.toml, [{code}]: status {entry.status} is no refusal")
        entry = _unbreakable(entry)
        for words in (entry.words(), *map(msgspec.structs.asdict, entry.cause.values())):
            if not all(text.strip() for text in words.values()):
                raise ValueError(f"refusals.toml, [{code}]: title, reason and remedy need a text")
        table[code] = entry
    return table


TABLE: Final = load_table(files("server").joinpath("refusals.toml").read_text("utf-8"))


def text_of(refusal: Refusal) -> RefusalText:
    """What is said of this refusal. A code without an entry, which a test forbids, is `unavailable`."""
    entry = TABLE.get(refusal.code) or TABLE[Code.UNAVAILABLE]
    cause = entry.cause.get(refusal.fields.get("cause", ""))
    if cause is not None:
        entry = msgspec.structs.replace(entry, **msgspec.structs.asdict(cause))
    if name := refusal.fields.get("signed_in_as"):
        entry = msgspec.structs.replace(entry, reason=f"{SIGNED_IN_AS.format(name)} {entry.reason}")
    return entry


class Problems:
    """Answers refusals. `render` makes pages; without it (tests, tools) everything is JSON."""

    def __init__(self, public_url: str, render: Render | None = None, events: Events | None = None) -> None:
        self._public_url = public_url.rstrip("/")
        self._render = render
        self._events = events or Events()

    def response(
        self, conn: HTTPConnection, refusal: Refusal, headers: Mapping[str, str] | None = None
    ) -> Response:
        """The answer to one refusal, counted."""
        code = refusal.code if refusal.code in TABLE else "unavailable"
        entry = text_of(refusal)
        problem = Problem(code, entry, entry.status, refusal.fields)
        self._events.count("refusals", code=code)
        response = self._json(conn, problem) if self._as_json(conn) else self._page(conn, problem)
        response.headers.update(headers or {})
        return response

    def tell(self, refusal: Refusal) -> RefusalText:
        """The texts of a refusal for a form that shows it beside its fields; counted like any other."""
        code = refusal.code if refusal.code in TABLE else "unavailable"
        self._events.count("refusals", code=code)
        return text_of(refusal)

    def broken(self, conn: HTTPConnection) -> Response:
        """The answer when we are at fault (500). It uses no template: that may be what is broken."""
        return self._brief(conn, Problem("unavailable", TABLE["unavailable"], 500, {}))

    def brief(self, conn: HTTPConnection, refusal: Refusal) -> Response:
        """The same words as `response`, on a page without a template: where there is no time for more."""
        entry = text_of(refusal)
        return self._brief(conn, Problem(refusal.code, entry, entry.status, refusal.fields))

    def _brief(self, conn: HTTPConnection, problem: Problem) -> Response:
        self._events.count("refusals", code=problem.code)
        if self._as_json(conn):
            return self._json(conn, problem)
        entry = problem.entry
        html = (
            '<!doctype html><html lang="fr-CA"><meta charset="utf-8"><meta name="viewport" '
            'content="width=device-width, initial-scale=1"><title>{0}</title><h1>{0}</h1><p>{1}</p><p>{2}</p>'
        ).format(*(escape(text) for text in (entry.title, entry.reason, entry.remedy)))
        if address := problem.fields.get("address"):
            html += f'<p><a href="{escape(address)}/">{escape(address)}</a></p>'
        return _with_headers(Response(html, problem.status, media_type="text/html"), problem)

    def handlers(self) -> dict[Any, Any]:
        """For `Starlette(exception_handlers=...)`: nothing expected leaves as plain text or a traceback."""
        return {
            Refusal: self._on_refusal,
            Stale: self._on_stale,
            HTTPException: self._on_http_exception,
            ClientDisconnect: self._on_disconnect,
            Exception: self._on_error,
        }

    def routes(self) -> list[BaseRoute]:
        """`/refus/{code}`: where the `type` of every problem leads."""
        return [Route("/refus/{code}", self._explain, methods=["GET"])]

    async def _on_refusal(self, conn: Any, error: Exception) -> Response | None:
        assert isinstance(error, Refusal)
        if isinstance(conn, WebSocket):
            await self._close(conn, error)
            return None
        return self.response(conn, error)

    async def _on_stale(self, conn: Any, error: Exception) -> Response | None:
        return await self._on_refusal(conn, Unavailable("redis"))

    async def _on_http_exception(self, conn: Any, error: Exception) -> Response | None:
        assert isinstance(error, HTTPException)
        default = Code.UNAVAILABLE if error.status_code >= 500 else Code.BAD_REQUEST
        code = CODE_OF_STATUS.get(error.status_code, default)
        if isinstance(conn, WebSocket):
            return await self._on_refusal(conn, Refusal(code))
        headers = {"Allow": allowed_methods(conn)} if code is Code.METHOD_NOT_ALLOWED else None
        return self.response(conn, Refusal(code), headers)

    async def _on_disconnect(self, conn: Any, error: Exception) -> Response:
        return Response(status_code=400)  # the client is gone

    async def _on_error(self, conn: Any, error: Exception) -> Response:
        """Only reached where the frame's own last resort is not around the application."""
        return self.broken(conn)

    async def _close(self, socket: WebSocket, refusal: Refusal) -> None:
        """Accepted first: a browser's script cannot see the status of a refused handshake, only a close code."""
        entry = TABLE.get(refusal.code, TABLE["unavailable"])
        self._events.count("refusals", code=refusal.code)
        if socket.application_state is WebSocketState.CONNECTING:
            await socket.accept()
        if socket.application_state is WebSocketState.CONNECTED:
            await socket.close(CLOSE_CODES.get(entry.status, 1008), refusal.code)

    async def _explain(self, request: Request) -> Response:
        code = request.path_params["code"]
        entry = TABLE.get(code)
        if entry is None:
            raise Refusal(Code.NOT_FOUND)
        problem = Problem(code, entry, 200, {})
        if self._as_json(request):
            members = {"code": code, "status": entry.status, **entry.words()}
            return Response(msgspec.json.encode(members), media_type="application/json")
        return self._page(request, problem)

    def _as_json(self, conn: HTTPConnection) -> bool:
        if self._render is None or conn.scope["type"] != "http":
            return True
        return wants_json(conn) or conn.scope["path"].startswith(MACHINE_PATHS)

    def _json(self, conn: HTTPConnection, problem: Problem) -> Response:
        members = {
            **problem.fields,
            "type": f"{self._public_url}/refus/{problem.code}",
            "title": problem.entry.title,
            "status": problem.status,
            "detail": problem.entry.reason,
            "remedy": problem.entry.remedy,
            "code": problem.code,
            "request_id": conn.scope.get(REQUEST_ID, ""),
        }
        if problem.code in HINTED and is_program(conn.headers.get("user-agent", "")):
            members["hint"] = hint(self._public_url)
        body = msgspec.json.encode(members)
        response = Response(body, problem.status, media_type="application/problem+json")
        return _with_headers(response, problem)

    def _page(self, conn: HTTPConnection, problem: Problem) -> Response:
        assert self._render is not None
        request = conn if isinstance(conn, Request) else Request(conn.scope)
        context: dict[str, Any] = {"code": problem.code, "fields": problem.fields, **problem.entry.words()}
        if request.scope["path"].startswith("/periodes/") and "id" in request.path_params:
            context["period"] = request.path_params["id"]
        response = self._render(request, "refus.html", status=problem.status, **context)
        return _with_headers(response, problem)


def allowed_methods(conn: HTTPConnection) -> str:
    """The methods of every route at this address: one address may have several routes, each with its own."""
    methods: set[str] = set()
    for route in conn.scope["router"].routes:
        if isinstance(route, Route) and route.methods and route.matches(conn.scope)[0] is not Match.NONE:
            methods |= route.methods
    return ", ".join(sorted(methods or {"GET", "HEAD"}))


def _with_headers(response: Response, problem: Problem) -> Response:
    """What the status itself asks for; and no cache keeps a refusal."""
    response.headers["Cache-Control"] = "no-store"
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="guichet"'
    if problem.status in (429, 500, 503):
        shortest, longest = RETRY_SECONDS
        after = problem.fields.get("retry_after", shortest + secrets.randbelow(longest - shortest + 1))
        response.headers["Retry-After"] = str(max(1, int(after)))
    return response
