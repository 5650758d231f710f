"""What is more than the service can do is said at once, with when to come back; no number is lost by it."""

import asyncio
import contextlib
import os
import select
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit
from urllib.request import urlopen

import msgspec
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from config.app import create_app
from config.settings import Settings
from foundation.batching import Batcher
from foundation.errors import Unavailable
from foundation.sql.database import Database
from server.protocol import accept_gate, http_protocol, uvicorn_server
from server.protocol.http_protocol import HttpProtocol, RequestsInProgress
from tests.conftest import apart, until
from tests.support.floods import flood, join, judge
from tests.support.rooms import KEYS, make_period
from tests.support.services import running
from tests.support.serving import answer, raw, serving, status_of

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"

POST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"


class Three(HttpProtocol):
    """Works on three requests at once."""

    most_at_work = 3


class Boundless(HttpProtocol):
    """The same protection, off."""

    most_at_work = None


class Slow:
    """An application that answers nobody until it may."""

    def __init__(self) -> None:
        self.may = threading.Event()
        self.at_work = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.at_work += 1
        while scope["path"] == "/" and not self.may.is_set():
            await asyncio.sleep(0.005)
        self.at_work -= 1
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


@contextlib.contextmanager
def asking(port: int, requests: list[bytes]) -> Iterator[list[socket.socket]]:
    """One connection a request, each sent."""
    with contextlib.ExitStack() as stack:
        opened = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20)) for _ in requests
        ]
        for one, request in zip(opened, requests, strict=True):
            one.sendall(request)
        yield opened


def test_beyond_what_is_worked_on_requests_are_told_to_come_back() -> None:
    """Looks are turned away first, at twice as many acts too, health checks never; then everything is as before."""
    slow = Slow()
    with serving(slow, http=Three) as port, asking(port, [GET] * 3) as first:
        until(lambda: slow.at_work == 3, 10, "three are worked on")
        refused = raw(port, GET)
        assert status_of(refused) == 503
        assert b"retry-after: " in refused.lower()
        assert raw(port, GET.replace(b"GET", b"HEAD")).endswith(b"\r\n\r\n")
        assert status_of(raw(port, GET.replace(b" / ", b" /healthz "))) == 200
        with asking(port, [POST] * 3) as acts:
            until(lambda: slow.at_work == 6, 10, "who acts is let in beside them")
            assert status_of(raw(port, POST)) == 503
            slow.may.set()
            assert [status_of(answer(one)) for one in (*first, *acts)] == [200] * 6
        assert status_of(raw(port, GET)) == 200


HALF = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"


@pytest.mark.parametrize("counted", [False, True])
def test_who_waits_for_its_own_client_is_no_work(monkeypatch: pytest.MonkeyPatch, counted: bool) -> None:
    """Half a body, as many times as there is room, keeps nobody out. Twin: counted as work it would."""
    if counted:
        monkeypatch.setattr(RequestsInProgress, "is_over", lambda work, most, now: len(work._cycles) >= most)
    slow = Slow()
    with serving(slow, http=Three) as port, asking(port, [HALF] * 6):
        until(lambda: slow.at_work == 6, 10, "they are all there")
        assert (status_of(raw(port, GET.replace(b" / ", b" /else "))) == 503) is counted
        slow.may.set()


def test_without_the_bound_everybody_waits() -> None:
    """Twin: the same requests pile up, and nobody hears anything."""
    slow = Slow()
    with serving(slow, http=Boundless) as port, asking(port, [GET] * 12) as all_of_them:
        until(lambda: slow.at_work == 12, 10, "all are worked on")
        for one in all_of_them:
            one.settimeout(0.01)
            with pytest.raises(TimeoutError):
                one.recv(1)
            one.settimeout(20)
        slow.may.set()
        assert [status_of(answer(one)) for one in all_of_them] == [200] * 12


