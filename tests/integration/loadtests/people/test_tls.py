"""A rehearsal visits an instance behind TLS: a real proxy, with a certificate that signs itself."""

import contextlib
import json
import os
import socket
import ssl
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.processes.embedded import dies_with_parent
from loadtests.people import tls
from loadtests.run import ready, stop
from tests.conftest import until
from tests.integration.config.rehearsal.conftest import rehearse
from tests.integration.test_proxies import certificate
from tests.support.processes.fleets import free_ports
from tests.support.processes.postgres import START_SECONDS

CAP = 8


@contextlib.contextmanager
def behind_caddy(folder: Path) -> Iterator[dict[str, Any]]:
    """A demo whose address outside is Caddy's: what READY says."""
    certificate(folder)
    within, outside = free_ports(2)
    url = f"https://localhost:{outside}"
    options = {"--crowd": 0, "--port": within, "--accounts": 200, "--cap": CAP, "--calls-per-minute": 240}
    flags = [str(part) for option in (options | {"--token-seconds": 8}).items() for part in option]
    log = folder / "demo.log"
    (folder / "Caddyfile").write_text(
        f"{{\n admin off\n auto_https off\n}}\n{url} {{\n tls {folder}/guichet.pem {folder}/guichet.key\n"
        f" reverse_proxy 127.0.0.1:{within}\n}}\n"
    )
    with log.open("wb") as said:
        demo = subprocess.Popen(
            [sys.executable, "-m", "config", "demo", *flags, "--data", str(folder / "data")],
            env=os.environ | {"PUBLIC_URL": url}, stdout=subprocess.PIPE, stderr=said, text=True,
            start_new_session=True,
        )  # fmt: skip
        caddy = subprocess.Popen(
            [str(Path(sysconfig.get_path("scripts")) / "caddy"), "run", "--config", str(folder / "Caddyfile")],
            env=os.environ | {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)},
            stdout=said, stderr=said, preexec_fn=dies_with_parent(),
        )  # fmt: skip
    try:
        announced = ready(demo, log)
        until(lambda: answers(outside, folder / "guichet.pem"), START_SECONDS, "the proxy answers")
        yield announced
    finally:
        stop(demo)
        caddy.terminate()
        caddy.wait(15)


def answers(port: int, ca: Path) -> bool:
    context = ssl.create_default_context(cafile=ca)
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
        with context.wrap_socket(plain, server_hostname="localhost"):
            return True
    return False


@pytest.mark.slow
def test_an_intake_over_tls_holds_every_promise(tmp_path: Path) -> None:
    """Calls and live feeds go through the proxy; without its authority nobody sets out."""
    with behind_caddy(tmp_path) as announced:
        accounts, figures = tmp_path / "accounts.json", tmp_path / "figures.json"
        accounts.write_text(json.dumps(announced["accounts"]), "utf-8")
        command = (
            "--url", announced["url"], "--accounts-file", str(accounts), "--people", "30", "--cap", str(CAP),
            "--time-scale", "120", "--json", str(figures),
        )  # fmt: skip
        strangers = rehearse(*command, DATABASE_URL=announced["database_url"])
        known = rehearse(
            *command, "--ca", str(tmp_path / "guichet.pem"), DATABASE_URL=announced["database_url"]
        )
    assert strangers.returncode == 1
    assert "--ca FILE" in strangers.stderr
    assert len(strangers.stderr.strip().splitlines()) == 1
    assert known.returncode == 0, known.stdout[-3000:] + known.stderr[-3000:]
    assert json.loads(figures.read_text())["figures"]["accepted"] == CAP


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("https://a.example", 443),
        ("http://a.example", 80),
        ("https://a.example:8443", 8443),
        ("http://[::1]:81", 81),
    ],
)
def test_an_address_has_its_port_and_a_plain_one_no_certificate(url: str, port: int) -> None:
    """As browsers read it; certificates and names are looked at wherever there is one."""
    context = tls.trust(url)
    assert tls.port_of(url) == port
    assert (context is not None) is url.startswith("https")
    assert context is None or (context.check_hostname and context.verify_mode is ssl.CERT_REQUIRED)


def test_a_file_without_certificates_is_an_error(tmp_path: Path) -> None:
    """Rather than nobody who is believed."""
    (tmp_path / "none.pem").write_text("nothing\n")
    with pytest.raises(OSError):
        tls.trust("https://a.example", str(tmp_path / "none.pem"))
