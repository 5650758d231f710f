"""The live feed over real sockets, by the quick way and the long one; and what a turn of it costs the stores."""

import asyncio
import contextlib
import json
import socket
from collections.abc import Iterator

import pytest
import redis
import websockets
from starlette.types import Message

from config.app import create_app
from config.settings import Settings
from foundation.sql.database import Database
from server.fast_path import FastPath
from tests.conftest import apart, until
from tests.support.processes.serving import answer, serving, status_of
from tests.support.rooms import KEYS, hall, make_period
from waitingroom.feed import endpoint
from waitingroom.feed import feed as feeds
from waitingroom.feed.endpoint import LiveFeed
from waitingroom.feed.feed import Feed
from waitingroom.tickets import Ticket, Tickets


async def test_a_reader_who_takes_nothing_is_cut_off(
    on_sqlite: Database, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Left open it would look alive, and be marked present, and never be told of its call."""
    monkeypatch.setattr(endpoint, "SEND_SECONDS", 0.2)
    await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        joined = await h.join("a")
        feed, never = h.feed(), asyncio.Event()
        said: list[Message] = [{"type": "websocket.connect"}]

        async def receive() -> Message:
            if not said:
                await never.wait()
            return said.pop()

        async def send(message: Message) -> None:
            if message["type"] != "websocket.accept":
                await never.wait()

        bearer = (b"authorization", f"Bearer {joined.text}".encode())
        scope = {"type": "websocket", "path": "/", "headers": [bearer], "path_params": {"id": "essai"}}
        async with asyncio.timeout(2):
            await h.live(feed)(scope, receive, send)
        assert not feed._watchers["essai"]


LIVE = "/api/v1/periods/essai/live"

HANDSHAKE = (
    "Host: guichet.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


NEAR, FAR = 6000, 0
"""Calls a minute: at the one a few people ahead are called within seconds, and more than a look is asked where somebody
stands; at the other a fresh look says it, and the socket needs no task."""

SOME = 10
"""The first number: so many are ahead, by the line or by what was given out."""


async def open_period(url: str, pace: int) -> list[str]:
    """Tickets of an open period: whoever shows one is in its line."""
    db = Database(url)
    period = await make_period(db, calls_per_minute=pace)
    await db.close()
    return [
        Tickets(KEYS).issue(Ticket(period.uid, number, f"{number:032}")) for number in range(SOME, SOME + 10)
    ]


@pytest.fixture
def pace() -> int:
    return NEAR


@pytest.fixture
def tickets(sqlite_url: str, redis_url: str, pace: int) -> list[str]:
    return apart(open_period(sqlite_url, pace))


@pytest.fixture
def ticket(tickets: list[str]) -> str:
    return tickets[0]


@pytest.fixture
def settings(tickets: list[str], sqlite_url: str, redis_url: str) -> Settings:
    return Settings(
        database_url=sqlite_url, redis_url=redis_url, queue_redis_url=redis_url, secret_keys=KEYS,
        public_url="https://guichet.test", demo=True, limits=True,
    )  # fmt: skip


@pytest.fixture
def served(settings: Settings) -> Iterator[tuple[int, Feed]]:
    """The whole service, and its feed."""
    app = create_app(settings)
    assert isinstance(app, FastPath)
    with serving(app, lifespan=True) as port:
        yield port, feed_in(app)


def feed_in(app: FastPath) -> Feed:
    (route,) = app.sockets
    assert isinstance(route.handler, LiveFeed)
    return route.handler.feed


def warm(port: int, ticket: str) -> None:
    """A first socket, for which the process looked at the line."""
    with handshake(port, f"Authorization: Bearer {ticket}") as (connection, _):
        assert connection.recv(4096)


@pytest.fixture
def ways(served: tuple[int, Feed], settings: Settings) -> Iterator[tuple[int, int]]:
    """The same service twice, on the same stores: with the quick way, and without any."""
    long = create_app(settings)
    assert isinstance(long, FastPath)
    with serving(long.app, lifespan=True) as other:
        yield served[0], other


@contextlib.contextmanager
def handshake(port: int, *headers: str) -> Iterator[tuple[socket.socket, bytes]]:
    """A raw socket that asked for the feed, and the head of the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=15) as connection:
        lines = "".join(f"{header}\r\n" for header in headers)
        connection.sendall(f"GET {LIVE} HTTP/1.1\r\n{HANDSHAKE}{lines}\r\n".encode())
        head = b""
        while b"\r\n\r\n" not in head and (got := connection.recv(1)):
            head += got
        yield connection, head


