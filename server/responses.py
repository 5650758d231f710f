"""Answers of the framework's routes."""

from urllib.parse import quote

import msgspec
from starlette.applications import Starlette
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from server.requests import Answer


def json_response(value: object, status: int = 200) -> Response:
    """JSON that no cache keeps."""
    headers = {"Cache-Control": "no-store"}
    return Response(msgspec.json.encode(value), status, headers, media_type="application/json")


def response_of(answer: Answer) -> Response:
    """An answer of the fast path as one of the framework."""
    response = Response(answer.body, answer.status)
    response.raw_headers += [*answer.kind, *answer.headers]
    return response


def redirect_relatively(app: Starlette) -> None:
    """An address with a slash too many or too few leads to the right one, by its path alone.

    The framework's own redirect names the `Host` that it was asked by, which anybody may have made up.
    """
    router = app.router
    router.redirect_slashes, otherwise = False, router.default

    async def other_slash(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        other = path.rstrip("/") if path.endswith("/") else f"{path}/"
        there = {**scope, "path": other}
        # What begins with two slashes would be the address of another host.
        if scope["type"] != "http" or not other or other.startswith("//"):
            await otherwise(scope, receive, send)
        elif any(route.matches(there)[0] is not Match.NONE for route in router.routes):
            query = scope["query_string"].decode("latin-1")
            where = quote(other, safe="/") + (f"?{query}" if query else "")
            await RedirectResponse(where, 307, {"Cache-Control": "no-store"})(scope, receive, send)
        else:
            await otherwise(scope, receive, send)

    router.default = other_slash
