"""Locust in several processes: one load, one report, and nothing left behind."""

import contextlib
import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from loadtests.run import a_demo
from tests.support.places import ROOT


@pytest.mark.slow
def test_two_workers_and_a_master_are_one_load() -> None:
    """All personas come, what two workers saw is in the master's report, every promise holds, and all of it ends."""
    command = [sys.executable, "-m", "loadtests.run", "--workers", "2", "--shape", "stampede"]
    done = subprocess.run(
        [*command, "--scale", "0.01", "--seconds", "12"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "every promise held" in done.stdout
    assert "workers: 2" in done.stdout
    for seen in ("device_refused", "POST     robot", "WS       live first frame"):
        assert seen in done.stdout + done.stderr
    assert locusts() == []


def locust(file: Path, host: str, *more: str) -> "subprocess.CompletedProcess[str]":
    """Four users for three seconds."""
    command = [
        sys.executable,
        "-m",
        "locust",
        "-f",
        str(file),
        "--headless",
        "--host",
        host,
        "--run-time",
        "3s",
    ]
    return subprocess.run(
        [*command, "--users", "4", "--spawn-rate", "4", *more],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.slow
def test_the_lines_of_the_page_run_as_they_stand(tmp_path: Path) -> None:
    """What docs/load.md gives is taken by the service; without its first header nobody gets in, and a hint says why."""
    (lines,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "load.md").read_text("utf-8"), re.DOTALL)
    whole, bare = tmp_path / "person.py", tmp_path / "bare.py"
    whole.write_text(lines.replace("between(5, 10)", "between(0.2, 0.4)"), "utf-8")
    told = "        print(self.client.post('/api/v1/periods/demo/tickets').json()['hint'])\n"
    bare.write_text(re.sub(r".*User-Agent.*\n", told, whole.read_text("utf-8")), "utf-8")
    with a_demo(tmp_path / "data") as ready:
        taken, refused = (locust(file, ready["url"].rstrip("/")) for file in (whole, bare))
    assert taken.returncode == 0, taken.stdout[-3000:] + taken.stderr[-3000:]
    assert re.search(
        r"GET +/api/v1/periods/demo/tickets/me +[1-9]\d* +0\(0.00%\)", taken.stdout + taken.stderr
    )
    assert refused.returncode == 1
    assert "User-Agent: Mozilla/5.0" in refused.stdout


@contextlib.contextmanager
def never_answers() -> Iterator[str]:
    """The address of a service that takes every connection and says nothing."""
    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def take() -> None:
            with contextlib.suppress(OSError):
                while True:
                    held.append(listener.accept()[0])

        threading.Thread(target=take, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    for connection in held:
        connection.close()


@pytest.mark.slow
def test_a_request_that_is_never_answered_is_told_at_the_end(tmp_path: Path) -> None:
    """Locust alone has it in no statistic and ends with 0; ours prints how many there are and ends with 1."""
    accounts = tmp_path / "accounts.json"
    accounts.write_text(
        json.dumps({"username": "demo-%05d", "password": "p", "answers": ["a", "b"], "count": 99})
    )
    plain = tmp_path / "plain.py"
    plain.write_text(
        "from locust import HttpUser, task\nclass Plain(HttpUser):\n    @task\n"
        "    def ask(self):\n        self.client.get('/')\n"
    )
    with never_answers() as host:
        ours = locust(
            ROOT / "loadtests" / "locustfile.py",
            host,
            "--accounts-file",
            str(accounts),
            "--answer-seconds",
            "1",
        )
        theirs = locust(plain, host)
    found = re.search(r"in flight at the end: (\d+), never answered: (\d+)", ours.stdout)
    assert found is not None, ours.stdout[-3000:] + ours.stderr[-3000:]
    assert int(found[1]) == int(found[2]) > 0
    assert (ours.returncode, theirs.returncode) == (1, 0)


def locusts() -> list[str]:
    """Command lines of Locust processes that still run, by /proc."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            command = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if "loadtests/locustfile.py" in command:
                found.append(command)
    return found
