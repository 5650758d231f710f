"""A crowd that looks at the service from outside and writes down what it was told, each with the time on this side.

Everybody joins over HTTP, holds a live feed (some poll instead), comes back as the room's page does, with the same
ticket; whoever is called signs in and submits, or lets the token lapse. Nothing is assumed: `crowd_checks.py` says what
must be true of the record.
"""

import asyncio
import contextlib
import random
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import datetime
from typing import Any

import msgspec

from tests.support.people.wires import Http, RawAnswer, RawWire, handshake
from tests.support.processes.services import WINDOWS, Browser, RunningService

PERIOD = "/api/v1/periods/demo"

JOINERS = 64
"""Connections over which a crowd joins."""

AT_ONCE = 200
"""Handshakes under way at a time: a crowd comes in seconds, not in one."""

SIGNING_IN = 12
"""Sign-ins under way at a time: each costs the service two hashes of 30 ms."""


class CrowdTold(msgspec.Struct):
    """What a frame or an answer says of one person."""

    number: int
    state: str
    ahead: int
    as_of: str
    server_time: str
    next_poll_seconds: int
    paused: bool = False
    token: str | None = None
    expires_at: str | None = None
    receipt: str | None = None
    ticket: str | None = None


decode = msgspec.json.Decoder(CrowdTold).decode


def instant(text: str) -> float:
    """Seconds of an RFC 3339 text."""
    return datetime.fromisoformat(text).timestamp()


class CrowdSeen(msgspec.Struct, frozen=True):
    """One look of one person: when it came, how old it said it was, what it said."""

    at: float
    age: float
    state: str
    ahead: int


class CrowdPerson:
    """One browser: its ticket, and what it was told of itself."""

    def __init__(self, polls: bool = False) -> None:
        self.polls = polls
        self.key = secrets.token_urlsafe(24)
        self.ticket = ""
        self.number = 0
        self.sent = self.answered = 0.0
        self.numbers: set[int] = set()
        self.states: list[str] = []
        self.first: dict[str, float] = {}
        self.last_waiting = 0.0
        self.last: CrowdTold | None = None
        self.heard_at = 0.0
        self.looks: list[CrowdSeen] | None = None
        self.codes: list[tuple[float, int]] = []
        self.receipts: set[tuple[str, int]] = set()
        self.refused = ""
        self.acted = 0.0
        self.away = False
        self.comes_back_in = 0.0
        self.wire: RawWire | None = None

    @property
    def state(self) -> str:
        return self.states[-1] if self.states else ""

    @property
    def done(self) -> bool:
        """Whether nothing more can happen to this number."""
        return self.state in ("submitted", "left", "drained", "lapsed")


