"""`docs/deploy/Caddyfile`, as it is, in front of two web processes: a real Caddy, real TLS, everything on loopback."""

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import redis
from yarl import URL

from config.assets import STATIC
from config.processes.embedded import Valkey, dies_with_parent
from foundation.sql.database import Database
from server import request_checks
from server.rendering.compression import Coding
from tests.conftest import apart, until
from tests.support.people.attackers import parsed
from tests.support.places import ROOT
from tests.support.processes.fleets import free_ports
from tests.support.processes.postgres import START_SECONDS
from tests.support.processes.services import WINDOWS
from tests.support.processes.serving import raw, status_of
from tests.support.rooms import make_period
from tests.unit.server.rendering.test_compression import read

CADDYFILE = ROOT / "docs" / "deploy" / "Caddyfile"

KEY = "0123456789abcdefghijklmnopqrstuvwxyz"

SHORT_SECONDS = 1
"""What the tests give a head, and a connection that says nothing more, where the file says ten and fifteen."""

TICKETS = "/api/v1/periods/essai/tickets"


class ProxyDoor:
    """Caddy and two web processes behind it."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.folder = folder
        self.http, self.https, *ports = free_ports(6)
        self.web_ports, self.other_ports = ports[:2], ports[2:]
        self.host = f"localhost:{self.https}"
        self.url = f"https://{self.host}"
        self.environ = (
            os.environ | environ | {"PUBLIC_URL": self.url, "SECRET_KEYS": KEY, "LOG_LEVEL": "warning"}
        )
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *command: str, **environ: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                command, env=self.environ | environ, stdout=log, stderr=log, preexec_fn=dies_with_parent()
            )

    def start_web(self, which: int, trusted: str = "127.0.0.1/32") -> int:
        """The port of a web process that believes these networks; the first two are those that Caddy knows."""
        port = [*self.web_ports, *self.other_ports][which]
        self.start(
            f"web{which}", sys.executable, "-m", "config", "web", PORT=str(port), TRUSTED_PROXIES=trusted
        )
        return port

    def start_caddy(self, name: str = "caddy", **environ: str) -> None:
        caddy = str(Path(sysconfig.get_path("scripts")) / "caddy")
        told = {
            "GUICHET_HTTP_PORT": str(self.http), "GUICHET_HTTPS_PORT": str(self.https),
            "GUICHET_HEAD": f"{SHORT_SECONDS}s", "GUICHET_IDLE": f"{SHORT_SECONDS}s",
        }  # fmt: skip
        self.start(
            name, caddy, "run", "--config", str(CADDYFILE), "--adapter", "caddyfile",
            XDG_DATA_HOME=str(self.folder), XDG_CONFIG_HOME=str(self.folder),
            GUICHET_SITE="localhost", GUICHET_WEB=" ".join(f"127.0.0.1:{port}" for port in self.web_ports),
            GUICHET_CERTIFICATES="local_certs", **told | environ,
        )  # fmt: skip

    def stop(self, name: str) -> None:
        process = self.running.pop(name)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        finally:
            process.kill()

    @property
    def trust(self) -> ssl.SSLContext:
        """Believes Caddy's own authority, as browsers believe a public one."""
        return ssl.create_default_context(
            cafile=self.folder / "caddy" / "pki" / "authorities" / "local" / "root.crt"
        )

    def answers(self, port: int) -> bool:
        with contextlib.suppress(OSError, IndexError):
            return (
                status_of(raw(port, b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")) == 200
            )
        return False

    def serves(self) -> bool:
        with contextlib.suppress(OSError, ValueError):
            return (
                status_of(self.ask(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                == 200
            )
        return False

    @contextlib.contextmanager
    def connection(self, seconds: float = 10, **options: Any) -> Iterator[ssl.SSLSocket]:
        context = self.trust
        context.set_alpn_protocols(options.get("protocols", ["http/1.1"]))
        with socket.create_connection(("127.0.0.1", self.https), timeout=seconds) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as secure:
                yield secure

    def ask(self, *parts: bytes) -> bytes:
        """Send these bytes and read until the proxy closes."""
        with self.connection() as connection:
            with contextlib.suppress(OSError):
                for part in parts:
                    connection.sendall(part)
            return rest(connection)

    @contextlib.asynccontextmanager
    async def browser(
        self, address: str = "127.0.0.1", **headers: str
    ) -> AsyncIterator[aiohttp.ClientSession]:
        """A browser that comes from this address of loopback. It ends when all its connections have.

        aiohttp does not wait for the goodbyes of TLS, and a test's loop must not close in the middle of one.
        """
        sockets: list[socket.socket] = []

        def one_more(where: tuple[Any, ...]) -> socket.socket:
            sockets.append(socket.socket(*where[:3]))
            sockets[-1].setblocking(False)
            return sockets[-1]

        connector = aiohttp.TCPConnector(
            ssl=self.trust, local_addr=(address, 0), family=socket.AF_INET, force_close=True,
            socket_factory=one_more,
        )  # fmt: skip
        async with aiohttp.ClientSession(
            self.url, connector=connector,
            headers={"User-Agent": WINDOWS, "Origin": self.url, "Host": self.host} | headers,
            timeout=aiohttp.ClientTimeout(total=30),
        ) as session:  # fmt: skip
            yield session
        async with asyncio.timeout(10):
            while any(one.fileno() >= 0 for one in sockets):
                await asyncio.sleep(0.01)


def rest(connection: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    got = b""
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        while chunk := connection.recv(65536):
            got += chunk
    return got


@pytest.fixture(scope="module")
def door(session_valkey: Valkey, sqlite_template: Path) -> Iterator[ProxyDoor]:
    folder = Path(tempfile.mkdtemp(prefix="gt-"))
    shutil.copy(sqlite_template, folder / "books.db")
    database_url = f"sqlite:///{folder}/books.db"
    with redis.Redis.from_url(session_valkey.url) as client:
        client.flushall()

    async def announce() -> None:
        database = Database(database_url)
        await make_period(database)
        await database.close()

    apart(announce())
    door = ProxyDoor(folder, {"DATABASE_URL": database_url, "REDIS_URL": session_valkey.url})
    try:
        door.start_web(0)
        door.start_web(1)
        door.start_caddy()
        until(lambda: all(map(door.answers, door.web_ports)), START_SECONDS, "both web processes serve")
        until(door.serves, START_SECONDS, "Caddy serves")
        yield door
    finally:
        for name in list(door.running):
            door.stop(name)
        shutil.rmtree(folder, ignore_errors=True)


async def test_the_way_to_the_first_frame_over_https(door: ProxyDoor) -> None:
    """Page, number, position and live feed, with cookies that never go out unencrypted."""
    async with door.browser() as browser:
        async with browser.get(f"http://localhost:{door.http}/", allow_redirects=False) as plain:
            assert (plain.status, plain.headers["Location"][:17]) == (301, "https://localhost")
        async with browser.get("/") as page:
            assert page.status == 200
            assert page.headers["Strict-Transport-Security"].startswith("max-age=")
            cookie = page.cookies["__Host-visitor"]
            assert cookie["secure"] and cookie["httponly"]
        async with browser.post(TICKETS, json={}) as joined:
            me = await joined.json()
            assert joined.status == 201, me
            assert joined.cookies["__Host-ticket-essai"]["secure"]
        async with browser.get(f"{TICKETS}/me") as asked:
            assert (await asked.json())["number"] == me["number"]
        async with browser.ws_connect("/api/v1/periods/essai/live") as feed:
            assert (await feed.receive_json(timeout=10))["number"] == me["number"]
            assert await closed(feed, 2.5 * SHORT_SECONDS) is None, "a quiet socket has no deadline"


@pytest.mark.parametrize(
    "path", ["/", "/periodes/essai", STATIC.address("base.css"), STATIC.address("call.wav")]
)
@pytest.mark.parametrize("coding", ["br", "zstd", "gzip", "gzip, deflate, br, zstd", "identity", None])
def test_what_is_compressed_is_so_once_and_stays_so(door: ProxyDoor, path: str, coding: str | None) -> None:
    """By the service alone: the proxy passes on what `web` answered, with its tag and its length."""
    more = f"Accept-Encoding: {coding}\r\n" if coding else ""
    head = f"GET {path} HTTP/1.1\r\nHost: {door.host}\r\n{more}Connection: close\r\n\r\n".encode()
    proxied, direct = (parsed(got) for got in (door.ask(head), raw(door.web_ports[0], head)))
    headers, own = (
        {name: value for name, value in one.headers if name in ("content-encoding", "etag", "vary", "cache-control")}
        for one in (proxied, direct)
    )  # fmt: skip
    assert headers == own
    assert len(proxied.body) == int(dict(proxied.headers)["content-length"])
    written = Coding(own.get("content-encoding", "identity"))
    assert written in (coding or "identity").split(", ") or path.startswith("/static/call.wav")
    texts = [WAITING.sub(b"", re.sub(rb"\d+", b"0", read(one.body, written))) for one in (proxied, direct)]
    assert texts[0] == texts[1]


WAITING = re.compile(rb"0 personnes? attende?n?t?|Personne n\xe2\x80\x99attend")
"""How many wait, in words: it may be another number a moment later."""


async def test_what_is_internal_stays_inside(door: ProxyDoor) -> None:
    """Figures and readiness are none through the door, however they are written; whoever stands inside asks `web`."""
    async with door.browser() as browser:
        for path in ("/metrics", "/readyz", "/metrics/", "/%6detrics", "/METRICS", "//readyz"):
            async with browser.get(URL(f"{door.url}{path}", encoded=True)) as hidden:
                assert hidden.status == 404, path
                assert hidden.headers["Cache-Control"] == "no-store"
                assert hidden.headers["X-Request-ID"]
        async with browser.get("/healthz") as alive:
            assert (alive.status, alive.headers["Cache-Control"]) == (200, "no-store")
        web = f"http://127.0.0.1:{door.web_ports[0]}"
        async with browser.get(f"{web}/metrics") as figures:
            assert (figures.status, figures.headers["Cache-Control"]) == (200, "no-store")
        async with browser.get(f"{web}/readyz") as ready:
            assert (await ready.json())["code"] == "unavailable", "no ticker runs here"
        for path in ("/metrics", "/readyz"):
            async with browser.get(f"{web}{path}", headers={"X-Forwarded-For": "203.0.113.9"}) as outside:
                assert (outside.status, (await outside.json())["code"]) == (404, "not_found")


@pytest.mark.parametrize(("operators", "status"), [("private_ranges", 200), ("192.0.2.0/24", 404)])
async def test_the_console_is_there_for_operators_networks(
    door: ProxyDoor, operators: str, status: int
) -> None:
    """The very file with the networks that it is given: to others neither its pages nor its calls exist."""
    http, https = free_ports(2)
    door.start_caddy(
        "other", GUICHET_OPERATORS=operators, GUICHET_HTTP_PORT=str(http), GUICHET_HTTPS_PORT=str(https)
    )
    try:
        async with door.browser() as browser:
            url = f"https://localhost:{https}"
            deadline = time.monotonic() + START_SECONDS
            while True:
                with contextlib.suppress(aiohttp.ClientConnectionError):
                    async with browser.get(f"{url}/operateur") as page:
                        assert page.status == status
                        break
                assert time.monotonic() < deadline, "it serves"
                await asyncio.sleep(0.05)
            async with browser.get(f"{url}/api/v1/operator/periods") as call:
                code = (await call.json())["code"]
                assert (call.status, code) == (
                    (401, "not_signed_in") if status == 200 else (404, "not_found")
                )
            async with browser.get(f"{url}/") as home:
                assert home.status == 200
    finally:
        door.stop("other")


def test_http_2_is_spoken(door: ProxyDoor) -> None:
    """Offered and taken: the server's first frame is its settings."""
    with door.connection(protocols=["h2"]) as connection:
        assert connection.selected_alpn_protocol() == "h2"
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]))
        assert connection.recv(9)[3] == 4


async def refused_after(browser: aiohttp.ClientSession, url: str = "", **headers: str) -> int:
    """How many joins, each as a new browser, until the address has had enough."""
    for count in range(1, 3000):
        browser.cookie_jar.clear()
        async with browser.post(f"{url}{TICKETS}", json={}, headers=headers) as answer:
            if answer.status == 429:
                assert int(answer.headers["Retry-After"]) > 0
                return count
    raise AssertionError("there is no limit")


async def joins(browser: aiohttp.ClientSession, url: str = "", **headers: str) -> int:
    browser.cookie_jar.clear()
    async with browser.post(f"{url}{TICKETS}", json={}, headers=headers) as answer:
        return answer.status


@pytest.mark.slow
@pytest.mark.parametrize("through", [True, False])
async def test_limits_count_the_address_that_somebody_really_has(door: ProxyDoor, through: bool) -> None:
    """Behind the proxy the visitor's, not the proxy's; whatever they claim, there and directly, changes nothing."""
    url = "" if through else f"http://127.0.0.1:{door.web_ports[0]}"
    greedy, neighbour = ("127.0.0.5", "127.0.0.6") if through else ("127.0.0.7", "127.0.0.8")
    claims = {"X-Forwarded-For": "198.51.100.7", "X-Real-IP": "198.51.100.7", "Forwarded": "for=198.51.100.7"}
    async with door.browser(greedy) as browser, door.browser(neighbour) as other:
        await refused_after(browser, url)
        for n in range(8):  # both processes are behind the proxy: each counts for itself
            lies = {name: value.replace("7", str(n)) for name, value in claims.items()}
            await refused_after(browser, url, **lies)
        assert await joins(other, url) == 201
        assert await joins(other, url, **{"X-Forwarded-For": greedy}) == 201, (
            "nobody spends for somebody else"
        )


@pytest.mark.slow
async def test_who_believes_everybody_has_no_limit(door: ProxyDoor) -> None:
    """Twin: with all of loopback trusted, whoever has had enough claims another address and goes on."""
    port = door.start_web(2, trusted="127.0.0.0/8")
    until(lambda: door.answers(port), START_SECONDS, "it serves")
    url = f"http://127.0.0.1:{port}"
    async with door.browser("127.0.0.9") as browser:
        await refused_after(browser, url)
        claims = [{"X-Forwarded-For": f"198.51.100.{n}"} for n in range(8)]
        assert [await joins(browser, url, **claim) for claim in claims] == [201] * 8
    door.stop("web2")


@pytest.mark.slow
async def test_who_does_not_believe_the_proxy_takes_all_for_one(door: ProxyDoor) -> None:
    """Twin: with nobody trusted the proxy is one visitor like any other, and one uses up what another needs."""
    port = door.start_web(3, trusted="")
    until(lambda: door.answers(port), START_SECONDS, "it serves")
    url = f"http://127.0.0.1:{port}"
    async with door.browser() as as_the_proxy_asks:
        await refused_after(as_the_proxy_asks, url, **{"X-Forwarded-For": "127.0.0.10"})
        assert await joins(as_the_proxy_asks, url, **{"X-Forwarded-For": "127.0.0.11"}) == 429
    door.stop("web3")


def test_what_is_too_large_is_refused(door: ProxyDoor) -> None:
    """A head beyond 32 KiB by the proxy; a body by the service, in its words; far beyond that again by the proxy."""
    long = b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X-Long: %s\r\n" % (b"a" * 60_000)
    assert status_of(door.ask(long, b"\r\n")) == 431
    for size in (100_000, 2_000_000):
        head = f"POST {TICKETS} HTTP/1.1\r\nHost: {door.host}\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n"
        answer = door.ask(head.encode(), b"a" * size)
        assert status_of(answer) == 413
        assert size > 128_000 or b"too_large" in answer


def test_slow_ones_are_closed(door: ProxyDoor) -> None:
    """Nothing said before or after TLS, half a head, a head that drips, nothing after an answer: closed in time."""
    half = b"GET / HTTP/1.1\r\nHost: local"
    whole = half + f"host:{door.https}\r\n\r\n".encode()
    with contextlib.ExitStack() as stack:
        silent = socket.create_connection(("127.0.0.1", door.https), timeout=10 * SHORT_SECONDS)
        stack.enter_context(silent)
        slow = [stack.enter_context(door.connection(10 * SHORT_SECONDS)) for _ in range(3)]
        for connection, said in zip(slow, (b"", half, whole), strict=True):
            connection.sendall(said)
        dripping = stack.enter_context(door.connection(10 * SHORT_SECONDS))
        assert drips(dripping, half * 20) < len(half) * 20
        assert rest(silent) == b""
        assert [b" 200 " in rest(connection) for connection in slow] == [False, False, True]


def drips(connection: socket.socket, text: bytes) -> int:
    """How many bytes of a text are taken when they come one by one, 20 in the time that a head has."""
    for count, byte in enumerate(text):
        try:
            connection.sendall(bytes([byte]))
        except OSError:
            return count
        time.sleep(SHORT_SECONDS / 20)
    return len(text)


@pytest.mark.slow
def test_half_a_body_is_refused_and_the_connection_closed(door: ProxyDoor) -> None:
    """By the service after its ten seconds, in its words; the proxy closes within the fifteen."""
    with door.connection(15) as connection:
        head = f"POST {TICKETS} HTTP/1.1\r\nHost: {door.host}\r\nContent-Length: 9\r\n\r\n{{"
        connection.sendall(head.encode())
        answer = rest(connection)
    assert status_of(answer) == 400
    assert b"too_slow" in answer


def test_the_file_gives_everybody_their_time() -> None:
    """What the tests shorten stands in the file: below 15 s, above what a slow line needs."""
    waits = dict(re.findall(r"\{\$GUICHET_(HEAD|BODY|ANSWER|IDLE):([0-9]+)s\}", CADDYFILE.read_text()))
    assert waits == {"HEAD": "10", "BODY": "12", "ANSWER": "15", "IDLE": "15"}
    assert float(waits["BODY"]) > request_checks.BODY_SECONDS, "the service refuses first"


@pytest.mark.slow
async def test_one_process_restarts_while_the_other_serves(door: ProxyDoor) -> None:
    """Its sockets are told to come again (1012), every request is answered; without any process, so is that."""
    async with contextlib.AsyncExitStack() as stack:
        browsers = [await stack.enter_async_context(door.browser(f"127.0.1.{n}")) for n in range(1, 9)]
        for browser in browsers:
            assert await joins(browser) == 201
        feeds = [
            await browser.ws_connect("/api/v1/periods/essai/live", autoclose=False) for browser in browsers
        ]
        for feed in feeds:
            await feed.receive_json(timeout=10)
        stopping = asyncio.create_task(asyncio.to_thread(door.stop, "web0"))
        asked = 0
        while not stopping.done() or asked < 30:
            async with browsers[asked % 8].get(f"{TICKETS}/me") as answer:
                assert answer.status == 200
            asked += 1
        await stopping
        codes = await asyncio.gather(*map(closed, feeds))
        assert set(codes) == {1012, None}, "each process had some of them"
        for browser, code in zip(browsers, codes, strict=True):
            if code:
                async with browser.ws_connect("/api/v1/periods/essai/live") as again:
                    await again.receive_json(timeout=10)
        for feed in feeds:
            await feed.close()
        await asyncio.to_thread(door.stop, "web1")
        asking = browsers[0].get(f"{TICKETS}/me"), browsers[0].get("/")
        answer, page = await asyncio.gather(*asking)
        problem = json.loads(await answer.text())
        assert (answer.status, problem["code"], answer.headers["Retry-After"]) == (503, "unavailable", "5")
        assert problem["request_id"] == answer.headers["X-Request-ID"]
        assert (page.status, page.headers["Retry-After"]) == (503, "5")
        assert "text/html" in page.headers["Content-Type"]


async def closed(feed: aiohttp.ClientWebSocketResponse, seconds: float = 3.0) -> int | None:
    """With which code it is closed within this time; None while it goes on."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                try:
                    message = await feed.receive()
                except aiohttp.ClientConnectionResetError:
                    continue  # a ping that came just before the close: nobody is left to answer
                if message.type is not aiohttp.WSMsgType.TEXT:
                    return int(message.data)
    return None