def test_one_connection_too_many_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the files run out, where not even a refusal could be sent."""
    monkeypatch.setattr(http_protocol, "most_connections", lambda: 2)
    slow = Slow()
    with serving(slow) as port, asking(port, [GET] * 2) as others:
        until(lambda: slow.at_work == 2, 10, "both are there")
        with socket.create_connection(("127.0.0.1", port), timeout=10) as one:
            refused = answer(one)
        assert status_of(refused) == 503
        assert b"retry-after: " in refused.lower() and b"x-request-id: " in refused.lower()
        slow.may.set()
        assert [status_of(answer(one)) for one in others] == [200] * 2


class Watched(uvicorn_server.GracefulServer):
    """The servers that were made, to look at."""

    shares = True
    made: ClassVar[list[uvicorn.Server]] = []

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.made.append(self)


def readable(one: socket.socket) -> bool:
    return bool(select.select([one], [], [], 0)[0])


@contextlib.contextmanager
def nearly_full(
    monkeypatch: pytest.MonkeyPatch, of: type[uvicorn.Server]
) -> Iterator[tuple[Slow, socket.socket]]:
    """A process that holds 38 connections of 40, and its listener."""
    monkeypatch.setattr(http_protocol, "most_connections", lambda: 40)
    slow = Slow()
    with socket.create_server(("127.0.0.1", 0)) as listener, serving(slow, of=of, on=listener.dup()) as port:
        with asking(port, [GET] * 38):
            until(lambda: slow.at_work == 38, 10, "it is nearly full")
            yield slow, listener
            slow.may.set()


def five_more(monkeypatch: pytest.MonkeyPatch, of: type[uvicorn.Server]) -> list[int]:
    """Five come to it; then a process that has room listens beside it."""
    has_room = Slow()
    has_room.may.set()
    with nearly_full(monkeypatch, of) as (_, listener):
        if of is Watched:
            until(lambda: not Watched.made[-1].servers, 10, "it takes nobody")
        with asking(listener.getsockname()[1], [GET] * 5) as more:
            if of is not Watched:
                until(lambda: all(map(readable, more[2:])), 10, "who came too late has heard so")
            with serving(has_room, on=listener.dup()):
                return [status_of(answer(one)) for one in more[2:]]


def test_who_is_nearly_full_leaves_newcomers_to_who_has_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """All processes listen on one socket; none turns anybody away while another has room."""
    monkeypatch.setattr(accept_gate, "PATIENCE_TICKS", 1_000)
    assert five_more(monkeypatch, Watched) == [200] * 3


def test_without_a_door_newcomers_are_turned_away_beside_an_empty_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Twin: uvicorn takes whoever comes."""
    assert five_more(monkeypatch, uvicorn.Server) == [503] * 3


def test_where_nobody_has_room_newcomers_are_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a second, by a process that looks for nothing but that."""
    with nearly_full(monkeypatch, Watched) as (_, listener):
        until(lambda: not Watched.made[-1].servers, 10, "it takes nobody")
        with asking(listener.getsockname()[1], [GET] * 5) as more:
            assert [status_of(answer(one)) for one in more[2:]] == [503] * 3


def test_the_door_is_open_again_as_soon_as_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waited outside is let in."""
    monkeypatch.setattr(accept_gate, "PATIENCE_TICKS", 1_000)
    with nearly_full(monkeypatch, Watched) as (slow, listener):
        until(lambda: not Watched.made[-1].servers, 10, "it takes nobody")
        with asking(listener.getsockname()[1], [GET] * 5) as more:
            slow.may.set()  # those inside are answered, and gone when they have been idle for as long as one may
            assert [status_of(answer(one)) for one in more] == [200] * 5