class Crowd:
    """All of them, and what they were told together."""

    def __init__(self, service: RunningService, seed: int = 1) -> None:
        self.service = service
        self.host, _, port = service.url.removeprefix("http://").partition(":")
        self.port = int(port)
        self.people: list[CrowdPerson] = []
        self.called: list[tuple[float, CrowdPerson]] = []
        self.answers: Counter[tuple[str, int]] = Counter()
        self.refused_connections = 0
        self.faults: list[str] = []
        self.joins_at: list[tuple[float, int]] = []
        self.on_call: Callable[[CrowdPerson], Coroutine[Any, Any, None]] | None = None
        self.random = random.Random(seed)
        self._tasks: set[asyncio.Task[None]] = set()
        self._pool: asyncio.LifoQueue[Http] = asyncio.LifoQueue()
        for _ in range(JOINERS):
            self._pool.put_nowait(Http(self.host, self.port))
        self._opening = asyncio.Semaphore(AT_ONCE)
        self._signing_in = asyncio.Semaphore(SIGNING_IN)
        self._accounts = 0
        self._over = False

    # -- what is under way -----------------------------------------------------------------------------------------

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None and not self._over:
            self.faults.append(repr(problem))

    async def go_home(self) -> None:
        self._over = True
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for person in self.people:
            if person.wire is not None:
                person.wire.drop()
        while not self._pool.empty():
            self._pool.get_nowait().close()

    # -- HTTP ------------------------------------------------------------------------------------------------------

    def headers(self, person: CrowdPerson) -> str:
        mine = f"Cookie: ticket-demo={person.ticket}\r\n" if person.ticket else ""
        origin = f"Origin: {self.service.url}\r\n" if person.ticket else f"Idempotency-Key: {person.key}\r\n"
        return f"User-Agent: {WINDOWS}\r\n{origin}{mine}"

    async def ask(self, what: str, method: str, path: str, person: CrowdPerson) -> RawAnswer | None:
        """One request; None when the connection was lost or refused. Every answer is counted."""
        http = await self._pool.get()
        try:
            answer = await http.ask(method, path, self.headers(person), b"{}" if method == "POST" else b"")
        except ConnectionRefusedError:
            self.refused_connections += 1
            return None
        except ConnectionError:
            self.answers[what, 0] += 1
            return None
        finally:
            self._pool.put_nowait(http)
        self.answers[what, answer.status] += 1
        return answer

    async def join(self, person: CrowdPerson) -> None:
        """Ask for a number until there is one, as the page does."""
        self.people.append(person)
        person.sent = time.monotonic()
        for attempt in range(200):
            answer = await self.ask("join", "POST", f"{PERIOD}/tickets", person)
            if answer is not None and answer.status in (429, 503):
                assert int(answer.headers["retry-after"]) > 0, "503 without Retry-After"
            if answer is not None:
                self.joins_at.append((time.monotonic(), answer.status))
            if answer is not None and answer.status in (200, 201):
                person.answered = time.monotonic()
                me = decode(answer.body)
                assert me.ticket
                person.number, person.ticket = me.number, me.ticket
                self.heard(person, me)
                return
            if answer is not None and answer.status == 410:
                person.refused = "quota_reached"
                return
            await asyncio.sleep(min(3.0, 0.2 * 2**attempt) * self.random.uniform(0.7, 1.3))
        raise AssertionError("a join was never answered")

    async def poll(self, person: CrowdPerson) -> float:
        """Ask where the ticket stands; the seconds until the next question."""
        answer = await self.ask("me", "GET", f"{PERIOD}/tickets/me", person)
        if answer is None:
            return 1.0
        if answer.status == 200:
            me = decode(answer.body)
            self.heard(person, me)
            return me.next_poll_seconds
        return float(answer.headers.get("retry-after", "5"))

    # -- the live feed ---------------------------------------------------------------------------------------------

    async def stay(self, person: CrowdPerson) -> None:
        """Be there until the end: a socket, opened again as `room.js` does, or polls."""
        if person.polls:
            while not person.done:
                await asyncio.sleep(await self.poll(person) * self.random.uniform(0.8, 1.0))
            return
        tries = 0
        while not person.done:
            code, frames = await self._hold(person)
            tries = 0 if frames else tries
            if (tries or code == 1000) and not person.done:
                await self.poll(person)
            far = person.last.next_poll_seconds if person.last else 0
            pause = self.random.uniform(0.0, min(30.0, max(far, 2.0**tries)))
            tries += 1
            if person.comes_back_in:
                pause, person.comes_back_in = person.comes_back_in, 0.0
            await asyncio.sleep(pause)

    async def _hold(self, person: CrowdPerson) -> tuple[int, int]:
        """One socket, from its opening to its end: the close code, and how many frames came."""
        loop = asyncio.get_running_loop()
        request = handshake(f"{self.host}:{self.port}", f"{PERIOD}/live", self.headers(person))
        wire = RawWire(request, lambda frame: self.heard(person, decode(frame)))
        async with self._opening:
            try:
                async with asyncio.timeout(10):
                    await loop.create_connection(lambda: wire, self.host, self.port)
            except ConnectionRefusedError:
                self.refused_connections += 1
                return 0, 0
            except (OSError, TimeoutError):
                return 0, 0
        person.wire = wire
        try:
            code = await wire.closed
        finally:
            person.wire = None
        person.codes.append((time.monotonic(), code))
        return code, wire.frames

    def cut(self, person: CrowdPerson, seconds: float) -> None:
        """This person's network is gone for so long."""
        person.comes_back_in = seconds
        if person.wire is not None:
            person.wire.drop()

    # -- what is told ----------------------------------------------------------------------------------------------

    def heard(self, person: CrowdPerson, me: CrowdTold) -> None:
        """Write down one look, and act on a call."""
        now = time.monotonic()
        age = max(0.0, instant(me.server_time) - instant(me.as_of))
        person.numbers.add(me.number)
        if me.state == "waiting" and person.state in ("called", "redeemed"):
            self.answers["waiting after a call", 200] += (
                1  # a look from before it: the page passes over it too
            )
            return
        person.last, person.heard_at = me, now
        if me.state == "waiting":
            person.last_waiting = max(person.last_waiting, now - age)
        if person.looks is not None:
            person.looks.append(CrowdSeen(now, age, me.state, me.ahead))
        if me.state == person.state:
            return
        person.states.append(me.state)
        person.first.setdefault(me.state, now)
        if me.state == "called":
            self.called.append((now, person))
            if self.on_call is not None:
                self.start(self.on_call(person))

    @property
    def connected(self) -> int:
        return sum(person.wire is not None and person.wire.frames > 0 for person in self.people)

    # -- from the call to the receipt ------------------------------------------------------------------------------

    async def file(self, person: CrowdPerson, dawdle: float = 0.0) -> None:
        """Sign in with an account of one's own, wait a little, submit; whatever is lost on the way is repeated."""
        self._accounts += 1
        account, token = self._accounts, person.last.token if person.last else None
        assert token
        browser = Browser(self.service.url)
        browser._session.cookie_jar.update_cookies({"ticket-demo": person.ticket})
        try:
            for _ in range(5):
                async with self._signing_in:
                    person.acted = time.monotonic()
                    status, answer = await browser.sign_in(self.service.credentials(account), token)
                if status != 200:
                    break
                await asyncio.sleep(dawdle)
                person.acted = time.monotonic()
                status, answer = await browser.submit(token)
                if status != 401:
                    break
            self.answers["submit", status] += 1
            if status in (200, 201):
                person.receipts.add((answer["receipt"], answer["rank"]))
            else:
                person.refused = answer["code"]
        finally:
            await browser.close()


async def everybody(crowd: Crowd, people: list[CrowdPerson]) -> None:
    """All of these join, as fast as the connections carry."""
    await asyncio.gather(*(crowd.join(person) for person in people))


@contextlib.asynccontextmanager
async def crowd_of(service: RunningService, seed: int = 1) -> AsyncIterator[Crowd]:
    """A crowd before its first person; gone home when the block ends."""
    crowd = Crowd(service, seed)
    try:
        yield crowd
    finally:
        await crowd.go_home()
