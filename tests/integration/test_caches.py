"""Caches in front of the service: Debian's nginx and Varnish with the files of `docs/deploy/`, real TLS, on loopback.

A static file comes from the cache, a person's page never. Each answer of the service has an id of its own, so a copy is
known by its id. The same people then come through caches that keep whatever an answer allows, where our own headers
hold a page back; and through careless ones, in which each mix-up is seen.
"""

import contextlib
import hashlib
import itertools
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect

from config.assets import STATIC
from config.processes.embedded import Valkey
from foundation.sql.database import Database
from server.rendering.compression import Coding
from server.rendering.static_files import smaller
from tests.conftest import START_SECONDS, apart, until
from tests.integration.test_proxies import OtherDoor, certificate, program
from tests.integration.test_proxy import TICKETS
from tests.support.caches import CHANGES, CachedReply, Keeping, reply_on
from tests.support.compat import Seen
from tests.support.places import ROOT
from tests.support.processes.services import WINDOWS
from tests.support.processes.serving import raw, status_of
from tests.support.rooms import make_period
from tests.unit.server.rendering.test_compression import read

pytestmark = [pytest.mark.slow, pytest.mark.compat]

ROOM = "/periodes/essai"


class CachingDoor(OtherDoor):
    """A cache in front of one web process. nginx speaks TLS itself; before Varnish something else would."""

    def __init__(self, folder: Path, kind: str, environ: dict[str, str]) -> None:
        super().__init__(folder, environ)
        self.kind = kind
        self.web_ports = self.web_ports[:1] * 2
        if kind == "varnishd":
            self.host = f"localhost:{self.http}"
            self.url = f"http://{self.host}"
            self.environ["PUBLIC_URL"] = self.url

    def start_proxy(self, kind: str) -> None:
        if kind == "nginx":
            super().start_proxy(kind)
            return
        found = program(kind)
        assert found is not None
        vcl = self.written("guichet.vcl", "guichet.pem")
        vcl.write_text(
            vcl.read_text().replace('"10.0.0.11"', '"127.0.0.1"').replace('"8000"', f'"{self.web_ports[0]}"')
        )
        self.start(
            kind, found, "-F", "-j", "none", "-n", str(self.folder / "varnish"), "-a", f"127.0.0.1:{self.http}",
            "-f", str(vcl), "-s", "malloc,32m", "-p", "http_gzip_support=off",
        )  # fmt: skip

    def open_cache(self, keeping: Keeping) -> None:
        self.changed = CHANGES[self.kind, keeping]
        self.start_proxy(self.kind)
        until(self.serves, START_SECONDS, f"{self.kind} serves")

    def serves(self) -> bool:
        if self.kind == "nginx":
            return super().serves()
        return self.answers(self.http)

    def version(self) -> str:
        found = subprocess.run(
            [program(self.kind) or "", "-V"], capture_output=True, text=True, timeout=10, check=True
        )
        version = re.search(r"\d+\.\d+\.\d+", found.stdout + found.stderr)
        assert version is not None
        return version[0]

    def release(self, style: bytes) -> None:
        """The web process again, of a release whose style is another one."""
        folder = self.folder / "release"
        project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
        for package in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]:
            shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "server" / "static" / "base.css").write_bytes(style)
        port = str(self.web_ports[0])
        self.start(
            "web0", sys.executable, "-P", "-m", "config", "web", PORT=port, TRUSTED_PROXIES="127.0.0.1/32",
            PYTHONPATH=str(folder),
        )  # fmt: skip

    @contextlib.contextmanager
    def line(self) -> Iterator[socket.socket]:
        """To the cache."""
        if self.kind == "nginx":
            with self.connection() as secure:
                yield secure
        else:
            with socket.create_connection(("127.0.0.1", self.http), timeout=10) as plain:
                yield plain

    def fetch(self, path: str, method: str = "GET", body: bytes = b"", **headers: str) -> CachedReply:
        sent = {"Host": self.host, "User-Agent": WINDOWS, "Connection": "close"}
        if method == "POST":
            sent |= {"Origin": self.url, "Content-Length": str(len(body))}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        with self.line() as line:
            return reply_on(line, method, path, sent, body)

    def files_served(self) -> int:
        """How many static files the service itself has given so far: all that were asked for before this question."""
        marks = self._counted("404")
        self._directly("/static/nothing.css")
        until(lambda: self._counted("404") > marks, 10, "the service has counted")
        return sum(map(self._counted, ("200", "206", "304")))

    def _counted(self, status: str) -> int:
        said = re.escape(
            f'guichet_http_requests_total{{method="GET",route="/static/{{name}}",status="{status}"}}'
        )
        found = re.search(f"^{said} ([0-9.]+)$", self._directly("/metrics").decode(), re.MULTILINE)
        return int(float(found[1])) if found else 0

    def _directly(self, path: str) -> bytes:
        head = f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\nConnection: close\r\n\r\n"
        return raw(self.web_ports[0], head.encode())