def test_a_socket_that_is_shared_never_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes wake up for one connection, and the one that comes too late must not stand still in `accept`."""
    seen: list[bool] = []
    startup = uvicorn.Server.startup

    async def looking(server: uvicorn.Server, sockets: list[socket.socket] | None = None) -> None:
        seen.extend(os.get_blocking(one.fileno()) for one in sockets or ())
        await startup(server, sockets)

    monkeypatch.setattr(uvicorn.Server, "startup", looking)
    with nearly_full(monkeypatch, Watched):
        assert seen == [False], "while the application starts, and others serve"
        kept = vars(Watched.made[-1])["gate"]
        assert [one.gettimeout() for one in kept._listeners] == [0.0], "nor does any later copy"


async def line_up(patience: float | None) -> tuple[int, list[Unavailable]]:
    """Twenty questions to a store that takes 50 ms for each: how many were answered, and the refusals."""

    async def slow(items: list[int]) -> list[int]:
        await asyncio.sleep(0.05)
        return items

    gatherer = Batcher(slow, most=1, store="redis", patience=patience)
    assert await gatherer(0) == 0  # how long a call takes is known from here on
    answered: list[int] = []
    refused: list[Unavailable] = []
    for item in range(20):
        try:
            gatherer.put(item, lambda reply: answered.append(1) if isinstance(reply, int) else None)
        except Unavailable as refusal:
            refused.append(refusal)
        await asyncio.sleep(0)
    taken = 20 - len(refused)
    async with asyncio.timeout(20):
        while len(answered) < taken:
            await asyncio.sleep(0.01)
    return taken, refused


async def test_whoever_would_wait_too_long_is_told_when_to_come_back() -> None:
    """By how long a call takes and how many are before it; everybody who was let in is answered."""
    taken, refused = await line_up(patience=0.175)
    assert 1 < taken < 8
    assert all(refusal.fields["retry_after"] >= 1 for refusal in refused)


async def test_without_patience_all_wait() -> None:
    """Twin: nobody is refused, and the last one waits for all the others."""
    assert (await line_up(patience=None))[0] == 20


async def open_period(url: str) -> None:
    db = Database(url)
    await make_period(db)
    await db.close()


@pytest.fixture
def settings(sqlite_url: str, redis_url: str) -> Settings:
    apart(open_period(sqlite_url))
    return Settings(
        database_url=sqlite_url, redis_url=redis_url, queue_redis_url=redis_url, secret_keys=KEYS,
        public_url="http://guichet.test", demo=True, limits=False,
    )  # fmt: skip


def given(url: str, period: str, least: int) -> int:
    """How many numbers the line gave; a process reads it once a second."""
    found = 0

    def look() -> bool:
        nonlocal found
        with urlopen(f"{url}/api/v1/periods/{period}", timeout=10) as read:
            found = int(msgspec.json.decode(read.read())["last_number"])
        return found >= least

    until(look, 20, f"the line says that it gave {least} numbers")
    return found


def test_a_flood_is_answered_and_leaves_no_trace(settings: Settings) -> None:
    """Sixty connections at a process that works on three requests: what it cannot do it says, and no number is lost."""
    with serving(create_app(settings), lifespan=True, http=Three) as port:
        found = asyncio.run(flood(port, "essai", 60, 1.5))
        acknowledged = sum(one.status == 201 for one in found)
        statuses = judge(found, given(f"http://127.0.0.1:{port}", "essai", acknowledged))
        assert statuses[201] and statuses[200] and statuses[503], statuses
        after = asyncio.run(flood(port, "essai", 2, 0.3))
        assert {one.status for one in after} == {200, 201}


def test_whoever_vanishes_takes_nobody_along(settings: Settings) -> None:
    """Half of those who join together are gone before the answer: the others have their numbers, each its own."""
    with serving(create_app(settings), lifespan=True) as port:
        url = f"http://127.0.0.1:{port}"
        with asking(port, [join("guichet.test", "essai") for _ in range(40)]) as all_of_them:
            for gone in all_of_them[::2]:
                gone.close()
            answers = [answer(one) for one in all_of_them[1::2]]
        numbers = [msgspec.json.decode(one.partition(b"\r\n\r\n")[2])["number"] for one in answers]
        assert [status_of(one) for one in answers] == [201] * 20
        assert len(set(numbers)) == 20
        assert 20 <= given(url, "essai", max(numbers)) <= 40


@pytest.mark.slow
def test_two_thousand_connections_at_one_process(tmp_path: Path) -> None:
    """For 15 s many times what it can do; within 30 s after that it answers as before."""
    options = ("--web", "1", "--workers", "0", "--accounts", "1", "--calls-per-minute", "0")
    with running(tmp_path / "data", *options) as service:
        port = urlsplit(service.url).port or 80
        calm = asyncio.run(flood(port, "demo", 4, 3))
        quiet = statistics.median(one.seconds for one in calm)
        before = max(one.number for one in calm if one.number is not None)
        found = asyncio.run(flood(port, "demo", 2_000, 15))
        time.sleep(2)
        numbers = sorted(one.number for one in found if one.number is not None)
        last = given(service.url, "demo", numbers[-1])
        assert numbers == list(range(before + 1, last + 1)), (
            "every number given was acknowledged, and none twice"
        )
        assert {one.status for one in found} <= {200, 201, 429, 503}
        assert all(one.retry_after for one in found if one.status in (429, 503))

        def recovered() -> bool:
            after = asyncio.run(flood(port, "demo", 4, 1))
            assert {one.status for one in after} <= {200, 201}
            return statistics.median(one.seconds for one in after) < 3 * quiet + 0.05

        until(recovered, 30, "it answers as before")
