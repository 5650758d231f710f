"""uvicorn's HTTP protocol with what 0.54 lacks: deadlines against slowloris and slow readers, load shedding, fast path.

Uvicorn has no deadline and no limit for the head of a request: a connection that says nothing, or one byte a minute
(slowloris), stays open as long as it likes, and a header may be of any size. Its keep-alive timeout is forgotten when
as much as an empty line comes. It waits without end for a client to take its answer (a slow reader). What it answers by
itself has no `X-Request-ID`; here it has. Its protocol for WebSockets is in `websocket_protocol.py`."""

import asyncio
import contextlib
import resource
import secrets
import socket
import struct
from collections.abc import Callable, Coroutine
from functools import cache, lru_cache, partial
from typing import Any, Final, Protocol, cast
from weakref import WeakKeyDictionary

from uvicorn._types import HTTPScope
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle
from uvicorn.server import ServerState

from server.hosts import effective_host
from server.protocol.departures import TickPace, has_left, pace_of
from server.protocol.upgrade import UpgradingProtocol
from server.request_checks import SAFE_METHODS

HEAD_SECONDS: Final = 10.0
"""From the connection, or the first byte of a later request, to the end of its headers."""

MOST_HEAD_BYTES: Final = 64 * 1024
"""Received without the headers being complete. The request checks refuse less than that, with a proper answer."""

UNREAD_SECONDS: Final = 9.0
"""For a client to take what waits for it, from where uvicorn stops writing, or from the close. With the 5 s that a
connection may be idle before, a client that reads nothing is gone within 15 s."""

LEAST_READ_BYTES: Final = 64 * 1024
"""A reader that takes as much in that time has as much time again: a line of 56 kbit/s does."""

FORGET: Final = struct.pack("ii", 1, 0)
"""Linger for no time: what was written and not taken is thrown away with the connection."""

MOST_WAITING: Final = 1000
"""Connections of a process without a complete head (slowloris), but for those of the last second: in a rush honest ones
come by the thousand, and each has sent its head within that time. Beyond it the oldest is closed."""

HASTE_SECONDS: Final = 1.0

MOST_AT_WORK: Final = 1_000
"""Requests in progress at once in a process; beyond it load is shed. A page takes a millisecond or two, so the wait
stays about a second. For unsafe methods the bound is twice as high: people who act are turned away last."""

SLOW_SECONDS: Final = 0.1
"""How old the count of requests that wait for their own client may be."""

ALIVE: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""Health checks are never shed: a busy process that is taken for a dead one is the worst."""

SPARE_FILES: Final = 250
"""Of the files a process may have open, what is left for its stores, logs and the like; the rest are connections."""

FULL: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
)

NO_STORE: Final = b"Cache-Control: no-store\r\n"

FORWARDED: Final = frozenset({b"x-forwarded-for", b"x-forwarded-proto"})
"""What uvicorn reads of a client that a proxy speaks for."""

BODILESS: Final = frozenset({204, 304})
"""Statuses whose answers end with their headers: a length would be that of something else (RFC 9110, 8.6)."""

LONGEST_WHOLE: Final = 4096
"""Bytes of a body that the fast path takes; a longer one is read as always."""

TaskWork = Callable[[], Coroutine[Any, Any, None]]
"""What has to run as a task for an answer."""

FastHandler = Callable[[dict[str, Any], dict[bytes, bytes], bytes, "AnswerAtOnce"], bool | TaskWork]
"""An application's own `quick`: takes scope, headers by name, and whole body of a request. True: it answers now or
later. Work: a task is needed for the answer. False: it did nothing, and the application is called as always."""

OverloadAnswer = Callable[[dict[str, Any]], tuple[int, bytes, bytes]]
"""An application's own `overloaded`: the answer to a request that there is no time for; what `AnswerAtOnce` takes."""


class AnswerAtOnce(Protocol):
    """Takes the one answer there will be: status, header lines but the length, each with its end, and body."""

    def __call__(self, status: int, head: bytes, body: bytes, /) -> None: ...


