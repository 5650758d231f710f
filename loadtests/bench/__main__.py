"""`make bench`: what the service costs, each figure beside a bare counterpart in the same run.

One module a benchmark, one section of `docs/benchmarks.md` each; `--only joins` runs one of them.
"""

import argparse
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from loadtests.bench import drain, joins, live, slowloris, submissions
from loadtests.bench.arrival import section as arrival
from loadtests.bench.figures import FigureSection, Found, keep, machine, table, versions

SECTIONS: Final[Mapping[str, Callable[[], Found]]] = {
    "arrival": arrival.run,
    "joins": joins.run,
    "submissions": submissions.run,
    "live": live.run,
    "drain": drain.run,
    "slowloris": slowloris.run,
}
"""Every benchmark that speaks to the service from outside, in the order in which they run."""


def main(arguments: Sequence[str] | None = None) -> int:
    # SIGTERM ends it as Ctrl-C does: by the way out, where everything that was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    return measure(SECTIONS, arguments)


def measure(sections: Mapping[str, Callable[[], Found]], arguments: Sequence[str] | None) -> int:
    """Run the sections asked for, print them, keep them where `--into` says. Exit 1 when a bar was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, help="a folder with a benchmarks.md to write the figures into")
    parser.add_argument("--only", help="sections to run, comma between")
    options = parser.parse_args(arguments)
    names = options.only.split(",") if options.only else list(sections)
    if unknown := set(names) - set(sections):
        parser.error(f"no such section: {', '.join(sorted(unknown))}; there are: {', '.join(sections)}")
    missed = []
    for name in names:
        found = sections[name]()
        section = FigureSection(
            figures=found.figures, notes=dict(found.notes), machine=machine(), versions=versions()
        )
        print(f"## {name}\n\n{table(section)}\n", flush=True)
        if options.into is not None:
            keep(options.into, name, found)
        missed += [one.what for one in found.figures if one.held is False]
    if missed:
        print("missed:", *missed, sep="\n- ", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
