"""The whole service behind PgBouncer: whatever it pools, the cap is met exactly and every promise holds."""

import asyncio
from pathlib import Path

import pytest

from config.processes.embedded import Valkey
from tests.support.compat import Seen
from tests.support.processes import poolers
from tests.support.processes.services import candidate, running, verify

PEOPLE, CAP = 30, 20

CONNECTIONS = {"session": 90, "transaction": 6}
"""Session pooling keeps one for each of ours: twenty a process."""


@pytest.mark.slow
@pytest.mark.compat
@pytest.mark.skipif(poolers.PROGRAM is None, reason="needs PgBouncer (Debian: pgbouncer)")
@pytest.mark.parametrize("mode", CONNECTIONS)
async def test_an_intake_through_a_pooler(
    mode: str, tmp_path: Path, empty_postgresql_url: str, valkey: Valkey, seen: Seen
) -> None:
    """Migrated, filled, served by two web processes, a ticker and a worker; then recounted."""
    with poolers.pgbouncer(empty_postgresql_url, mode, CONNECTIONS[mode]) as pooler:
        stores = {"DATABASE_URL": pooler.url, "REDIS_URL": valkey.url}
        options = (
            "--web",
            "2",
            "--cap",
            str(CAP),
            "--accounts",
            str(PEOPLE + 10),
            "--calls-per-minute",
            "6000",
        )
        with running(tmp_path / "data", *options, environment=stores) as service:
            ends = await asyncio.gather(*(candidate(service, number) for number in range(1, PEOPLE + 1)))
            accepted = [end for end in ends if end["state"] == "accepted"]
            assert len(accepted) == CAP
            assert sorted(end["rank"] for end in accepted) == list(range(1, CAP + 1))
            await verify(service)
        seen(
            "pooler",
            f"PgBouncer, {mode} pooling",
            pooler.version,
            f"an intake of {PEOPLE} for {CAP} places: exact, every promise recounted",
        )
