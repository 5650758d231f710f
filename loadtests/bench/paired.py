"""Two checkouts measured against each other, in alternating runs: is this one slower than an earlier commit?

    git worktree add ../earlier 0b6e635
    python -m loadtests.bench.paired --other ../earlier --only arrival,joins,submissions,feed,tick

Each section runs in the one and in the other in turn, so that what else the machine does meets both alike; what counts
is the median of the ratios, pair by pair. Both run with this environment's packages. A run that measures nothing is
done once more. A rate may fall to 0.97 of the earlier one and a memory rise to 1.03; an arrival and a minute of waiting
have to have become so much cheaper as `JUDGED` says. What is beyond is an exit status of 1."""

import argparse
import math
import os
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from loadtests.bench.arrival import section as arrival

SECTION_SECONDS: Final = 900.0
"""For one run of one section; one that takes longer hangs."""

MODULES: Final = {"tick": ("tests.bench.tick", "tests.bench_tick")}
"""Sections that have a module of their own, by the names it has had; the others are sections of `loadtests.bench`."""

FEED: Final = """
try:
    from loadtests.bench import live
except ImportError:
    from loadtests import bench_live as live
held, _ = live.one_process(*live.pinned())
print(f"| memory a socket | {held.bytes_each / 1024:.4f} |")
print(f"| messages a second of the server's processor | {held.messages:.1f} |")
"""

PARTS: Final = {"feed": FEED}
"""Parts of a section, as programs that any checkout runs: `feed` is all sockets of `live` in one web process."""

FROM_OUTSIDE: Final = {"arrival": "loadtests.bench.arrival"}
"""Sections that this checkout measures at the service of either one, by their modules."""


class PairBar(NamedTuple):
    """What this checkout's value over the other's may be."""

    least: float = 0.0
    most: float = math.inf

    def holds(self, ratio: float) -> bool:
        return self.least <= ratio <= self.most

    def __str__(self) -> str:
        return f"≥ {self.least:.3g}" if self.least else f"≤ {self.most:.3g}"


LEAST_RATE: Final = PairBar(least=0.97)

MOST_MEMORY: Final = PairBar(most=1.03)

MOST_TIME: Final = PairBar(most=1 / 0.97)

JUDGED: Final = {
    "joins a second": LEAST_RATE, "submissions a second": LEAST_RATE, "messages a second": LEAST_RATE,
    "memory": MOST_MEMORY, "one tick": MOST_TIME,
    arrival.ARRIVAL: PairBar(most=1 / 6.5), arrival.MINUTE: PairBar(most=0.7),
}  # fmt: skip
"""How the name of a figure begins, or what is in it -> which bar it has. The others are only shown."""

ROW: Final = re.compile(r"^\| (?P<what>[^|]+) \| (?P<value>[^|]+) \|")

NUMBER: Final = re.compile(r"-?[\d,]+(?:\.\d+)?")


class Pair(NamedTuple):
    """One figure over all rounds: this checkout's value over the other's, round by round."""

    what: str
    here: list[float]
    other: list[float]

    @property
    def ratio(self) -> float:
        return statistics.median(one / two for one, two in zip(self.here, self.other, strict=True) if two)

    @property
    def bar(self) -> PairBar | None:
        return next((bar for words, bar in JUDGED.items() if words in self.what), None)

    @property
    def holds(self) -> bool:
        """Whether it is within its bar; one without a bar is."""
        return self.bar is None or self.bar.holds(self.ratio)


def command(checkout: Path, section: str) -> list[str]:
    """How this section is run in that checkout."""
    if section in FROM_OUTSIDE:
        return [sys.executable, "-m", FROM_OUTSIDE[section], "--service", str(checkout)]
    if section in PARTS:
        return [sys.executable, "-c", PARTS[section]]
    for module in MODULES.get(section, ()):
        if checkout.joinpath(*module.split(".")).with_suffix(".py").exists():
            return [sys.executable, "-m", module]
    return [sys.executable, "-m", "loadtests.bench", "--only", section]


def figures(checkout: Path, section: str, tries: int = 2) -> dict[str, float]:
    """One run: its figures by name. A missed bar of its own is no failure here.

    Anything else that fails is said, and the run done once more: hours of other rounds hang on it. Raises SystemExit.
    """
    place = Path.cwd() if section in FROM_OUTSIDE else checkout
    done = subprocess.run(
        command(checkout, section), cwd=place, env=os.environ | {"PYTHONPATH": str(place)},
        capture_output=True, text=True, timeout=SECTION_SECONDS, check=False,
    )  # fmt: skip
    found = dict(rows(done.stdout))
    if found:
        print(f"{section} in {checkout.name}: {found}", file=sys.stderr, flush=True)
        return found
    said = f"{section} in {checkout.name} measured nothing:\n{done.stderr[-2000:]}"
    if tries <= 1:
        raise SystemExit(said)
    print(said, file=sys.stderr, flush=True)
    return figures(checkout, section, tries - 1)


def rows(text: str) -> Iterator[tuple[str, float]]:
    """The figures of a table as `loadtests.bench` prints it."""
    for line in text.splitlines():
        row = ROW.match(line)
        number = NUMBER.search(row["value"]) if row else None
        if row and number:
            yield row["what"].strip(), float(number[0].replace(",", ""))


def measure(section: str, here: Path, other: Path, rounds: int) -> list[Pair]:
    """This section, `rounds` times in each, in turn."""
    pairs: dict[str, Pair] = {}
    for turn in range(rounds):
        order = (here, other) if turn % 2 == 0 else (other, here)
        found = {checkout: figures(checkout, section) for checkout in order}
        for what in found[here].keys() & found[other].keys():
            pair = pairs.setdefault(what, Pair(what, [], []))
            pair.here.append(found[here][what])
            pair.other.append(found[other][what])
    return [pairs[what] for what in found[here] if what in pairs]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--other", type=Path, required=True, help="the checkout to measure against")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each, in turn")
    parser.add_argument("--only", default="joins,submissions,live,tick", help="sections, comma between")
    options = parser.parse_args(arguments)
    here, broken = Path.cwd(), []
    print("| figure | here | other | here / other | bar |\n|---|---|---|---|---|", flush=True)
    for section in options.only.split(","):
        for pair in measure(section, here, options.other.resolve(), options.rounds):
            shown = [f"{statistics.median(values):,.4g}" for values in (pair.here, pair.other)]
            held = "" if pair.bar is None else f"{pair.bar} {'held' if pair.holds else '**missed**'}"
            print(f"| {pair.what} | {shown[0]} | {shown[1]} | {pair.ratio:.3f} | {held} |", flush=True)
            broken += [] if pair.holds else [pair.what]
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