Opened = Callable[[Keeping], CachingDoor]


@pytest.fixture(params=["nginx", "varnishd"])
def opened(request: pytest.FixtureRequest, valkey: Valkey, sqlite_template: Path) -> Iterator[Opened]:
    """Opens the door with a cache that keeps so much; once a test."""
    kind: str = request.param
    if program(kind) is None:
        pytest.skip(f"needs {kind} (Debian: {kind.removesuffix('d')})")
    folder = Path(tempfile.mkdtemp(prefix="gt-"))
    folder.chmod(0o755)
    shutil.copy(sqlite_template, folder / "books.db")
    certificate(folder)

    async def announce() -> None:
        database = Database(f"sqlite:///{folder}/books.db")
        await make_period(database)
        await database.close()

    apart(announce())
    door = CachingDoor(
        folder, kind, {"DATABASE_URL": f"sqlite:///{folder}/books.db", "REDIS_URL": valkey.url}
    )

    def open_with(keeping: Keeping) -> CachingDoor:
        door.start_web(0)
        until(lambda: door.answers(door.web_ports[0]), START_SECONDS, "the web process serves")
        door.open_cache(keeping)
        return door

    try:
        yield open_with
    finally:
        for name in list(door.running):
            door.stop(name)
        shutil.rmtree(folder, ignore_errors=True)


class CachedPerson:
    """A browser with cookies of its own, and what it takes."""

    def __init__(self, door: CachingDoor, coding: str = "br") -> None:
        self.door, self.coding = door, coding
        self.jar: dict[str, str] = {}
        self.number = 0

    def ask(self, path: str, method: str = "GET", body: bytes = b"", **headers: str) -> CachedReply:
        headers = {"Accept_Encoding": self.coding, "Cookie": self.cookie} | headers
        reply = self.door.fetch(
            path, method, body, **{name: value for name, value in headers.items() if value}
        )
        self.jar |= dict(pair.split("=", 1) for pair in reply.cookies)
        return reply

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.jar.items())

    def join(self) -> CachedReply:
        """The page, then the button."""
        self.ask(ROOM)
        reply = self.ask(TICKETS, "POST", b"{}")
        if reply.status in (200, 201):
            self.number = json.loads(reply.body)["number"]
        return reply


CODINGS = ("br", "gzip", "zstd", "", "gzip, deflate, br, zstd")


def crowd_of(door: CachingDoor) -> list[str]:
    """Browsers of every kind ask for every file; what one of them got wrong."""
    wrong = []
    for coding, (name, file) in itertools.product(CODINGS, STATIC.all.items()):
        person = CachedPerson(door, coding)
        person.jar = {"visitor": coding.replace(", ", "-") or "none", "ticket-essai": name}
        reply = person.ask(STATIC.address(name))
        said = reply.headers.get("content-encoding", "identity")
        if reply.status != 200 or said not in {"identity", *coding.split(", ")}:
            wrong.append(f"{name} for « {coding} »: {reply.status} {said}")
        elif read(reply.body, Coding(said)) != file.copies[Coding.IDENTITY]:
            wrong.append(f"{name} for « {coding} »: another text")
        elif coding and said == "identity" and len(file.copies) > 1:
            wrong.append(f"{name} for « {coding} »: not compressed")
        elif reply.cookies:
            wrong.append(f"{name}: a cookie")
    return wrong


