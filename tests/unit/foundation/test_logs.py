"""Being watched: no personal data in a log line, figures over all processes, alive and ready."""

import ast
import asyncio
import io
import json
import logging
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from starlette.applications import Starlette

from foundation import context, logs
from foundation.logs import FIELDS, configure_logging, scrubbed
from foundation.metrics import COUNTERS, LEVELS, TIMES, Metrics
from server import health
from server.health import routes
from server.middleware import framed
from server.problems import Problems
from server.response_defaults import ResponseDefaults
from tests.support.places import ROOT
from tests.support.sources import FOLDERS

CANARIES = {
    "username": "marie.tremblay",
    "name": "Marie-Ève Côté",
    "address": "203.0.113.77",
    "ticket": "t" * 60,
    "token": "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxMiJ9.c2lnbmF0dXJl",
    "cookie": "session=s3cr3t-s3cr3t",
    "password": "correct horse battery",
    "url": "/periodes/demo?jeton=s3cr3t",
    "passport": "AB1234567",
}


@pytest.fixture
def lines() -> Iterator[io.BytesIO]:
    """What is logged meanwhile; afterwards logging is as it was."""
    before, handlers, level = structlog.get_config(), logging.root.handlers[:], logging.root.level
    stream = io.BytesIO()
    configure_logging("debug", "test", stream)
    yield stream
    structlog.configure(**before)
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    logging.getLogger("uvicorn.access").disabled = False


