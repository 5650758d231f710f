"""`make load`: Locust for a minute against a fresh demo, then `guichet verify`; exit 1 if a promise broke.

    python -m loadtests.run --workers 2 --shape stampede --scale 0.01

Starts everything it needs on free ports with its data in a temporary folder, and stops all of it; with `--workers`
Locust runs as one master and so many workers. Bounded in time: about two minutes more than the load. Figures go to
stdout: joins per second, bytes per connection, frames per second, refusals.
"""

import argparse
import contextlib
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from loadtests.shapes import SHAPES, LoadShape

READY_SECONDS = 90.0

RUN_SECONDS = 60.0

LOCUST_SECONDS = 45.0
"""What Locust gets beyond the load, to start and to end."""

STOP_SECONDS = 15.0

VERIFY_SECONDS = 60.0

WARM_UP_PEOPLE = 6

WARM_UP_SECONDS = 60.0

DEMO = {
    "--crowd": 0,
    "--port": 0,
    "--accounts": 4000,
    "--cap": 100,
    "--calls-per-minute": 300,
    "--token-seconds": 20,
}
"""Small enough that tokens lapse and the cap is reached within the minute, while people still come."""

OF_SHAPE: dict[LoadShape, dict[str, int]] = {
    LoadShape.STEADY: {"--cap": 5073, "--accounts": 8000},
    LoadShape.DRAIN: {"--cap": 20, "--calls-per-minute": 60, "--token-seconds": 10},
}
"""What a shape needs else: a day that does not end, and a line that is long when it does."""


class LoadSample(NamedTuple):
    """What the web processes held at one moment, by /proc."""

    rss_bytes: int
    sockets: int


def look(pids: Sequence[int]) -> LoadSample:
    """Resident memory and open sockets of these processes; one that has ended counts nothing."""
    rss = sockets = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            rss += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            for handle in Path(f"/proc/{pid}/fd").iterdir():
                with contextlib.suppress(OSError):
                    sockets += str(handle.readlink()).startswith("socket:")
    return LoadSample(rss, sockets)


class LoadWatch:
    """Samples the web processes twice a second, in a thread."""

    def __init__(self, pids: Sequence[int]) -> None:
        self.pids = pids
        self.samples = [look(pids)]
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self) -> None:
        while not self.done.wait(0.5):
            self.samples.append(look(self.pids))

    def __enter__(self) -> "LoadWatch":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.thread.join()

    def per_connection(self) -> tuple[int, int]:
        """Bytes of growth a socket, and how many sockets, when first nearly the most were held.

        The first such moment, because later the memory of Argon2 and of answers is in the growth too.
        """
        base, most = self.samples[0], max(sample.sockets for sample in self.samples)
        for sample in self.samples:
            held = sample.sockets - base.sockets
            if held > 0 and held >= 0.95 * (most - base.sockets):
                return (sample.rss_bytes - base.rss_bytes) // held, held
        return 0, 0


