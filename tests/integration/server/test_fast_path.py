"""The quick way keeps every promise of the frame: what it answers is what the long way answers."""

import asyncio
import json
import re
import socket
import threading
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from starlette.types import Receive, Scope, Send

from config.app import create_app
from config.settings import Settings
from foundation.sql.database import Database
from quota import ledger
from server.fast_path import FastPath
from server.protocol.http_protocol import AnswerAtOnce
from tests.conftest import apart
from tests.support.desks import call, make_desk
from tests.support.processes.serving import raw, serving, status_of
from tests.support.rooms import KEYS, make_period

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

TICKETS = "/api/v1/periods/essai/tickets"


async def open_period(url: str) -> None:
    db = Database(url)
    await make_period(db)
    await db.close()


@pytest.fixture
def settings(sqlite_url: str, redis_url: str) -> Settings:
    apart(open_period(sqlite_url))
    return Settings(
        database_url=sqlite_url, redis_url=redis_url, queue_redis_url=redis_url, secret_keys=KEYS,
        public_url="https://guichet.test", demo=True, limits=True,
    )  # fmt: skip


@pytest.fixture
def port(settings: Settings) -> Iterator[int]:
    """The whole service; both ways are there."""
    with serving(create_app(settings), lifespan=True) as port:
        yield port


@pytest.fixture
def ways(port: int, settings: Settings) -> Iterator[tuple[int, int]]:
    """The same service twice, on the same stores: with the quick way, and without any."""
    long = create_app(settings)
    assert isinstance(long, FastPath)
    with serving(long.app, lifespan=True) as other:
        yield port, other


class Got:
    """One answer, taken apart."""

    def __init__(self, answered: bytes) -> None:
        head, _, self.body = answered.partition(b"\r\n\r\n")
        self.status = status_of(answered)
        self.headers = [line.partition(b": ")[::2] for line in head.split(b"\r\n")[1:]]
        self.named = {name.decode(): value.decode() for name, value in self.headers}

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(port: int, body: str = "{}", path: str = TICKETS, method: str = "POST", **headers: str) -> Got:
    """One request; header names with underscores for hyphens."""
    sent = {"host": "guichet.test", "user-agent": AGENT, "content-length": str(len(body.encode()))}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    return Got(raw(port, f"{method} {path} HTTP/1.1\r\n{lines}\r\n{body}".encode()))


MOVING = {"x-request-id", "content-length", "date", "set-cookie", "retry-after"}
"""Headers whose values differ from answer to answer."""


ODDS: tuple[tuple[str, dict[str, str]], ...] = (
    ("{}", {}),
    ("", {}),
    ('{"device":{"touch_points":0,"pointer":"fine"}}', {"content_type": "application/json"}),
    ('{"device":{"touch_points":"x"}}', {}),
    ('{"device":{"pointer":"\\u0000"}}', {}),
    ("{", {}),
    ("{}", {"user_agent": "curl/8.0"}),
    ("{}", {"sec_ch_ua_mobile": "?1"}),
    ("{}", {"idempotency_key": "short"}),
    ("{}", {"origin": "https://evil.test"}),
    ("{}", {"origin": "https://guichet.test"}),
    ("{}", {"cookie": "visitor=x"}),
    ("{}", {"cookie": "visitor=x; ticket-essai=y", "sec_fetch_site": "same-origin"}),
    ("{}", {"authorization": "Bearer nonsense"}),
    ("{}", {"host": "no host"}),
    ("{}", {"x_request_id": "proxy-4711.a_b"}),
    ("x" * 70_000, {}),
)
"""Bodies and headers of joins: ordinary ones, refused ones, odd ones."""


def test_both_ways_answer_alike(ways: tuple[int, int]) -> None:
    """Status, headers and members: whoever asks cannot tell which way the answer came."""
    for body, headers in ODDS:
        quick, long = (ask(port, body, **headers) for port in ways)
        assert quick.status == long.status, headers
        assert {name for name, _ in quick.headers} == {name for name, _ in long.headers}, headers
        for name, value in long.named.items():
            assert name in MOVING or quick.named[name] == value, headers
        assert set(quick.json) == set(long.json), headers
        assert quick.json.get("code") == long.json.get("code")
        if "set-cookie" in long.named:
            parts = [one.named["set-cookie"].partition(";") for one in (quick, long)]
            assert parts[0][2] == parts[1][2]
            assert parts[0][0] == f"__Host-ticket-essai={quick.json['ticket']}"


def test_both_ways_answer_a_poll_alike(ways: tuple[int, int]) -> None:
    """With a ticket as cookie or as Bearer, without any, with one that is none."""
    text = ask(ways[0]).json["ticket"]
    me = f"{TICKETS}/me"
    polls: tuple[dict[str, str], ...] = (
        {"authorization": f"Bearer {text}"}, {"cookie": f"ticket-essai={text}; visitor=x"}, {},
        {"cookie": f"__Host-ticket-essai={text}"}, {"cookie": f"ticket-essai=x; __Host-ticket-essai={text}"},
        {"authorization": "Bearer x"}, {"cookie": "ticket-other=x"}, {"origin": "https://evil.test"},
    )  # fmt: skip
    for headers in polls:
        quick, long = (ask(port, "", me, "GET", **headers) for port in ways)
        assert quick.status == long.status == (200 if text in str(headers) else 401)
        assert {name for name, _ in quick.headers} == {name for name, _ in long.headers}, headers
        for name, value in long.named.items():
            assert name in MOVING or quick.named[name] == value, headers
        moving = {"as_of", "server_time", "request_id"}
        assert {n: v for n, v in quick.json.items() if n not in moving} == {
            n: v for n, v in long.json.items() if n not in moving
        }


