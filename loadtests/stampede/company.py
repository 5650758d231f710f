"""What the people of one process share: the way to the service, what their requests look like, and the counts."""

import random
from array import array
from collections import Counter, defaultdict
from typing import Final

from loadtests.journey.states import StepName
from loadtests.people.pages import COMPRESSED, IDENTITY, PageLinks
from loadtests.stampede.open_loop import OpenLoop
from loadtests.stampede.records import Refused, StampedeTask, Timings
from loadtests.stampede.states import StampedeShape

AGENT: Final = (
    "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/137.0.0.0 Safari/537.36\r\n"
    'sec-ch-ua: "Chromium";v="137", "Not/A)Brand";v="24"\r\nsec-ch-ua-mobile: ?0\r\nsec-ch-ua-platform: "Windows"\r\n'
    "Accept-Language: fr-CA,fr;q=0.9\r\n"
)

NAVIGATION: Final = (
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\nUpgrade-Insecure-Requests: 1\r\n"
    "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-User: ?1\r\nSec-Fetch-Dest: document\r\n"
)

SUBRESOURCE: Final = "Accept: */*\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: no-cors\r\n"

ACCEPTS: Final = {kind: f"Accept-Encoding: {kind}\r\n".encode() for kind in (IDENTITY, COMPRESSED)}

FIELDS: Final = "touch_points=0&pointer=fine&any_pointer=fine&any_hover=hover"
"""What the page's script measures of a personal computer."""

KEY: Final = "dGhlIHNhbXBsZSBub25jZQ=="
"""Of every handshake: it proves nothing to anybody here (RFC 6455 has it as its example)."""


class StampedeCompany:
    """Everybody of this process, and what became of them."""

    def __init__(self, task: StampedeTask) -> None:
        self.task = task
        self.loop = OpenLoop(task.host, task.port)
        self.rng = random.Random(f"{task.seed} {task.share}")
        self.links = PageLinks()
        self.here = self.done = self.sockets = self.most_sockets = self.frames = 0
        self.closed: Counter[str] = Counter()
        self.refused: list[Refused] = []
        self._sent: defaultdict[StepName, array[float]] = defaultdict(lambda: array("d"))
        self._took: defaultdict[StepName, array[float]] = defaultdict(lambda: array("f"))
        self._heads = heads(f"{task.host}:{task.port}", task.period)

    def request(self, step: StepName, target: str, cookies: bytes, sample: bool) -> bytes:
        """The bytes of one request; a `target` is the address of a file, `cookies` a whole line or nothing."""
        head, tail = self._heads[step]
        accepts = COMPRESSED
        if step is StepName.PAGE or step is StepName.PLACE:
            accepts = self.links.accepts(step, sample)
        if target:
            head = b"GET " + target.encode() + head
        return head + ACCEPTS[accepts] + cookies + tail

    def presses_at(self, index: int, now: float) -> float:
        """When this person presses the button, whose page is there now."""
        task = self.task
        if task.shape is StampedeShape.RELOAD:
            return max(now, task.begin + task.seconds + task.press_seconds * self.rng.random())
        return now + task.press_seconds * self.rng.uniform(0.5, 1.5)

    def took(self, step: StepName, sent: float, now: float) -> None:
        self._sent[step].append(sent)
        self._took[step].append(now - sent)

    def opened(self) -> None:
        """One more live feed."""
        self.sockets += 1
        self.most_sockets = max(self.most_sockets, self.sockets)

    def timings(self) -> dict[StepName, Timings]:
        return {
            step: Timings(sent=sent.tobytes(), took=self._took[step].tobytes())
            for step, sent in self._sent.items()
        }


def heads(netloc: str, period: str) -> dict[StepName, tuple[bytes, bytes]]:
    """What stands before and after the headers that differ from person to person, by kind of request; that of a file
    begins behind its address."""
    page, api, host = f"/periodes/{period}", f"/api/v1/periods/{period}", f"Host: {netloc}\r\n"
    origin = f"Origin: http://{netloc}\r\n"
    get = f"GET {page} HTTP/1.1\r\n{host}{AGENT}{NAVIGATION}"
    form = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(FIELDS)}\r\n"
    referer = f"Referer: http://{netloc}{page}\r\n"
    upgrade = f"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n"
    before = {
        StepName.PAGE: get,
        StepName.FILE: f" HTTP/1.1\r\n{host}{AGENT}{SUBRESOURCE}{referer}",
        StepName.LOOK: f"GET {api} HTTP/1.1\r\n{host}{AGENT}{SUBRESOURCE}{referer}",
        StepName.BUTTON: f"POST {page}/joindre HTTP/1.1\r\n{host}{AGENT}{NAVIGATION}{origin}{referer}{form}",
        StepName.PLACE: get + referer,
        StepName.FEED: f"GET {api}/live HTTP/1.1\r\n{host}{AGENT}{origin}{upgrade}",
    }
    after = {StepName.BUTTON: f"\r\n{FIELDS}"}
    return {step: (text.encode(), after.get(step, "\r\n").encode()) for step, text in before.items()}