@contextlib.contextmanager
def a_demo(data: Path, shape: LoadShape = LoadShape.INTAKE, **other: int) -> Iterator[dict[str, Any]]:
    """A fresh demo: yields what its READY line says, and stops it afterwards with all of its processes. `other` options
    are the demo's, by their names."""
    given = {f"--{name.replace('_', '-')}": value for name, value in other.items()}
    flags = [
        str(part)
        for flag in (DEMO | OF_SHAPE.get(shape, {}) | given | {"--data": data}).items()
        for part in flag
    ]
    log = (data.parent / "demo.log").open("wb")
    demo = subprocess.Popen(
        [sys.executable, "-m", "config", "demo", *flags],
        stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        yield ready(demo, data.parent / "demo.log")
    finally:
        stop(demo)
        log.close()


def ready(demo: "subprocess.Popen[str]", log: Path) -> dict[str, Any]:
    """Read until the READY line; what follows is read too, so that the pipe never fills. Raises SystemExit."""
    said: list[str] = []
    found = threading.Event()

    def read() -> None:
        assert demo.stdout is not None
        with demo.stdout as lines:
            for line in lines:
                if line.startswith("READY ") and not found.is_set():
                    said.append(line.removeprefix("READY "))
                    found.set()
        found.set()

    threading.Thread(target=read, daemon=True).start()
    if not found.wait(READY_SECONDS) or not said:
        raise SystemExit(f"the demo did not get ready:\n{log.read_text(errors='replace')[-2000:]}")
    announced: dict[str, Any] = json.loads(said[0])
    return announced


def stop(demo: "subprocess.Popen[str]") -> None:
    """As a person would with Ctrl-C; then, after a while, by force: the session is ours alone."""
    demo.send_signal(signal.SIGTERM)
    try:
        demo.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(demo.pid, signal.SIGKILL)
        demo.wait()
        print(f"the demo did not end within {STOP_SECONDS:.0f} s and was killed")


def warm_up(ready: dict[str, Any], folder: Path) -> None:
    """A few go straight through before anything is measured: what a process loads once is no cost of a connection."""
    accounts = ready["accounts"]
    last = accounts | {"first": accounts["count"] - WARM_UP_PEOPLE + 1}
    (folder / "warm-up.json").write_text(json.dumps(last), encoding="utf-8")
    command = [
        sys.executable, "-m", "loadtests.crowd", "--url", ready["url"], "--people", str(WARM_UP_PEOPLE),
        "--accounts-file", str(folder / "warm-up.json"), "--arrive-seconds", "1", "--expect", "submitted",
    ]  # fmt: skip
    if subprocess.run(command, timeout=WARM_UP_SECONDS, check=False).returncode != 0:
        raise SystemExit("the first few candidates did not get through")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def run_locust(
    ready: dict[str, Any], options: argparse.Namespace, folder: Path
) -> tuple[int, dict[str, Any]]:
    """Locust's exit status and its report: one process, or a master with workers."""
    accounts, report = folder / "accounts.json", folder / "report.json"
    theirs = ready["accounts"] | {"count": ready["accounts"]["count"] - WARM_UP_PEOPLE}
    accounts.write_text(json.dumps(theirs), encoding="utf-8")
    command = [
        sys.executable, "-m", "locust", "-f", str(Path(__file__).with_name("locustfile.py")), "--headless",
        "--host", ready["url"].rstrip("/"), "--accounts-file", str(accounts), "--loglevel", "WARNING",
    ]  # fmt: skip
    alone = [
        "--only-summary", "--run-time", f"{options.seconds:.0f}s", "--stop-timeout", "2", "--shape", options.shape,
        "--scale", str(options.scale), "--report", str(report),
    ]  # fmt: skip
    port = str(free_port())
    if options.workers:
        count = str(options.workers)
        alone += ["--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", port]
        alone += ["--expect-workers", count, "--expect-workers-max-wait", f"{LOCUST_SECONDS:.0f}"]
    worker = [*command, "--worker", "--master-host", "127.0.0.1", "--master-port", port]
    started = [subprocess.Popen([*command, *alone], start_new_session=True)]
    try:
        started += [
            subprocess.Popen(worker, start_new_session=True, stdout=subprocess.DEVNULL)
            for _ in range(options.workers)
        ]
        status = started[0].wait(options.seconds + LOCUST_SECONDS)
        for locust in started[1:]:
            locust.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        raise SystemExit(f"Locust did not end within {LOCUST_SECONDS:.0f} s and was killed") from None
    finally:
        for locust in started:
            if locust.poll() is None:
                os.killpg(locust.pid, signal.SIGKILL)
                locust.wait()
    if not report.exists():
        raise SystemExit(f"Locust wrote no report (exit status {status})")
    return status, json.loads(report.read_text(encoding="utf-8"))


def verify(ready: dict[str, Any]) -> int:
    command = [sys.executable, "-m", "config", "verify", "--period", "demo"]
    environment = os.environ | {"DATABASE_URL": ready["database_url"]}
    return subprocess.run(command, env=environment, timeout=VERIFY_SECONDS, check=False).returncode


def show(report: dict[str, Any], watch: LoadWatch, seconds: float) -> None:
    """The figures, a line each."""
    each, held = watch.per_connection()
    frames = report["counts"].get("frames", 0)
    codes = ", ".join(f"{code} {count}" for code, count in sorted(report["codes"].items())) or "none"
    print(f"joins per second: {report['joins_best_second']:.0f} in the best second, ", end="")
    print(
        f"{report['joins_best_five_seconds']:.0f} over the best five; {report['counts'].get('joins', 0)} in all"
    )
    print(f"bytes per connection: {each:,} (growth of the web processes over {held} sockets)")
    print(f"frames per second: {frames / seconds:.0f}; sockets at once: {report['most_sockets']}")
    print(f"first frame, ms after connecting: {report['first_frame_ms']}")
    if report["workers"]:
        print(f"workers: {report['workers']}")
    if report["drain_seconds"] is not None:
        print(f"told of the end: {report['drained']} people within {report['drain_seconds']} s of the first")
    print(f"refusals by code: {codes}")
    print(f"journeys: {', '.join(f'{kind} {count}' for kind, count in sorted(report['outcomes'].items()))}")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m loadtests.run", description=__doc__)
    parser.add_argument("--shape", type=LoadShape, default=LoadShape.INTAKE, choices=[*SHAPES])
    parser.add_argument("--scale", type=float, default=0.0, help="of the shape; 0 takes what two cores carry")
    parser.add_argument(
        "--workers", type=int, default=0, help="Locust processes behind a master; 0 is one process"
    )
    parser.add_argument("--seconds", type=float, default=RUN_SECONDS, help="of load")
    options = parser.parse_args(arguments)
    if importlib.util.find_spec("locust") is None:
        print(
            "Locust is not installed here: install the distribution with its extra, `guichet[load]`.",
            file=sys.stderr,
        )
        return 2
    # SIGTERM ends it as Ctrl-C does: by the way out, where everything that was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="guichet-load-") as folder:
        with a_demo(Path(folder) / "data", options.shape) as ready:
            warm_up(ready, Path(folder))
            with LoadWatch(ready["pids"]["web"]) as watch:
                began = time.monotonic()
                status, report = run_locust(ready, options, Path(folder))
                seconds = time.monotonic() - began
            kept = verify(ready)
        show(report, watch, seconds)
    good = status == 0 and kept == 0 and not report["broken"]
    print("every promise held" if good else "BROKEN: see above")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
