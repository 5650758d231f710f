"""Whose fault it was: a lapse of one's own network costs its time, an outage of the service costs nothing (P5).

On a running service with tokens of seconds; the same rules tick by tick are in `test_traps.py`.
"""

import asyncio
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from foundation.clock import parse_rfc3339
from tests.support.processes.services import Browser, RunningService, browser, running

pytestmark = pytest.mark.slow

TOKEN_SECONDS = 12

LONGER = TOKEN_SECONDS + 4.0


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    data = tmp_path_factory.mktemp("fairness") / "data"
    seconds = ("--token-seconds", str(TOKEN_SECONDS), "--calls-per-minute", "6000")
    with running(
        data, "--web", "2", "--cap", "9", "--accounts", "9", *seconds, environment={"HOLD_SECONDS": "1"}
    ) as one:
        yield one


async def signed_in(service: RunningService, one: Browser, account: int) -> dict[str, Any]:
    """Called, and signed in at once."""
    await one.join()
    me = await one.called()
    assert (await one.sign_in(service.credentials(account), me["token"]))[0] == 200
    return me


def left_ms(me: dict[str, Any]) -> int:
    return parse_rfc3339(me["expires_at"]) - parse_rfc3339(me["server_time"])


async def test_a_lapse_of_the_network_costs_only_its_own_time(service: RunningService) -> None:
    """Gone for three seconds, the person finds the same token with three seconds less, and submits."""
    async with browser(service) as one:
        me = await signed_in(service, one, 1)
        socket = await one.live()
        await socket.receive_json()
        await socket.close()
        before = left_ms(await one.me())
        await asyncio.sleep(3.0)
        after = await one.me()
        assert after["state"] == "redeemed"
        assert 0 < left_ms(after) <= before - 1_500
        assert (await one.submit(me["token"]))[0] == 201


async def test_a_lapse_of_the_network_beyond_the_end_costs_the_token(service: RunningService) -> None:
    """The twin of the outages below: so long without the service being away, and it is too late."""
    async with browser(service) as one:
        me = await signed_in(service, one, 2)
        await asyncio.sleep(LONGER)
        status, answer = await one.submit(me["token"])
        assert (status, answer["code"]) == (410, "token_expired")


@pytest.mark.parametrize(("kind", "account"), [("ticker", 3), ("redis", 4), ("web", 5)])
async def test_an_outage_of_the_service_costs_nothing(
    service: RunningService, kind: str, account: int
) -> None:
    """The ticker, Redis, or all web processes stand still for longer than a token lasts: it is still good."""
    async with browser(service) as one:
        me = await signed_in(service, one, account)
        stopped = service.pids(kind)
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(LONGER)
        finally:
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)
        status, answer = await one.submit(me["token"])
        assert status == 201, answer