def logged(stream: io.BytesIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_with_time_level_process_and_request(lines: io.BytesIO) -> None:
    """One line an event, and the request's id on each while a request is worked for."""
    known = context.request_id.set("abc12345")
    structlog.get_logger().info("called", period="demo", called=3)
    context.request_id.reset(known)
    structlog.get_logger().warning("ticker_waits", store="sql")
    first, second = logged(lines)
    assert first.pop("at").endswith("Z")
    assert first == {
        "event": "called", "level": "info", "process": "test", "request_id": "abc12345", "period": "demo", "called": 3,
    }  # fmt: skip
    assert "request_id" not in second


def test_a_field_that_is_not_allowed_is_left_out_and_named(lines: io.BytesIO) -> None:
    """Whoever logs a user name by mistake sees its name under `dropped`, and nobody sees the value."""
    structlog.get_logger().info("sign_in", code="bad_credentials", **CANARIES)
    text = lines.getvalue().decode()
    for value in CANARIES.values():
        assert value not in text
    assert logged(lines)[0]["dropped"] == sorted(CANARIES)


def test_without_the_list_the_same_line_tells_everything() -> None:
    """Twin: structlog by itself writes what it is given."""
    stream = io.StringIO()
    plain = structlog.wrap_logger(
        structlog.PrintLogger(stream), processors=[structlog.processors.JSONRenderer()]
    )
    plain.info("sign_in", **CANARIES)
    assert CANARIES["username"] in stream.getvalue()


@pytest.mark.parametrize("key", ["token", "address", "ticket"])
def test_a_secret_in_an_allowed_field_is_blotted_out(lines: io.BytesIO, key: str) -> None:
    """Tokens, tickets and addresses are recognised by their form, wherever they stand."""
    structlog.get_logger().info(f"came with {CANARIES[key]}", reason=f"because of {CANARIES[key]}")
    assert CANARIES[key] not in lines.getvalue().decode()
    assert "…" in logged(lines)[0]["reason"]


def test_an_error_is_its_type_and_place_never_its_message(lines: io.BytesIO) -> None:
    """A database's message quotes the row; the chain of causes is shown by name and place."""
    try:
        try:
            raise KeyError(CANARIES["username"])
        except KeyError as cause:
            raise RuntimeError(f"row {CANARIES['name']}") from cause
    except RuntimeError as error:
        structlog.get_logger().exception("step_failed", step="call")
        structlog.get_logger().warning("waits", error=error)
        structlog.get_logger().warning("waits", error=str(error))
    text = lines.getvalue().decode()
    assert CANARIES["username"] not in text
    assert CANARIES["name"] not in text
    first, second, third = logged(lines)
    assert first["error"] == second["error"] == "RuntimeError"
    assert third["error"] == "(not shown)"
    assert first["trace"][0] == "RuntimeError"
    assert "KeyError" in first["trace"]
    assert any("test_logs.py" in place for place in first["trace"])


def test_what_libraries_log_comes_without_its_values(lines: io.BytesIO) -> None:
    """The sentence of their code is kept, what they put into it is not."""
    logging.getLogger("some.library").warning(
        "cannot reach %s as %s", CANARIES["address"], CANARIES["username"]
    )
    try:
        raise ValueError(CANARIES["passport"])
    except ValueError:
        logging.getLogger("asyncio").exception("Task exception of %r", CANARIES["cookie"])
    text = lines.getvalue().decode()
    for value in CANARIES.values():
        assert value not in text
    first, second = logged(lines)
    assert (first["event"], first["logger"]) == ("cannot reach %s as %s", "some.library")
    assert (second["error"], second["level"]) == ("ValueError", "error")


def test_uvicorns_own_access_lines_are_off(lines: io.BytesIO) -> None:
    """They hold addresses and whole URLs."""
    logging.getLogger("uvicorn.access").info('%s - "%s"', CANARIES["address"], CANARIES["url"])
    logging.getLogger("uvicorn.error").info(
        '%s - "WebSocket %s" [accepted]', CANARIES["address"], CANARIES["url"]
    )
    assert lines.getvalue() == b""


def test_a_log_that_cannot_be_written_breaks_nothing() -> None:
    """A closed stream or a full disk must not turn a request into an error (fails soft)."""
    stream = io.BytesIO()
    stream.close()
    logs.LogSink(stream).msg(b"line")


def test_ordinary_words_are_not_blotted_out() -> None:
    """Routes, places in code and periods stay readable."""
    for text in (
        "/api/v1/periods/{id}/tickets/me",
        "server/middleware.py:112 __call__",
        "prtq-2016-06",
        "12:30:00",
    ):
        assert scrubbed(text) == text


async def test_the_line_of_a_request_names_no_path_no_query_and_nobody(lines: io.BytesIO) -> None:
    """Route, method, status, time and id: that is all."""
    app = framed(
        Starlette(),
        ResponseDefaults(Problems("http://x.example"), Metrics(), "http://x.example"),
        "http://x.example",
    )
    transport = httpx.ASGITransport(app, client=(CANARIES["address"], 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://x.example") as client:
        headers = {"Cookie": CANARIES["cookie"], "Authorization": f"Bearer {CANARIES['ticket']}"}
        await client.get(CANARIES["url"], headers=headers)
    [line] = [line for line in logged(lines) if line["event"] == "request"]
    assert {"event", "level", "at", "process", "request_id", "route", "method", "status", "ms"} == set(line)
    assert (line["route"], line["status"]) == ("unmatched", 404)


def calls_to(names: set[str], suffix: str) -> Iterator[tuple[ast.Call, str]]:
    """Every call of a method with one of these names on something whose name ends so, in our packages."""
    for package in FOLDERS:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                    continue
                if node.func.attr in names and ast.unparse(node.func.value).endswith(suffix):
                    yield node, f"{path.relative_to(ROOT)}:{node.lineno}"


def test_every_field_that_our_code_logs_is_allowed() -> None:
    """Nothing we mean to log is silently left out."""
    levels = {"debug", "info", "warning", "error", "exception", "critical"}
    used = [(key.arg, where) for call, where in calls_to(levels, "log") for key in call.keywords]
    assert [f"{where} {name}" for name, where in used if name not in FIELDS | {"exc_info"}] == []


def test_every_event_that_our_code_counts_has_a_metric() -> None:
    """A typing error in a name would be counted as `other`; this finds it before."""
    for method, known in (("count", COUNTERS), ("level", LEVELS), ("took", TIMES)):
        for call, where in calls_to({method}, "events"):
            first = call.args[0]
            assert isinstance(first, ast.Constant), where
            assert first.value in known, where


def test_figures_add_up_and_carry_only_their_own_labels() -> None:
    """Labels that a metric does not have are left out, unknown names are `other`."""
    metrics = Metrics()
    metrics.count("joins", 5)
    metrics.count("joins")
    metrics.count("refusals", code="no_ticket", username="marie")
    metrics.count("jobs_done")
    metrics.count("mistyped", 2)
    metrics.level("sockets", 7)
    metrics.level("mistyped", 7)
    metrics.took("tick", 0.02)
    metrics.took("http_request", 0.02, route="/x")
    metrics.took("mistyped", 1)
    text = metrics.text().decode()
    for line in (
        "guichet_joins_total 6.0", 'guichet_refusals_total{code="no_ticket"} 1.0', "guichet_sockets 7.0",
        'guichet_jobs_done_total{kind=""} 1.0', 'guichet_other_total{event="mistyped"} 2.0',
        'guichet_tick_seconds_bucket{le="0.025"} 1.0', 'guichet_http_request_seconds_count{route="/x"} 1.0',
    ):  # fmt: skip
        assert line in text
    assert "marie" not in text


def test_metrics_add_up_over_processes_and_the_dead_hold_no_sockets(tmp_path: Path) -> None:
    """Two processes count into one folder; `/metrics` of a third shows the sum, and forgets who ended."""
    program = textwrap.dedent("""
        import os, sys
        from pathlib import Path
        from foundation.metrics import Metrics, forget
        folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
        metrics = Metrics(folder)
        if sys.argv[1] == "show":
            for pid in sys.argv[2:]:
                forget(folder, int(pid))
            print(metrics.text().decode())
        else:
            metrics.count("joins", int(sys.argv[1]))
            metrics.level("sockets", int(sys.argv[1]))
            print(os.getpid())
    """)
    environ = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}

    def run(*arguments: str) -> str:
        command = [sys.executable, "-c", program, *arguments]
        return subprocess.run(
            command, check=True, env=environ, capture_output=True, text=True, cwd=ROOT
        ).stdout

    first = run("3").strip()
    run("4")
    both = run("show")
    assert "guichet_joins_total 7.0" in both
    assert "guichet_sockets 7.0" in both
    after = run("show", first)
    assert "guichet_joins_total 7.0" in after
    assert "guichet_sockets 4.0" in after


async def ask(path: str, checks: Mapping[str, bool] | None) -> httpx.Response:
    """Ask an application whose checks say this; None: they never come back."""

    async def ready() -> Mapping[str, bool]:
        if checks is None:
            await asyncio.Event().wait()
        return checks or {}

    app = Starlette(routes=routes(Metrics(), ready), exception_handlers=Problems("http://x").handlers())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
        return await client.get(path)


async def test_alive_is_not_ready() -> None:
    """`/healthz` answers whatever the stores do; `/readyz` says what is missing, and when to ask again."""
    assert (await ask("/healthz", {"sql": False})).status_code == 200
    ready = await ask("/readyz", {"sql": True, "redis": True})
    assert (ready.status_code, ready.json()["checks"]) == (200, {"sql": True, "redis": True})
    missing = await ask("/readyz", {"sql": True, "redis": False})
    assert (missing.status_code, missing.json()["code"]) == (503, "unavailable")
    assert missing.json()["checks"] == {"sql": True, "redis": False}
    assert "retry-after" in missing.headers


async def test_a_store_that_hangs_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """The question has a deadline of its own."""
    monkeypatch.setattr(health, "READY_SECONDS", 0.05)
    assert (await ask("/readyz", None)).status_code == 503


async def test_metrics_are_prometheus_text() -> None:
    """With the content type that Prometheus expects."""
    answer = await ask("/metrics", {})
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert "guichet_joins_total 0.0" in answer.text
