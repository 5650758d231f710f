"""`python -m loadtests.stampede`: what is asked of it (`stampede.py` says what it does)."""

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from loadtests.stampede import report, stampede
from loadtests.stampede.records import PATIENCE_SECONDS
from loadtests.stampede.states import StampedeShape


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m loadtests.stampede", description=stampede.__doc__)
    parser.add_argument(
        "--shape", type=StampedeShape, choices=list(StampedeShape), default=StampedeShape.ARRIVE
    )
    parser.add_argument("--people", type=int, default=60_000)
    parser.add_argument("--seconds", type=float, help="over which they come, or reload [60, or 10]")
    parser.add_argument(
        "--press", type=float,
        help="seconds to read before the button; in a reload, over which it is pressed after the opening [1, or 60]",
    )  # fmt: skip
    parser.add_argument("--hold", type=float, default=10.0, help="seconds in which everybody then waits")
    parser.add_argument(
        "--most", type=float, default=180.0, help="seconds after the last arrival until it is given up"
    )
    parser.add_argument("--web", type=int, help="web processes [as many as the sockets need, 2 at least]")
    parser.add_argument("--seed", type=int, default=2016)
    parser.add_argument(
        "--looks", action=argparse.BooleanOptionalAction, default=False,
        help="the pages' scripts ask at once how the period stands, as those of old browsers do near an opening [no]",
    )  # fmt: skip
    parser.add_argument(
        "--patience", type=float, default=PATIENCE_SECONDS,
        help="seconds until a browser gives an answer up, and asks again [%(default)g]",
    )  # fmt: skip
    parser.add_argument("--report", type=Path, help="write the report (Markdown) here")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args(arguments)
    reload = options.shape is StampedeShape.RELOAD
    options.seconds = options.seconds or (10.0 if reload else 60.0)
    options.press = options.press if options.press is not None else (60.0 if reload else 1.0)
    options.most += options.press
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    # Told to end, it ends by the way out, where everything that was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="guichet-stampede-") as folder:
        done = stampede.run(options, Path(folder))
    stampede.write(done, options.report, options.json)
    print(report.page(done))
    return os.EX_OK if done.good else 1


if __name__ == "__main__":
    sys.exit(main())
