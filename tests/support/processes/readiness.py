"""A web process that serves nobody: it says that it is ready, and ends when it is told to leave.

With a file `broken` beside it, it is new code that does not start.
"""

import os
import signal
import sys
from pathlib import Path

if Path("broken").exists():
    sys.exit(3)

signal.signal(signal.SIGUSR1, lambda *_: os._exit(0))

os.write(int(os.environ["READY_FD"]), b"1")

Path(f"serves-{os.getpid()}").touch()

while True:
    signal.pause()
