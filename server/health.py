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

Ready = Callable[[], Awaitable[Mapping[str, bool]]]
"""Asks everything this process needs; the names are the stores' and the ticker's."""

READY_SECONDS: Final = 2.0
"""A store that takes longer to answer is not ready."""

ADVISORY: Final = frozenset({"submissions_kept"})
"""Checks that are said and keep nobody out: what a restored copy lacks is not brought back by serving nobody."""


def routes(metrics: Metrics, ready: Ready) -> list[BaseRoute]:
    """`/healthz`, `/readyz` and `/metrics`."""

    async def healthz(request: Request) -> Response:
        """The process answers. It says nothing of the stores: restarting us would not bring them back."""
        return Response(b'{"status":"ok"}', media_type="application/json")

    async def readyz(request: Request) -> Response:
        """Everything needed answers; otherwise `unavailable` with what does not. Fails closed.

        With an advisory check that is false it is ready and its `status` is `degraded`.
        """
        try:
            async with asyncio.timeout(READY_SECONDS):
                checks = dict(await ready())
        except TimeoutError:
            raise Refusal(Code.UNAVAILABLE, checks={}) from None
        if not all(fine for name, fine in checks.items() if name not in ADVISORY):
            raise Refusal(Code.UNAVAILABLE, checks=checks)
        status = "ok" if all(checks.values()) else "degraded"
        return Response(
            msgspec.json.encode({"status": status, "checks": checks}), media_type="application/json"
        )

    async def figures(request: Request) -> Response:
        return Response(await run_in_threadpool(metrics.text), media_type=CONTENT_TYPE_LATEST)

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", figures)]