@pytest.mark.parametrize("pace", [NEAR, FAR])
def test_a_handshake_has_its_id_by_both_ways(ways: tuple[int, int], ticket: str) -> None:
    """A clean one from outside is kept, as for any request."""
    for port in ways:
        with handshake(port, f"Authorization: Bearer {ticket}", "X-Request-ID: proxy-4711.a_b") as (_, head):
            assert status_of(head) == 101
            assert b"x-request-id: proxy-4711.a_b\r\n" in head.lower()


@pytest.mark.parametrize("pace", [NEAR, FAR])
def test_a_foreign_page_is_refused_before_there_is_a_socket(ways: tuple[int, int], ticket: str) -> None:
    """HTTP 403 with its problem, its id and the headers of every answer, by both ways."""
    told = []
    for port in ways:
        with socket.create_connection(("127.0.0.1", port), timeout=15) as connection:
            headers = f"Authorization: Bearer {ticket}\r\nOrigin: https://evil.test\r\n"
            connection.sendall(f"GET {LIVE} HTTP/1.1\r\n{HANDSHAKE}{headers}\r\n".encode())
            head, _, body = answer(connection).partition(b"\r\n\r\n")
        assert status_of(head) == 403
        names = {line.partition(b":")[0].lower() for line in head.split(b"\r\n")[1:]}
        assert {b"x-request-id", b"content-security-policy"} <= names
        told.append((names, json.loads(body)["code"]))
    assert told[0] == told[1] and told[0][1] == "foreign_origin"


async def opened(port: int, ticket: str = "", path: str = LIVE) -> websockets.ClientConnection:
    headers = {"Authorization": f"Bearer {ticket}"} if ticket else {}
    return await websockets.connect(
        f"ws://127.0.0.1:{port}{path}", additional_headers=headers, compression=None, open_timeout=5
    )


@pytest.mark.parametrize("pace", [NEAR, FAR])
async def test_sockets_are_closed_with_the_same_code_by_both_ways(
    ways: tuple[int, int], tickets: list[str]
) -> None:
    """No ticket, no such period, binary, too long, twenty texts, a fourth socket; and a flood of what may be said."""
    for port, mine in zip(ways, (tickets[:5], tickets[5:]), strict=True):
        codes = []
        for shown, path in (("", LIVE), ("nonsense", LIVE), (mine[0], LIVE.replace("essai", "nulle"))):
            async with await opened(port, shown, path) as one:
                codes.append(await closed(one))
        unfit: list[list[str | bytes]] = [[b"\0"], ["x" * 2000], ["x"] * 20, ["hidden"] * 30]
        for shown, said in zip((*mine[1:4], mine[1]), unfit, strict=True):
            async with await opened(port, shown) as one:
                assert json.loads(await one.recv())["state"] == "waiting"
                for message in said:
                    await one.send(message)
                codes.append(await closed(one))
        async with await opened(port, mine[4]), await opened(port, mine[4]), await opened(port, mine[4]):
            async with await opened(port, mine[4]) as one:
                codes.append(await closed(one))
        assert codes == [4401, 4401, 4404, 1003, 1009, 1008, 1008, 4429]


def masked(text: bytes) -> bytes:
    """A client's text in one frame, with a mask that changes nothing."""
    return bytes((0x81, 0x80 | len(text))) + bytes(4) + text


