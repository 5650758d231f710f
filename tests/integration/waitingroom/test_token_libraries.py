"""What `docs/tokens.md` shows: five libraries verify a submission token with the key set that we publish."""

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import msgspec
import pytest

from tests.support.compat import Seen
from tests.support.places import ROOT
from tests.support.rooms import KEYS
from waitingroom.tokens import Claims, Tokens

ISSUER = "https://guichet.example.org"

PROGRAMS = dict(
    re.findall(
        r"^```\w+ ([\w-]+)\n(.*?)^```",
        (ROOT / "docs" / "tokens.md").read_text("utf-8"),
        re.MULTILINE | re.DOTALL,
    )
)
"""Name of a library -> its program in the document."""

PYTHON = {"pyjwt": "PyJWT[crypto]==2.15.1", "authlib": "Authlib==1.9.10"}

NODE = {"jose": "jose@6.2.18", "fast-jwt": "fast-jwt@6.3.6"}

RUN_SECONDS = 60.0

INSTALL_SECONDS = 300.0


@pytest.fixture
def keys_url() -> Iterator[str]:
    """Serves the public keys."""
    text = msgspec.json.encode(Tokens(KEYS, ISSUER).jwks())

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Nothing on stderr."""

    server = HTTPServer(("127.0.0.1", 0), Answer)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield f"http://127.0.0.1:{server.server_port}/.well-known/jwks.json"
    server.shutdown()
    serving.join()
    server.server_close()


def minted(period: str = "essai", ends_in: int = 600, issuer: str = ISSUER) -> str:
    now = int(time.time())
    return Tokens(KEYS, issuer)._sign(Claims(period, 7, "j"), now - 700, now + ends_in)


def number_of(command: list[str], url: str, token: str, folder: Path) -> str | None:
    """What the program prints; None when it refuses."""
    environ = {"KEYS": url, "TOKEN": token, "ISSUER": ISSUER, "PERIOD": "essai", "PATH": os.environ["PATH"]}
    done = subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, timeout=RUN_SECONDS, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else None


def holds(command: list[str], url: str, folder: Path) -> bool:
    """A token is taken; one of another period, of another issuer, that has ended, or was changed is refused."""
    good = minted()
    head, claims, signature = good.split(".")
    wrong = (minted("autre"), minted(ends_in=-600), minted(issuer="https://other.example.org"))
    changed = f"{head}.{claims}.{signature[:-6]}{'A' * 6}"
    answers = [number_of(command, url, token, folder) for token in (good, *wrong, changed)]
    return answers == ["7", None, None, None, None]


def test_the_document_has_a_program_for_each() -> None:
    """Those that a test installs, and the one that we stand on."""
    assert set(PROGRAMS) == {"joserfc", *PYTHON, *NODE}


def test_joserfc_verifies_as_the_document_says(keys_url: str, tmp_path: Path) -> None:
    """It is the library that we sign with."""
    assert holds([sys.executable, "-c", PROGRAMS["joserfc"]], keys_url, tmp_path)


@pytest.mark.compat
@pytest.mark.slow
def test_libraries_of_python_verify(keys_url: str, tmp_path: Path, seen: Seen) -> None:
    """PyJWT and Authlib, each as the document says."""
    home = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", home], check=True, timeout=INSTALL_SECONDS)
    python = str(home / "bin" / "python")
    wanted = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PYTHON.values()]
    subprocess.run(wanted, check=True, timeout=INSTALL_SECONDS)
    for name, pinned in PYTHON.items():
        assert holds([python, "-c", PROGRAMS[name]], keys_url, tmp_path), name
        library, _, version = pinned.partition("==")
        seen("token", library.partition("[")[0], version, "verifies `EdDSA`, refuses what it must")


@pytest.mark.compat
@pytest.mark.slow
@pytest.mark.skipif(shutil.which("npm") is None, reason="needs Node")
def test_libraries_of_node_verify(keys_url: str, tmp_path: Path, seen: Seen) -> None:
    """jose and fast-jwt, each as the document says."""
    subprocess.run(
        ["npm", "install", "--silent", *NODE.values()], cwd=tmp_path, check=True, timeout=INSTALL_SECONDS
    )
    for name, pinned in NODE.items():
        (tmp_path / "verify.mjs").write_text(PROGRAMS[name], "utf-8")
        assert holds(["node", "verify.mjs"], keys_url, tmp_path), name
        seen("token", name, pinned.rpartition("@")[2], "verifies `EdDSA`, refuses what it must")
