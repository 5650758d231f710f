"""The whole service as people run it, for tests from outside: processes, a port, and browsers that speak HTTP.

Nothing here reaches into the service: what it knows it has from the `READY` line and the contract.
"""

import asyncio
import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp

from config.processes.embedded import dies_with_parent

WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36"
)

START_SECONDS = 150.0


class RunningService:
    """A running demo: its address, its READY line, its processes."""

    def __init__(self, process: "subprocess.Popen[str]", ready: dict[str, Any], data: Path) -> None:
        self.process, self.ready, self.data = process, ready, data
        self.url: str = ready["url"]
        self.database_url: str = ready["database_url"]
        self.redis_url: str = ready["redis_url"]

    def pids(self, kind: str) -> list[int]:
        """The processes of this kind as they are now."""
        found: list[int] = json.loads((self.data / "pids.json").read_text())[kind]
        return found

    def kill(self, kind: str, which: int = 0, sign: int = signal.SIGKILL) -> int:
        pid = self.pids(kind)[which]
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sign)
        return pid

    def credentials(self, account: int) -> dict[str, Any]:
        accounts = self.ready["accounts"]
        return {
            "username": accounts["username"] % account,
            "password": accounts["password"],
            "answers": accounts["answers"],
        }


@contextlib.contextmanager
def running(data: Path, *options: str, environment: dict[str, str] | None = None) -> Iterator[RunningService]:
    """A demo without a crowd, on a free port, until the block ends; then nothing of it is left."""
    command = [
        sys.executable,
        "-m",
        "config",
        "demo",
        "--port",
        "0",
        "--crowd",
        "0",
        "--data",
        str(data),
        *options,
    ]
    with (data.parent / f"{data.name}.err").open("w") as errors:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env=os.environ | (environment or {}),
            preexec_fn=dies_with_parent(signal.SIGTERM),
        )  # fmt: skip
    try:
        yield RunningService(process, ready_line(process), data)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        finally:
            process.kill()
            assert process.stdout
            process.stdout.close()


def ready_line(process: "subprocess.Popen[str]") -> dict[str, Any]:
    """What the READY line says. Fails when it does not come in time."""
    assert process.stdout
    deadline = time.monotonic() + START_SECONDS
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while time.monotonic() < deadline and process.poll() is None:
            if selector.select(0.2):
                line = process.stdout.readline()
                if line.startswith("READY "):
                    ready: dict[str, Any] = json.loads(line[6:])
                    return ready
    raise AssertionError(f"the demo was not ready in {START_SECONDS:.0f} s")


async def until(true: Callable[[], Awaitable[Any]], seconds: float, what: str, every: float = 0.05) -> Any:
    """Ask until the answer is true, and return it; fail the test with `what` after the deadline.

    Where hundreds ask at once, `every` seconds keeps their questions from being most of the load.
    """
    deadline = time.monotonic() + seconds
    while not (answer := await true()):
        assert time.monotonic() < deadline, f"after {seconds:.0f} s still not so: {what}"
        await asyncio.sleep(every)
    return answer


class Browser:
    """One candidate's browser: cookies of its own, the headers that a browser sends."""

    def __init__(self, url: str, period: str = "demo", user_agent: str = WINDOWS) -> None:
        self.url, self.period = url, period
        self._session = aiohttp.ClientSession(
            base_url=url,
            headers={"User-Agent": user_agent, "Origin": url},
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            timeout=aiohttp.ClientTimeout(total=30),
            connector=aiohttp.TCPConnector(force_close=True),
        )
        self.number = 0

    async def close(self) -> None:
        await self._session.close()

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """(status, body) of one request. A dropped connection is tried again, as a person would."""
        for attempt in range(60):
            try:
                async with self._session.request(method, path, json=body, headers=headers) as answer:
                    if answer.status == 503:
                        raise aiohttp.ClientConnectionError
                    text = await answer.text()
                    return answer.status, json.loads(text) if text else None
            except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError):
                await asyncio.sleep(min(1.0, 0.05 * 2**attempt))
        raise AssertionError(f"{method} {path} was never answered")

    async def join(self) -> dict[str, Any]:
        await self._session.get("/")
        status, me = await self.call("POST", f"/api/v1/periods/{self.period}/tickets", {})
        assert status in (200, 201), me
        assert self.number in (0, me["number"]) or status == 201
        self.number = me["number"]
        return dict(me)

    async def me(self) -> dict[str, Any]:
        status, me = await self.call("GET", f"/api/v1/periods/{self.period}/tickets/me")
        assert status == 200, me
        return dict(me)

    async def called(self, seconds: float = 60.0) -> dict[str, Any]:
        """Wait for the call; also ends when the room drains."""

        async def moved() -> dict[str, Any] | None:
            me = await self.me()
            assert me["number"] == self.number, "a number changed"
            return me if me["state"] != "waiting" else None

        me: dict[str, Any] = await until(moved, seconds, f"number {self.number} is called", every=0.25)
        return me

    async def sign_in(self, credentials: dict[str, Any], token: str | None = None) -> tuple[int, Any]:
        body = credentials | ({"token": token} if token else {})
        return await self.call("POST", "/api/v1/session", body)

    async def submit(self, token: str, **changes: Any) -> tuple[int, Any]:
        body = {"token": token, "declaration": True, "signature": {"capacity": "candidate"}} | changes
        return await self.call("POST", f"/api/v1/periods/{self.period}/submissions", body)

    def live(self) -> "aiohttp.client._WSRequestContextManager":
        return self._session.ws_connect(f"/api/v1/periods/{self.period}/live")


@contextlib.asynccontextmanager
async def browser(service: RunningService, **known: Any) -> AsyncIterator[Browser]:
    one = Browser(service.url, **known)
    try:
        yield one
    finally:
        await one.close()


async def candidate(service: RunningService, account: int) -> dict[str, Any]:
    """One candidate from the door to the receipt, or to where it ended."""
    async with browser(service) as one:
        await one.join()
        me = await one.called()
        if me["state"] != "called":
            return me
        status, answer = await one.sign_in(service.credentials(account), me["token"])
        if status != 200:
            return {"state": "refused", **answer}
        status, answer = await one.submit(me["token"])
        return {"state": "accepted" if status in (200, 201) else "refused", "number": one.number, **answer}


async def verify(service: RunningService) -> None:
    """`guichet verify` finds every promise kept."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "config", "verify", "--period", "demo",
        env=os.environ | {"DATABASE_URL": service.database_url},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
