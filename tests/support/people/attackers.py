"""Attackers for tests: the whole service on a port as `web` runs it, honest people who wait, and what must hold after.

A `Ground` is one service, shared by a module's tests; each attack is a `Siege` on a period of its own, in which three
honest people have numbers 1 to 3. Calls happen only when a test asks for them, so that their order is seen.
"""

import asyncio
import contextlib
import gc
import itertools
import json
import secrets
import shutil
import socket
import threading
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import uvicorn
import uvloop
import websockets
from redis.asyncio import Redis
from structlog.testing import capture_logs

from config.processes import web
from config.settings import Settings
from config.stores import open_redis
from foundation.sql.database import Database
from quota.store import Period
from tests.support import desks
from tests.support.rooms import KEYS, Hall, make_period, read_period, rows_of, set_period
from waitingroom.tickets import Tickets
from waitingroom.tokens import Tokens

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

ANSWER_SECONDS = 20.0

ACCOUNTS = 12

FORM = "application/x-www-form-urlencoded"

Header = tuple[str, str]


class AttackReply(NamedTuple):
    """One HTTP answer, or the refusal of a handshake."""

    status: int
    headers: list[Header]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body) if self.body else {}

    @property
    def code(self) -> str:
        """The refusal's code; empty when it is none."""
        kinds = [value for name, value in self.headers if name == "content-type"]
        return str(self.json()["code"]) if kinds == ["application/problem+json"] else ""

    def cookies(self) -> dict[str, str]:
        """What it sets; an empty value takes a cookie away."""
        pairs = [value.partition(";")[0] for name, value in self.headers if name == "set-cookie"]
        return {name: value.strip('"') for name, _, value in (pair.partition("=") for pair in pairs)}


