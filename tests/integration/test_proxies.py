"""Debian's nginx and HAProxy with the files of `docs/deploy/`, before two web processes: real TLS, on loopback."""

import contextlib
import datetime as dt
import io
import re
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest
import redis
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from config.processes.embedded import Valkey
from foundation.sql.database import Database
from tests.conftest import START_SECONDS, apart, until
from tests.integration.test_proxy import TICKETS, ProxyDoor
from tests.support.compat import Seen
from tests.support.places import ROOT
from tests.support.rooms import make_period

DEPLOY = ROOT / "docs" / "deploy"

KINDS = ("nginx", "haproxy")

pytestmark = [pytest.mark.slow, pytest.mark.compat]


def program(kind: str) -> str | None:
    return shutil.which(kind) or shutil.which(kind, path="/usr/sbin")


def version(kind: str) -> str:
    said = subprocess.run(
        [program(kind) or kind, "-v"], capture_output=True, text=True, timeout=10, check=True
    )
    found = re.search(r"\d+\.\d+\.\d+", said.stdout + said.stderr)
    assert found is not None
    return found[0]


def certificate(folder: Path) -> None:
    """One for `localhost` that signs itself: `guichet.pem`, its key, and both in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    ).public_bytes(Encoding.PEM)  # fmt: skip
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "guichet.pem").write_bytes(made)
    (folder / "guichet.key").write_bytes(secret)
    (folder / "both.pem").write_bytes(made + secret)


class OtherDoor(ProxyDoor):
    """The same web processes behind another proxy."""

    @property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.folder / "guichet.pem")

    changed: Mapping[str, str] = MappingProxyType({})
    """Besides names and addresses."""

    def written(self, name: str, certificate: str) -> Path:
        """A file of `docs/deploy/` with what one changes in it changed."""
        text = (DEPLOY / name).read_text("utf-8")
        one, two = self.web_ports
        changes = {
            "https://guichet.example.ca": f"https://localhost:{self.https}", "guichet.example.ca": "localhost",
            "10.0.0.11:8000": f"127.0.0.1:{one}", "10.0.0.12:8000": f"127.0.0.1:{two}",
            "listen 80;": f"listen 127.0.0.1:{self.http};", "listen 443": f"listen 127.0.0.1:{self.https}",
            "bind :80": f"bind 127.0.0.1:{self.http}", "bind :443": f"bind 127.0.0.1:{self.https}",
            "/etc/ssl/guichet.pem": str(self.folder / certificate),
            "/etc/ssl/guichet.key": str(self.folder / "guichet.key"),
            "/etc/nginx/": f"{self.folder}/", "/var/cache/nginx/guichet": str(self.folder / "kept"),
        }  # fmt: skip
        for old, new in (changes | {**self.changed}).items():
            text = text.replace(old, new)
        path = self.folder / name
        path.write_text(text, "utf-8")
        return path

    def start_proxy(self, kind: str) -> None:
        found = program(kind)
        assert found is not None
        if kind == "nginx":
            self.written("guichet-proxy.conf", "guichet.pem")
            # The log and the pid of a program that is started by hand.
            globals_ = f"daemon off; pid {self.folder}/pid; error_log {self.folder}/errors;"
            conf = str(self.written("nginx.conf", "guichet.pem"))
            self.start(kind, found, "-p", str(self.folder), "-c", conf, "-g", globals_)
        else:
            self.start(kind, found, "-f", str(self.written("haproxy.cfg", "both.pem")))


@pytest.fixture(params=KINDS)
def door(
    request: pytest.FixtureRequest, session_valkey: Valkey, sqlite_template: Path
) -> Iterator[OtherDoor]:
    kind: str = request.param
    if program(kind) is None:
        pytest.skip(f"needs {kind} (Debian: {kind})")
    folder = Path(tempfile.mkdtemp(prefix="gt-"))
    folder.chmod(0o755)
    shutil.copy(sqlite_template, folder / "books.db")
    certificate(folder)
    with redis.Redis.from_url(session_valkey.url) as client:
        client.flushall()

    async def announce() -> None:
        database = Database(f"sqlite:///{folder}/books.db")
        await make_period(database)
        await database.close()

    apart(announce())
    made = OtherDoor(
        folder, {"DATABASE_URL": f"sqlite:///{folder}/books.db", "REDIS_URL": session_valkey.url}
    )
    try:
        made.start_web(0)
        made.start_web(1)
        until(lambda: all(map(made.answers, made.web_ports)), START_SECONDS, "both web processes serve")
        made.start_proxy(kind)
        until(made.serves, START_SECONDS, f"{kind} serves")
        yield made
    finally:
        for name in list(made.running):
            made.stop(name)
        shutil.rmtree(folder, ignore_errors=True)


async def test_the_way_to_the_live_feed(door: OtherDoor, request: pytest.FixtureRequest, seen: Seen) -> None:
    """Plain http leads to https; page, number, position and feed; a process that dies costs a reconnection."""
    kind = request.node.callspec.params["door"]
    async with door.browser() as browser:
        async with browser.get(f"http://localhost:{door.http}/?a=b", allow_redirects=False) as plain:
            assert (plain.status, plain.headers["Location"]) == (301, f"{door.url}/?a=b")
        async with browser.get("/") as page:
            assert page.status == 200 and page.cookies["__Host-visitor"]["secure"]
        async with browser.post(TICKETS, json={}) as joined:
            me = await joined.json()
            assert joined.status == 201, me
        async with browser.ws_connect("/api/v1/periods/essai/live") as feed:
            assert (await feed.receive_json(timeout=10))["number"] == me["number"]
        door.stop("web0")
        for _ in range(4):
            async with browser.get(f"{TICKETS}/me") as asked:
                assert (await asked.json())["number"] == me["number"]
        async with browser.ws_connect("/api/v1/periods/essai/live") as feed:
            assert (await feed.receive_json(timeout=10))["number"] == me["number"]
    seen("proxy", kind, version(kind), "page, join, live feed over TLS; a dead process costs nothing")


async def test_what_is_not_for_the_world_and_what_is_too_large(door: OtherDoor) -> None:
    """Figures and readiness are not passed on; a body too large is refused by the service up to twice its limit."""
    async with door.browser() as browser:
        for path in ("/metrics", "/readyz", "/metrics/x"):
            async with browser.get(path) as answer:
                assert answer.status == 404, path
        async with browser.post(TICKETS, data=b"a" * 100_000) as answer:
            assert (answer.status, (await answer.json())["code"]) == (413, "too_large")
        with contextlib.suppress(OSError):
            async with browser.post(TICKETS, data=io.BytesIO(b"a" * 2_000_000)) as answer:
                assert answer.status == 413


async def test_nobody_lends_an_address(door: OtherDoor) -> None:
    """The visitor's own counts, whatever is claimed."""
    async with door.browser("127.0.0.5") as browser:
        for n in range(3000):
            browser.cookie_jar.clear()
            claims = {"X-Forwarded-For": f"198.51.100.{n % 250}", "Forwarded": f"for=198.51.100.{n % 250}"}
            async with browser.post(TICKETS, json={}, headers=claims) as answer:
                if answer.status == 429:
                    break
        else:
            raise AssertionError("there is no limit")
    async with door.browser("127.0.0.6") as other, other.post(TICKETS, json={}) as answer:
        assert answer.status == 201
