"""The live feed over real sockets, by the quick way and the long one; and what a turn of it costs the stores."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
import websockets
from redis.asyncio import Redis

from config.app import create_app
from config.settings import Settings
from foundation.sql.database import Database
from quota import ledger
from server.fast_path import FastPath
from tests.conftest import apart, until
from tests.support.rooms import KEYS, Hall, RecordingWire, hall, make_period, set_period
from tests.support.serving import answer, serving, status_of
from waitingroom.feed import feed as feeds
from waitingroom.feed.endpoint import LiveFeed
from waitingroom.feed.feed import Feed
from waitingroom.feed.watcher import Watcher
from waitingroom.positions import Me
from waitingroom.tickets import Ticket, Tickets

LIVE = "/api/v1/periods/essai/live"

HANDSHAKE = (
    "Host: guichet.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


async def open_period(url: str) -> list[str]:
    """Tickets of an open period: whoever shows one is in its line."""
    db = Database(url)
    period = await make_period(db)
    await db.close()
    return [Tickets(KEYS).issue(Ticket(period.uid, number, f"{number:032}")) for number in range(1, 11)]


@pytest.fixture
def tickets(sqlite_url: str, redis_url: str) -> list[str]:
    return apart(open_period(sqlite_url))


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


@pytest.fixture
def ways(served: tuple[int, Feed], settings: Settings) -> Iterator[tuple[int, int]]:
    """The same service twice, on the same stores: with the quick way, and without any."""
    long = create_app(settings)
    assert isinstance(long, FastPath)
    with serving(long.app, lifespan=True) as other:
        yield served[0], other


@pytest.fixture
async def on_sqlite(sqlite_url: str) -> AsyncIterator[Database]:
    """For what SQL has no part in: once is enough."""
    db = Database(sqlite_url)
    yield db
    await db.close()


@contextlib.contextmanager
def handshake(port: int, *headers: str) -> Iterator[tuple[socket.socket, bytes]]:
    """A raw socket that asked for the feed, and the head of the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        lines = "".join(f"{header}\r\n" for header in headers)
        connection.sendall(f"GET {LIVE} HTTP/1.1\r\n{HANDSHAKE}{lines}\r\n".encode())
        head = b""
        while b"\r\n\r\n" not in head and (got := connection.recv(1)):
            head += got
        yield connection, head


def test_a_handshake_has_its_id_by_both_ways(ways: tuple[int, int], ticket: str) -> None:
    """A clean one from outside is kept, as for any request."""
    for port in ways:
        with handshake(port, f"Authorization: Bearer {ticket}", "X-Request-ID: proxy-4711.a_b") as (_, head):
            assert status_of(head) == 101
            assert b"x-request-id: proxy-4711.a_b\r\n" in head.lower()


def test_a_foreign_page_is_refused_before_there_is_a_socket(ways: tuple[int, int], ticket: str) -> None:
    """HTTP 403 with its problem, its id and the headers of every answer, by both ways."""
    told = []
    for port in ways:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
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


async def test_a_page_that_nobody_sees_is_sent_less(ways: tuple[int, int], tickets: list[str]) -> None:
    await asyncio.gather(hides(ways[0], tickets[:2]), hides(ways[1], tickets[2:]))


async def closed(one: websockets.ClientConnection) -> int | None:
    with contextlib.suppress(websockets.ConnectionClosed):
        async with asyncio.timeout(5):
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


async def test_a_reader_that_gives_no_sign_of_life_is_dropped_and_delays_nobody(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, ticket: str
) -> None:
    """Asked every few turns and dropped when the answer does not come: within fifteen seconds."""
    assert (feeds.ALONE_ROUNDS + feeds.ANSWER_ROUNDS + 1) * feeds.PING_SECONDS < 15
    monkeypatch.setattr(feeds, "PING_SECONDS", 0.05)
    app = create_app(settings)
    assert isinstance(app, FastPath)
    with serving(app, lifespan=True) as port:
        assert await heard_beside_a_silent_one(port, feed_in(app), ticket, 4) == 1
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


