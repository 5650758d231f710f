"""Servers for benchmarks: the service with chosen parts, and an empty one under the same uvicorn beside it.

What is measured and all that belongs to it share one core; the generator has another.
"""

import contextlib
import os
import secrets
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import uvicorn

from loadtests.run import ready, stop

BACKLOG = 2048


async def bare(scope: Any, receive: Any, send: Any) -> None:
    """The empty handler: reads the body, answers 201 with nothing in it."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 201, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


def serve_bare(handle: int) -> None:
    """Serve `bare` on an inherited socket as `guichet web` serves: uvloop, httptools, no access log."""
    config = uvicorn.Config(
        bare, loop="uvloop", http="httptools", ws="websockets-sansio", lifespan="off", backlog=BACKLOG,
        proxy_headers=False, access_log=False, server_header=False, log_config=None,
    )  # fmt: skip
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=handle)])


class EmptyServer(NamedTuple):
    """The bare counterpart: its address and its process."""

    url: str
    pid: int


@contextlib.contextmanager
def an_empty_server() -> Iterator[EmptyServer]:
    with socket.create_server(("127.0.0.1", 0), backlog=BACKLOG) as listener:
        command = [sys.executable, "-m", "loadtests.bench.servers", str(listener.fileno())]
        server = subprocess.Popen(command, pass_fds=[listener.fileno()], text=True, start_new_session=True)
        try:
            yield EmptyServer(f"http://127.0.0.1:{listener.getsockname()[1]}", server.pid)
        finally:
            stop(server)


@contextlib.contextmanager
def a_service(
    folder: Path, *options: str, environ: Mapping[str, str] | None = None, checkout: Path | None = None
) -> Iterator[dict[str, Any]]:
    """`guichet demo` with these options, on a free port, its data in this folder; what its READY line says.

    It may be the one of another checkout.
    """
    place = {} if checkout is None else {"PYTHONPATH": str(checkout.resolve())}
    command = [
        sys.executable,
        "-m",
        "config",
        "demo",
        "--port",
        "0",
        *options,
        "--data",
        str(folder / "data"),
    ]
    with (folder / "demo.log").open("wb") as log:
        demo = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True, cwd=checkout,
            env=os.environ | place | dict(environ or {}),
        )  # fmt: skip
        try:
            yield ready(demo, folder / "demo.log")
        finally:
            stop(demo)
            if demo.stdout is not None:
                demo.stdout.close()


@contextlib.contextmanager
def on_core(cores: set[int]) -> Iterator[None]:
    """What is started here runs on these cores, and so do we, until the block ends. Nothing where that cannot be."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def pinned() -> tuple[set[int], set[int]]:
    """The core of the servers and the core of the generator; the same where there is only one."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
    return {cores[0]}, {cores[-1]}


def fsync_ms(folder: Path) -> float:
    """What one small write costs to be on the disk here: the median of fifty, in milliseconds."""
    taken = []
    with (folder / "probe").open("wb", buffering=0) as file:
        for _ in range(50):
            began = time.perf_counter()
            file.write(secrets.token_bytes(4096))
            os.fsync(file.fileno())
            taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


if __name__ == "__main__":
    serve_bare(int(sys.argv[1]))
