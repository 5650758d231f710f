"""What the live feed costs: memory a socket, messages a second and the work between them, beside a bare fan-out.

Bare is a uvicorn with `websockets-sansio` whose whole application accepts, and sends one small text to every connection
each second. The sockets are the same, from the same client (`watchers.py`), on another core than the servers.
"""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import uvicorn
import uvloop

from loadtests.run import look, stop
from loadtests.servers import BACKLOG, a_service, on_core, pinned
from loadtests.tickets import tickets

SOCKETS: Final = 18_000
"""In one process, where it may have 20,000 files open."""

MEASURE_SECONDS: Final = 10.0
FRAME: Final = '{"type":"position","ahead":1234}'
DEMO: Final = (
    "--crowd", "0", "--web", "1", "--workers", "0", "--accounts", "1", "--calls-per-minute", "0",
)  # fmt: skip
PATH: Final = "/api/v1/periods/demo/tickets"


class Bare:
    """The application that is only a fan-out."""

    def __init__(self) -> None:
        self.sends: set[Any] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "websocket":
            return
        await receive()
        await send({"type": "websocket.accept"})
        self.sends.add(send)
        while (await receive())["type"] != "websocket.disconnect":
            pass
        self.sends.discard(send)

    async def fan_out(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            for send in list(self.sends):
                with contextlib.suppress(Exception):  # whoever left in this moment
                    await send({"type": "websocket.send", "text": FRAME})


def serve_bare(handle: int) -> None:
    """Serve `Bare` on an inherited socket as `guichet web` serves."""
    app = Bare()
    config = uvicorn.Config(
        app, loop="uvloop", http="httptools", ws="websockets-sansio", lifespan="off", backlog=BACKLOG,
        proxy_headers=False, access_log=False, server_header=False, log_config=None,
    )  # fmt: skip

    async def both() -> None:
        fanning = asyncio.create_task(app.fan_out())
        await uvicorn.Server(config).serve(sockets=[socket.socket(fileno=handle)])
        fanning.cancel()

    uvloop.run(both())


@contextlib.contextmanager
def a_bare_server() -> Iterator[tuple[str, int]]:
    """Its address and its process."""
    with socket.create_server(("127.0.0.1", 0), backlog=BACKLOG) as listener:
        command = [sys.executable, "-m", "loadtests.bench_live", str(listener.fileno())]
        server = subprocess.Popen(command, pass_fds=[listener.fileno()], text=True, start_new_session=True)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", server.pid
        finally:
            stop(server)


class Watchers:
    """A process full of sockets (`watchers.py`)."""

    def __init__(self, url: str, *options: str) -> None:
        port = str(urlsplit(url).port)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "loadtests.watchers", "--port", port, *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        if answer["trouble"]:
            raise SystemExit(f"a socket was refused: {answer['trouble']}")
        return answer

    def ask(self, line: str) -> dict[str, Any]:
        self.tell(line)
        return self.hear()

    def end(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self.tell("stop")
        self._process.wait(30)


@contextlib.contextmanager
def watchers(url: str, *options: str) -> Iterator[Watchers]:
    crowd = Watchers(url, *options)
    try:
        yield crowd
    finally:
        crowd.end()


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_of(pid: int, crowd: Watchers, many: int) -> float:
    """Bytes a socket: growth of this process while the crowd opens its sockets, and a moment after."""
    before = look([pid])
    crowd.ask("open")
    time.sleep(3.0)
    after = look([pid])
    return (after.rss_bytes - before.rss_bytes) / many


def quick(many: int) -> None:
    servers, generator = pinned()
    with tempfile.TemporaryDirectory(prefix="guichet-live-") as name, contextlib.ExitStack() as stack:
        with on_core(servers):
            bare, bare_pid = stack.enter_context(a_bare_server())
            room = stack.enter_context(a_service(Path(name), *DEMO))
        web = room["pids"]["web"][0]
        with on_core(generator):
            began = time.monotonic()
            texts = uvloop.run(tickets(room["url"], PATH, many))
            print("joins", many / (time.monotonic() - began))
            (Path(name) / "tickets").write_text("\n".join(texts))
            with watchers(bare, "--bare", str(many)) as crowd:
                each = memory_of(bare_pid, crowd, many)
                cpu = cpu_seconds(bare_pid)
                found = crowd.ask("measure 5")
                print(
                    "bare",
                    each,
                    found,
                    "cpu/message us",
                    (cpu_seconds(bare_pid) - cpu) / found["frames"] * 1e6,
                )
            with watchers(room["url"], "--tickets", str(Path(name) / "tickets")) as crowd:
                each = memory_of(web, crowd, many)
                cpu = cpu_seconds(web)
                found = crowd.ask("measure 5")
                print(
                    "ours",
                    each,
                    found,
                    "cpu/message us",
                    (cpu_seconds(web) - cpu) / max(1, found["frames"]) * 1e6,
                )
                shown = crowd.ask("positions")["positions"]
                print("right", sum(number == ahead + 1 for number, _, ahead in shown))


if __name__ == "__main__":
    if sys.argv[1] == "quick":
        quick(int(sys.argv[2]))
    else:
        serve_bare(int(sys.argv[1]))