def with_id(answer: bytes) -> bytes:
    """A refusal that is given before there is a request, with what every answer has, and kept by no cache."""
    added = f"\r\nX-Request-ID: {secrets.token_hex(8)}\r\n".encode() + NO_STORE
    return answer.replace(b"\r\n", added, 1)


_last_default: tuple[object, bytes] = (None, b"")


def default_lines(headers: list[tuple[bytes, bytes]]) -> bytes:
    """uvicorn's own headers as they are sent: it makes a new list of them each second, because of the date."""
    global _last_default
    made_of, text = _last_default
    if made_of is not headers:
        text = b"".join([b"%b: %b\r\n" % header for header in headers])
        _last_default = headers, text
    return text


def answer_at_once(cycle: RequestResponseCycle, status: int, head: bytes, body: bytes) -> None:
    """What the two messages of ASGI do, in one write; `head` has all header lines but the length, each with its end.

    uvicorn looks at each header of each answer with two expressions; these come from us and were made beforehand.
    """
    if cycle.disconnected or cycle.response_started:
        return
    cycle.response_started = cycle.response_complete = True
    length = b"\r\n" if status in BODILESS else b"content-length: %d\r\n\r\n" % len(body)
    if not cycle.keep_alive:
        length = b"connection: close\r\n" + length
    shown = body if cycle.scope["method"] != "HEAD" else b""
    default = default_lines(cycle.default_headers)
    cycle.transport.write(b"".join((STATUS_LINE[status], default, head, length, shown)))
    cycle.message_event.set()
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()


def _overloaded(scope: dict[str, Any]) -> tuple[int, bytes, bytes]:
    return 503, b"retry-after: 5\r\n" + NO_STORE, b""


class RequestsInProgress:
    """The requests a server works on. Its own `tasks` has its sockets too, which stand for hours.

    A request that waits for its own client, for more of a body or for room to write, is no work: otherwise a thousand
    slow connections would keep everybody else out.
    """

    def __init__(self) -> None:
        self._cycles: dict[asyncio.Task[None], RequestResponseCycle] = {}
        self._slow, self._counted_at = 0, 0.0

    def add(self, task: asyncio.Task[None], cycle: RequestResponseCycle) -> None:
        self._cycles[task] = cycle
        task.add_done_callback(self._cycles.pop)

    def is_over(self, most: int, now: float) -> bool:
        """Whether there are so many. Who is slow is counted at most ten times a second, and only when that matters."""
        if len(self._cycles) < most:
            return False
        if now - self._counted_at >= SLOW_SECONDS:
            self._slow = sum(one.more_body or one.flow.write_paused for one in self._cycles.values())
            self._counted_at = now
        return len(self._cycles) - self._slow >= most


_in_progress: WeakKeyDictionary[ServerState, RequestsInProgress] = WeakKeyDictionary()


def apply_forwarded_headers(proxies: str | tuple[str, ...], scope: dict[str, Any]) -> None:
    """uvicorn's own reading of what these trusted proxies say of a client, into the scope. It does so once."""
    with contextlib.suppress(StopIteration):  # there is no application in it to wait for
        _forwarded(proxies)(scope, None, None).send(None)  # type: ignore[arg-type]


@lru_cache(8)
def _forwarded(proxies: str | tuple[str, ...]) -> ProxyHeadersMiddleware:
    return ProxyHeadersMiddleware(_nothing, proxies if isinstance(proxies, str) else list(proxies))


async def _nothing(scope: Any, receive: Any, send: Any) -> None:
    pass


@cache
def most_connections() -> int:
    """So many connections a process holds; one more is told that it is full, where it could not even be answered."""
    return max(1, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - SPARE_FILES)


