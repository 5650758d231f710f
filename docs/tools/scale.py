"""Works out what 10^5, 10^6 and 10^7 people waiting need, from `benchmarks.json`: `python docs/tools/scale.py docs`.

Writes the tables of `scale.md` between `<!-- name -->` and `<!-- /name -->`. Every constant is a figure of a benchmark,
or one of the settings and named numbers of the code; what was measured before its benchmark was there says so. A test
says when the page is no longer what the figures say.
"""

import json
import math
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from config.settings import default_of
from waitingroom.feed.feed import BEAT_SECONDS, LOOK_SECONDS, MARK_SECONDS
from waitingroom.line.shared_look import SHORT_LINE
from waitingroom.line.store import PRESENT_SLOTS

PEOPLE = (100_000, 1_000_000, 10_000_000)

WITHIN_MINUTES = (1, 10)
"""In which all of them arrive."""

PLANNED = 0.7
"""Of a core is planned for: what is measured at its limit has no room for a bad second."""

HOST_CORES = 16
"""Of a host of web processes; one process a core."""

LINK_MB = 1250.0
"""What one host's network carries in a second, 10 Gbit/s."""

EARLIER = (
    "hand: 1,200 arrivals of raw clients, 2,000 sockets for a minute; `make bench` has no such section yet"
)


class Constant(NamedTuple):
    """A figure of a benchmark: its section, its name there, its unit here, and how it is taken from the record."""

    section: str
    what: str
    unit: str
    earlier: float | None = None
    bare: bool = False


CONSTANTS: Mapping[str, Constant] = {
    "arrival_ms": Constant(
        "arrival",
        "processor time of an arrival, web process, beside as many requests to an empty handler",
        "ms",
        6.1,
    ),
    "arrival_kib": Constant("arrival", "bytes of an arrival, heads included", "KiB", 51),
    "minute_ms": Constant(
        "arrival", "processor time of a person's minute of waiting, 300 calls a minute", "ms", 1.04
    ),
    "minute_kib": Constant(
        "arrival", "bytes of a person's minute of waiting, 300 calls a minute", "KiB", 14.6
    ),
    "joins": Constant(
        "joins", "joins a second, one web process, each on the disk before its answer", "a second"
    ),
    "joins_one_core": Constant(
        "joins", "the same with Valkey and ticker on the web process's core", "a second"
    ),
    "sockets": Constant("live", "sockets in one process, each with its own right position", "sockets"),
    "socket_kib": Constant("live", "memory a socket", "KiB"),
    "submissions": Constant("submissions", "submissions a second, one web process, PostgreSQL", "a second"),
    "look_kb": Constant(
        "looks", "what a look brings at 10,000,000 tickets, those that missed some too", "kB"
    ),
    "looks_share": Constant(
        "looks", "Redis' share of a core, 1,000 readers of 10,000,000 tickets", "of a core"
    ),
    "few_share": Constant("looks", "of it the line with 4 readers", "of a core"),
    "quiet_share": Constant("looks", "of it the line itself, without readers", "of a core"),
    "mark_ms": Constant("looks", "a process marks its people in a line of 10,000,000", "ms"),
    "number_bytes": Constant("looks", "what Redis remembers of a number", "bytes"),
    "read_ms": Constant("tick", "a web process's look at 1,000,000 tickets", "ms", bare=True),
}

AT = 10_000_000
"""Tickets at which the figures of looks were measured; below it they are taken in proportion to the line's length."""


class Needs(NamedTuple):
    """What so many people need, all arriving within these minutes. Cores, MB and requests are a second's."""

    people: int
    minutes: int
    arriving_cores: float
    waiting_cores: float
    web: int
    hosts: int
    web_gb: float
    joins_core: float
    looks_core: float
    marks_core: float
    ticker_core: float
    redis_out_mb: float
    redis_in_mb: float
    redis_gb: float
    sql_reads: float
    sql_writes: float
    sql_share: float
    gbit_arriving: float
    gbit_waiting: float

    @property
    def redis_core(self) -> float:
        return self.joins_core + self.looks_core + self.marks_core + self.ticker_core


def needs(people: int, minutes: int, c: Mapping[str, float]) -> Needs:
    """The arithmetic. `c` are the values of CONSTANTS."""
    a_second = people / (60 * minutes)
    arriving, waiting = a_second * c["arrival_ms"] / 1000, people * c["minute_ms"] / 60_000
    web = max(math.ceil((arriving + waiting) / PLANNED), math.ceil(people / c["sockets"]))
    length, bitmap_mb = people / AT, people / 8e6
    made = length * (c["few_share"] - c["quiet_share"])
    given = length * max(0.0, c["looks_share"] - c["few_share"]) / 996
    read_core = people / 1e6 * c["read_ms"] / 1000
    looks, look_mb = made + web * given / LOOK_SECONDS, length * c["look_kb"] / 1000
    if people < SHORT_LINE:  # each process reads it whole
        looks, look_mb = web * read_core / LOOK_SECONDS, (PRESENT_SLOTS + 2) * bitmap_mb
    ticks = 1 / float(default_of("TICK_SECONDS"))
    return Needs(
        people, minutes, arriving, waiting, web,
        hosts=math.ceil(web / HOST_CORES),
        web_gb=people * c["socket_kib"] * 1024 / 1e9,
        joins_core=a_second * (1 / c["joins_one_core"] - 1 / c["joins"]),
        looks_core=looks,
        marks_core=web * length * c["mark_ms"] / 1000 / MARK_SECONDS,
        ticker_core=ticks * read_core,
        redis_out_mb=web * look_mb / LOOK_SECONDS + ticks * (PRESENT_SLOTS + 2) * bitmap_mb,
        redis_in_mb=web * bitmap_mb / MARK_SECONDS,
        redis_gb=people * c["number_bytes"] / 1e9,
        sql_reads=web * 2 / LOOK_SECONDS,
        sql_writes=web / BEAT_SECONDS,
        sql_share=web / BEAT_SECONDS / c["submissions"],
        gbit_arriving=a_second * c["arrival_kib"] * 1024 * 8 / 1e9,
        gbit_waiting=people * c["minute_kib"] * 1024 * 8 / 60e9,
    )  # fmt: skip


