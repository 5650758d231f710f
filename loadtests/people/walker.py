"""One person of a rehearsal: a journey, at most one connection for requests and one live feed, and what was seen.

To be in line costs no task and no timer: the connection's own callbacks move a person on. A frame that begins and
ends as the last position did is kept unread; every two seconds one is read, for the journey's patience and absences.
"""

import asyncio
import ssl
from collections import Counter
from collections.abc import Coroutine
from typing import Any, Protocol
from urllib.parse import urlencode

import msgspec

from loadtests.journey.personas import MODEM_BYTES_PER_SECOND, Persona
from loadtests.journey.states import JourneyEnd, PersonaKind, PlaceState, RefusalCode, StepName
from loadtests.journey.steps import (
    Closed,
    Done,
    FeedFrame,
    HangUp,
    Journey,
    JourneyAnswer,
    Listen,
    Lost,
    Outcome,
    Reply,
    Request,
    Silence,
    Sleep,
    Step,
    WatchFeed,
)
from loadtests.people.keeper import ASKS, CountingCompany, RecordKeeper
from loadtests.people.wire import ClientConnection, SlowConnection, handshake, request

PASS_ON_SECONDS = 2.0

REQUEST_SECONDS = 30.0

IDLE_SECONDS = 3.0
"""A kept-open connection is used again for so long; uvicorn closes it after five seconds."""

DONE = Done()

REFUSED_PAGES = {429: RefusalCode.RATE_LIMITED, 503: RefusalCode.UNAVAILABLE}
"""What a page of refusal says in words, by its status."""


class Position(msgspec.Struct):
    """The parts of a frame, or of an answer, that are looked at here."""

    number: int
    state: str
    ahead: int
    as_of: str


POSITION = b'"type":"position"}'

decode = msgspec.json.Decoder(Position).decode


