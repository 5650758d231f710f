"""The kill switch with both stores, with either away, and with none: what it stops, and what it says."""

import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest

from config.migrations import migrate
from config.processes.embedded import Valkey
from console.kill_switch import LONGEST_REASON, KillSwitch, said
from console.states import STOPPED, Reached
from foundation.clock import now_ms
from foundation.errors import Refusal
from foundation.sql.database import Database
from quota.states import PeriodState
from tests.conftest import apart
from tests.integration.console.conftest import API, ConsolePlace
from tests.support.desks import call, make_account, sign_in, signed
from tests.support.outages import frozen, sql_away, ticker_of
from tests.support.processes.postgres import FORGETFUL, PostgresServer
from tests.support.rooms import hall, make_period, read_period
from waitingroom.line.stops import digest_of, new_mark

STOP = f"{API}/periods/essai/stop"


@pytest.fixture
def patient_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both stores are there, and have as long as a busy machine needs. With one away, the second counts."""
    monkeypatch.setattr(KillSwitch.stop, "__defaults__", (None, 30.0))


async def pressed(browser: httpx.AsyncClient, path: str = STOP, **asked: Any) -> tuple[httpx.Response, float]:
    """The answer, and how long it took."""
    began = time.monotonic()
    return await browser.post(path, **asked), time.monotonic() - began


@contextlib.asynccontextmanager
async def place_on(db: Database, redis_url: str) -> AsyncIterator[ConsolePlace]:
    async with hall(db, redis_url) as room:
        place = ConsolePlace(room)
        await place.open()
        yield place
        await place.console.kill_switch.settled()
        await place.operator.aclose()
        await place.nobody.aclose()
        place.desk.accounts.hasher.close()


async def test_it_stops_calls_and_submissions(place: ConsolePlace, patient_stop: None) -> None:
    """From the answer on nobody is called or submits; the record has who, why, and how it stood before."""
    period = await make_period(place.db)
    await place.hall.join("a")
    answer, _ = await pressed(place.operator, json={"reason": "essai de l’arrêt"})
    assert answer.status_code == 200
    body = answer.json()
    assert (body["id"], body["sql"], body["redis"]) == ("essai", True, True)
    assert body["message"] == STOPPED[Reached.BOTH][0]
    assert (body["period"]["suspended"], body["period"]["paused"]) == (True, True)
    assert (await read_period(place.db, period)).suspended
    assert (await place.hall.turn()).called == []
    assert (await place.audit())[-1][:2] == ("agnes", "stop")
    await place.console.kill_switch.settled()
    assert await place.hall.room.stops.refresh() == []
    again, _ = await pressed(place.operator)
    assert again.status_code == 200


async def test_a_submission_under_a_mark_is_refused(place: ConsolePlace) -> None:
    """Where SQL says nothing of the stop yet; and the same submission is taken without the mark."""
    period = await make_period(place.db)
    await make_account(place.desk)
    marks = place.hall.room.stops
    desk = msgspec.structs.replace(place.desk, stopped=marks.stands)
    called = await call(desk, period, 1)
    session = await sign_in(desk, called)
    mark = new_mark("essai", digest_of("agnes"), "operator", now_ms())
    await marks.write(mark)
    with pytest.raises(Refusal, match="suspended"):
        await desk.submit(called.visit(session), "essai", signed(called))
    await marks.erase(mark)
    assert (await desk.submit(called.visit(session), "essai", signed(called))).rank == 1


async def test_a_draft_an_armed_one_and_none(place: ConsolePlace, patient_stop: None) -> None:
    """What is armed does not open; what stands still stays; what is not there is 404, and leaves no mark."""
    armed = await make_period(place.db, state=PeriodState.ARMED, opens_at=now_ms() + 3_600_000)
    answer, _ = await pressed(place.operator)
    assert answer.json()["period"]["state"] == "announced"
    assert "n’ouvrira pas" in answer.json()["message"]
    assert (await read_period(place.db, armed)).state == PeriodState.ANNOUNCED
    for nothing in ("personne", "Pas un nom"):
        gone, _ = await pressed(place.operator, f"{API}/periods/{nothing}/stop")
        assert gone.status_code == 404
    await place.console.kill_switch.settled()
    assert await place.hall.room.stops.refresh() == []


async def test_with_redis_frozen(on_sqlite: Database, valkey: Valkey) -> None:
    """The stop is in SQL within a second, and the answer says that the line could not be told."""
    period = await make_period(on_sqlite)
    async with place_on(on_sqlite, valkey.url) as place:
        await place.hall.room.looks.look(period)
        with frozen(valkey):
            answer, seconds = await pressed(place.operator)
            assert answer.status_code == 200
            assert (answer.json()["sql"], answer.json()["redis"]) == (True, False)
            assert "Redis ne répond pas" in answer.json()["message"]
            assert seconds < 1.5
            assert (await read_period(on_sqlite, period)).suspended
            page, _ = await pressed(place.operator, "/operateur/periodes/essai/stop")
            assert page.status_code == 200
            assert "Redis ne répond pas" in page.text


@pytest.mark.parametrize("how", ["stopped", "frozen"])
async def test_with_sql_away_and_back(valkey: Valkey, how: str) -> None:
    """The mark is in the line within a second; when SQL is back, the first tick records it and nobody was called."""
    server = PostgresServer(*FORGETFUL)
    server.start()
    apart(migrate(server.url))
    db = Database(server.url)
    try:
        period = await make_period(db)
        async with place_on(db, valkey.url) as place:
            await place.hall.join("a")
            await place.operator.get("/operateur")
            with sql_away(server, how):
                for path in (STOP, "/operateur/periodes/essai/stop"):
                    answer, seconds = await pressed(place.operator, path)
                    assert answer.status_code == 200, answer.text
                    assert seconds < 1.5, path
                    assert "La base de données ne répond pas" in answer.text
                refused, _ = await pressed(place.nobody)
                assert refused.status_code in (401, 503)
                assert await place.hall.room.stops.stands_now("essai")
            with ticker_of(place.hall, valkey.url) as ticker:
                await ticker.tick()
            after = await read_period(db, period)
            assert (after.suspended, after.held) == (True, 0)
            assert ("agnes", "stop") in [line[:2] for line in await place.audit()]
            assert await place.hall.room.stops.refresh() == []
    finally:
        await db.close()
        server.remove()


async def test_with_neither(on_sqlite: Database, valkey: Valkey) -> None:
    """Nothing is claimed: 503 with both halves false, on the page too."""
    await make_period(on_sqlite)
    async with place_on(on_sqlite, valkey.url) as place:
        place.console.kill_switch._db = None
        with frozen(valkey):
            answer, _ = await pressed(place.operator)
            assert answer.status_code == 503
            assert (answer.json()["code"], answer.json()["sql"], answer.json()["redis"]) == (
                "unavailable", False, False,
            )  # fmt: skip
            page, _ = await pressed(place.operator, "/operateur/periodes/essai/stop")
            assert page.status_code == 503
            assert "L’arrêt n’est pas confirmé" in page.text


async def test_a_store_whose_address_is_not_known(place: ConsolePlace, patient_stop: None) -> None:
    """As on a host with one address only: the other half stops it alone."""
    await make_period(place.db)
    mark = new_mark("essai", digest_of("agnes"), "command-line", now_ms())
    outcome = await KillSwitch(place.db, None).stop(mark)
    assert outcome.reached is Reached.SQL
    outcome = await KillSwitch(None, place.hall.room.stops).stop(mark)
    assert outcome.reached is Reached.REDIS


def test_a_reason_is_kept_or_none() -> None:
    """Spaces are none; one that is too long is refused by its field."""
    assert (said("  panne "), said(" "), said(None)) == ("panne", None, None)
    with pytest.raises(Refusal, match="invalid"):
        said("x" * (LONGEST_REASON + 1))