class HttpProtocol(UpgradingProtocol):
    """For `uvicorn.Config(http=Requests)`: a head has 10 s and 64 KiB, then the connection is closed.

    And what is more than the process can do is said at once (503 with `Retry-After`), in requests and in connections.
    """

    head_seconds = HEAD_SECONDS
    unread_seconds = UNREAD_SECONDS
    most_waiting = MOST_WAITING
    most_at_work: int | None = MOST_AT_WORK
    """None: no bound."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_bytes = 0
        self._head_due: asyncio.TimerHandle | None = None
        self._head_open = False
        self._idle_since: float | None = None
        self._quick: FastHandler | None = getattr(self.config.app, "quick", None)
        self._behind_proxies = self.config.proxy_headers
        self._held: tuple[RequestResponseCycle, Any] | None = None
        self._working: RequestResponseCycle | None = None
        self._unread_due: asyncio.TimerHandle | None = None
        self._waits_since = 0.0
        # The process's connections without a whole head, in the order in which they began to wait.
        self._waiting: dict[HttpProtocol, None] = vars(self.server_state).setdefault("waiting", {})
        self._overloaded: OverloadAnswer = getattr(self.config.app, "overloaded", _overloaded)
        self._in_progress = _in_progress.setdefault(self.server_state, RequestsInProgress())
        self._pace: TickPace = pace_of(self.server_state)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        self._await_head()
        if len(self.connections) > most_connections():
            transport.write(with_id(FULL))
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_came()
        self._was_read()
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
            self.timeout_keep_alive_task = None
        if self._working is not None and not self._working.response_complete:
            # uvicorn tells the last request that came; with several in one packet another one is being answered.
            self._working.disconnected = True
            self._working.message_event.set()
        self._working = None
        super().connection_lost(exc)
        # Each of these knows us: they would be a circle that only a look at all objects finds.
        self.pipeline.clear()
        self.cycle = None  # type: ignore[assignment]  # as uvicorn begins

    def data_received(self, data: bytes) -> None:
        if self._pace.is_behind() and has_left(self.transport):
            self.transport.abort()
            return
        super().data_received(data)
        if self._held is not None:
            held, self._held = self._held, None
            self._work_on(held[0], partial(held[0].run_asgi, held[1]))
        if self._idle_since is not None and self._head_due is None and not self._head_open:
            return  # answered already, and nothing of another request came: as nearly always
        if self._head_due is None and (self._head_open or self._is_idle()):
            self._await_head()
        if self._head_due is None:
            return
        self._head_bytes += len(data)
        if self._head_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The headers are too long.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_open = True  # a deadline is set for what this packet does not bring

    def on_headers_complete(self) -> None:
        self._head_came()
        if b"://" in self.url[:16] and not self.url.startswith(b"/"):
            self.headers[:] = effective_host(self.url, self.headers)
        super().on_headers_complete()

    # -- the fast path: no messages, and often no task, for what the application can answer from a whole request -------

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Held back until the packet is read: most often the whole body is in it."""
        self._working = cycle
        if cycle.more_body:
            self._held = cycle, app
        else:
            self._begin(cycle, app)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        if self._held is not None:
            held, self._held = self._held, None
            self._begin(*held)

    def _begin(self, cycle: RequestResponseCycle, app: Any) -> None:
        """A request that is here as a whole: by the fast path if it takes it, otherwise by the application."""
        taken = self._by_fast_path(cycle)
        if taken is True:
            return
        self._work_on(cycle, taken or partial(cycle.run_asgi, app))

    def _by_fast_path(self, cycle: RequestResponseCycle) -> bool | TaskWork:
        if len(cycle.body) > LONGEST_WHOLE or cycle.flow.write_paused or cycle.waiting_for_100_continue:
            return False
        scope: Any = cycle.scope  # of uvicorn's type, which has no path before the headers are complete
        if self._quick is None:
            return False
        headers = dict(scope["headers"])
        if self._behind_proxies and not FORWARDED.isdisjoint(headers):
            allowed = self.config.forwarded_allow_ips
            apply_forwarded_headers(allowed if isinstance(allowed, str) else tuple(allowed), scope)
        return self._quick(scope, headers, bytes(cycle.body), partial(answer_at_once, cycle))

    def _work_on(self, cycle: RequestResponseCycle, work: TaskWork) -> None:
        """A task for this request, unless there are too many (load shedding)."""
        if self._is_too_much(cycle.scope):
            answer_at_once(cycle, *self._overloaded(cast(dict[str, Any], cycle.scope)))
            return
        task = self.loop.create_task(work())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        self._in_progress.add(task, cycle)

    def _is_too_much(self, scope: HTTPScope) -> bool:
        if self.most_at_work is None or scope["path"] in ALIVE:
            return False
        looks = scope["method"] in SAFE_METHODS
        return self._in_progress.is_over(self.most_at_work * (1 if looks else 2), self.loop.time())

    def on_response_complete(self) -> None:
        """As uvicorn's, but the end of an idle connection is one timer that moves on, not a new one for each answer."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            self._await_reader()
            return
        self.flow.resume_reading()
        if self.pipeline:
            # Not from here: an answer that is given at once would stand in the one before it, and so on.
            self.loop.call_soon(self._next_in_line)
            return
        self._idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._await_next(self.timeout_keep_alive)

    def _next_in_line(self) -> None:
        if self.pipeline and not self.transport.is_closing():
            self._start_asgi_task(*self.pipeline.pop())

    def _unset_keepalive_if_required(self) -> None:
        self._idle_since = None

    def _forget(self) -> None:
        super()._forget()
        self._working = None
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
            self.timeout_keep_alive_task = None

    def _await_next(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def timeout_keep_alive_handler(self) -> None:
        self.timeout_keep_alive_task = None
        if self._idle_since is None:
            return  # a request is under way; its answer begins the time anew
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._await_next(left)
        else:
            self._end()

    # -- deadlines -----------------------------------------------------------------------------------------------------

    def pause_writing(self) -> None:
        super().pause_writing()
        self._await_reader()

    def resume_writing(self) -> None:
        super().resume_writing()
        if not self.transport.is_closing():
            self._was_read()

    def _is_idle(self) -> bool:
        """Nothing is under way, and nothing will end this connection: what came was an empty line, or more of a body
        that was answered. A WebSocket's is no longer ours."""
        if self._idle_since is not None or self.pipeline or self.transport.is_closing():
            return False
        cycle = cast(RequestResponseCycle | None, self.cycle)
        return cycle is not None and cycle.response_complete and self in self.connections

    def _await_head(self) -> None:
        self._head_bytes = 0
        self._head_due = self.loop.call_later(self.head_seconds, self._end)
        self._waits_since = now = self.loop.time()
        self._waiting[self] = None
        if len(self._waiting) > self.most_waiting:
            oldest = next(iter(self._waiting))
            if now - oldest._waits_since >= HASTE_SECONDS:
                oldest._end()

    def _head_came(self) -> None:
        self._head_open = False
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None
            self._waiting.pop(self, None)

    def _await_reader(self) -> None:
        unread = self.transport.get_write_buffer_size()
        if self._unread_due is None and unread:
            self._unread_due = self.loop.call_later(self.unread_seconds, self._judge_reader, unread)

    def _judge_reader(self, before: int) -> None:
        self._unread_due = None
        if before - self.transport.get_write_buffer_size() >= min(before, LEAST_READ_BYTES):
            self._await_reader()
        else:
            # What the kernel still holds for it goes too, instead of waiting for minutes for a reader.
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, FORGET)
            self.transport.abort()

    def _was_read(self) -> None:
        if self._unread_due is not None:
            self._unread_due.cancel()
            self._unread_due = None

    def _end(self) -> None:
        """Close, once what is written has been taken, or soon."""
        self._head_came()
        if not self.transport.is_closing():
            self.transport.close()
        self._await_reader()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP, or a method that the parser does not know: uvicorn's own answer has no id."""
        head = b"HTTP/1.1 400 Bad Request\r\n"
        head += b"".join(b"%s: %s\r\n" % header for header in self.server_state.default_headers)
        head += b"Content-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n" % len(msg)
        self.transport.write(with_id(head + b"Connection: close\r\n\r\n" + msg.encode("ascii")))
        self._end()
