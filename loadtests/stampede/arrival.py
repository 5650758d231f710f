"""One person of a stampede: a browser's requests one after the other over one connection, then the live feed.

HTTP as our service speaks it (a length to each answer, RFC 9112) and WebSocket (RFC 6455), read from raw bytes: what a
client costs is not to be what is measured. Refused for a while, it comes back when it was told to; unanswered, after
a second; and so on until the time is up.
"""

import re
import time
from typing import Final

from loadtests.journey.states import StepName
from loadtests.people.pages import shows
from loadtests.stampede.company import StampedeCompany
from loadtests.stampede.open_loop import RawLine
from loadtests.stampede.records import ArrivalRecord, Refused

IDLE_SECONDS: Final = 4.0
"""A kept-open connection is used again for so long; the service closes it after five seconds."""

LOST_SECONDS: Final = 1.0
"""Until a request without an answer is sent again, on average; twice as long with each time in a row."""

MOST_LOST_SECONDS: Final = 16.0
"""As the room page's script has it."""

WAITING_CODES: Final = (429, 503)

SAMPLE: Final = 100
"""One in so many reads the pages as they are, and looks whether the number on the page is that of the feed."""

HEAD_END: Final = b"\r\n\r\n"

LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)

RETRY_AFTER: Final = re.compile(rb"\r\nretry-after: *(\d+)", re.IGNORECASE)

COOKIE: Final = re.compile(rb"\r\nset-cookie: *([^=;\r]+)=([^;\r]*)", re.IGNORECASE)

ENCODED: Final = re.compile(rb"\r\ncontent-encoding:", re.IGNORECASE)

ENDS: Final = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)

NUMBER: Final = re.compile(rb'"number":(\d+)')

TEXT, CLOSE, PING = 0x81, 0x88, 0x89


