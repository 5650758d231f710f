"""What the people of a stampede were told, judged: figures, and what had to hold. Pure.

A join that was answered before another was sent has the lower number: looked at over all pairs by sorting.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from loadtests.journey.states import StepName
from loadtests.people.fairness import late_numbers, part
from loadtests.people.tally import best_rate
from loadtests.people.whole import TIMED
from loadtests.stampede.records import ArrivalRecord, Refused, StampedePart
from loadtests.stampede.states import StampedeShape

MOST_BUTTON_SECONDS = 2.0
"""A button whose answer takes longer is pressed again."""

RECOVERED_SECONDS = 10.0
"""After an opening that everybody waited for, until every answer is as quick as ever and nobody is refused."""

KEPT_UP_SECONDS = 0.25
"""People set out at most so late, 99 of 100: a load generator that is later than this plays a gentler stampede."""

PARTS = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """How long something took, in milliseconds."""

    count: int
    p50: float
    p95: float
    p99: float
    max: float


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that had to hold, what was found, and whether it did."""

    what: str
    found: str
    held: bool


class StampedeVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to say of a stampede."""

    people: int
    with_number: int
    with_socket: int
    most_sockets: int
    best_joins: float
    """Numbers a second, over the best five seconds."""
    seconds: float
    """From the first who set out to the last first frame."""
    requests_each: float
    bytes_in_each: float
    bytes_out_each: float
    """Of those who arrived: an arrival, headers included."""
    frames: int
    lost: int
    """Requests without an answer, which were sent again."""
    closed: dict[str, int]
    """Live feeds that ended after their first frame, by code; they were opened again."""
    refused: dict[str, int]
    """By step, status and whether `Retry-After` said when to come back."""
    failed: dict[str, int]
    pages_looked_at: int
    times: dict[str, Times]
    """By step, and `number` from the button to the page that shows it, `arrival` from setting out to the first frame,
    `late` how late the load generator was."""
    bars: list[Bar]

    @property
    def held(self) -> bool:
        return all(bar.held for bar in self.bars)


def times(seconds: Iterable[float]) -> Times:
    """Of at least one value or none."""
    ordered = sorted(seconds)
    found = {name: round(part(ordered, share) * 1000, 1) for name, share in PARTS.items()}
    return Times(count=len(ordered), **found)


def judge(parts: Sequence[StampedePart], shape: StampedeShape, opening: float) -> StampedeVerdict:
    """`opening`: when the button began to work, by the steady clock."""
    people = [one for part_ in parts for one in part_.arrivals]
    refused = [one for part_ in parts for one in part_.refused]
    pairs = {
        step: [pair for part_ in parts if step in part_.timings for pair in part_.timings[step].pairs()]
        for step in sorted(TIMED)
    }
    arrived = [one for one in people if one.framed]
    began = min((one.due for one in people), default=0.0)
    answered = sorted(one.told for one in people if one.told)
    each = max(1, len(arrived))
    return StampedeVerdict(
        people=len(people),
        with_number=sum(one.number > 0 for one in people),
        with_socket=sum(one.watching for one in people),
        most_sockets=sum(part_.most_sockets for part_ in parts),
        best_joins=best_rate(answered, 5.0) if answered else 0.0,
        seconds=round(max((one.framed for one in arrived), default=began) - began, 1),
        requests_each=round(sum(one.requests for one in arrived) / each, 2),
        bytes_in_each=round(sum(one.bytes_in for one in arrived) / each),
        bytes_out_each=round(sum(one.bytes_out for one in arrived) / each),
        frames=sum(part_.frames for part_ in parts),
        lost=sum(one.lost for one in people),
        closed=dict(sum((Counter(part_.closed) for part_ in parts), Counter[str]())),
        refused=dict(Counter(said(one) for one in refused).most_common()),
        failed=dict(Counter(one.failed for one in people if one.failed).most_common()),
        pages_looked_at=sum(one.page_right is not None for one in people),
        times={str(step): times(took for _, took in pairs[step]) for step in sorted(TIMED)}
        | {
            "number": times(one.shown - one.asked for one in people if one.shown),
            "arrival": times(one.framed - one.came for one in arrived),
            "late": times(one.came - one.due for one in people if one.came),
        },
        bars=[
            *everybody(people),
            *(
                rush(pairs[StepName.BUTTON])
                if shape is StampedeShape.ARRIVE
                else opened(people, pairs, refused, opening)
            ),
            patience(refused),
            kept_up(people),
        ],
    )


def said(one: Refused) -> str:
    return f"{one.step} {one.status}" + ("" if one.retry_after >= 0 else " without Retry-After")


def everybody(people: Sequence[ArrivalRecord]) -> list[Bar]:
    """What holds for each of them, in any shape."""
    numbers = Counter(one.number for one in people if one.number)
    lost = sum(not (one.number and one.framed and one.watching) for one in people)
    twice = sum(count > 1 for count in numbers.values())
    wrong = late_numbers([(one.sent, one.told, one.number) for one in people if one.number])
    pages = [one.page_right for one in people if one.page_right is not None]
    return [
        bar("everybody has a number and a live feed at the end", lost, "without"),
        bar("no number was given to two people", twice, "given twice"),
        bar(
            "no number was spent on nobody",
            max(numbers, default=0) - len(numbers),
            "missing below the highest",
        ),
        bar("a join answered before another was sent has the lower number", len(wrong), "behind a later one"),
        bar(
            "the number on the page is that of the feed",
            pages.count(False),
            f"wrong of {len(pages)} looked at",
        ),
    ]


def rush(buttons: Sequence[tuple[float, float]]) -> list[Bar]:
    """What holds where people come evenly."""
    found = times(took for _, took in buttons).p99 / 1000
    return [
        Bar(
            what=f"99 of 100 buttons are answered within {MOST_BUTTON_SECONDS:g} s",
            found=f"{found:.3f} s",
            held=bool(buttons) and found <= MOST_BUTTON_SECONDS,
        )
    ]


def opened(
    people: Sequence[ArrivalRecord],
    pairs: Mapping[StepName, Sequence[tuple[float, float]]],
    refused: Sequence[Refused],
    opening: float,
) -> list[Bar]:
    """What holds around an opening that everybody waited for."""
    early = sum(0.0 < one.told < opening for one in people)
    slow = [sent + took for some in pairs.values() for sent, took in some if took > MOST_BUTTON_SECONDS]
    last = max([*slow, *(one.at for one in refused)], default=opening) - opening
    waits = [one.told - one.asked for one in people if one.told]
    longest = max(waits, default=0.0)
    return [
        bar("nobody got a number before the opening", early, "early"),
        Bar(
            what=f"from {RECOVERED_SECONDS:g} s after the opening nobody is refused, and every answer comes within "
            f"{MOST_BUTTON_SECONDS:g} s",
            found=f"the last at {last:+.1f} s" if slow or refused else "at no time anybody",
            held=last <= RECOVERED_SECONDS,
        ),
        Bar(
            what=f"nobody waits longer than {MOST_BUTTON_SECONDS:g} s for a number, repeats included",
            found=f"longest {longest:.3f} s, {sum(wait > MOST_BUTTON_SECONDS for wait in waits)} longer",
            held=longest <= MOST_BUTTON_SECONDS,
        ),
    ]


def patience(refused: Sequence[Refused]) -> Bar:
    unsaid = sum(one.retry_after < 0 for one in refused)
    return bar(
        "whoever is refused for a while is told when to come back",
        unsaid,
        f"not told, of {len(refused)} refused",
    )


def kept_up(people: Sequence[ArrivalRecord]) -> Bar:
    late = times(one.came - one.due for one in people if one.came).p99 / 1000
    return Bar(
        what=f"the load generator sets 99 of 100 out within {KEPT_UP_SECONDS:g} s of their time",
        found=f"{late:.3f} s",
        held=late <= KEPT_UP_SECONDS,
    )


def bar(what: str, against: int, of: str) -> Bar:
    return Bar(what=what, found=f"{against} {of}", held=not against)
