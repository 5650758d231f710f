"""A supervisor over any Procfile, as a program: `python -m tests.support.processes.supervised FOLDER PROCFILE`."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from config.processes import rolling
from config.processes.procfile import parse
from config.processes.supervisor import Supervisor, release, services


def say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


async def main(folder: Path, procfile: Path) -> int:
    supervisor = Supervisor(folder, say, grace_seconds=0.5)
    supervisor.stop_on_signals()
    lines = parse(procfile.read_text())
    first = release(lines, os.environ)
    if first is not None and await supervisor.once(first) != 0:
        return 1
    rolls: list[asyncio.Task[bool]] = []
    asyncio.get_running_loop().add_signal_handler(
        signal.SIGUSR1, lambda: rolls.append(asyncio.create_task(rolling.roll(supervisor, first)))
    )
    for service in services(lines, {"web": 2}, os.environ):
        supervisor.start(service)
    await supervisor.stopping.wait()
    await supervisor.stop()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]))))
