"""Who a simulated candidate is, and what they will do: drawn from a seed before the journey begins."""

import math
import random

import msgspec

OFTEN = {
    "without_cookies": 0.20,
    "polls": 0.10,
    "second_tab": 0.10,
    "drops": 0.15,
    "leaves_line": 0.06,
    "lapses": 0.07,
    "gives_back": 0.03,
    "fumbles": 0.10,
    "repeats": 0.15,
    "reads": 0.05,
}
"""How often each thing happens. The losses together are the 20 to 30 % that intakes of this kind have seen,
less those who are stopped by their own papers, which every simulated candidate has ready."""

SIGN_IN_MEDIAN_SECONDS = 45.0

REVIEW_MEDIAN_SECONDS = 75.0

PATIENCE_MEDIAN_SECONDS = 240.0

LONGEST_SECONDS = 480.0

AGENTS = (
    ("Windows", 0, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                   "Chrome/137.0.0.0 Safari/537.36"),
    ("Windows", 10, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                    "Chrome/136.0.0.0 Safari/537.36 Edg/136.0.0.0"),
    ("", 0, "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:139.0) Gecko/20100101 Firefox/139.0"),
    ("", 0, "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/18.4 Safari/605.1.15"),
    ("macOS", 0, "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
                 "Chrome/137.0.0.0 Safari/537.36"),
    ("Chrome OS", 10, "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) "
                      "Chrome/136.0.0.0 Safari/537.36"),
    ("", 0, "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:138.0) Gecko/20100101 Firefox/138.0"),
)  # fmt: skip
"""Platform as the client hint says it (empty where the browser sends no hints), touch points, user agent."""


class PlannedPerson(msgspec.Struct, frozen=True):
    """A candidate's secrets. The account and its complete draft exist already."""

    username: str
    password: str
    answers: tuple[str, ...]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What this candidate will do. Durations are seconds; None means never."""

    agent: int = 0
    cookies: bool = True
    """A browser with cookies; otherwise a client with an idempotency key and a Bearer ticket."""
    whole: bool = False
    """Arrives as a browser does: pages with all their files, the button as a form. Needs `cookies`."""
    key: str = ""
    polls: bool = False
    second_tab: bool = False
    drops_after: float | None = None
    away: float = 0.0
    patience: float | None = None
    """Leaves the line after waiting this long."""
    lapses: bool = False
    comes_back: bool = False
    """After a lapse joins again, once, at the end of the line."""
    gives_back: bool = False
    """Gives the token back instead of using it."""
    fumbles: bool = False
    """Types a wrong password first."""
    typing: float = 0.0
    review: float = 0.0
    repeats: bool = False
    """Submits a second time: the same receipt must come back."""
    reads: bool = False
    """Waits for the confirmation under « Consultation des documents »."""
    seed: int = 0
    """For the jitter of retries."""


def draw(rng: random.Random, haste: float = 1.0) -> Plan:
    """A believable plan. `haste` divides every human duration: 1 is a person, 30 is a load test of a minute."""

    def happens(what: str) -> bool:
        return rng.random() < OFTEN[what]

    def lasts(median: float) -> float:
        return min(LONGEST_SECONDS, median * math.exp(rng.gauss(0.0, 0.6))) / haste

    lapses = happens("lapses")
    return Plan(
        agent=rng.randrange(len(AGENTS)),
        cookies=not happens("without_cookies"),
        key=f"{rng.getrandbits(128):032x}",
        polls=happens("polls"),
        second_tab=happens("second_tab"),
        drops_after=lasts(30.0) if happens("drops") else None,
        away=lasts(40.0),
        patience=lasts(PATIENCE_MEDIAN_SECONDS) if happens("leaves_line") else None,
        lapses=lapses,
        comes_back=lapses and rng.random() < 0.3,
        gives_back=happens("gives_back"),
        fumbles=happens("fumbles"),
        typing=lasts(SIGN_IN_MEDIAN_SECONDS),
        review=lasts(REVIEW_MEDIAN_SECONDS),
        repeats=happens("repeats"),
        reads=happens("reads"),
        seed=rng.getrandbits(32),
    )


def straight(rng: random.Random) -> Plan:
    """The plan of somebody who goes straight through, submits twice and reads the confirmation: for one check."""
    return Plan(
        key=f"{rng.getrandbits(128):032x}",
        second_tab=True,
        repeats=True,
        reads=True,
        seed=rng.getrandbits(32),
    )
