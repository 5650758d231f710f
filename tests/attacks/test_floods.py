"""What is more than the service can do is said at once, with when to come back; no number is lost by it."""

import asyncio
import statistics
import time
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import msgspec
import pytest

from config.app import create_app
from config.settings import Settings
from foundation.sql.database import Database
from tests.conftest import apart, until
from tests.support.people.floods import flood, join, judge
from tests.support.plain_app import Three, asking
from tests.support.processes.services import running
from tests.support.processes.serving import answer, serving, status_of
from tests.support.rooms import KEYS, make_period


async def open_period(url: str) -> None:
    db = Database(url)
    await make_period(db)
    await db.close()


@pytest.fixture
def settings(sqlite_url: str, redis_url: str) -> Settings:
    apart(open_period(sqlite_url))
    return Settings(
        database_url=sqlite_url, redis_url=redis_url, queue_redis_url=redis_url, secret_keys=KEYS,
        public_url="http://guichet.test", demo=True, limits=False,
    )  # fmt: skip


def given(url: str, period: str, least: int) -> int:
    """How many numbers the line gave; a process reads it once a second."""
    found = 0

    def look() -> bool:
        nonlocal found
        with urlopen(f"{url}/api/v1/periods/{period}", timeout=10) as read:
            found = int(msgspec.json.decode(read.read())["last_number"])
        return found >= least

    until(look, 20, f"the line says that it gave {least} numbers")
    return found


def test_a_flood_is_answered_and_leaves_no_trace(settings: Settings) -> None:
    """Sixty connections at a process that works on three requests: what it cannot do it says, and no number is lost."""
    with serving(create_app(settings), lifespan=True, http=Three) as port:
        found = asyncio.run(flood(port, "essai", 60, 1.5))
        acknowledged = sum(one.status == 201 for one in found)
        statuses = judge(found, given(f"http://127.0.0.1:{port}", "essai", acknowledged))
        assert statuses[201] and statuses[200] and statuses[503], statuses
        after = asyncio.run(flood(port, "essai", 2, 0.3))
        assert {one.status for one in after} == {200, 201}


def test_whoever_vanishes_takes_nobody_along(settings: Settings) -> None:
    """Half of those who join together are gone before the answer: the others have their numbers, each its own."""
    with serving(create_app(settings), lifespan=True) as port:
        url = f"http://127.0.0.1:{port}"
        with asking(port, [join("guichet.test", "essai") for _ in range(40)]) as all_of_them:
            for gone in all_of_them[::2]:
                gone.close()
            answers = [answer(one) for one in all_of_them[1::2]]
        numbers = [msgspec.json.decode(one.partition(b"\r\n\r\n")[2])["number"] for one in answers]
        assert [status_of(one) for one in answers] == [201] * 20
        assert len(set(numbers)) == 20
        assert 20 <= given(url, "essai", max(numbers)) <= 40


@pytest.mark.slow
def test_two_thousand_connections_at_one_process(tmp_path: Path) -> None:
    """For 15 s many times what it can do; within 30 s after that it answers as before."""
    options = ("--web", "1", "--workers", "0", "--accounts", "1", "--calls-per-minute", "0")
    with running(tmp_path / "data", *options) as service:
        port = urlsplit(service.url).port or 80
        calm = asyncio.run(flood(port, "demo", 4, 3))
        quiet = statistics.median(one.seconds for one in calm)
        before = max(one.number for one in calm if one.number is not None)
        found = asyncio.run(flood(port, "demo", 2_000, 15))
        time.sleep(2)
        numbers = sorted(one.number for one in found if one.number is not None)
        last = given(service.url, "demo", numbers[-1])
        assert numbers == list(range(before + 1, last + 1)), (
            "every number given was acknowledged, and none twice"
        )
        assert {one.status for one in found} <= {200, 201, 429, 503}
        assert all(one.retry_after for one in found if one.status in (429, 503))

        def recovered() -> bool:
            after = asyncio.run(flood(port, "demo", 4, 1))
            assert {one.status for one in after} <= {200, 201}
            return statistics.median(one.seconds for one in after) < 3 * quiet + 0.05

        until(recovered, 30, "it answers as before")