@pytest.mark.parametrize(("late", "cut"), [(False, 1), (True, 0)])
async def test_a_process_that_is_late_itself_drops_nobody(
    on_sqlite: Database, redis_url: str, late: bool, cut: int
) -> None:
    """What it did not get to read is nobody's silence; twin: one that is on time drops who gave no sign of life."""
    period = await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        feed, ears = h.feed(), [RecordingWire() for _ in range(10)]
        for number, ear in enumerate(ears, 1):
            feed.add(Watcher("essai", Ticket(period.uid, number, "v"), ear))
        ears[0].answers = False
        for _ in range(feeds.ALONE_ROUNDS):
            await feed.ping()
        assert [ear.pings for ear in ears] == [1] * 10 and not any(ear.cut for ear in ears)
        feed._asked_at -= 3 * feeds.PING_SECONDS * late
        for _ in range(feeds.ANSWER_ROUNDS):
            await feed.ping()
        assert [ear.cut for ear in ears].count(True) == cut
        for _ in range(feeds.ALONE_ROUNDS + feeds.ANSWER_ROUNDS):
            await feed.ping()
        assert ears[0].cut, "sooner or later it is"


@pytest.mark.parametrize("paused", [False, True])
async def test_a_sign_of_life_is_asked_for_along_with_a_position(
    on_sqlite: Database, redis_url: str, paused: bool
) -> None:
    """Whoever hears each second and whoever hears each five: no question costs a message of its own."""
    await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        feed = h.feed()
        crowd = await a_crowd(h, feed, 1, 20)
        period = await h.period()
        await set_period(h.db, period, paused=paused)
        for turn in range(20):
            h.room.periods._refreshed_at = -1.0  # read the row again
            await feed.turn()
            heard = [len(ear.heard) for ear in ears_of(crowd)]
            await feed.ping()
            assert [len(ear.heard) for ear in ears_of(crowd)] == heard
            assert turn < feeds.PING_TURNS or all(ear.pings for ear in ears_of(crowd))
        assert {ear.alone for ear in ears_of(crowd)} == {0}
        assert all(4 <= ear.pings <= 5 for ear in ears_of(crowd))


async def test_who_was_asked_a_moment_ago_is_not_judged(on_sqlite: Database, redis_url: str) -> None:
    """A turn asks somebody whom a round of questions has on its list: the answer has its time all the same."""
    await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        feed = h.feed()
        crowd = await a_crowd(h, feed, 1, 3 * feeds.SLICE)
        feed._pings = 100
        asking = asyncio.create_task(feed.ping())
        await asyncio.sleep(0)  # the first slice is done
        for watcher, ear in zip(crowd[feeds.SLICE :], ears_of(crowd)[feeds.SLICE :], strict=True):
            ear.answers, watcher.asked = False, feed._pings
            ear.push(b"{}", asking=True)
        await asking
        assert not any(ear.cut for ear in ears_of(crowd))


async def a_crowd(h: Hall, feed: Feed, first: int, last: int) -> list[Watcher]:
    """People with these numbers watch, and are in line."""
    uid = (await h.period()).uid
    crowd = [
        Watcher("essai", Ticket(uid, number, f"v{number}"), RecordingWire())
        for number in range(first, last + 1)
    ]
    for watcher in crowd:
        feed.add(watcher)
    await feed.turn()  # the line does not know them yet: they are put back into it
    await h.room.looks.look(await h.period(), 0.0)
    return crowd


def ears_of(crowd: list[Watcher]) -> list[RecordingWire]:
    return [watcher.wire for watcher in crowd if isinstance(watcher.wire, RecordingWire)]


async def processed(redis: "Redis") -> int:
    return int((await redis.info("stats"))["total_commands_processed"])


