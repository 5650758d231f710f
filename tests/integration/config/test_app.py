"""The composition root: one application, whose parts answer and are closed again."""

from typing import Any

from config import openapi
from config.app import STAFF_ADDRESSES, create_app
from config.settings import Settings
from tests.support.places import ROOT
from tests.support.processes.serving import raw, serving, status_of
from tests.support.rooms import KEYS


def settings(sqlite_url: str, redis_url: str, **values: Any) -> Settings:
    return Settings(
        database_url=sqlite_url, redis_url=redis_url, queue_redis_url=redis_url, secret_keys=KEYS,
        public_url="http://guichet.test", **values,
    )  # fmt: skip


def status(port: int, path: str) -> bytes:
    return raw(
        port, f"GET {path} HTTP/1.1\r\nHost: guichet.test\r\nConnection: close\r\n\r\n".encode()
    ).split()[1]


def test_every_feature_answers(sqlite_url: str, redis_url: str) -> None:
    """Pages, API, console, health, description and static files are behind one address."""
    with serving(create_app(settings(sqlite_url, redis_url)), lifespan=True) as port:
        found = {
            path: status(port, path)
            for path in ("/", "/connexion", "/operateur", "/healthz", "/openapi.json", "/api/v1/periods")
        }
        assert set(found.values()) == {b"200"}, found
        assert status(port, "/rien") == b"404"


def test_an_application_is_made_without_a_store(tmp_path: Any) -> None:
    """Nothing is asked of SQL or Redis before the first request: it fails soft, and is alive at once."""
    away = settings(f"sqlite:///{tmp_path / 'none.db'}", "redis://127.0.0.1:1/0")
    with serving(create_app(away), lifespan=True) as port:
        assert status(port, "/healthz") == b"200"
        assert status(port, "/readyz") == b"503"


def asked(port: int, path: str, host: str = "guichet.test", more: str = "") -> bytes:
    head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{more}Connection: close\r\n\r\n"
    return raw(port, head.encode())


OUTSIDE = "X-Forwarded-For: 203.0.113.9\r\n"
"""As a proxy says that is believed; the test's server believes loopback."""


def test_the_service_is_asked_by_its_name(sqlite_url: str, redis_url: str) -> None:
    """Pages, the API, static files and redirects alike; checks from inside, whatever they call us."""
    with serving(create_app(settings(sqlite_url, redis_url)), lifespan=True) as port:
        for path in ("/", "/api/v1/periods", "/static/base.css", "/operateur", "/nothing", "/connexion/"):
            assert status_of(asked(port, path, "evil.test")) == 421, path
        moved = asked(port, "/connexion/?x=1")
        assert status_of(moved) == 307
        assert b"\r\nlocation: /connexion?x=1\r\n" in moved
        assert status_of(asked(port, "/healthz", "10.0.0.5:8000")) == 200
        assert status_of(asked(port, "/healthz", "10.0.0.5:8000", OUTSIDE)) == 421
        assert status_of(asked(port, "/healthz", more=OUTSIDE)) == 200


def test_figures_are_for_those_inside_and_the_console_for_operators(sqlite_url: str, redis_url: str) -> None:
    """To all others they do not exist; where no networks are named, the console is there for everybody."""
    hidden = ("/metrics", "/readyz")
    console = ("/operateur", "/api/v1/operator/periods", "/api/v1/staff/session")
    proxies = ("127.0.0.1/32",)
    for networks, found in (
        ((), (200, 401, 401)),
        (("192.0.2.0/24",), (404, 404, 404)),
        (("203.0.113.0/24",), (200, 401, 401)),
    ):
        made = settings(sqlite_url, redis_url, trusted_proxies=proxies, operator_networks=networks)
        with serving(create_app(made), lifespan=True) as port:
            assert [status_of(asked(port, path, more=OUTSIDE)) for path in hidden] == [404, 404]
            assert tuple(status_of(asked(port, path, more=OUTSIDE)) for path in console) == found
            assert status_of(asked(port, "/metrics")) == 200


def test_no_cache_keeps_a_refusal(sqlite_url: str, redis_url: str) -> None:
    """Whoever makes it: a route, the framework, a check before both."""
    with serving(create_app(settings(sqlite_url, redis_url)), lifespan=True) as port:
        for path, more in (
            ("/static/nothing.css", ""), ("/static/base.css", "Range: bytes=99999999-\r\n"), ("/nothing", ""),
            ("/api/v1/nothing", ""), ("/api/v1/submissions/x", ""), ("/readyz", ""), ("/a%00", ""),
        ):  # fmt: skip
            got = asked(port, path, more=more)
            assert status_of(got) >= 400, got
            assert got.lower().count(b"\r\ncache-control: no-store\r\n") == 1, got
            assert got.lower().count(b"\r\ncache-control:") == 1, got


def test_no_cache_keeps_what_says_nothing_of_it(sqlite_url: str, redis_url: str) -> None:
    """Caches would choose a time themselves, and give one the JSON that another asked for."""
    with serving(create_app(settings(sqlite_url, redis_url)), lifespan=True) as port:
        for path in (
            "/", "/connexion", "/accessibilite", "/operateur", "/refus/not_found", "/openapi.json", "/healthz",
            "/metrics", "/.well-known/jwks.json", "/api/v1/periods", "/connexion/",
        ):  # fmt: skip
            for accept in ("text/html", "application/json"):
                got = asked(port, path, more=f"Accept: {accept}\r\n")
                assert status_of(got) < 400, got
                assert got.lower().count(b"\r\ncache-control: no-store\r\n") == 1, got
                assert got.lower().count(b"\r\ncache-control:") == 1, got


def test_everything_of_staffs_is_where_networks_are_asked_for() -> None:
    """Every call and page of the console stands below an address that is reserved, here and in the proxies' files."""
    paths = {call.path for call in openapi.CONSOLE}
    assert {path for path in paths if not path.startswith(STAFF_ADDRESSES)} == set()
    for name in ("Caddyfile", "nginx.conf", "haproxy.cfg"):
        text = (ROOT / "docs" / "deploy" / name).read_text("utf-8")
        assert [one for one in STAFF_ADDRESSES if one.lstrip("/") not in text] == []
