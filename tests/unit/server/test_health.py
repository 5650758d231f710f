"""Alive is not ready; figures are Prometheus text; and no cache keeps any of it."""

import asyncio
from collections.abc import Mapping

import httpx
import pytest
from starlette.applications import Starlette

from foundation.metrics import Metrics
from server import health
from server.health import Readiness, routes
from server.problems import Problems


async def ask(path: str, checks: Mapping[str, bool] | None) -> httpx.Response:
    """Ask an application whose checks say this; None: they never come back."""

    async def ready() -> Readiness:
        if checks is None:
            await asyncio.Event().wait()
        return Readiness(checks or {}, {"programmes": ["juin"]})

    metrics = Metrics()
    made = routes(metrics, ready, "1.2.3", lambda: metrics.level("ticker_age_seconds", 0.5))
    app = Starlette(routes=made, exception_handlers=Problems("http://x").handlers())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
        answer = await client.get(path)
    assert answer.headers["cache-control"] == "no-store"
    return answer


async def test_alive_is_not_ready() -> None:
    """`/healthz` answers whatever the stores do; `/readyz` says what is missing, and when to ask again."""
    alive = await ask("/healthz", {"sql": False})
    assert (alive.status_code, alive.json()) == (200, {"status": "ok", "version": "1.2.3"})
    ready = await ask("/readyz", {"sql": True, "redis": True})
    assert (ready.status_code, ready.json()["checks"]) == (200, {"sql": True, "redis": True})
    missing = await ask("/readyz", {"sql": True, "redis": False})
    assert (missing.status_code, missing.json()["code"]) == (503, "unavailable")
    assert missing.json()["checks"] == {"sql": True, "redis": False}
    assert missing.json()["programmes"] == ["juin"]
    assert "retry-after" in missing.headers


async def test_what_a_copy_lacks_is_said_and_keeps_nobody_out() -> None:
    """An advisory check that is false: ready, and degraded. A needed one beside it is still needed."""
    lacking = await ask("/readyz", {"sql": True, "submissions_kept": False})
    assert (lacking.status_code, lacking.json()["status"]) == (200, "degraded")
    assert lacking.json()["checks"]["submissions_kept"] is False
    assert (await ask("/readyz", {"sql": False, "submissions_kept": False})).status_code == 503


async def test_a_store_that_hangs_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """The question has a deadline of its own."""
    monkeypatch.setattr(health, "READY_SECONDS", 0.05)
    assert (await ask("/readyz", None)).status_code == 503


async def test_metrics_are_prometheus_text() -> None:
    """With the content type that Prometheus expects."""
    answer = await ask("/metrics", {})
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert "guichet_joins_total 0.0" in answer.text


async def test_what_is_known_at_a_scrape_is_asked_then() -> None:
    """An age that was told a minute ago would be a minute too young."""
    assert "guichet_ticker_age_seconds 0.5" in (await ask("/metrics", {})).text
