"""The composition root: one application, whose parts answer and are closed again."""

from typing import Any

from config.app import create_app
from config.settings import Settings
from tests.support.processes.serving import raw, serving
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
