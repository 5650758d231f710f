"""Whether this process is alive and ready, and its figures: `/healthz`, `/readyz`, `/metrics`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from foundation.errors import Code, Refusal
from foundation.metrics import Metrics
from server.responses import json_response


class Readiness(msgspec.Struct, frozen=True):
    """Whether each thing that this process needs is there; and what there is to say of one that is not, by name."""

    checks: Mapping[str, bool]
    details: Mapping[str, object] = {}


Ready = Callable[[], Awaitable[Readiness]]
"""Asks everything this process needs; the names are the stores', the ticker's and the programmes'."""

READY_SECONDS: Final = 2.0
"""A store that takes longer to answer is not ready."""

ADVISORY: Final = frozenset({"submissions_kept"})
"""Checks that are said and keep nobody out: what a restored copy lacks is not brought back by serving nobody."""


NO_STORE: Final = {"Cache-Control": "no-store"}
"""What is so now is not so in a minute: Varnish would keep it for two."""


def routes(metrics: Metrics, ready: Ready, version: str, look: Callable[[], None]) -> list[BaseRoute]:
    """`/healthz`, `/readyz` and `/metrics`. `look` brings the gauges that are read at a scrape up to date."""
    alive = msgspec.json.encode({"status": "ok", "version": version})

    async def healthz(request: Request) -> Response:
        """The process answers. It says nothing of the stores: restarting us would not bring them back."""
        return Response(alive, 200, NO_STORE, media_type="application/json")

    async def readyz(request: Request) -> Response:
        """Everything needed answers; otherwise `unavailable` with what does not. Fails closed.

        With an advisory check that is false it is ready and its `status` is `degraded`.
        """
        try:
            async with asyncio.timeout(READY_SECONDS):
                found = await ready()
        except TimeoutError:
            raise Refusal(Code.UNAVAILABLE, checks={}) from None
        checks = dict(found.checks)
        if not all(fine for name, fine in checks.items() if name not in ADVISORY):
            raise Refusal(Code.UNAVAILABLE, checks=checks, **found.details)
        status = "ok" if all(checks.values()) else "degraded"
        return json_response({"status": status, "checks": checks})

    async def figures(request: Request) -> Response:
        look()
        text = await run_in_threadpool(metrics.text)
        return Response(text, 200, NO_STORE, media_type=CONTENT_TYPE_LATEST)

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", figures)]