@pytest.mark.parametrize("pace", [NEAR, FAR])
@pytest.mark.parametrize(
    ("pieces", "whole"),
    [
        ([masked(b"hidden")], True),
        ([masked(b"hidden")[:5], masked(b"hidden")[5:]], False),
        ([masked(b"hidden") + b"\x8a\x80\0\0\0\0"], False),
    ],
)
def test_what_a_client_says_is_read_in_whatever_pieces_it_comes(
    served: tuple[int, Feed], ticket: str, pieces: list[bytes], whole: bool
) -> None:
    """Only where all came as whole frames can a pong be told by how it begins."""
    port, feed = served
    with handshake(port, f"Authorization: Bearer {ticket}") as (connection, head):
        assert b" 101 " in head
        until(lambda: len(feed._watchers["essai"]), 5, "it is watched")
        (watcher,) = feed._watchers["essai"]
        for piece in pieces:
            connection.sendall(piece)
            until(lambda: connection.recv(65536), 5, "a frame came meanwhile")
        until(lambda: watcher.hidden, 5, "it is known to be hidden")
        assert watcher.wire._whole is whole  # type: ignore[attr-defined]
        connection.sendall(masked(b"visible"))
        until(lambda: not watcher.hidden, 5, "it is known to be seen")


async def frames(one: websockets.ClientConnection, seconds: float) -> int:
    """How many frames come in so many seconds."""
    count = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while await one.recv():
                count += 1
    return count


async def hides(port: int, tickets: list[str]) -> None:
    """One page hides beside one that somebody sees (twin); back in sight it is told each second again."""
    async with await opened(port, tickets[0]) as away, await opened(port, tickets[1]) as seen:
        await away.send("hidden")
        await asyncio.gather(away.recv(), seen.recv())
        rare, often = await asyncio.gather(frames(away, 6.5), frames(seen, 6.5))
        assert rare <= 2 < 4 <= often
        await away.send("visible")
        assert await frames(away, 4.5) >= 3


@pytest.mark.slow
async def test_a_page_that_nobody_sees_is_sent_less(ways: tuple[int, int], tickets: list[str]) -> None:
    await asyncio.gather(hides(ways[0], tickets[:2]), hides(ways[1], tickets[2:]))


async def closed(one: websockets.ClientConnection) -> int | None:
    with contextlib.suppress(websockets.ConnectionClosed):
        async with asyncio.timeout(20):
            while True:
                await one.recv()
    return one.close_code


async def heard_beside_a_silent_one(port: int, feed: Feed, ticket: str, frames: int) -> int:
    """One opens a socket and never reads; another hears so many frames meanwhile. How many sockets are left."""
    with handshake(port, f"Authorization: Bearer {ticket}"):
        async with await opened(port, ticket) as honest:
            for _ in range(frames):
                async with asyncio.timeout(5):
                    await honest.recv()
            return len(feed._watchers["essai"])


@pytest.mark.parametrize("pace", [NEAR, FAR])
async def test_a_reader_that_gives_no_sign_of_life_is_dropped_and_delays_nobody(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, ticket: str
) -> None:
    """Asked every few turns and dropped when the answer does not come: within twenty seconds."""
    assert (feeds.ALONE_ROUNDS + feeds.ANSWER_ROUNDS + 1) * feeds.PING_SECONDS <= 20
    monkeypatch.setattr(feeds, "PING_SECONDS", 0.05)
    app = create_app(settings)
    assert isinstance(app, FastPath)
    with serving(app, lifespan=True) as port:
        warm(port, ticket)
        assert await heard_beside_a_silent_one(port, feed_in(app), ticket, 3) == 1
    until(lambda: not len(feed_in(app)._watchers["essai"]), 5, "nobody is left")


async def test_without_the_question_a_silent_reader_stays(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, ticket: str
) -> None:
    """Twin: the kernel takes every frame for it, so nothing else tells that nobody reads."""

    async def nothing(self: Feed) -> None:
        pass

    monkeypatch.setattr(Feed, "ping", nothing)
    app = create_app(settings)
    assert isinstance(app, FastPath)
    with serving(app, lifespan=True) as port:
        assert await heard_beside_a_silent_one(port, feed_in(app), ticket, 4) == 2


