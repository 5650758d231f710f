#!/bin/sh
# rq 3.0.0 with asyncio: a SIGTERM that reaches an idle worker while it runs an event loop stops nothing, and the next one kills.
#
# Expected: rq's warm shutdown, whatever the process is doing: a task in hand is finished, then the worker ends. Seen: an idle worker
# is ended by an exception that its signal handler raises, into whatever the main thread does just then. A worker without forks
# that runs coroutines there (a heartbeat to a database, say) has the exception raised inside the loop, which hands it to its
# exception handler; rq's own flag is set for busy workers only, so the worker goes on for ever, and the second SIGTERM is a
# cold shutdown. Outside a loop the same call ends the worker.
# For us: `RingWorker.request_stop` (config/processes/worker.py) sets the flag in any case, and keeps the exception out of loops.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check rq==3.0.0 redis==8.1.0
cat > "$folder/stop.py" <<'PY'
import asyncio
import signal

import redis
import rq
from rq.exceptions import StopRequested

print("rq", rq.__version__)


def worker() -> rq.SimpleWorker:
    """Idle, as it is between two jobs; nothing here needs a server."""
    queue = rq.Queue("work", connection=redis.Redis())
    return rq.SimpleWorker([queue], connection=queue.connection, prepare_for_work=False)


outside = worker()
signal.signal(signal.SIGTERM, outside.request_stop)
try:
    signal.raise_signal(signal.SIGTERM)
except StopRequested:
    print("outside a loop: StopRequested ends the worker")
else:
    raise SystemExit("outside a loop nothing was raised")

inside, heard = worker(), []
signal.signal(signal.SIGTERM, inside.request_stop)


async def beat() -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: heard.append(type(context["exception"]).__name__))
    loop.call_soon(signal.raise_signal, signal.SIGTERM)
    await asyncio.sleep(0.05)


asyncio.run(beat())
print("inside a loop: it heard", heard, "and the worker's stop flag is", inside._stop_requested)
if heard != ["StopRequested"] or inside._stop_requested:
    raise SystemExit("this has changed")
PY
"$folder/env/bin/python" "$folder/stop.py"