class Company(CountingCompany, Protocol):
    """What a person needs of all those of the process: the loop, the way to the service, and where to count."""

    loop: asyncio.AbstractEventLoop
    host: str
    port: int
    tls: ssl.SSLContext | None
    netloc: str
    sockets: int
    frames: int
    requests: int
    lost: int
    codes: Counter[str]

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Let this run, and keep hold of it."""
        ...

    def address(self, place: int) -> tuple[str, int] | None:
        """The local address of this place; None for the one that there is."""
        ...

    def finished(self, walker: "Walker", outcome: Outcome) -> None:
        """Somebody has gone home."""
        ...


class Walker(RecordKeeper):
    """One person: a journey, at most one connection for requests and one live feed, and what was seen."""

    __slots__ = (
        "closed", "feed", "frames", "line", "live_due", "passed_at", "pending", "until", "way",
    )  # fmt: skip

    throng: Company

    def __init__(self, throng: Company, who: Persona, way: Journey) -> None:
        super().__init__(throng, who)
        self.way = way
        self.line: ClientConnection | None = None
        self.feed: ClientConnection | None = None
        self.pending: Request | WatchFeed | None = None
        self.live_due = False
        self.until = 0.0
        """When the wait for an answer or a frame is over; 0 while nothing is waited for."""
        self.frames: list[Reply] = []
        self.closed: int | None = None
        self.passed_at = 0.0

    # The journey

    def go(self, reply: Reply | None) -> None:
        """Send the journey this reply, and do what it asks until there is something to wait for."""
        try:
            step: Step = next(self.way) if reply is None else self.way.send(reply)
            while (done := self.take(step)) is not None:
                step = self.way.send(done)
        except StopIteration as arrived:
            self.throng.finished(self, arrived.value)
        except Exception as problem:
            # A fault of this program is counted and shown; it must not end the others.
            self.throng.finished(
                self,
                Outcome(kind=JourneyEnd.FAILED, reason=f"the driver: {type(problem).__name__}: {problem}"),
            )

    def take(self, step: Step) -> Reply | None:
        """The reply, where there is one at once."""
        match step:
            case Listen():
                return self.listen(step.seconds)
            case Request():
                self.ask(step)
            case Sleep():
                self.throng.loop.call_later(step.seconds, self.go, DONE)
            case WatchFeed():
                self.hang_up()
                self.pending = step
                if self.arrival is not None:
                    self.arrival.sends(StepName.FEED, self.throng.now())
                self.connect()
            case HangUp():
                self.hang_up()
                return DONE
        return None

    def listen(self, seconds: float) -> Reply | None:
        if self.frames:
            return self.frames.pop(0)
        if self.feed is None:
            return Closed(self.closed or 1006)
        self.until = self.throng.now() + seconds
        self.live_due = True
        return None

    def hang_up(self) -> None:
        self.frames.clear()
        if self.feed is not None:
            self.feed.close()
            self.feed = None
            self.throng.sockets -= 1
            self.shown = self.head = b""
            if self.presence is not None:
                self.presence.end(self.throng.now())

    # Requests

    def ask(self, step: Request) -> None:
        now = self.throng.now()
        self.pending, self.until = step, now + REQUEST_SECONDS
        self.throng.requests += 1
        if step.name in ASKS and self.asked is None:
            self.asked = now
        if self.arrival is not None:
            self.arrival.sends(step.name, now)
        if self.line is not None and self.line.open and now - self.line.used_at < IDLE_SECONDS:
            self.write(self.line)
            return
        if self.line is not None:
            self.line.close()
            self.line = None
        self.connect()

    def connect(self) -> None:
        self.until = self.throng.now() + REQUEST_SECONDS
        self.throng.spawn(self.open())

    async def open(self) -> None:
        """A new connection for what is pending, from this person's own address."""
        pending, modem = self.pending, self.who.kind is PersonaKind.MODEM
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                _, line = await self.throng.loop.create_connection(
                    lambda: SlowConnection(self, MODEM_BYTES_PER_SECOND) if modem else ClientConnection(self),
                    self.throng.host, self.throng.port, ssl=self.throng.tls,
                    local_addr=self.throng.address(self.who.place),
                )  # fmt: skip
        except OSError as problem:  # also what a timeout raises
            if self.pending is pending:
                self.no_answer(type(problem).__name__)
            return
        if self.pending is not pending:
            line.close()
            return
        if isinstance(pending, WatchFeed):
            self.feed = line
            self.send(line, handshake(self.throng.netloc, pending.path, pending.headers))
        else:
            self.line = line
            self.write(line)

    def write(self, line: ClientConnection) -> None:
        step = self.pending
        assert isinstance(step, Request)
        body, kind = None, "application/json"
        if step.json is not None:
            body = msgspec.json.encode(step.json)
        elif step.form is not None:
            body, kind = urlencode(step.form).encode(), "application/x-www-form-urlencoded"
        self.send(line, request(self.throng.netloc, step.method, step.path, step.headers, body, kind))

    def send(self, line: ClientConnection, data: bytes) -> None:
        if self.arrival is not None:
            self.arrival.bytes_out += len(data)
        line.send(data)

    def no_answer(self, why: str) -> None:
        """Nothing came: the journey hears of it; whether the service did what was asked is unknown."""
        self.pending, self.until = None, 0.0
        self.witness.lost += 1
        self.throng.lost += 1
        self.go(Lost(why))

    def answered(self, answer: JourneyAnswer) -> None:
        """What a connection calls when an answer is complete."""
        step, self.pending, self.until = self.pending, None, 0.0
        if isinstance(step, WatchFeed):
            if self.feed is not None:
                self.feed.close()
                self.feed = None
            self.go(answer)
            return
        now = self.throng.now()
        if self.line is not None:
            self.line.used_at = now
        if step is None:
            return
        if self.arrival is not None and self.line is not None:
            self.arrival.answered(answer.status, self.line.size, now)
            if self.arrival.told:
                self.asked = None
        if answer.status >= 400 and (isinstance(answer.body, dict) or answer.status in REFUSED_PAGES):
            body = answer.body if isinstance(answer.body, dict) else {}
            code = str(body.get("code") or REFUSED_PAGES.get(answer.status))
            self.witness.refusals[code] = self.witness.refusals.get(code, 0) + 1
            self.throng.codes[code] += 1
        elif isinstance(answer.body, dict):
            self.note(step, answer, answer.body, now)
            if step.name is StepName.SUBMIT:
                self.witness.receipt = self.witness.receipt or answer.body.get("receipt")
                self.witness.rank = self.witness.rank or answer.body.get("rank")
        elif step.name is StepName.LEAVE and self.presence is not None:
            self.over(now)
        self.go(answer)

    # The live feed

    def opened(self) -> None:
        self.pending, self.until, self.closed = None, 0.0, None
        self.throng.sockets += 1
        if self.arrival is not None and self.feed is not None:
            self.arrival.answered(101, self.feed.size, self.throng.now())
        if self.line is not None:  # a browser's own closes after some seconds
            self.line.close()
            self.line = None
        self.go(DONE)

    def received(self, text: bytes) -> None:
        """A frame. One that begins and ends as the last position did is another position: nothing else is read of it
        but every two seconds, when the journey looks at it. Everything else is the journey's at once."""
        now = self.throng.now()
        self.throng.frames += 1
        another = self.head and text.endswith(POSITION) and text.startswith(self.head)
        if another and self.presence is not None and now - self.passed_at < PASS_ON_SECONDS:
            self.shown, self.presence.last = text, now
            if self.live_due:
                self.until = now + REQUEST_SECONDS
            return
        self.passed_at, self.head = now, b""
        try:
            seen = decode(text)
        except msgspec.DecodeError:
            self.hear(FeedFrame({}))  # which the journey will not like
            return
        if self.arrival is not None:
            self.settle(seen.number)
            self.arrival.framed(len(text), now)
            self.arrived()
        if seen.state == PlaceState.WAITING:
            self.told(PlaceState.WAITING, now, surely=bool(self.shown))
            self.shown, self.polled = text, False
            if text.startswith(head := b'{"number":%d,"state":"waiting",' % seen.number):
                self.head = head
        else:
            self.told(seen.state, now)
            if seen.state == PlaceState.DRAINED:
                self.witness.drained = now
        self.hear(FeedFrame(msgspec.json.decode(text)))

    def hear(self, reply: Reply) -> None:
        if self.live_due:
            self.live_due, self.until = False, 0.0
            self.go(reply)
        else:
            self.frames.append(reply)

    def ended(self, line: ClientConnection, code: int) -> None:
        """A connection is gone that was not closed from here."""
        if line is self.feed:
            was_open, self.feed = line.live, None
            self.shown = self.head = b""
            if not was_open:
                self.no_answer("the handshake was cut")
                return
            self.throng.sockets -= 1
            self.closed = code
            if code == 1006:
                self.witness.lost += 1
                self.throng.lost += 1
            self.hear(Closed(code))
        elif line is self.line:
            self.line = None
            if isinstance(self.pending, Request) and line.busy:
                self.no_answer("cut")

    def due(self) -> None:
        """The time for an answer or a frame is over."""
        self.until = 0.0
        if self.live_due:
            self.live_due = False
            self.go(Silence())
            return
        line = self.feed if isinstance(self.pending, WatchFeed) else self.line
        if line is not None:
            line.close()
            if line is self.feed:
                self.feed = None
            else:
                self.line = None
        self.no_answer("timeout")