@pytest.mark.parametrize(("pace", "stood"), [(NEAR, False), (FAR, True)])
def test_who_waits_far_from_the_front_needs_no_task(
    served: tuple[int, Feed], tickets: list[str], redis_url: str, stood: bool
) -> None:
    """A fresh look says it all: the first frame comes with the handshake, and the mark of presence follows. Twin: near
    the front, where somebody may have been called since, the line and SQL are asked first."""
    port, feed = served
    warm(port, tickets[0])
    with handshake(port, f"Authorization: Bearer {tickets[5]}") as (connection, head):
        assert status_of(head) == 101
        frame = connection.recv(4096)
        shown = json.loads(frame[frame.index(b"{") :])
        assert (shown["number"], shown["state"], shown["type"]) == (SOME + 5, "waiting", "position")
        until(lambda: len(feed._watchers["essai"]) == 1, 5, "it alone is watched")
        (watcher,) = feed._watchers["essai"]
        assert watcher.wire._stood is stood  # type: ignore[attr-defined]
        uid = watcher.ticket.uid
        with redis.Redis.from_url(redis_url) as client:
            slots = [f"wr1:{{{uid}}}:present:{slot}" for slot in range(8)]
            until(lambda: any(client.getbit(slot, SOME + 5) for slot in slots), 5, "it is present")
            assert client.getbit(f"wr1:{{{uid}}}:waiting", SOME + 5)


@pytest.mark.parametrize("pace", [FAR])
async def test_a_socket_without_a_task_is_counted_while_it_stands(
    served: tuple[int, Feed], tickets: list[str]
) -> None:
    """Three of a number and no more; and once they are closed, by either side, three again."""
    port, feed = served
    warm(port, tickets[0])
    for _ in range(2):
        until(lambda: not feed.counts._open, 5, "none is counted")
        async with (
            await opened(port, tickets[3]),
            await opened(port, tickets[3]),
            await opened(port, tickets[3]),
        ):
            async with await opened(port, tickets[3]) as fourth:
                assert await closed(fourth) == 4429
            assert list(feed.counts._open.values()) == [3]
    until(lambda: not len(feed._watchers["essai"]), 5, "nobody is watched")


@pytest.mark.parametrize("pace", [FAR])
async def test_what_other_processes_hold_counts_for_a_socket_without_a_task(
    served: tuple[int, Feed], settings: Settings, tickets: list[str]
) -> None:
    """The line is asked while the first frame is on its way: one of four is closed when it says so, whichever process
    told it last."""
    other = create_app(settings)
    assert isinstance(other, FastPath)
    with serving(other, lifespan=True) as there:
        ports = served[0], served[0], there, there
        for port in {*ports}:
            warm(port, tickets[0])
        async with contextlib.AsyncExitStack() as stack:
            four = [await stack.enter_async_context(await opened(port, tickets[3])) for port in ports]
            waiting = [asyncio.create_task(closed(one)) for one in four]
            ended, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            assert {task.result() for task in ended} == {4429}


@pytest.mark.parametrize("pace", [FAR])
def test_a_listener_that_fails_ends_its_socket(
    served: tuple[int, Feed], tickets: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of ours is 1011, as by the long way, and leaves nothing behind."""
    port, feed = served
    warm(port, tickets[0])
    monkeypatch.setattr(endpoint.Said, "hear", None)
    with handshake(port, f"Authorization: Bearer {tickets[4]}") as (connection, _):
        assert connection.recv(4096)
        connection.sendall(masked(b"hidden"))
        got = b""
        while b"\x88\x02\x03\xf3" not in got and (chunk := connection.recv(4096)):
            got += chunk
        assert b"\x88\x02\x03\xf3" in got
    until(lambda: not len(feed._watchers["essai"]), 5, "nobody is watched")
