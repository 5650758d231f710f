"""A stampede as JSON and as a page in Markdown, with the machine it ran on and what each kind of process used. Pure."""

from collections.abc import Mapping

import msgspec

from loadtests.journey.states import StepName
from loadtests.people.rehearsal import Usage
from loadtests.stampede.states import StampedeShape
from loadtests.stampede.verdict import StampedeVerdict

WHAT: Mapping[str, str] = {
    StepName.PAGE: "the page, connection included",
    StepName.FILE: "a file",
    StepName.LOOK: "the script's look at the period",
    StepName.BUTTON: "the button",
    StepName.PLACE: "the page after it",
    "number": "the number on the page, from the first press of the button",
    StepName.FEED: "the live feed, to its first frame",
    "arrival": "a whole arrival, reading time included",
    "late": "how late the load generator set people out",
}

TITLES = {
    StampedeShape.ARRIVE: "{people:,} whole arrivals in {seconds:g} seconds",
    StampedeShape.RELOAD: "{people:,} reload in the last {seconds:g} seconds before the opening",
}


class StampedeRun(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked, on what it ran, what was used, and what was found."""

    command: str
    shape: StampedeShape
    people: int
    seconds: float
    press_seconds: float
    web: int
    looks: bool
    machine: dict[str, str]
    versions: dict[str, str]
    before: Usage
    arrived: Usage
    """When the last one had a first frame, or the time was up."""
    held: Usage
    """After so many seconds more of waiting."""
    verified: bool
    """`guichet verify` found every promise kept."""
    verdict: StampedeVerdict

    @property
    def good(self) -> bool:
        return self.verified and self.verdict.held

    def processor_ms(self) -> dict[str, float]:
        """Processor time an arrival, by kind of process."""
        arrived = max(1, self.verdict.with_number)
        return {
            kind: round(used * 1000 / arrived, 2) for kind, used in used(self.before, self.arrived).items()
        }

    def cores_waiting(self) -> dict[str, float]:
        """Cores in use while everybody only waits, by kind of process."""
        span = max(0.001, self.held.at - self.arrived.at)
        return {kind: round(seconds / span, 3) for kind, seconds in used(self.arrived, self.held).items()}


def used(before: Usage, after: Usage) -> dict[str, float]:
    """Processor seconds between two moments, by kind of process."""
    return {kind: seconds - before.seconds.get(kind, 0.0) for kind, seconds in after.seconds.items()}


def as_json(run: StampedeRun) -> bytes:
    told = msgspec.to_builtins(run) | {
        "good": run.good,
        "processor_ms_an_arrival": run.processor_ms(),
        "cores_while_waiting": run.cores_waiting(),
    }
    return msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"


def page(run: StampedeRun) -> str:
    """The same as Markdown."""
    verdict = run.verdict
    title = TITLES[run.shape].format(people=run.people, seconds=run.seconds)
    lines = [f"# {title}", "", f"    {run.command}", ""]
    lines.append(f"{'Every bar was held.' if run.good else '**Not every bar was held.**'}")
    lines += ["", "| bar | found | |", "|---|---|---|"]
    lines += [
        f"| {one.what} | {one.found} | {'held' if one.held else '**missed**'} |" for one in verdict.bars
    ]
    kept = "held" if run.verified else "**missed**"
    lines += [f"| `guichet verify` recounts every promise in the books | | {kept} |"]
    lines += ["", "| milliseconds | count | p50 | p95 | p99 | most |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {what} | {one.count:,} | {one.p50:,.1f} | {one.p95:,.1f} | {one.p99:,.1f} | {one.max:,.1f} |"
        for name, what in WHAT.items()
        if (one := verdict.times[name]).count
    ]
    lines += ["", *(f"- {line}" for line in figures(run)), ""]
    return "\n".join(lines)


def figures(run: StampedeRun) -> list[str]:
    """What there is besides the tables, a line each."""
    verdict, of = run.verdict, run.machine
    processor, cores = run.processor_ms(), run.cores_waiting()
    rss = {kind: size / 1_000_000 for kind, size in run.held.rss.items()}
    return [
        f"{verdict.with_number:,} numbers, {verdict.with_socket:,} live feeds at the end (at most "
        f"{verdict.most_sockets:,} at once), {verdict.best_joins:,.0f} numbers a second over the best five seconds; "
        f"the last first frame after {verdict.seconds:g} s",
        f"an arrival: {verdict.requests_each:g} requests, {verdict.bytes_in_each / 1024:.1f} KiB received and "
        f"{verdict.bytes_out_each / 1024:.1f} KiB sent, headers and first frame included",
        "processor time an arrival, milliseconds: "
        + listed(processor)
        + " (all: whatever ran on the machine; "
        "softirq: the network's part of it, in nobody's name; steal: what the host took)",
        "cores in use afterwards, while everybody waits: " + listed(cores),
        "resident memory at the end, MB: " + ", ".join(f"{kind} {size:,.0f}" for kind, size in rss.items()),
        f"{verdict.frames:,} frames; {verdict.lost:,} requests without an answer, sent again; live feeds that ended "
        "and were opened again: " + (listed(verdict.closed) or "none"),
        "asked for patience: " + (listed(verdict.refused) or "nobody"),
        "failed: " + (listed(verdict.failed) or "nobody"),
        f"{run.web} web processes, one Valkey, one ticker, one worker, SQLite, limits on; people from loopback "
        "addresses of their own, over plain HTTP",
        f"machine: {of['processor']}, {of['cores']} cores, {of['system']}, for service and people together",
        "versions: " + ", ".join(f"{name} {number}" for name, number in run.versions.items()),
    ]


def listed(found: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:,}" for name, value in found.items())
