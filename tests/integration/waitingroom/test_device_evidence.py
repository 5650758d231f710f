"""The device rule at the join is the programme's own, for the API and for the page alike (DV-01, DV-02)."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import config
from config.app import create_app
from config.settings import Settings
from foundation.sql.database import Database
from tests.conftest import apart
from tests.support.processes.serving import serving
from tests.support.rooms import KEYS, make_period

LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"

HERE = "/periodes/essai"

TICKETS = "/api/v1/periods/essai/tickets"


async def open_period(url: str) -> None:
    db = Database(url)
    await make_period(db)
    await db.close()


@pytest.fixture(params=["windows", "linux"])
def service(request: pytest.FixtureRequest, sqlite_url: str, redis_url: str, tmp_path: Path) -> Iterator[str]:
    """The whole service, with a programme that allows one system only."""
    shipped = (Path(config.__file__).parent / "programmes" / "demo.toml").read_text("utf-8")
    allow = 'allow = ["windows", "macos", "linux", "chromeos", "harmonyos"]'
    assert allow in shipped
    folder = tmp_path / "programmes"
    folder.mkdir()
    (folder / "demo.toml").write_text(shipped.replace(allow, f'allow = ["{request.param}"]'), "utf-8")
    apart(open_period(sqlite_url))
    settings = Settings(
        database_url=sqlite_url, redis_url=redis_url, queue_redis_url=redis_url, secret_keys=KEYS,
        public_url="http://guichet.test", programmes_dir=folder, demo=True, limits=False,
    )  # fmt: skip
    with serving(create_app(settings), lifespan=True) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("agent", [WINDOWS, LINUX], ids=["windows", "linux"])
def test_a_join_is_by_the_devices_of_its_programme(
    service: str, agent: str, request: pytest.FixtureRequest
) -> None:
    """What one programme refuses another takes: by call, by button, and the page says so before it is pressed."""
    seen = "windows" if agent == WINDOWS else "linux"
    allowed = seen == request.node.callspec.params["service"]
    with httpx.Client(
        base_url=service, headers={"User-Agent": agent, "Sec-Fetch-Site": "same-origin"}
    ) as one:
        for page in ("/", HERE):
            shown = one.get(page).text
            assert ("/joindre" in shown) == allowed
            assert ("Ce programme n’accepte pas" in shown) != allowed
        pressed = one.post(f"{HERE}/joindre")
        called = one.post(TICKETS, json={"device": {"touch_points": 0, "pointer": "fine"}})
    assert pressed.status_code == (303 if allowed else 403)
    assert called.status_code == (200 if allowed else 403)
    if not allowed:
        problem = json.loads(called.text)
        assert (problem["code"], problem["family"]) == ("device_refused", seen)