PATHS = (
    "/", ROOM, f"{ROOM}?retour=1", f"{ROOM}/", f"{ROOM}/quitter", f"{ROOM}/demande", "/connexion", "/accessibilite",
    "/operateur", "/documents", "/refus/not_found", "/nothing", "/static/nothing.css", "/static/base.css",
    "/static/base.css?v=0123456789", "/static/base.css/", f"{ROOM}/..%2f..%2fstatic/base.css",
    "/static/..%2fperiodes/essai", f"{ROOM}/static/base.css", f"{ROOM}?/static/base.css", "/api/v1/periods",
    "/api/v1/periods/essai", f"{TICKETS}/me", "/api/v1/nothing", "/openapi.json", "/.well-known/jwks.json", "/healthz",
)  # fmt: skip
"""What is about somebody or about now, what is nowhere, and what only looks like a static file."""


def mixed_up(door: CachingDoor) -> list[str]:
    """What somebody got that was made for another request, set for another browser, or says another number."""
    one, other = CachedPerson(door, "gzip"), CachedPerson(door, "gzip")
    wrong = [f"join: {reply.status}" for reply in (one.join(), other.join()) if reply.status != 201]
    for path, accept in itertools.product(PATHS, ("text/html", "application/json")):
        askers = one, other, one, CachedPerson(door, "gzip")
        replies = [who.ask(path, Accept=accept) for who in askers]
        cookies = [pair for reply in replies for pair in reply.cookies]
        if len({reply.made for reply in replies}) < len(replies):
            wrong.append(f"{path}: one answer for two questions")
        if len(set(cookies)) < len(cookies):
            wrong.append(f"{path}: one cookie for two browsers")
    for who in (one, other):
        me = json.loads(who.ask(f"{TICKETS}/me").body)
        if me.get("number") != who.number or f'"number":{who.number},'.encode() not in who.ask(ROOM).text:
            wrong.append(f"number {who.number} is told another's")
    return wrong


def refused_for_all(door: CachingDoor) -> list[str]:
    """Somebody presses the button without end, and is told to wait; what their neighbour hears then."""
    greedy, neighbour = CachedPerson(door), CachedPerson(door)
    neighbour.ask(ROOM)
    replies = [greedy.join()] + [greedy.ask(TICKETS, "POST", b"{}") for _ in range(40)]
    wrong = [] if 429 in {reply.status for reply in replies} else ["there is no limit"]
    return wrong + [f"join: {reply.status}" for reply in (neighbour.join(),) if reply.status != 201]


def away_for_longer(door: CachingDoor, valkey: Valkey) -> list[str]:
    """A web process that starts while the line is away says so (503); who hears it when the line is back."""
    person, me = CachedPerson(door), f"{TICKETS}/me"
    person.join()
    valkey.kill()
    door.stop("web0")
    door.start_web(0)
    until(lambda: door.answers(door.web_ports[0]), START_SECONDS, "the web process serves")
    until(lambda: "x-request-id" in person.ask(me).headers, START_SECONDS, "and is asked")
    said = [person.ask(path) for path in (me, ROOM)]
    wrong = [
        f"away: {reply.status}"
        for reply in said
        if reply.status != 503 or not reply.headers.get("retry-after")
    ]
    valkey.start()
    head = f"GET {me} HTTP/1.1\r\nHost: {door.host}\r\nCookie: {person.cookie}\r\nConnection: close\r\n\r\n"
    until(lambda: status_of(raw(door.web_ports[0], head.encode())) == 200, 60, "the line is back")
    for who, path in ((person, me), (person, ROOM), (CachedPerson(door), ROOM), (CachedPerson(door), "/")):
        status = who.ask(path).status
        wrong += [f"{path}: {status} when the line is back"] if status != 200 else []
    return wrong


