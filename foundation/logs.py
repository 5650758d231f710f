"""Log lines: one JSON object each, without personal data (P11).

A line has the fields of `FIELDS` and no others; what libraries log is
cut to the sentence they wrote in their code, without its values; an error is its type and where it happened, without
its message, because a message often quotes what was typed.
"""

import contextlib
import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, Final

import msgspec
import structlog

from foundation.context import request_id

FIELDS: Final = frozenset({
    # where and when
    "event", "level", "at", "logger", "process", "pid", "port", "version", "request_id",
    # a request
    "route", "method", "status", "ms", "slowest_ms", "code", "cause", "sockets",
    # the line and the quota
    "period", "programme", "state", "epoch", "mark", "number", "first", "last", "called", "lapsed", "drained", "held",
    "accepted", "cap", "clock", "waiting", "present", "live_tokens", "calls_per_minute", "gone", "done",
    # work
    "job", "jobs", "kind", "attempt", "attempts", "queue", "count", "seconds", "store", "step", "action", "reason",
    "exit_code", "signal", "revision", "rows",
    # the stores
    "setting", "durability", "known_at", "calls_lost", "submissions_lost",
    # what went wrong
    "error", "trace", "dropped",
})  # fmt: skip
"""All a log line may say. A field that is not here is left out, and its name appears under `dropped`."""

LONGEST_TEXT: Final = 200

_SECRETS: Final = re.compile(
    r"eyJ[\w-]+\.[\w.-]+"  # a JWT
    r"|[^\s@]+@[^\s@]+\.\w+"  # an e-mail address, or a URL with a password
    r"|\b\d{1,3}(?:\.\d{1,3}){3}\b|\b(?:[0-9a-fA-F]{1,4}:){3,}[0-9a-fA-F:]*"  # network addresses
    r"|[A-Za-z0-9_-]{40,}"  # anything as long as a ticket or a key
)


def trace_of(error: BaseException) -> list[str]:
    """Where it happened, the deepest first: `server/middleware.py:40 __call__`. No messages, no values."""
    places: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        places.append(type(current).__qualname__)
        frames = traceback.extract_tb(current.__traceback__)
        places += [f"{'/'.join(Path(f.filename).parts[-2:])}:{f.lineno} {f.name}" for f in reversed(frames)]
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return places[:60]


class LogSink:
    """Writes lines to a stream. A log that cannot be written (closed, full disk) never breaks a request."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def msg(self, line: bytes) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(line + b"\n")
            self._stream.flush()

    debug = info = warning = error = critical = fatal = exception = msg


class LibraryLogs(logging.Handler):
    """What libraries log through `logging`, as lines of ours: their sentence without its values."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger()
        write = {"CRITICAL": log.critical, "ERROR": log.error, "WARNING": log.warning, "DEBUG": log.debug}
        error = record.exc_info[1] if record.exc_info else None
        line = scrubbed(str(record.msg))
        if error is None:
            write.get(record.levelname, log.info)(line, logger=record.name)
        else:
            write.get(record.levelname, log.info)(line, logger=record.name, exc_info=error)


def configure_logging(level: str, process: str, stream: IO[bytes] | None = None) -> None:
    """One JSON line an event on stderr: stdout is for what a command answers, such as the demo's `READY` line.

    `process` is what this one is: `web`, `ticker`, `worker`. Uvicorn's own access log is switched off here: it writes
    addresses and whole URLs; the frame's line says what is needed.
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[_LineFormatter(process)],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *args: LogSink(stream or sys.stderr.buffer),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[LibraryLogs()], level=max(number, logging.INFO), force=True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
    logging.getLogger("uvicorn.access").disabled = True
    # At INFO it logs each handshake with address and query.
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)


_encode = msgspec.json.Encoder(enc_hook=lambda value: type(value).__name__).encode


@lru_cache(4096)
def scrubbed(text: str) -> str:
    """Without what looks like a secret or an address, and of a bearable length. The same few texts come again."""
    return _SECRETS.sub("…", text[: LONGEST_TEXT * 4])[:LONGEST_TEXT]


class _LineFormatter:
    """Makes a line of an event: keeps the allowed fields, hides what errors say. One step: each request has one."""

    def __init__(self, process: str) -> None:
        self._process = process

    def __call__(self, logger: Any, method: str, event: MutableMapping[str, Any]) -> bytes:
        line: dict[str, Any] = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
            "level": "error" if method == "exception" else method,
            "event": scrubbed(str(event.pop("event", ""))),
            "process": self._process,
        }
        if current := request_id.get():
            line["request_id"] = current
        error = event.pop("exc_info", None)
        if error:
            error = error if isinstance(error, BaseException) else sys.exc_info()[1]
        if isinstance(error, BaseException):
            event["error"], event["trace"] = error, trace_of(error)
        dropped = []
        for key, value in event.items():
            if key not in FIELDS:
                dropped.append(key)
            elif key == "error":
                line[key] = _error_name(value)
            else:
                line[key] = scrubbed(value) if isinstance(value, str) else value
        if dropped:
            line["dropped"] = sorted(dropped)
        return _encode(line)


def _error_name(value: Any) -> str:
    """An error's type. A text given instead is kept only if it is a name; `str(error)` may quote anybody."""
    if isinstance(value, BaseException):
        return type(value).__qualname__
    return value if isinstance(value, str) and re.fullmatch(r"[\w.]{1,80}", value) else "(not shown)"
