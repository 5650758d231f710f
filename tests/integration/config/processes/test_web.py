"""A web process starts while Redis is away: whoever was called before must be able to submit."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from config.processes.embedded import Valkey
from tests.conftest import until
from tests.support.processes.postgres import START_SECONDS

KEY = "0123456789abcdefghijklmnopqrstuvwxyz"


@contextlib.contextmanager
def web(database_url: str, redis_url: str) -> Iterator[str]:
    """A web process of its own, and its address. It listens before it serves, so nobody has to wait for it."""
    with socket.create_server(("127.0.0.1", 0)) as listener, tempfile.TemporaryFile() as output:
        environ = {
            "DATABASE_URL": database_url, "REDIS_URL": redis_url, "SECRET_KEYS": KEY,
            "LISTEN_FD": str(listener.fileno()), "PUBLIC_URL": f"http://127.0.0.1:{listener.getsockname()[1]}",
        }  # fmt: skip
        process = subprocess.Popen(
            [sys.executable, "-m", "config", "web"],
            env=os.environ | environ, pass_fds=[listener.fileno()], stdout=output, stderr=output,
        )  # fmt: skip
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(15)


@pytest.mark.slow
def test_a_web_process_starts_without_redis_and_finds_it_later(sqlite_url: str) -> None:
    """Alive at once, not ready; the sign-in page is served; when Redis comes it is used."""
    with (
        tempfile.TemporaryDirectory(prefix="gt-") as folder,
        web(sqlite_url, (server := Valkey(Path(folder))).url) as url,
        httpx.Client(base_url=url, timeout=START_SECONDS) as client,
    ):
        assert client.get("/healthz").status_code == 200
        assert client.get("/connexion").status_code == 200
        assert client.get("/readyz").json()["checks"]["redis"] is False
        server.start(deadline_seconds=START_SECONDS)
        try:
            until(lambda: client.get("/readyz").json()["checks"]["redis"], 10, "Redis is found")
        finally:
            server.stop()