async def send(port: int, sent: bytes, seconds: float = ANSWER_SECONDS) -> bytes:
    """Send these bytes as they are; all that is answered until the server closes, or until nothing more comes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    got = b""
    try:
        writer.write(sent)
        with contextlib.suppress(TimeoutError, ConnectionResetError, BrokenPipeError):
            async with asyncio.timeout(seconds):
                while chunk := await reader.read(65536):
                    got += chunk
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    return got


def parsed(got: bytes) -> AttackReply:
    """The first answer in these bytes."""
    head, _, body = got.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    lengths = [int(value) for name, value in headers if name == "content-length"]
    return AttackReply(int(first.split(" ")[1]), headers, body[: lengths[0]] if lengths else body)


def request(
    method: str, path: str, headers: Iterable[Header], body: bytes | None, version: str = "1.1"
) -> bytes:
    """A request as bytes; nothing is checked or made nice."""
    lines = [f"{method} {path} HTTP/{version}", *(f"{name}: {value}" for name, value in headers)]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")


class Attacker:
    """A browser, or a program that plays one: its cookies, and what it sends by itself."""

    def __init__(self, ground: "Ground", period: str, jar: dict[str, str] | None = None) -> None:
        self.ground, self.period, self.jar = ground, period, dict(jar or {})
        self.number = 0

    @property
    def ticket(self) -> str:
        return self.jar[f"ticket-{self.period}"]

    def headers(self, **more: str | Sequence[str] | None) -> list[Header]:
        """What a browser sends, with these in their place: several of a name, or none (None)."""
        own: dict[str, str | Sequence[str] | None] = {
            "Host": f"127.0.0.1:{self.ground.port}", "User-Agent": BROWSER, "Accept": "application/json",
            "Origin": self.ground.url, "Connection": "close",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.jar.items()) or None,
        }  # fmt: skip
        own |= {name.replace("_", "-"): value for name, value in more.items()}
        found = []
        for name, value in own.items():
            values = [] if value is None else [value] if isinstance(value, str) else value
            found += [(name, one) for one in values]
        return found

    def at(self, path: str) -> str:
        return path if path.startswith("/") else f"/api/v1/periods/{self.period}/{path}"

    async def ask(
        self, method: str, path: str, body: Any = None, *, keep: bool = True, version: str = "1.1",
        **more: Any,
    ) -> AttackReply:  # fmt: skip
        """One request. `body` goes as JSON, bytes as they are. With `keep` the cookies of the answer are taken."""
        content = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        if content is None and method not in ("GET", "HEAD", "DELETE"):
            content = b""
        sent = request(method, self.at(path), self.headers(**more), content, version)
        answer = parsed(await send(self.ground.port, sent))
        assert answer.status < 500, (method, path, answer.body[:200])
        if keep:
            self.jar.update(answer.cookies())
            self.jar = {name: value for name, value in self.jar.items() if value}
        return answer

    async def join(self, **more: Any) -> AttackReply:
        answer = await self.ask("POST", "tickets", {}, **more)
        if answer.status in (200, 201):
            self.number = answer.json()["number"]
        return answer

    async def arrive(self) -> "Attacker":
        """The page, then the button."""
        await self.ask("GET", f"/periodes/{self.period}", Accept="text/html")
        joined = await self.join()
        assert joined.status in (200, 201), joined.body
        return self

    async def me(self, **more: Any) -> Any:
        answer = await self.ask("GET", "tickets/me", **more)
        assert answer.status == 200, answer.body
        return answer.json()

    async def sign_in(self, account: int, token: str | None = None, **more: Any) -> AttackReply:
        body = {
            "username": f"essai-{account:05d}", "password": desks.PASSWORD, "answers": desks.ANSWERS, "token": token,
        }  # fmt: skip
        return await self.ask("POST", "/api/v1/session", body, **more)

    async def submit(self, token: str, **more: Any) -> AttackReply:
        body = {"token": token, "declaration": True, "signature": {"capacity": "candidate"}}
        return await self.ask("POST", "submissions", body, **more)

    def live(self, **more: Any) -> "websockets.connect":
        headers = [
            pair for pair in self.headers(**more) if pair[0] not in ("Host", "Connection", "User-Agent")
        ]
        url = f"ws://127.0.0.1:{self.ground.port}{self.at('live')}"
        return websockets.connect(url, additional_headers=headers, open_timeout=10, compression=None)

    async def watch(self, **more: Any) -> tuple[int | None, dict[str, Any]]:
        """Open the feed, take what it says first, and how it was closed (None: it stays open)."""
        async with self.live(**more) as feed:
            try:
                async with asyncio.timeout(5):
                    first = json.loads(await feed.recv())
            except websockets.ConnectionClosed:
                return feed.close_code, {}
            return None, first


class AttackSiege:
    """A period of its own with honest people in it, its calls, and what must be so at the end of an attack."""

    def __init__(self, ground: "Ground", period: Period) -> None:
        self.ground, self.period = ground, period
        self.honest: list[Attacker] = []
        self.called: list[int] = []

    def person(self, jar: dict[str, str] | None = None) -> Attacker:
        return Attacker(self.ground, self.period.id, jar)

    async def people(self, count: int) -> list[Attacker]:
        return [await self.person().arrive() for _ in range(count)]

    async def call(self, count: int) -> None:
        """Let this many more be called, and no more; what is over lapses."""
        hall, db = self.ground.hall, self.ground.db
        wanted = len(self.called) + count
        most = (await read_period(db, self.period)).live_tokens + count
        for _ in range(20):
            if len(self.called) >= wanted:
                return
            clock = (await read_period(db, self.period)).clock
            await self.set(calls_per_minute=60_000, next_call=clock, clock=clock + 500, most_live_tokens=most)
            turn = await hall.room.calls.turn(await hall.period(self.period.id), True)
            self.called += turn.called

    async def set(self, **values: Any) -> None:
        await set_period(self.ground.db, self.period, **values)

    async def advance(self, milliseconds: int) -> None:
        clock = (await read_period(self.ground.db, self.period)).clock
        await self.set(clock=clock + milliseconds)

    async def token(self, person: Attacker) -> str:
        """The token of somebody who was called."""
        return str((await person.me())["token"])

    async def nobody_got_ahead(self, accepted: int = 0) -> None:
        """The honest are called first and in their order, nobody twice, and none is accepted beyond those counted."""
        if len(self.called) < len(
            self.honest
        ):  # exactly as many as are left of them: another would take a place
            await self.call(len(self.honest) - len(self.called))
        assert self.called[: len(self.honest)] == [person.number for person in self.honest]
        assert self.called == sorted(set(self.called))
        period = await read_period(self.ground.db, self.period)
        rows = list((await rows_of(self.ground.db, self.period)).values())
        assert (period.accepted, rows.count("used")) == (accepted, accepted)
        assert period.held == rows.count("live") + accepted <= period.cap


class Ground:
    """One service, its stores, a ticker that is stepped by hand, and accounts `essai-00001` to `essai-00012`."""

    def __init__(self, port: int, db: Database, redis: "Redis") -> None:
        self.port, self.url, self.db = port, f"http://127.0.0.1:{port}", db
        self.hall = Hall(db, redis)
        self.desk = desks.make_desk(db)
        self.tickets, self.tokens = Tickets(KEYS), Tokens(KEYS, self.url)
        self._names = itertools.count(1)

    async def siege(self, honest: int = 3, **values: Any) -> AttackSiege:
        """A new period in which these many honest people wait."""
        siege = AttackSiege(self, await make_period(self.db, id=f"attaque-{next(self._names)}", **values))
        siege.honest = await siege.people(honest)
        return siege


@contextlib.asynccontextmanager
async def ground(sqlite: Path, folder: Path, redis_url: str, **values: Any) -> AsyncIterator[Ground]:
    """The service while this lasts; `values` are settings."""
    database_url = f"sqlite:///{folder / secrets.token_hex(4)}.db"
    shutil.copy(sqlite, database_url.removeprefix("sqlite:///"))
    db, redis = Database(database_url), open_redis(redis_url)
    await redis.flushall()
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    port = listener.getsockname()[1]
    settings = Settings(
        database_url=database_url, redis_url=redis_url, queue_redis_url=redis_url, secret_keys=KEYS,
        public_url=f"http://127.0.0.1:{port}", port=port,
    )  # fmt: skip
    # As `web` has it, but for what only a process of its own may: signals, and the collector's rest.
    server = uvicorn.Server(
        web.server(msgspec.structs.replace(settings, **{"limits": False, **values})).config
    )
    gc.unfreeze()
    gc.enable()
    thread = threading.Thread(target=lambda: uvloop.run(server.serve(sockets=[listener])), daemon=True)
    thread.start()
    one = Ground(port, db, redis)
    for number in range(1, ACCOUNTS + 1):
        await desks.make_account(one.desk, number)
    try:
        with capture_logs():
            yield one
    finally:
        server.should_exit = True
        await asyncio.to_thread(thread.join, 20)
        listener.close()
        one.desk.accounts.hasher.close()
        await redis.aclose()
        await db.close()