def test_a_static_file_is_asked_for_once_and_nothing_else_is_kept(
    opened: Opened, valkey: Valkey, seen: Seen
) -> None:
    """The very files of `docs/deploy/`: each coding right, the service asked no more; the rest comes from it alone."""
    door = opened(Keeping.STATIC)
    assert crowd_of(door) == []
    filled = door.files_served()
    assert filled >= len(STATIC.all)
    for _ in range(3):
        assert crowd_of(door) == []
    tag = door.fetch(STATIC.address("base.css"), Accept_Encoding="br").headers["etag"]
    unchanged = door.fetch(STATIC.address("base.css"), Accept_Encoding="br", If_None_Match=tag)
    assert (unchanged.status, unchanged.body) == (304, b"")
    assert door.fetch(STATIC.address("call.wav"), Range="bytes=0-3").body == b"RIFF"
    assert door.files_served() == filled, "all of it came from the cache"
    assert mixed_up(door) == []
    assert refused_for_all(door) == []
    assert hears_the_feed(door)
    assert away_for_longer(door, valkey) == []
    version = door.version()
    seen(
        "cache",
        door.kind.removesuffix("d"),
        version,
        "static files once, each coding; no page, poll or refusal",
    )


def hears_the_feed(door: CachingDoor) -> bool:
    """A socket passes, with its cookies, and says its own person's number."""
    person = CachedPerson(door)
    person.join()
    tls = door.trust if door.url.startswith("https") else None
    headers = {"Cookie": person.cookie, "Origin": door.url}
    url = f"{door.url.replace('http', 'ws', 1)}/api/v1/periods/essai/live"
    with connect(
        url, additional_headers=headers, user_agent_header=WINDOWS, compression=None, ssl=tls
    ) as feed:
        first: dict[str, Any] = json.loads(feed.recv(timeout=10))
        return bool(first["number"] == person.number)


def test_our_headers_hold_back_what_is_about_somebody(opened: Opened, valkey: Valkey) -> None:
    """Also in a cache that keeps whatever it may, at every address, and looks at no cookie."""
    door = opened(Keeping.ALLOWED)
    assert mixed_up(door) == []
    assert refused_for_all(door) == []
    assert crowd_of(door) == []
    filled = door.files_served()
    assert crowd_of(door) == []
    assert door.files_served() == filled
    assert away_for_longer(door, valkey) == []


def test_a_careless_cache_mixes_people_up(opened: Opened) -> None:
    """Twin: where nobody listens to what our answers say, people get each other's pages, numbers and cookies."""
    door = opened(Keeping.ANYTHING)
    wrong = "\n".join(mixed_up(door))
    for what in (f"{ROOM}: one answer", "/: one answer", f"{TICKETS}/me: one answer", "told another's"):
        assert what in wrong, wrong


def test_a_cache_with_one_copy_of_a_file_breaks_pages(opened: Opened) -> None:
    """Twin: without `Vary` a browser gets a coding that it does not read, without the query yesterday's release."""
    door = opened(Keeping.ONE_COPY)
    wrong = crowd_of(door)
    assert "base.css for « gzip »: 200 br" in wrong, wrong
    assert door.fetch("/static/base.css?v=0123456789").made == door.fetch(STATIC.address("base.css")).made


def test_a_new_release_is_seen_at_once(opened: Opened) -> None:
    """A new text has a new address; a process of the release before, asked for it, gives the old text, and that is kept
    by nobody. What was kept of the release before is there for pages that are still open."""
    door = opened(Keeping.ALLOWED)
    text = STATIC.path("base.css").read_bytes() + b"\n.released{color:red}"
    old, new = (
        STATIC.address("base.css"),
        f"/static/base.css?v={hashlib.sha256(smaller(text, '.css')).hexdigest()[:10]}",
    )
    assert old.encode() in door.fetch(ROOM).text
    kept = door.fetch(old)
    assert kept.made == door.fetch(old).made
    early = [door.fetch(new) for _ in range(2)]
    assert {reply.body for reply in early} == {kept.body}
    assert early[0].made != early[1].made
    door.stop("web0")
    assert door.fetch(old).made == kept.made, "also while nobody answers behind the cache"
    door.release(text)
    until(lambda: door.answers(door.web_ports[0]), START_SECONDS, "the new release serves")
    until(lambda: door.fetch(ROOM).status == 200, START_SECONDS, "and is asked")
    assert new.encode() in door.fetch(ROOM).text
    fresh = door.fetch(new)
    assert b".released{color:red}" in fresh.body
    assert fresh.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert door.fetch(new).made == fresh.made
    assert door.fetch(old).made == kept.made
