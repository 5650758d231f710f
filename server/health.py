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


class Readiness(msgspec.Struct, frozen=True):
    """Whether each thing that this process needs is there; and what there is to say of one that is not, by name."""

    checks: Mapping[str, bool]
    details: Mapping[str, object] = {}


Ready = Callable[[], Awaitable[Readiness]]
"""Asks everything this process needs; the names are the stores', the ticker's and the programmes'."""

READY_SECONDS: Final = 2.0
"""A store that takes longer to answer is not ready."""


def routes(metrics: Metrics, ready: Ready) -> list[BaseRoute]:
    """`/healthz`, `/readyz` and `/metrics`."""

    async def healthz(request: Request) -> Response:
        """The process answers. It says nothing of the stores: restarting us would not bring them back."""
        return Response(b'{"status":"ok"}', media_type="application/json")

    async def readyz(request: Request) -> Response:
        """Everything needed answers; otherwise `unavailable` with what does not. Fails closed."""
        try:
            async with asyncio.timeout(READY_SECONDS):
                found = await ready()
        except TimeoutError:
            raise Refusal(Code.UNAVAILABLE, checks={}) from None
        checks = dict(found.checks)
        if not all(checks.values()):
            raise Refusal(Code.UNAVAILABLE, checks=checks, **found.details)
        return Response(
            msgspec.json.encode({"status": "ok", "checks": checks}), media_type="application/json"
        )

    async def figures(request: Request) -> Response:
        return Response(await run_in_threadpool(metrics.text), media_type=CONTENT_TYPE_LATEST)

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", figures)]