def strained(need: Needs) -> list[tuple[str, float]]:
    """What there can be only one of, and how much of it is asked for, the most first."""
    found = {
        "Redis' core": need.redis_core / PLANNED,
        "what goes out of Redis' host": need.redis_out_mb / (LINK_MB * PLANNED),
        "SQL's writes": need.sql_share / PLANNED,
        "what comes into Redis' host, and onto its disk": need.redis_in_mb / (LINK_MB * PLANNED),
    }
    return sorted(found.items(), key=lambda one: -one[1])


def read(folder: Path) -> tuple[dict[str, float], dict[str, str]]:
    """The value of every constant, and which command measured it. Raises SystemExit where one was never measured."""
    record = json.loads((folder / "benchmarks.json").read_bytes())
    values, commands = {}, {}
    for name, one in CONSTANTS.items():
        figures = {figure["what"]: figure for figure in record.get(one.section, {}).get("figures", ())}
        if one.what in figures:
            values[name] = float(figures[one.what]["bare" if one.bare else "value"])
            commands[name] = f"`make bench`, section {one.section}"
        elif one.earlier is not None:
            values[name], commands[name] = one.earlier, EARLIER
        else:
            raise SystemExit(f"benchmarks.json has no « {one.what} » in {one.section}")
    return values, commands


def number(value: float) -> str:
    """Two digits that count, as one plans."""
    if value >= 100:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{float(f'{value:.2g}'):g}"


ROWS: Sequence[tuple[str, Callable[[Needs], str]]] = (
    ("arrivals a second", lambda n: number(n.people / (60 * n.minutes))),
    ("cores for the arrival", lambda n: number(n.arriving_cores)),
    ("cores for the waiting", lambda n: number(n.waiting_cores)),
    ("web processes (a core each)", lambda n: f"{n.web:,}"),
    (f"hosts of {HOST_CORES} cores", lambda n: f"{n.hosts:,}"),
    ("their memory for sockets, GB", lambda n: number(n.web_gb)),
    ("Redis: joins, of a core", lambda n: number(n.joins_core)),
    ("Redis: looks, of a core", lambda n: number(n.looks_core)),
    ("Redis: marks of presence, of a core", lambda n: number(n.marks_core)),
    ("Redis: the ticker, of a core", lambda n: number(n.ticker_core)),
    ("**Redis' core, together**", lambda n: f"**{number(n.redis_core)}**"),
    ("out of Redis, MB/s", lambda n: number(n.redis_out_mb)),
    ("into Redis and its log, MB/s", lambda n: number(n.redis_in_mb)),
    ("Redis' memory for numbers, GB", lambda n: number(n.redis_gb)),
    ("SQL: periods and tokens read, a second", lambda n: number(n.sql_reads)),
    ("SQL: heartbeats written, a second", lambda n: number(n.sql_writes)),
    ("bandwidth of the arrival, Gbit/s", lambda n: number(n.gbit_arriving)),
    ("bandwidth of the waiting, Gbit/s", lambda n: number(n.gbit_waiting)),
    ("most strained of what there is one of", lambda n: "{}: {:.0%}".format(*strained(n)[0])),
)


def tables(values: Mapping[str, float], commands: Mapping[str, str]) -> dict[str, str]:
    """The parts of the page, by their names."""
    found = [needs(people, minutes, values) for minutes in WITHIN_MINUTES for people in PEOPLE]
    heads = " | ".join(f"{n.people:,} in {n.minutes} min" for n in found)
    lines = [f"| | {heads} |", "|---" * (len(found) + 1) + "|"]
    lines += [f"| {name} | {' | '.join(cell(n) for n in found)} |" for name, cell in ROWS]
    known = ["| constant | value | measured by |", "|---|---|---|"]
    for name, one in CONSTANTS.items():
        value = f"{float(f'{values[name]:.3g}'):,g} {one.unit}"
        known.append(f"| {one.what}{', as bare bytes' if one.bare else ''} | {value} | {commands[name]} |")
    return {"needs": "\n".join(lines), "constants": "\n".join(known)}


def written(page: str, folder: Path) -> str:
    """The page with its tables as the figures say them."""
    for name, table in tables(*read(folder)).items():
        pattern = re.compile(rf"(<!-- {name} -->\n\n).*?(\n\n<!-- /{name} -->)", re.DOTALL)
        page, count = pattern.subn(lambda match, table=table: match[1] + table + match[2], page)  # type: ignore[misc]
        if count != 1:
            raise SystemExit(f"scale.md has no place for {name}")
    return page


if __name__ == "__main__":
    docs = Path(sys.argv[1])
    file = docs / "scale.md"
    file.write_text(written(file.read_text(encoding="utf-8"), docs), encoding="utf-8")