PAGES = ("/connexion", "/connexion?note=fin&suite=/recus/x", "/periodes/essai/connexion", "/periodes/essai/demande",
         "/periodes/essai/connexion?note=fin", "/periodes/rien/connexion", "/periodes/rien/demande")  # fmt: skip
"""Pages of whoever signs in."""

ASKED: tuple[dict[str, str], ...] = (
    {}, {"accept": "text/html", "cookie": "visitor=x"}, {"cookie": "ticket-essai=x; session=y"},
    {"cookie": "ticket-essai={ticket}"}, {"cookie": "__Host-ticket-essai={ticket}; __Host-session=h.x"},
    {"authorization": "Bearer {ticket}"}, {"accept_encoding": "x-unknown, identity;q=0"},
    {"accept_encoding": "gzip"}, {"accept": "application/json"}, {"if_none_match": '"' + "x" * 1024 + '"'},
    {"range": "bytes=0-9"}, {"host": "evil.test"}, {"origin": "https://evil.test"},
)  # fmt: skip
"""Ordinary browsers, odd ones, and one that was called."""


async def call_first(url: str) -> None:
    db = Database(url)
    desk = make_desk(db)
    period = await db.read(lambda conn: ledger.period_by_id(conn, "essai"))
    await call(desk, period, 1)
    desk.accounts.hasher.close()
    await db.close()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_both_ways_show_a_page_alike(ways: tuple[int, int], sqlite_url: str, method: str) -> None:
    """Status, headers, and every word but what runs: of those who were called, and of those who were not."""
    ticket = ask(ways[0]).json["ticket"]
    apart(call_first(sqlite_url))
    seen = set()
    for path in PAGES:
        for headers in ASKED:
            sent = {name: value.replace("{ticket}", ticket) for name, value in headers.items()}
            sent |= {"connection": "close"} if method == "HEAD" else {}  # it says a length that never comes
            quick, long = (ask(port, "", path, method, **sent) for port in ways)
            assert quick.status == long.status, (path, headers)
            assert {name for name, _ in quick.headers} == {name for name, _ in long.headers}, (path, headers)
            for name, value in long.named.items():
                if name not in MOVING or (name == "set-cookie" and "cookie-check" in value):
                    assert quick.named[name] == value, (path, headers)
            if "content-encoding" not in long.named:
                bodies = [re.sub(rb"[\da-f-]+", b"", one.body) for one in (quick, long)]
                assert bodies[0] == bodies[1], (path, headers)
            seen.add((path.split("/")[-1].split("?")[0], long.status))
    assert {
        ("connexion", 200),
        ("connexion", 303),
        ("connexion", 404),
        ("demande", 303),
        ("demande", 404),
    } <= seen


def test_a_number_is_the_same_by_both_ways(ways: tuple[int, int]) -> None:
    """A key, and a ticket, are looked at by either way: the second join is the first one's number."""
    key = "k" * 30
    first = ask(ways[0], idempotency_key=key)
    assert (first.status, first.json["number"]) == (201, 1)
    for port in ways:
        again = ask(port, idempotency_key=key)
        assert (again.status, again.json["number"]) == (200, 1)
        shown = ask(port, authorization=f"Bearer {first.json['ticket']}")
        assert (shown.status, shown.json["number"]) == (200, 1)
    assert ask(ways[0]).json["number"] == 2


class OneSlow:
    """Answers `/` when it is told to, and everything else at once, from the parser's own call."""

    def __init__(self) -> None:
        self.may = threading.Event()

    def quick(self, scope: Scope, headers: dict[bytes, bytes], body: bytes, answer: AnswerAtOnce) -> bool:
        if scope["path"] == "/":
            return False
        answer(200, b"", b"")
        return True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while not self.may.is_set():
            await asyncio.sleep(0.005)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


def test_many_requests_behind_a_slow_one_are_all_answered() -> None:
    """Each is answered at once when its turn comes: one inside the other they would be deeper than Python goes."""
    app, count = OneSlow(), 600
    get = b"GET /%b HTTP/1.1\r\nHost: x\r\n\r\n"
    with serving(app) as port, socket.create_connection(("127.0.0.1", port), timeout=10) as one:
        one.sendall(get % b"" + get % b"quick" * count)
        app.may.set()
        got = b""
        while got.count(b"HTTP/1.1 200") <= count and (chunk := one.recv(65536)):
            got += chunk
    assert got.count(b"HTTP/1.1 200") == count + 1


def test_both_ways_serve_our_name_alone(settings: Settings) -> None:
    """A join and a poll under another name, under none, under two: the same answers, and no number is given."""
    named = create_app(msgspec.structs.replace(settings, demo=False))
    assert isinstance(named, FastPath)
    origin = f"Origin: {settings.public_url}\r\n"
    with serving(named, lifespan=True) as quick, serving(named.app) as long:
        for method, path in (("POST", TICKETS), ("GET", f"{TICKETS}/me")):
            for target, hosts, status in (
                (path, ("evil.test",), 421), (path, (), 400), (path, ("guichet.test",) * 2, 400),
                (f"http://evil.test{path}", ("guichet.test",), 421), (path, ("guichet.test:80",), 421),
            ):  # fmt: skip
                head = f"{method} {target} HTTP/1.1\r\nUser-Agent: {AGENT}\r\n{origin}Content-Length: 0\r\n"
                sent = (head + "".join(f"Host: {host}\r\n" for host in hosts) + "\r\n").encode()
                got = [Got(raw(port, sent)) for port in (quick, long)]
                assert [one.status for one in got] == [status] * 2, (method, target, hosts)
                assert {one.named["cache-control"] for one in got} == {"no-store"}
        assert ask(quick, origin=settings.public_url, host="GUICHET.test:443").json["number"] == 1
