"""The process while it serves: what it says of itself when it is asked whether it is ready."""

from pathlib import Path

import msgspec

from config.app import create_app, open_parts
from config.processes.serving import ready, running
from config.settings import PROGRAMMES
from foundation.sql.database import Database
from quota import frozen_rules
from quota.programmes import load_all
from tests.integration.config.test_app import settings
from tests.support.processes.serving import raw, serving
from tests.support.rooms import make_period


async def test_without_its_ticker_a_process_is_not_ready(sqlite_url: str, redis_url: str) -> None:
    """Both stores answer, no submission is missing, and nobody would be called: it says which."""
    parts = open_parts(settings(sqlite_url, redis_url))
    async with running(parts):
        found = await ready(parts)
    assert {name for name, holds in found.checks.items() if not holds} == {"ticker"}


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
