"""What a test does in a browser, whichever it is, and how a browser is started so that nothing of it is left."""

import contextlib
import json
import os
import signal
import subprocess
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from config.processes.embedded import dies_with_parent
from tests.conftest import until
from tests.support.browsing import ARTIFACTS

SECONDS: Final = 60.0
"""How long a page may take until it shows what it must; a browser that starts on a busy machine takes ten of them."""


class DrivenBrowser(ABC):
    """One window of a browser that was never here. Elements are named by CSS selectors."""

    name: str
    covers = True
    """Whether `cover` hides the page: whether a tab that its driver opens comes to the front."""
    group: int
    """The process group of all that belongs to the browser."""

    @abstractmethod
    def open(self, url: str) -> None:
        """Go to an address, as from the address bar, and wait for the page."""

    @abstractmethod
    def address(self) -> str: ...

    @abstractmethod
    def count(self, css: str) -> int:
        """How many elements there are; this needs no scripts in the page."""

    @abstractmethod
    def click(self, css: str) -> None:
        """Press in the middle of an element, as a person does: that is a gesture, after which sound may play."""

    @abstractmethod
    def type(self, css: str, text: str) -> None: ...

    @abstractmethod
    def run(self, expression: str) -> Any:
        """The value of an expression in the page, as JSON has it."""

    @abstractmethod
    def history(self, steps: int) -> None:
        """Back (-1) or forward (1), as by the window's buttons."""

    @abstractmethod
    def cover(self) -> contextlib.AbstractContextManager[None]:
        """Another tab in front, so that nobody sees the page."""

    @abstractmethod
    def picture(self) -> bytes:
        """What the window shows, as a PNG."""

    def text(self, css: str = "main") -> str:
        """What a reader sees of an element, with plain spaces; empty where it is not there."""
        seen = self.run(f"(document.querySelector({json.dumps(css)}) || {{}}).innerText || ''")
        return " ".join(str(seen).split())

    @abstractmethod
    def faults(self) -> list[str]:
        """The errors of scripts on every page so far."""

    def keep(self, name: str) -> None:
        """Keep a picture for whoever wants to see what a person sees."""
        ARTIFACTS.mkdir(exist_ok=True)
        (ARTIFACTS / f"{self.name}-{name}.png").write_bytes(self.picture())

    def await_address(self, ending: str, seconds: float = SECONDS) -> None:
        until(lambda: ending in self.address(), seconds, f"{self.name} at {ending}")

    def await_text(self, words: str, css: str = "main", seconds: float = SECONDS) -> None:
        """Wait until the page says this; after the deadline, the test fails with what it says instead."""
        seen = ""

        def said() -> bool:
            nonlocal seen
            seen = self.text(css)
            return words in seen

        with contextlib.suppress(AssertionError):
            until(said, seconds, words)
        assert words in seen, f"{self.name} does not say {words!r} but {seen!r}"

    @contextlib.contextmanager
    def asleep(self) -> Iterator[None]:
        """All of its processes stand still, as on a laptop whose lid is closed; on leaving they go on."""
        os.killpg(self.group, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self.group, signal.SIGCONT)


class Started(NamedTuple):
    """A process that was started: the id of its group, and where all that it says is written."""

    group: int
    log: Path

    def said(self) -> str:
        return self.log.read_text("utf-8", errors="replace")


@contextlib.contextmanager
def process(
    command: Sequence[str], environment: Mapping[str, str] | None = None, keep: Sequence[int] = ()
) -> Iterator[Started]:
    """A process in a group of its own, with these descriptors open; the group ends with the block, and with us."""
    with folder("said-") as place:
        log = place / "log"
        with log.open("w") as written:
            started = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=written, stderr=written, start_new_session=True,
                pass_fds=keep, env=os.environ | (environment or {}), preexec_fn=dies_with_parent(signal.SIGKILL),
            )  # fmt: skip
        try:
            yield Started(started.pid, log)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(started.pid, signal.SIGKILL)
            started.wait(10)


@contextlib.contextmanager
def folder(prefix: str) -> Iterator[Path]:
    """A short-lived folder: browsers leave files of their own in it until the last of their processes has gone."""
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as name:
        yield Path(name)