class Arrival:
    """One person."""

    __slots__ = (
        "cached", "company", "cookies", "feed", "files", "have", "line", "live", "looked", "page", "pressed",
        "record", "shown", "source", "started", "step", "target", "tries", "used_at",
    )  # fmt: skip

    def __init__(self, company: StampedeCompany, record: ArrivalRecord, source: str, cached: bool) -> None:
        """`cached`: the browser has the files of the first page from an earlier visit."""
        self.company, self.record, self.source, self.cached = company, record, source, cached
        self.line: RawLine | None = None
        self.feed: RawLine | None = None
        self.live = False
        """The handshake of the feed is done."""
        self.cookies: dict[bytes, bytes] = {}
        self.shown = b""
        """The cookies as a request shows them."""
        self.have: set[str] = set()
        self.files: list[str] = []
        self.looked = not company.task.looks
        self.step, self.target = StepName.PAGE, ""
        self.started = self.used_at = self.pressed = 0.0
        self.tries = 0
        """Without an answer in a row."""
        self.page = ""
        """Of a sample, until the number is known."""

    # What is asked

    def set_out(self, now: float) -> None:
        self.record.came = now
        self.company.here += 1
        self.ask(StepName.PAGE)

    def press(self, now: float) -> None:
        """The button; the first time it is asked for counts."""
        self.pressed = time.monotonic()
        self.record.asked = self.record.asked or self.pressed
        self.ask(StepName.BUTTON)

    def again(self, now: float) -> None:
        """The request that came to nothing, once more."""
        self.ask(self.step, self.target)

    def ask(self, step: StepName, target: str = "") -> None:
        """Send one request, over the connection that there is or a new one."""
        self.step, self.target = step, target
        self.record.requests += 1
        data = self.company.request(step, target, self.shown, self.is_sample)
        self.started = time.monotonic()
        line = self.feed if step is StepName.FEED else self.line
        if line is not None and (not line.open or self.started - self.used_at > IDLE_SECONDS):
            line.close()
            line = None
        if line is None:
            try:
                line = self.company.loop.dial(self, self.source)
            except OSError:
                self.missed(self.started)
                return
            if step is StepName.FEED:
                self.feed = line
            else:
                self.line = line
        self.record.bytes_out += len(data)
        line.due = self.started + self.company.task.patience_seconds
        line.send(data)

    @property
    def is_sample(self) -> bool:
        return self.record.index % SAMPLE == 0

    # What comes

    def heard(self, line: RawLine, data: bytes, now: float) -> None:
        if not self.record.framed:
            self.record.bytes_in += len(data)
        if line.rest:
            data = line.rest + data
        if line is self.feed and self.live:
            line.rest = self.frames(line, data, now)
            return
        answer = whole(data)
        if answer is None:
            line.rest = data
            return
        line.rest, line.due = b"", 0.0
        self.answered(line, *answer, now)

    def answered(self, line: RawLine, status: int, head: bytes, body: bytes, now: float) -> None:
        """A whole answer."""
        step, self.used_at, self.tries = self.step, now, 0
        if ENDS.search(head):
            line.close()
        if status in WAITING_CODES:
            self.wait(step, status, head, now)
            return
        if brought := COOKIE.findall(head):
            self.cookies.update(brought)
            self.shown = b"Cookie: " + b"; ".join(map(b"=".join, self.cookies.items())) + b"\r\n"
        if status == 101 and step is StepName.FEED:
            self.opened(line, body, now)
            return
        self.company.took(step, self.started, now)
        match step, status:
            case (StepName.PAGE | StepName.PLACE, 200):
                self.read(step, head, body, now)
            case (StepName.FILE | StepName.LOOK, 200):
                pass
            case (StepName.BUTTON, 303):
                # Sent when it was pressed: one whose answer was lost may have had its number ever since.
                self.record.sent, self.record.told = self.pressed, now
                self.ask(StepName.PLACE)
                return
            case (StepName.BUTTON, 200):  # the page of a door that is not open yet by the service's clock
                self.company.loop.at(now + LOST_SECONDS, self.press)
                return
            case _:
                self.fail(f"{step} was answered with {status}")
                return
        self.go_on(now)

    def read(self, step: StepName, head: bytes, body: bytes, now: float) -> None:
        """A page: which files it needs, and on a sample the page itself."""
        if step is StepName.PLACE:
            self.record.shown = now
        if not ENCODED.search(head):
            text = body.decode("utf-8", "replace")
            self.company.links.read(step, text)
            if self.is_sample and step is StepName.PLACE:
                self.page = text
        files = self.company.links.new(step, self.have)
        if self.cached and step is StepName.PAGE:
            self.have.update(files)
        else:
            self.files = files[::-1]

    def go_on(self, now: float) -> None:
        """The next thing that a browser fetches by itself, or the button, or the live feed."""
        if self.files:
            file = self.files.pop()
            self.have.add(file)
            self.ask(StepName.FILE, file)
        elif not self.looked:
            self.looked = True
            self.ask(StepName.LOOK)
        elif self.record.told:
            self.ask(StepName.FEED)
        else:
            self.company.loop.at(self.company.presses_at(self.record.index, now), self.press)

    def wait(self, step: StepName, status: int, head: bytes, now: float) -> None:
        """Asked for patience: the same again when it said, or a second later where it did not."""
        found = RETRY_AFTER.search(head)
        after = float(found[1]) if found else -1.0
        self.company.refused.append(Refused(now, step, status, after))
        pause = max(LOST_SECONDS, after) * self.company.rng.uniform(1.0, 1.3)
        self.company.loop.at(now + pause, self.again)

    def broken(self, line: RawLine, now: float) -> None:
        """A connection is gone."""
        if line is self.feed:
            self.feed = None
            if self.live:
                self.live = False
                self.company.sockets -= 1
                self.company.closed["cut"] += 1
                self.missed(now)
                return
        elif line is self.line:
            self.line = None
        if line.due:
            self.missed(now)

    def missed(self, now: float) -> None:
        """No answer came: whether the service did what was asked is unknown, and asking again is safe."""
        self.record.lost += 1
        pause = min(MOST_LOST_SECONDS, LOST_SECONDS * 2**self.tries)
        self.tries += 1
        self.company.loop.at(now + pause * self.company.rng.uniform(0.5, 1.5), self.again)

    def fail(self, why: str) -> None:
        self.record.failed = why
        self.company.done += 1
        self.company.sockets -= self.live
        self.live = False
        for line in (self.line, self.feed):
            if line is not None:
                line.close()
        self.line = self.feed = None

    # The live feed

    def opened(self, line: RawLine, frames: bytes, now: float) -> None:
        """A browser's other connection closes after some seconds; here at once."""
        if self.line is not None:
            self.line.close()
            self.line = None
        self.live, line.due = True, 0.0 if self.record.framed else now + self.company.task.patience_seconds
        self.company.opened()
        line.rest = self.frames(line, frames, now)

    def frames(self, line: RawLine, data: bytes, now: float) -> bytes:
        """Take each whole frame; what is left of the last."""
        at, size = 0, len(data)
        while size - at >= 2:
            kind, length, begin = data[at], data[at + 1], at + 2
            if length == 126:
                if size - at < 4:
                    break
                length, begin = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
            if size < begin + length:
                break
            at = begin + length
            if kind == TEXT:
                self.company.frames += 1
                if not self.record.framed:
                    self.first_frame(line, data[begin:at], now)
            elif kind == PING:  # a mask of zeros is a mask
                line.send(bytes((0x8A, 0x80 | length)) + b"\0\0\0\0" + data[begin:at])
            elif kind == CLOSE:
                self.company.closed[str(int.from_bytes(data[begin : begin + 2], "big"))] += 1
                line.send(b"\x88\x82\0\0\0\0" + data[begin : begin + 2])
        return data[at:]

    def first_frame(self, line: RawLine, frame: bytes, now: float) -> None:
        found = NUMBER.search(frame)
        if found is None:
            self.fail(f"a first frame without a number: {frame[:80]!r}")
            return
        line.due = 0.0
        self.record.number, self.record.framed = int(found[1]), now
        self.company.took(StepName.FEED, self.started, now)
        self.company.done += 1
        if self.page:
            self.record.page_right, self.page = shows(self.page, self.record.number), ""


def whole(data: bytes) -> tuple[int, bytes, bytes] | None:
    """Status, head and body of an answer; None while it is not complete. What hints at it beforehand is left out.

    A body without a length is none that is known here: status 0.
    """
    while (end := data.find(HEAD_END)) >= 0:
        status = int(data[9:12]) if data[9:12].isdigit() else 0
        if not 100 <= status < 200 or status == 101:
            break
        data = data[end + 4 :]
    else:
        return None
    head, body = data[: end + 2], data[end + 4 :]
    found = LENGTH.search(head)
    if found is None and body and status != 101:
        return 0, head, body
    return (status, head, body) if found is None or len(body) >= int(found[1]) else None
