"""Being watched: log lines, figures for Prometheus, and whether the service is alive and ready.

Nothing here can carry personal data (P11). A log line has the fields of `FIELDS` and no others; what libraries log is
cut to the sentence they wrote in their code, without its values; an error is its type and where it happened, without
its message, because a message often quotes what was typed. Labels of metrics are fixed words.
"""

import asyncio
import contextlib
import logging
import re
import sys
import traceback
from bisect import bisect_left
from collections import Counter as Counted
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, Final

import msgspec
import structlog
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from quota.errors import Refusal
from quota.events import Events

Ready = Callable[[], Awaitable[Mapping[str, bool]]]
"""Asks everything this process needs; the names are the stores' and the ticker's."""

READY_SECONDS: Final = 2.0
"""A store that takes longer to answer is not ready."""

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request this task works for; on every line logged meanwhile."""

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

COUNTERS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "joins": ("Numbers given.", ()),
    "calls": ("People called: tokens made.", ()),
    "leaves": ("Numbers given up while waiting.", ()),
    "proofs": ("Proofs of work taken.", ()),
    "lapses": ("Tokens that ended unused.", ()),
    "accepted": ("Submissions accepted.", ()),
    "refusals": ("Expected refusals answered, by code.", ("code",)),
    "epochs": ("Times the line was rebuilt in Redis.", ()),
    "mark_raises": ("Times the highest number that may be given was raised in SQL.", ()),
    "jobs_rung": ("Jobs handed to the queue, repeats included.", ()),
    "jobs_done": ("Jobs done, by kind.", ("kind",)),
    "jobs_failed": ("Attempts of jobs that failed, by kind.", ("kind",)),
    "http_requests": ("HTTP requests answered.", ("route", "method", "status")),
    "other": ("Counted under a name that has no metric of its own.", ("event",)),
}
"""Every counter, `guichet_<name>_total`: what it counts, and its labels."""

LEVELS: Final = {"sockets": "Live sockets held by all processes."}
"""Every gauge, `guichet_<name>`: the sum over the processes alive."""

TIMES: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "tick": ("Seconds one tick took, for one period.", ()),
    "feed": ("Seconds of work for one look at a line and its frames, without the sending.", ()),
    "http_request": ("Seconds from the first byte of a request to the end of its answer.", ("route",)),
}
"""Every histogram, `guichet_<name>_seconds`."""

BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Seconds. From a poll answered from memory to a store that is about to be given up."""


class Metrics(Events):
    """Feeds Prometheus. `folder` is where several processes gather their figures; None keeps them in this process.

    The library chooses between the two when it is first imported, by `PROMETHEUS_MULTIPROC_DIR`; the supervisor sets
    it for the processes it starts, and empties the folder before.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._registry = CollectorRegistry()
        self._children: dict[tuple[str, ...], Any] = {}
        self._counters = {
            name: Counter(f"guichet_{name}", text, labels, registry=self._registry)
            for name, (text, labels) in COUNTERS.items()
        }
        self._levels = {
            name: Gauge(f"guichet_{name}", text, registry=self._registry, multiprocess_mode="livesum")
            for name, text in LEVELS.items()
        }
        self._times = {
            name: Histogram(f"guichet_{name}_seconds", text, labels, registry=self._registry, buckets=BUCKETS)
            for name, (text, labels) in TIMES.items()
        }

    def count(self, name: str, n: int = 1, /, **labels: str) -> None:
        """A name without a metric is counted as `other`, so that a typing error never breaks a request."""
        if name not in COUNTERS:
            name, labels = "other", {"event": name}
        self._child(self._counters[name], name, COUNTERS[name][1], labels).inc(n)

    def level(self, name: str, value: float, /) -> None:
        """Nothing for a name without a gauge."""
        if name in self._levels:
            self._levels[name].set(value)

    def took(self, name: str, seconds: float, /, **labels: str) -> None:
        """Nothing for a name without a histogram."""
        if name not in TIMES:
            return
        self._child(self._times[name], name, TIMES[name][1], labels).observe(seconds)

    def took_all(self, name: str, seconds: Sequence[float], /, **labels: str) -> None:
        """The same figures as `took` for each: one addition a bucket, where the library knows one observation only."""
        if name not in TIMES or not seconds:
            return
        child = self._child(self._times[name], name, TIMES[name][1], labels)
        child._sum.inc(sum(seconds))
        for bucket, n in Counted(bisect_left(BUCKETS, one) for one in seconds).items():
            child._buckets[bucket].inc(n)

    def _child(self, metric: Any, name: str, known: tuple[str, ...], labels: dict[str, str]) -> Any:
        """The metric for these labels, remembered: the library's own search takes as long as the rest of a count."""
        key = (name, *(labels.get(label, "") for label in known))
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = metric.labels(*key[1:]) if known else metric
        return child

    def text(self) -> bytes:
        """What `/metrics` shows: the sum over all processes where they share a folder."""
        registry = self._registry
        if self._folder is not None:
            registry = CollectorRegistry()
            MultiProcessCollector(registry, path=str(self._folder))  # type: ignore[no-untyped-call]  # as below
        return generate_latest(registry)


def forget(folder: Path, pid: int) -> None:
    """A process has ended: its live sockets are no more. Its counts stay. For the supervisor."""
    with contextlib.suppress(OSError):
        mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]  # the library has no types here


def routes(metrics: Metrics, ready: Ready) -> list[BaseRoute]:
    """`/healthz`, `/readyz` and `/metrics`."""

    async def healthz(request: Request) -> Response:
        """The process answers. It says nothing of the stores: restarting us would not bring them back."""
        return Response(b'{"status":"ok"}', media_type="application/json")

    async def readyz(request: Request) -> Response:
        """Everything needed answers; otherwise `unavailable` with what does not. Fails closed."""
        try:
            async with asyncio.timeout(READY_SECONDS):
                checks = dict(await ready())
        except TimeoutError:
            raise Refusal("unavailable", checks={}) from None
        if not all(checks.values()):
            raise Refusal("unavailable", checks=checks)
        return Response(
            msgspec.json.encode({"status": "ok", "checks": checks}), media_type="application/json"
        )

    async def figures(request: Request) -> Response:
        return Response(await run_in_threadpool(metrics.text), media_type=CONTENT_TYPE_LATEST)

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", figures)]


def trace_of(error: BaseException) -> list[str]:
    """Where it happened, the deepest first: `config/frame.py:40 __call__`. No messages, no values."""
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


class Sink:
    """Writes lines to a stream. A log that cannot be written (closed, full disk) never breaks a request."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def msg(self, line: bytes) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(line + b"\n")
            self._stream.flush()

    debug = info = warning = error = critical = fatal = exception = msg


class Libraries(logging.Handler):
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
        processors=[_Line(process)],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *args: Sink(stream or sys.stderr.buffer),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[Libraries()], level=max(number, logging.INFO), force=True)
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


class _Line:
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
