"""Being watched: no personal data in a log line, figures over all processes, alive and ready."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import structlog
from starlette.applications import Starlette

from foundation import context, logs
from foundation.logs import FIELDS, configure_logging, scrubbed
from foundation.metrics import Metrics
from server.hosts import Hosts
from server.middleware import framed
from server.problems import Problems
from server.response_defaults import ResponseDefaults
from tests.unit.foundation.test_metrics import calls_to

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


@pytest.mark.parametrize("sentence", logs.CLIENTS_FAULTS)
def test_what_any_client_can_cause_is_no_error_and_fills_no_log(lines: io.BytesIO, sentence: str) -> None:
    """A thousand broken frames are one line, as `info`; a minute later one that says how many there were."""
    library = logging.getLogger("uvicorn.error")
    for _ in range(1_000):
        try:
            raise ValueError(CANARIES["passport"])
        except ValueError:
            library.error(f"{sentence} and more", exc_info=True)
    [line] = logged(lines)
    assert (line["event"], line["level"], line["count"]) == (sentence, "info", 1)
    assert "trace" not in line
    [handler] = [one for one in logging.root.handlers if isinstance(one, logs.LibraryLogs)]
    told, count = handler._faults[sentence]
    handler._faults[sentence] = told - logs.CLIENTS_FAULT_SECONDS, count
    library.error(sentence)
    assert logged(lines)[-1]["count"] == 1_000


def test_an_error_of_ours_is_told_each_time(lines: io.BytesIO) -> None:
    """Twin: only those sentences are counted instead."""
    for _ in range(3):
        logging.getLogger("uvicorn.error").error("Exception in ASGI application")
    assert [line["level"] for line in logged(lines)] == ["error"] * 3


def test_the_first_line_says_which_version_it_is(lines: io.BytesIO) -> None:
    """Once, before whatever comes first; when nothing does, as soon as the start is sure."""
    configure_logging("info", "web", lines, "1.2.3")
    assert lines.getvalue() == b"", "a start that is refused has no log"
    structlog.get_logger().warning("redis_away")
    structlog.get_logger().info("more")
    assert [line["event"] for line in logged(lines)] == ["process_starts", "redis_away", "more"]
    assert (logged(lines)[0]["version"], logged(lines)[0]["level"]) == ("1.2.3", "info")
    begin = configure_logging("info", "web", lines, "1.2.4")
    begin()
    begin()
    assert [line.get("version") for line in logged(lines)[3:]] == ["1.2.4"]
    configure_logging("warning", "web", lines, "1.2.5")()
    assert len(logged(lines)) == 4, "nobody asked for lines of this level"


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
        Hosts("http://x.example"),
    )
    transport = httpx.ASGITransport(app, client=(CANARIES["address"], 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://x.example") as client:
        headers = {"Cookie": CANARIES["cookie"], "Authorization": f"Bearer {CANARIES['ticket']}"}
        await client.get(CANARIES["url"], headers=headers)
    [line] = [line for line in logged(lines) if line["event"] == "request"]
    assert {"event", "level", "at", "process", "request_id", "route", "method", "status", "ms"} == set(line)
    assert (line["route"], line["status"]) == ("unmatched", 404)


def test_every_field_that_our_code_logs_is_allowed() -> None:
    """Nothing we mean to log is silently left out."""
    levels = {"debug", "info", "warning", "error", "exception", "critical"}
    used = [(key.arg, where) for call, where in calls_to(levels, "log") for key in call.keywords]
    assert [f"{where} {name}" for name, where in used if name not in FIELDS | {"exc_info"}] == []
