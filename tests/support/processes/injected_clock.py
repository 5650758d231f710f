"""A clock that a test sets, for all processes of a running service: weeks pass between two pages.

The service's code stays as it is: each of its processes has another time of day (`tests/injected/sitecustomize.py`).
Browsers and Redis keep the host's.
"""

import os
import struct
import time
from datetime import datetime
from pathlib import Path

from foundation.clock import MONTREAL
from tests.support.places import ROOT


class InjectedClock:
    """The time of day as the service sees it: it goes on from where it is set."""

    def __init__(self, folder: Path, start: str) -> None:
        """`start` is a time in Montréal as all times here, such as `2027-06-07 08:30:00`."""
        self._file = folder / "clock"
        self._file.write_bytes(bytes(8))
        self.set(start)

    @property
    def environment(self) -> dict[str, str]:
        """What the processes of the service are started with."""
        path = os.pathsep.join(
            [str(ROOT / "tests" / "injected"), str(ROOT), os.environ.get("PYTHONPATH", "")]
        )
        return {"PYTHONPATH": path.rstrip(os.pathsep), "INJECTED_CLOCK": str(self._file)}

    def set(self, moment: str) -> None:
        """It is this moment now, which may not be before the one that it was."""
        local = datetime.fromisoformat(moment).replace(tzinfo=MONTREAL)
        shift = round(local.timestamp() * 1e9) - time.time_ns()
        with self._file.open("r+b") as file:
            file.write(struct.pack("q", shift))
