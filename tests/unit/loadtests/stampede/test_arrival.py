"""One person of a stampede, against a service that is played: answers go in as bytes, requests come out as bytes."""

import time
from collections.abc import Callable
from typing import cast

import pytest

from loadtests.journey.states import StepName
from loadtests.stampede.arrival import Arrival, whole
from loadtests.stampede.company import StampedeCompany
from loadtests.stampede.open_loop import OpenLoop, RawLine
from loadtests.stampede.records import ArrivalRecord, StampedeTask
from loadtests.stampede.states import StampedeShape

PAGE = b'<link rel="stylesheet" href="/static/a.css"><script src="/static/b.js"></script>'

PLACE = b'<link rel="stylesheet" href="/static/a.css"><img src="/static/c.svg"><p>1\xe2\x80\xaf234</p>'

FRAME = b'{"number":1234,"state":"waiting","type":"position"}'

OPENED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"


def answer(status: int, body: bytes = b"", *headers: bytes) -> bytes:
    head = [b"HTTP/1.1 %d X" % status, b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


class PlayedLine:
    """A connection that keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.rest, self.due, self.open = b"", 0.0, True

    def send(self, data: bytes) -> None:
        self.sent.append(data)

    def close(self) -> None:
        self.open = False


class PlayedLoop:
    """Lines without a network, timers that go off when told."""

    def __init__(self) -> None:
        self.lines: list[PlayedLine] = []
        self.timers: list[tuple[float, Callable[[float], None]]] = []

    def dial(self, owner: object, source: str) -> PlayedLine:
        self.lines.append(PlayedLine())
        return self.lines[-1]

    def at(self, when: float, work: Callable[[float], None]) -> None:
        self.timers.append((when, work))


class PlayedRoom:
    """One arrival, and both ends of its lines."""

    def __init__(self, shape: StampedeShape = StampedeShape.ARRIVE, index: int = 0) -> None:
        self.began = time.monotonic()
        task = StampedeTask(
            host="h", port=1, period="demo", people=10, shape=shape, seed=1, begin=self.began, seconds=10.0,
            press_seconds=1.0, looks=True, most_seconds=5.0, folder=".",
        )  # fmt: skip
        self.company = StampedeCompany(task)
        self.loop = PlayedLoop()
        self.company.loop = cast(OpenLoop, self.loop)
        self.one = Arrival(
            self.company, ArrivalRecord(index=index, due=0.0), "", cached=shape is StampedeShape.RELOAD
        )
        self.one.set_out(self.began)

    def asked(self) -> str:
        """The last request."""
        return self.loop.lines[-1].sent[-1].partition(b"\r\n")[0].decode().removesuffix(" HTTP/1.1")

    def says(self, data: bytes, now: float | None = None) -> None:
        self.one.heard(cast(RawLine, self.loop.lines[-1]), data, time.monotonic() if now is None else now)

    def ends(self) -> None:
        line = self.loop.lines[-1]
        line.close()
        self.one.broken(cast(RawLine, line), time.monotonic())

    def goes_off(self) -> None:
        """The one timer that is set."""
        ((when, work),) = self.loop.timers
        self.loop.timers.clear()
        work(when)


def to_the_feed(room: PlayedRoom) -> list[str]:
    """Everything goes well; what was asked."""
    asked = []
    for said in (
        answer(200, PAGE, b"Set-Cookie: visitor=v; Path=/"), answer(200), answer(200), answer(200, b"{}"), None,
        answer(303, b"", b"Set-Cookie: ticket-demo=t; Path=/"), answer(200, PLACE), answer(200),
    ):  # fmt: skip
        if said is None:
            room.goes_off()
        else:
            asked.append(room.asked())
            room.says(said)
    return asked


def test_an_arrival_is_what_a_browser_asks_for() -> None:
    """Over one connection, and the live feed over another; with the number of its first frame, which is on the page."""
    room = PlayedRoom()
    assert to_the_feed(room) == [
        "GET /periodes/demo", "GET /static/a.css", "GET /static/b.js", "GET /api/v1/periods/demo",
        "POST /periodes/demo/joindre", "GET /periodes/demo", "GET /static/c.svg",
    ]  # fmt: skip
    assert len(room.loop.lines) == 2
    assert room.asked() == "GET /api/v1/periods/demo/live"
    assert b"Cookie: visitor=v; ticket-demo=t\r\n" in room.loop.lines[-1].sent[0]
    room.says(OPENED + bytes((0x81, len(FRAME))) + FRAME[:10])
    room.says(FRAME[10:], 4.0)
    record, company = room.one.record, room.company
    assert (record.number, record.framed, record.page_right, record.requests) == (1234, 4.0, True, 8)
    assert (company.done, company.sockets, company.frames, room.one.live) == (1, 1, 1, True)
    assert not room.loop.lines[0].open
    assert set(company.timings()) == {
        StepName.PAGE, StepName.FILE, StepName.LOOK, StepName.BUTTON, StepName.PLACE, StepName.FEED
    }  # fmt: skip


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("said", [True, False])
def test_patience_is_had_and_noted(status: int, said: bool) -> None:
    """The same request again, when the answer says or a second later; whether it said is written down."""
    room = PlayedRoom()
    room.says(answer(status, b"", *([b"Retry-After: 7"] if said else [])), 10.0)
    (when, _), *_ = room.loop.timers
    assert (17.0 <= when <= 19.1) if said else (11.0 <= when <= 11.3)
    (refused,) = room.company.refused
    assert (refused.step, refused.status, refused.retry_after) == (
        StepName.PAGE,
        status,
        7.0 if said else -1.0,
    )
    room.goes_off()
    assert room.asked() == "GET /periodes/demo"
    assert room.company.timings() == {}


def test_a_request_without_an_answer_is_sent_again_over_a_new_line() -> None:
    """And counted; an idle line that the service closes is no loss."""
    room = PlayedRoom()
    room.ends()
    room.goes_off()
    assert (room.one.record.lost, len(room.loop.lines)) == (1, 2)
    room.says(answer(200, PAGE))
    room.says(answer(200))
    room.says(answer(200))
    room.says(answer(200, b"{}"))
    room.ends()
    room.goes_off()
    assert (room.one.record.lost, len(room.loop.lines)) == (1, 3)
    assert room.asked() == "POST /periodes/demo/joindre"


def test_a_live_feed_that_ends_is_opened_again() -> None:
    """The number stays what it was; the first frame is not timed twice."""
    room = PlayedRoom()
    to_the_feed(room)
    room.says(OPENED + bytes((0x81, len(FRAME))) + FRAME)
    room.says(bytes((0x88, 2)) + (1012).to_bytes(2, "big"))
    room.ends()
    assert (room.company.sockets, room.one.live) == (0, False)
    room.goes_off()
    room.says(OPENED + bytes((0x81, len(FRAME))) + FRAME, 9.0)
    assert (room.company.sockets, room.company.done, room.one.live) == (1, 1, True)
    assert room.company.closed == {"1012": 1, "cut": 1}
    assert len(list(room.company.timings()[StepName.FEED].pairs())) == 1


def test_a_ping_is_answered() -> None:
    """Masked, with what it said."""
    room = PlayedRoom()
    to_the_feed(room)
    room.says(OPENED)
    room.says(bytes((0x89, 3)) + b"abc")
    assert room.loop.lines[-1].sent[-1] == bytes((0x8A, 0x83)) + b"\0\0\0\0abc"


def test_whoever_reloads_has_the_files_already_and_presses_after_the_opening() -> None:
    """Only the page behind the button brings a new one; a door that is still closed is tried again."""
    room = PlayedRoom(StampedeShape.RELOAD)
    room.says(answer(200, PAGE))
    room.says(answer(200, b"{}"))
    ((when, _),) = room.loop.timers
    assert 10.0 <= when - room.began <= 11.0
    room.goes_off()
    room.says(answer(200, PAGE))
    room.goes_off()
    assert room.asked() == "POST /periodes/demo/joindre"
    room.says(answer(303))
    room.says(answer(200, PLACE))
    assert room.asked() == "GET /static/c.svg"
    assert room.one.record.asked < room.one.record.sent


@pytest.mark.parametrize(
    "said", [answer(404), b"HTTP/1.1 200 OK\r\n\r\nwithout a length", b"rubbish\r\n\r\n"]
)
def test_what_is_no_answer_ends_the_arrival(said: bytes) -> None:
    """With what it was, and without a socket."""
    room = PlayedRoom()
    room.says(said)
    assert room.one.record.failed.startswith("page was answered with")
    assert (room.company.done, room.loop.lines[0].open) == (1, False)


@pytest.mark.parametrize("hints", [b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"])
def test_an_answer_is_whole_at_its_last_byte(hints: bytes) -> None:
    """And hints before it are no part of it."""
    data = hints + answer(200, b"body")
    assert all(whole(data[:end]) is None for end in range(len(data)))
    found = whole(data)
    assert found is not None
    assert (found[0], found[2]) == (200, b"body")
