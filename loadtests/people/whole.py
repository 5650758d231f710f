"""A whole arrival of one person of a rehearsal, timed: page, files, button, the page with the number, the first frame.

Counted by process and by kind of request, so that a report of sixty thousand needs no record of each.
"""

from collections import Counter, defaultdict

from loadtests.journey.states import StepName

NUMBER = "number"
"""From the first press of the button until the page with the number is there, beside the names of the steps."""

TIMED = frozenset(
    {StepName.PAGE, StepName.FILE, StepName.LOOK, StepName.BUTTON, StepName.PLACE, StepName.FEED}
)


def bucket(seconds: float) -> int:
    """Milliseconds as they are counted: each below a second, tens of them below ten seconds, then hundreds."""
    exact = round(seconds * 1000)
    step = 1 if exact < 1_000 else 10 if exact < 10_000 else 100
    return exact // step * step


class ArrivalCounts:
    """What whole arrivals took in one process, since the last sample."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """From here on; arrivals under way go on counting here."""
        self.took: defaultdict[str, Counter[int]] = defaultdict(Counter)
        """By step, how many took so many milliseconds."""
        self.arrived = self.requests = self.bytes_in = self.bytes_out = 0


class ArrivalTimer:
    """One person's arrival, from setting out to the first frame, or the first look where there is no feed."""

    __slots__ = (
        "asked", "bytes_in", "bytes_out", "counts", "lost", "requests", "settled", "started", "step", "told",
    )  # fmt: skip

    def __init__(self, counts: ArrivalCounts) -> None:
        self.counts = counts
        self.step: StepName | None = None
        self.started = self.asked = self.told = 0.0
        """The request under way; the first press of the button; its answer with a number."""
        self.bytes_in = self.bytes_out = self.requests = 0
        self.lost = False
        """A press got no answer, so nobody knows which of them gave the number."""
        self.settled = False
        """The number is known."""

    def sends(self, step: StepName, now: float) -> None:
        """Just before a request is written, or a connection made for it."""
        if step is StepName.BUTTON:
            self.lost = self.lost or (self.step is StepName.BUTTON and self.started > 0.0)
            self.asked = self.asked or now
        self.step, self.started = step, now
        self.requests += 1

    def answered(self, status: int, size: int, now: float) -> None:
        """A whole answer; one that asks for patience is no answer yet."""
        self.bytes_in += size
        if status == 101:  # the feed is open; its first frame ends the wait
            return
        step, began, self.started = self.step, self.started, 0.0
        if step not in TIMED or status in (429, 503) or step is StepName.FEED:
            return
        self.counts.took[step][bucket(now - began)] += 1
        if step is StepName.BUTTON and status == 303:
            self.told = now
        if step is StepName.PLACE and self.asked:
            self.counts.took[NUMBER][bucket(now - self.asked)] += 1

    def framed(self, size: int, now: float) -> None:
        """The first frame."""
        self.bytes_in += size
        self.counts.took[StepName.FEED][bucket(now - self.started)] += 1

    def over(self) -> None:
        """The person is in line and knows it."""
        counts = self.counts
        counts.arrived += 1
        counts.requests += self.requests
        counts.bytes_in += self.bytes_in
        counts.bytes_out += self.bytes_out
