"""Log lines: one JSON object each, without personal data (P11).

A line has the fields of `FIELDS` and no others; what libraries log is
cut to the sentence they wrote in their code, without its values; an error is its type and where it happened, without
its message, because a message often quotes what was typed.
"""

import contextlib
import logging
import re
import sys
import time
import traceback
from collections.abc import Callable, MutableMapping
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
    "job", "jobs", "charge", "submission", "kind", "attempt", "attempts", "queue", "count", "seconds", "store", "step",
    "action", "reason", "exit_code", "signal", "revision", "rows",
    # the stores
    "setting", "durability", "known_at", "calls_lost", "submissions_lost",
    # what went wrong
    "error", "trace", "dropped",
})  # fmt: skip
"""All a log line may say. A field that is not here is left out, and its name appears under `dropped`."""

LONGEST_TEXT: Final = 200

CLIENTS_FAULTS: Final = (
    "parser failed", "opening handshake failed", "Invalid UTF-8 sequence received from client.",  # a WebSocket's frames
    "ASGI callable returned without completing handshake.",  # it went away before there was one
    "Invalid HTTP request received.", "Unsupported upgrade request.",
    "socket.send() raised exception.", "Fatal read error on", "Fatal write error on",  # it went away in the middle
)  # fmt: skip
"""How sentences of libraries begin that any client can cause, as often as it likes: no errors of ours, and a log that
anybody can fill says nothing. Told as `info`, without a trace, once in a while with their number."""

CLIENTS_FAULT_SECONDS: Final = 60.0
"""Between two lines about the same fault of clients."""

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
    """Writes lines to a stream. A log that cannot be written (closed, full disk) never breaks a request.

    `opening` holds the line that comes before all others, until it is written; all sinks of a process share it.
    """

    def __init__(self, stream: IO[bytes], opening: list[bytes] | None = None) -> None:
        self._stream, self._opening = stream, [] if opening is None else opening

    def msg(self, line: bytes) -> None:
        self.open()
        self._write(line)

    def open(self) -> None:
        """Write what comes first, unless that was done."""
        while self._opening:
            self._write(self._opening.pop())

    def _write(self, line: bytes) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(line + b"\n")
            self._stream.flush()

    debug = info = warning = error = critical = fatal = exception = msg


class LibraryLogs(logging.Handler):
    """What libraries log through `logging`, as lines of ours: their sentence without its values."""

    def __init__(self) -> None:
        super().__init__()
        self._faults: dict[str, tuple[float, int]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger()
        fault = next((one for one in CLIENTS_FAULTS if str(record.msg).startswith(one)), None)
        if fault is not None:
            if count := self._counted(fault):
                log.info(fault, logger=record.name, count=count)
            return
        write = {"CRITICAL": log.critical, "ERROR": log.error, "WARNING": log.warning, "DEBUG": log.debug}
        error = record.exc_info[1] if record.exc_info else None
        line = scrubbed(str(record.msg))
        if error is None:
            write.get(record.levelname, log.info)(line, logger=record.name)
        else:
            write.get(record.levelname, log.info)(line, logger=record.name, exc_info=error)

    def _counted(self, fault: str) -> int:
        """How often it came since it was last told; 0 where that was a moment ago."""
        now = time.monotonic()
        told, count = self._faults.get(fault, (0.0, 0))
        if told and now - told < CLIENTS_FAULT_SECONDS:
            self._faults[fault] = told, count + 1
            return 0
        self._faults[fault] = now, 0
        return count + 1


def configure_logging(
    level: str, process: str, stream: IO[bytes] | None = None, version: str = ""
) -> Callable[[], None]:
    """One JSON line an event on stderr: stdout is for what a command answers, such as the demo's `READY` line.

    `process` is what this one is: `web`, `ticker`, `worker`. With a `version` the first line says it: before the first
    of any other, or when what is given back is called. So a start that is refused is one sentence and no log. Uvicorn's
    own access log is switched off here: it writes addresses and whole URLs; the frame's line says what is needed.
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    formatter = _LineFormatter(process)
    first = {"event": "process_starts", "version": version}
    opening = [formatter(None, "info", first)] if version and number <= logging.INFO else []

    def sink(*args: Any) -> LogSink:
        return LogSink(stream or sys.stderr.buffer, opening)

    structlog.configure(
        processors=[formatter],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=sink,
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
    return lambda: sink().open()


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