async def test_a_turn_asks_redis_as_much_for_ten_as_for_a_thousand(
    on_sqlite: Database, redis_url: str
) -> None:
    """At most ten commands with the mark that comes every fifth time, those inside scripts too."""
    await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        feed, costs = h.feed(), list[int]()
        for first, last in ((1, 10), (11, 1000)):
            crowd = await a_crowd(h, feed, first, last)
            await feed.turn()
            await feed.mark()
            assert {watcher.state for watcher in crowd} == {"waiting"}
            assert [watcher.ahead for watcher in crowd] == list(range(first - 1, last))
            before = await processed(h.redis)
            for _ in range(5):
                await h.room.looks.look(await h.period(), 0.0)
            await feed.mark()
            costs.append(await processed(h.redis) - before - 1)
        assert costs[0] == costs[1] <= 50


async def test_a_period_that_nobody_watches_is_not_looked_at(on_sqlite: Database, redis_url: str) -> None:
    """A past period, or one before its opening, costs Redis nothing; whoever asks is shown a fresh look."""
    await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        joined = await h.join("a")
        feed = h.feed()
        before = await processed(h.redis)
        for _ in range(3):
            await feed.turn()
        assert await processed(h.redis) - before == 1
        assert (await h.room.positions.me(await h.period(), joined.ticket)).waiting == 1


async def test_the_end_is_told_to_a_thousand_with_one_question_to_sql(
    database: Database, redis_url: str
) -> None:
    """Nobody is told « drained » on the line's word alone, and asking costs one statement a turn, not one each 500."""
    period = await make_period(database)
    async with hall(database, redis_url) as h:
        feed = h.feed()
        crowd = await a_crowd(h, feed, 1, 1200)
        epoch = await h.room.epochs.current(period.uid)
        called = await database.write(
            lambda conn: ledger.call(
                conn, period.uid, epoch=epoch, candidates=[1], passed_over=b"", listed_at=0, age_ms=0
            )
        )
        assert called.numbers == [1]
        await set_period(database, period, state="closed")
        asked: list[str] = []
        with listening(asked):
            await feed.turn()
        assert len([one for one in asked if "FROM token" in one]) == 1
        states = [watcher.state for watcher in crowd]
        assert states == ["called"] + ["drained"] * 1199
        await feed.turn()
        assert [watcher.closing for watcher in crowd] == [None] + [1000] * 1199
        ears: list[Any] = [watcher.wire for watcher in crowd]
        assert [len(ear.ended) for ear in ears] == [0] + [1] * 1199


class FeedWitness(RecordingWire):
    """Notes with all others in one list what comes of it."""

    def __init__(self, seen: list[str]) -> None:
        super().__init__()
        self.seen = seen

    def push(self, text: bytes, asking: bool = False) -> bool:
        self.seen.append("told")
        return super().push(text, asking)

    def end(self, code: int) -> None:
        self.seen.append("closed")
        super().end(code)


async def told_and_closed(database: Database, redis_url: str) -> list[str]:
    """What comes of 500 people at the end of a period, in its order."""
    period = await make_period(database)
    async with hall(database, redis_url) as h:
        feed, seen = h.feed(), list[str]()
        for watcher in await a_crowd(h, feed, 1, 500):
            watcher.wire = FeedWitness(seen)
        await set_period(database, period, state="closed")
        await feed.turn()
        return seen


async def test_everybody_hears_of_the_end_before_the_first_socket_is_closed(
    on_sqlite: Database, redis_url: str
) -> None:
    """To close costs twice what it costs to tell, and nobody waits for that (81,000 within 10 s)."""
    assert await told_and_closed(on_sqlite, redis_url) == ["told"] * 500 + ["closed"] * 500


async def test_with_each_socket_closed_as_it_is_told_the_last_wait_for_all_closings(
    on_sqlite: Database, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin."""

    offer = Watcher.offer

    def offer_and_part(watcher: Watcher, me: Me) -> None:
        offer(watcher, me)
        watcher.part()

    monkeypatch.setattr(Watcher, "offer", offer_and_part)
    assert await told_and_closed(on_sqlite, redis_url) == ["told", "closed"] * 500


@contextlib.contextmanager
def listening(asked: list[str]) -> Iterator[None]:
    """The statements of this time are added to `asked`."""

    def note(conn: Any, cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
