"""The composition root: one application, whose parts answer and are closed again."""

from pathlib import Path
from typing import Any

import msgspec

from config.app import create_app
from config.settings import PROGRAMMES, Settings
from foundation.sql.database import Database
from quota import frozen_rules
from quota.programmes import load_all
from tests.support.processes.serving import raw, serving
from tests.support.rooms import KEYS, make_period


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


async def test_a_process_with_other_programme_files_is_not_ready(
    sqlite_url: str, redis_url: str, tmp_path: Path
) -> None:
    """Its files are not those with which a period in force was announced: `/readyz` says so, and which period it is."""
    text, digest = frozen_rules.written(frozen_rules.of_programme(load_all(PROGRAMMES)["demo"]))
    database = Database(sqlite_url)
    await make_period(database, rules=text, rules_digest=digest)
    await database.close()
    other = (PROGRAMMES / "demo.toml").read_text("utf-8").replace("minutes = 60", "minutes = 5")
    (tmp_path / "demo.toml").write_text(other, "utf-8")
    request = b"GET /readyz HTTP/1.1\r\nHost: guichet.test\r\nConnection: close\r\n\r\n"
    for folder, wanted in ((tmp_path, False), (PROGRAMMES, True)):
        asked = settings(sqlite_url, redis_url, programmes_dir=folder)
        with serving(create_app(asked), lifespan=True) as port:
            body = msgspec.json.decode(raw(port, request).partition(b"\r\n\r\n")[2])
        assert body["checks"]["programmes"] is wanted
        assert body.get("programmes") == (None if wanted else ["essai"])
