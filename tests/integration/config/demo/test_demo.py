"""`guichet demo` serves within seconds, keeps what it promises to keep, and leaves nothing behind."""

import contextlib
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from accounts.roles import STAFF
from config.processes.embedded import Valkey
from tests.conftest import until
from tests.integration.config.processes.conftest import alive
from tests.support.processes.services import WINDOWS

START_SECONDS = 90.0


class RunningDemo:
    """A running demo, its READY line and what it said on stderr."""

    def __init__(self, folder: Path, *arguments: str, python: Path | None = None, **settings: str) -> None:
        self.out, self.err = folder / "out", folder / "err"
        environ = {
            key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG", "TMPDIR")
        }
        environ |= settings
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen(
                [python or sys.executable, "-P", "-m", "config", "demo", *arguments],
                stdout=out,
                stderr=err,
                env=environ,
                cwd=folder,
            )

    def ready(self) -> dict[str, Any]:
        """The READY line's object, once it is there."""
        until(lambda: self.process.poll() is not None or "\n" in self.out.read_text(), START_SECONDS, "READY")
        assert self.process.poll() is None, self.err.read_text()
        (line,) = self.out.read_text().splitlines()
        word, _, facts = line.partition(" ")
        assert word == "READY"
        found: dict[str, Any] = json.loads(facts)
        return found

    def stop(self, number: signal.Signals = signal.SIGTERM) -> float:
        """End it and give the seconds that took."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(15)
        return time.monotonic() - began


@contextlib.contextmanager
def running(
    folder: Path, *arguments: str, python: Path | None = None, **settings: str
) -> Iterator[RunningDemo]:
    demo = RunningDemo(folder, *arguments, python=python, **settings)
    try:
        yield demo
    finally:
        if demo.process.poll() is None:
            demo.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                demo.process.wait(15)
            demo.process.kill()
            demo.process.wait()


def get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.loads(answer.read())


def everybody(pids: dict[str, list[int]]) -> set[int]:
    return {pid for some in pids.values() for pid in some}


SMALL = ("--port", "0", "--accounts", "20", "--cap", "10", "--web", "2", "--crowd")


@pytest.mark.slow
def test_a_demo_serves_survives_and_goes_on(tmp_path: Path, short_folder: Path) -> None:
    """READY is what the contract says; killed processes come back; it ends in time, and goes on where it stopped."""
    data = short_folder / "data"
    with running(tmp_path, *SMALL, "2", "--data", str(data)) as demo:
        facts = demo.ready()
        assert list(facts) == [
            "url", "operator_url", "operator", "staff", "accounts", "redis_url", "database_url", "sandbox",
            "mailbox_url", "pids",
        ]  # fmt: skip
        assert facts["operator_url"] == f"{facts['url']}/operateur"
        assert facts["mailbox_url"] == f"{facts['url']}/demo/courriels"
        assert get(f"{facts['mailbox_url']}.json") == []
        assert get(f"{facts['sandbox']['url']}/_bac-a-sable/pages") == []
        assert set(facts["sandbox"]["cards"]) == {"ok", "declined", "three_d_secure", "slow"}
        assert set(facts["operator"]) == {"username", "password"}
        password = facts["operator"]["password"]
        assert {one["password"] for one in facts["staff"]} == {password}
        assert {one["role"] for one in facts["staff"]} == {str(role) for role in STAFF}
        agents = [one["username"] for one in facts["staff"] if one["role"] == "agent"]
        assert agents == ["agente", "agent"]
        assert set(facts["accounts"]) == {"count", "username", "password", "answers"}
        assert (facts["accounts"]["count"], facts["accounts"]["username"]) == (20, "demo-%05d")
        assert {kind: len(pids) for kind, pids in facts["pids"].items()} == {
            "web": 2, "ticker": 1, "worker": 1, "redis": 1
        }  # fmt: skip
        period = get(f"{facts['url']}/api/v1/periods/demo")
        assert (period["state"], period["cap"]) == ("open", 10)
        assert get(f"{facts['url']}/healthz") is not None

        def pids() -> dict[str, list[int]]:
            found: dict[str, list[int]] = json.loads((data / "pids.json").read_bytes())
            return found

        assert pids() == facts["pids"]
        seen = everybody(facts["pids"])
        for kind in ("redis", "web", "ticker", "worker"):
            os.kill(facts["pids"][kind][0], signal.SIGKILL)
        until(
            lambda: not everybody(pids()) & {facts["pids"][kind][0] for kind in facts["pids"]},
            20,
            "all came back",
        )
        until(lambda: [len(some) for some in pids().values()] == [2, 1, 1, 1], 20, "as many as before")
        assert "redis 1 ended (signal 9 (Killed))" in demo.err.read_text()
        until(lambda: get_or_none(f"{facts['url']}/readyz") is not None, 30, "ready again")
        seen |= everybody(pids())

        assert stat.S_IMODE((data / "secret_key").stat().st_mode) == 0o600
        key = (data / "secret_key").read_text()
        second = RunningDemo(tmp_path_of(tmp_path, "second"), *SMALL, "0", "--data", str(data))
        assert second.process.wait(START_SECONDS) == 1
        assert "Another demo works in" in second.err.read_text()

        assert demo.stop() < 10
        assert demo.process.returncode == 0
        assert demo.out.read_text().count("\n") == 1
        assert "Traceback" not in demo.err.read_text()
        until(lambda: not any(alive(pid) for pid in seen), 2, "every process has ended")
        assert pids() == {"web": [], "ticker": [], "worker": [], "redis": []}
        assert [path for path in data.rglob("*") if path.is_socket()] == []

    with running(tmp_path_of(tmp_path, "again"), *SMALL, "2", "--data", str(data)) as demo:
        again = demo.ready()
        assert get(f"{again['url']}/api/v1/periods/demo")["opens_at"] == period["opens_at"]
        assert (data / "secret_key").read_text() == key
        assert json.loads((data / "crowd.json").read_text())["first"] == 3
        assert again["operator"]["password"] != facts["operator"]["password"]
        assert demo.stop(signal.SIGINT) < 10
        assert demo.process.returncode == 0


def get_or_none(url: str) -> Any:
    try:
        return get(url)
    except OSError:
        return None


def tmp_path_of(tmp_path: Path, name: str) -> Path:
    path = tmp_path / name
    path.mkdir()
    return path


@pytest.mark.slow
def test_a_temporary_demo_leaves_nothing(tmp_path: Path, short_folder: Path) -> None:
    """Stopped while it starts, a demo without --data removes its folder and ends with status 0."""
    temporary = short_folder / "tmp"
    temporary.mkdir()
    with running(tmp_path, *SMALL, "0", TMPDIR=str(temporary)) as demo:
        until(lambda: list(temporary.glob("guichet-*/pids.json")), START_SECONDS, "it has begun")
        assert demo.stop() < 10
        assert demo.process.returncode == 0
        assert demo.out.read_text() == ""
        assert list(temporary.iterdir()) == []


@pytest.mark.slow
def test_a_demo_that_opens_later_is_ready_before(tmp_path: Path) -> None:
    """Armed, by its schedule: whoever wants to see an opening has the time to come."""
    with running(tmp_path, *SMALL, "0", "--opens-in", "300") as demo:
        period = get(f"{demo.ready()['url']}/api/v1/periods/demo")
    assert period["state"] == "armed"
    left = datetime.fromisoformat(period["opens_at"]) - datetime.fromisoformat(period["server_time"])
    assert 200 < left.total_seconds() < 300


@pytest.mark.slow
def test_a_demo_on_given_stores_starts_none_of_its_own(
    tmp_path: Path, empty_postgresql_url: str, valkey: Valkey
) -> None:
    """With DATABASE_URL and REDIS_URL the demo makes tables there, and leaves both servers running at the end."""
    with running(
        tmp_path, *SMALL, "0", "--web", "1", DATABASE_URL=empty_postgresql_url, REDIS_URL=valkey.url
    ) as demo:
        facts = demo.ready()
        assert (facts["database_url"], facts["redis_url"]) == (empty_postgresql_url, valkey.url)
        assert facts["pids"]["redis"] == []
        assert get(f"{facts['url']}/api/v1/periods/demo")["state"] == "open"
        assert demo.stop() < 10
        assert demo.process.returncode == 0
    assert valkey.answers()


@pytest.mark.slow
def test_whoever_comes_early_is_called_within_three_minutes(tmp_path: Path) -> None:
    """With the defaults, a person who joins 20 s after READY sees the line get shorter, and is called."""
    with running(tmp_path, "--port", "0") as demo:
        url = demo.ready()["url"]
        time.sleep(20)  # this person comes later than the rush begins: that is what is measured
        headers = {"User-Agent": WINDOWS, "Idempotency-Key": "0123456789abcdef0123456789abcdef"}
        tickets = f"{url}/api/v1/periods/demo/tickets"
        with urllib.request.urlopen(urllib.request.Request(tickets, b"{}", headers), timeout=10) as answer:
            ticket = json.loads(answer.read())["ticket"]
        seen: list[dict[str, Any]] = []

        def called() -> bool:
            asked = urllib.request.Request(f"{tickets}/me", headers={"Authorization": f"Bearer {ticket}"})
            with urllib.request.urlopen(asked, timeout=10) as answer:
                seen.append(json.loads(answer.read()))
            threading.Event().wait(2)
            return bool(seen[-1]["state"] == "called")

        until(called, 180, "called")
        ahead = [me["ahead"] for me in seen if me["state"] == "waiting"]
        assert ahead[0] > 20
        assert len(set(ahead)) > 5


def test_a_port_that_is_taken_is_one_sentence(tmp_path: Path) -> None:
    """Nothing is started for a demo that nobody could reach."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        demo = RunningDemo(tmp_path, "--port", str(taken.getsockname()[1]), "--data", str(tmp_path / "data"))
        assert demo.process.wait(START_SECONDS) == 1
    assert demo.err.read_text().strip() == (
        "The address is taken: another program listens there; choose another port."
    )
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("where", ["file", "file/below"])
def test_a_folder_that_is_none_is_one_sentence(tmp_path: Path, where: str) -> None:
    """A --data that cannot be made is named."""
    (tmp_path / "file").touch()
    demo = RunningDemo(tmp_path, "--port", "0", "--data", str(tmp_path / where))
    assert demo.process.wait(START_SECONDS) in (1, 2)
    said = demo.err.read_text()
    assert "Traceback" not in said
    assert where in said
