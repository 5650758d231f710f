"""A whole arrival as requests: the room page, its files, the button, the page of one's place, the live feed.

What a page links is read once, by a scout, and is then asked for by everybody: the crowd itself reads no page. A scout
afterwards finds the same, or there is no figure.
"""

import re
from collections.abc import Generator
from typing import Final, NamedTuple

from loadtests.bench.arrival.answers import ServerAnswer
from loadtests.bench.arrival.browser import (
    PROBE,
    PageLink,
    RequestHead,
    RequestKind,
    cookie_line,
    handshake,
    keep_cookies,
    read_page,
    request,
)
from loadtests.bench.arrival.visitor import Visitor

ROOM: Final = "/periodes/demo"

LIVE: Final = "/api/v1/periods/demo/live"

NUMBER: Final = re.compile(rb'"number":(\d+)')

FIRST_FRAME: Final = "the first frame"


class PlannedRequest(NamedTuple):
    """One request of an arrival, the status that its answer has, and a name for it that no release changes."""

    what: str
    head: RequestHead
    status: int = 200
    is_file: bool = False
    """Whether it is the same for everybody, and kept by browsers."""

    @property
    def path(self) -> str:
        return self.head.before.split(b" ", 2)[1].decode()


class ArrivalPlan(NamedTuple):
    """The requests of everybody's arrival in their order; where the button leads has to stay as it was found."""

    host: str
    requests: list[PlannedRequest]
    leads_to: str

    @property
    def paths(self) -> list[str]:
        return [one.path for one in self.requests]


class Ask(NamedTuple):
    """What a browser sends next, under which name; nothing where it only waits for the first frame."""

    what: str
    data: bytes


Journey = Generator[Ask, ServerAnswer, None]


def scout(url: str) -> ArrivalPlan:
    """Arrive once and look: what is to be asked for. Raises SystemExit when a page is not as it should be."""
    with Visitor(url) as visitor:
        door = read_page(visitor.get(ROOM).text(), ROOM)
        form = door.form("/joindre")
        fields = [(name, PROBE.get(name, value)) for name, value in form.fields]
        there = visitor.post(form.action, fields, ROOM).header("location")
        page = read_page(visitor.get(there, referer=ROOM).text(), there)
        host = visitor.host
    known = {link.path for link in door.links}
    return ArrivalPlan(
        host,
        [
            PlannedRequest("the page", request(host, ROOM), 200),
            *_files(host, ROOM, door.links),
            PlannedRequest(
                "the button", request(host, form.action, RequestKind.FORM, referer=ROOM, fields=fields), 303
            ),
            PlannedRequest("the page in line", request(host, there, RequestKind.FORM, referer=ROOM), 200),
            *_files(host, there, [link for link in page.links if link.path not in known]),
            PlannedRequest("the live feed", handshake(host, LIVE), 101),
        ],
        there,
    )


def _files(host: str, page: str, links: list[PageLink]) -> list[PlannedRequest]:
    return [
        PlannedRequest(file_name(link.path), request(host, link.path, link.kind, referer=page), is_file=True)
        for link in links
    ]


def file_name(path: str) -> str:
    """A static file's name without what changes with its content: `room.js` of `/static/room.0a1b2c3d4e.js?v=…`."""
    name = path.partition("?")[0].rpartition("/")[2]
    return re.sub(r"[.-][0-9a-f]{8,64}(?=\.)", "", name)


def arriving(plan: ArrivalPlan, found: dict[int, bytes]) -> Journey:
    """One browser's way; by its number, `found` gets its cookies. Raises SystemExit for an answer that is wrong."""
    jar: dict[bytes, bytes] = {}
    cookies = b""
    for what, head, status, _ in plan.requests:
        answer = yield Ask(what, head.bytes(cookies))
        if answer.status != status or (status == 303 and answer.header("location") != plan.leads_to):
            raise SystemExit(f"{what} was answered {answer.head!r} {answer.body[:300]!r}")
        if b"ookie:" in answer.head:
            keep_cookies(answer.head, jar)
            cookies = cookie_line(jar)
    frame = yield Ask(FIRST_FRAME, b"")
    number = NUMBER.search(frame.body)
    if number is None:
        raise SystemExit(f"the first frame shows no number: {frame.body[:300]!r}")
    found[int(number[1])] = cookies


def as_many(plan: ArrivalPlan, cookies: bytes) -> Journey:
    """As many requests as an arrival has, of the same length, for a server that answers 201 to each."""
    for what, head, status, _ in plan.requests:
        sent = plan.requests[0].head if status == 101 else head
        answer = yield Ask(what, sent.bytes(b"" if what == "the page" else cookies))
        if answer.status != 201:
            raise SystemExit(f"the empty handler answered {answer.head!r}")
