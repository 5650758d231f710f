"""The promises from outside: real processes, real browsers' requests, nobody spared."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support.processes.services import (
    Browser,
    RunningService,
    browser,
    candidate,
    running,
    until,
    verify,
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """Two web processes, a ticker, a worker; a fast pace, and places for all of this module's tests."""
    data = tmp_path_factory.mktemp("service") / "data"
    with running(
        data, "--web", "2", "--cap", "500", "--accounts", "900", "--calls-per-minute", "6000"
    ) as one:
        yield one


@pytest.fixture
async def one(service: RunningService) -> AsyncIterator[Browser]:
    async with browser(service) as opened:
        yield opened


def sql(service: RunningService, statement: str, *values: Any) -> list[Any]:
    """Look into the file, or move something in it, as time would."""
    with sqlite3.connect(service.database_url.removeprefix("sqlite:///"), timeout=10) as connection:
        return connection.execute(statement, values).fetchall()


async def called(service: RunningService, opened: Browser) -> dict[str, Any]:
    await opened.join()
    me = await opened.called()
    assert me["state"] == "called"
    return me


async def test_one_account_from_twenty_browsers_at_once_gets_one_receipt(service: RunningService) -> None:
    """A family, a shared password: one accepted, the others told why (P4, DU-04)."""
    results = await asyncio.gather(*(candidate(service, 700) for _ in range(20)))
    accepted = [result for result in results if result["state"] == "accepted"]
    codes = {result["code"] for result in results if result["state"] == "refused"}
    assert len(accepted) == 1
    assert codes <= {"account_has_live_token", "duplicate_account", "token_used"}, codes


async def test_a_hundred_replays_of_one_token_are_one_submission(
    service: RunningService, one: Browser
) -> None:
    """The first is 201, each repeat is 200, all say the same receipt and rank (P3, P5)."""
    me = await called(service, one)
    assert (await one.sign_in(service.credentials(701), me["token"]))[0] == 200
    answers = await asyncio.gather(*(one.submit(me["token"]) for _ in range(100)))
    assert sorted({status for status, _ in answers}) == [200, 201]
    assert sum(status == 201 for status, _ in answers) == 1
    assert len({(answer["receipt"], answer["rank"]) for _, answer in answers}) == 1
    rows = sql(service, "select count(*) from submission where number = ?", one.number)
    assert rows == [(1,)]


async def test_a_token_works_until_its_end_and_not_after(service: RunningService) -> None:
    """One whose end is just ahead is accepted; one whose end has passed is 410 token_expired (SW-01)."""
    async with browser(service) as early, browser(service) as late:
        mine = [await called(service, opened) for opened in (early, late)]
        for opened, me, account in ((early, mine[0], 702), (late, mine[1], 703)):
            assert (await opened.sign_in(service.credentials(account), me["token"]))[0] == 200
        move = "update token set ends = (select clock from period where id = 'demo') + ? where number = ?"
        sql(service, move, 3000, early.number)
        status, answer = await early.submit(mine[0]["token"])
        assert status == 201, answer
        sql(service, move, -100, late.number)
        status, answer = await late.submit(mine[1]["token"])
        assert (status, answer["code"]) == (410, "token_expired")

        async def lapsed() -> bool:
            return bool((await late.me())["state"] == "lapsed")

        await until(lapsed, 5, "the token lapses")
        assert (await late.join())["number"] > early.number


async def test_a_token_works_in_the_browser_that_was_called_only(service: RunningService) -> None:
    """Another browser with the token in hand: 403 token_other_browser; a forged one: 401 no_token."""
    async with browser(service) as called_one, browser(service) as other:
        me = await called(service, called_one)
        await other.join()
        status, answer = await other.sign_in(service.credentials(704), me["token"])
        assert (status, answer["code"]) == (403, "token_other_browser")
        forged = me["token"][:-6] + "AAAAAA"
        status, answer = await called_one.sign_in(service.credentials(704), forged)
        assert (status, answer["code"]) == (401, "no_token")


async def test_a_second_account_cannot_use_a_bound_token(service: RunningService, one: Browser) -> None:
    """The first account that signs in with it has it; a session of another account is told token_used (P5)."""
    me = await called(service, one)
    assert (await one.sign_in(service.credentials(705), me["token"]))[0] == 200
    status, answer = await one.sign_in(service.credentials(706), me["token"])
    assert (status, answer["code"]) == (409, "token_used")
    assert (await one.sign_in(service.credentials(706)))[0] == 200
    status, answer = await one.submit(me["token"])
    assert (status, answer["code"]) == (409, "token_used")


async def test_the_confirmation_is_filed_within_a_minute_for_its_account_alone(
    service: RunningService, one: Browser
) -> None:
    """« Confirmation d'admission dans le quota » under the receipt; anybody else finds nothing (QU-07)."""
    me = await called(service, one)
    await one.sign_in(service.credentials(707), me["token"])
    _, accepted = await one.submit(me["token"])
    path = f"/api/v1/submissions/{accepted['receipt']}"

    async def filed() -> Any:
        return (await one.call("GET", path))[1]["documents"]

    documents = await until(filed, 60, "the confirmation is filed")
    assert [document["kind"] for document in documents] == ["confirmation"]
    async with browser(service) as other:
        await other.sign_in(service.credentials(708))
        assert (await other.call("GET", path))[0] == 404


async def test_leaving_gives_the_number_or_the_place_back(service: RunningService, one: Browser) -> None:
    """204, also a second time; after a submission 409 token_used."""
    path = "/api/v1/periods/demo/tickets/me"
    await called(service, one)
    for _ in range(2):
        assert (await one.call("DELETE", path))[0] == 204
    assert (await one.me())["state"] == "left"
    me = await called(service, one)
    await one.sign_in(service.credentials(709), me["token"])
    await one.submit(me["token"])
    status, answer = await one.call("DELETE", path)
    assert (status, answer["code"]) == (409, "token_used")


async def closed_with(opened: Browser, *, send: bytes | str | None = None, **headers: str) -> int | None:
    """The close code of a socket that is opened like this."""
    async with opened._session.ws_connect("/api/v1/periods/demo/live", headers=headers) as socket:
        if isinstance(send, bytes):
            await socket.send_bytes(send)
        elif send is not None:
            await socket.send_str(send)
        async with asyncio.timeout(10):
            while (message := await socket.receive()).type is aiohttp.WSMsgType.TEXT:
                pass
        assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED), message
        return socket.close_code


async def test_the_feed_says_the_state_at_once_and_then_what_changes(
    service: RunningService, one: Browser
) -> None:
    """Position, called, redeemed, submitted; then closed with 1000."""
    await one.join()
    seen: list[str] = []
    async with one.live() as socket:
        first = await asyncio.wait_for(socket.receive_json(), 1.0)
        seen.append(first["type"])
        while seen[-1] == "position":
            seen.append((await asyncio.wait_for(socket.receive_json(), 30))["type"])
        me = await one.me()
        await one.sign_in(service.credentials(710), me["token"])
        while seen[-1] == "called":
            seen.append((await asyncio.wait_for(socket.receive_json(), 5))["type"])
        await one.submit(me["token"])
        while seen[-1] == "redeemed":
            frame = await asyncio.wait_for(socket.receive_json(), 5)
            seen.append(frame["type"])
        assert frame["receipt"]
        await asyncio.wait_for(socket.receive(), 5)
        assert socket.close_code == 1000
    assert list(dict.fromkeys(seen)) in (
        ["position", "called", "redeemed", "submitted"],
        ["called", "redeemed", "submitted"],
    )


async def test_a_socket_that_cannot_be_served_is_closed_with_its_reason(
    service: RunningService, one: Browser
) -> None:
    """No ticket 4401; unknown period 4404; binary 1003; more than 1 KiB 1009; a foreign Origin is HTTP 403."""
    assert await closed_with(one) == 4401
    async with one._session.ws_connect("/api/v1/periods/nulle-part/live") as socket:
        await asyncio.wait_for(socket.receive(), 5)
        assert socket.close_code == 4404
    await one.join()
    assert await closed_with(one, send=b"\x00\x01") == 1003
    assert await closed_with(one, send="x" * 2000) == 1009
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await closed_with(one, Origin="https://ailleurs.example")
    assert refused.value.status == 403


async def test_a_fourth_socket_of_one_ticket_is_refused(service: RunningService, one: Browser) -> None:
    """Counted over both web processes; the other three go on."""
    operator = Browser(service.url)
    await operator.call("POST", "/api/v1/operator/session", service.ready["operator"])
    await operator.call("POST", "/api/v1/operator/periods/demo/pause")
    try:
        await one.join()
        sockets = [await one._session.ws_connect("/api/v1/periods/demo/live") for _ in range(3)]
        for socket in sockets:
            assert (await asyncio.wait_for(socket.receive_json(), 2))["state"] == "waiting"
        assert await closed_with(one) == 4429
        for socket in sockets:
            await socket.close()
    finally:
        await operator.call("POST", "/api/v1/operator/periods/demo/resume")
        await operator.close()


async def test_pause_notice_and_pace_reach_every_screen_within_two_seconds(
    service: RunningService, one: Browser
) -> None:
    """An operator pauses, writes a notice, resumes; the waiting see it, and nobody is called meanwhile."""
    async with browser(service) as operator:
        base = "/api/v1/operator/periods/demo"
        assert (await operator.call("POST", f"{base}/pause"))[0] == 401
        await operator.call("POST", "/api/v1/operator/session", service.ready["operator"])
        assert (await operator.call("POST", f"{base}/pause"))[0] == 200
        await one.join()
        async with one.live() as socket:
            frames: list[dict[str, Any]] = [await asyncio.wait_for(socket.receive_json(), 2)]
            while not frames[-1]["paused"]:
                frames.append(await asyncio.wait_for(socket.receive_json(), 2))
            await operator.call("PUT", f"{base}/notice", {"text": "Reprise dans un instant."})
            while frames[-1]["type"] != "notice":
                frames.append(await asyncio.wait_for(socket.receive_json(), 3))
            assert frames[-1]["notice"] == "Reprise dans un instant."
            assert (await one.me())["state"] == "waiting"
            await operator.call("DELETE", f"{base}/notice")
            assert (await operator.call("POST", f"{base}/resume"))[0] == 200
            while frames[-1]["state"] == "waiting":
                frames.append(await asyncio.wait_for(socket.receive_json(), 5))
            assert frames[-1]["type"] == "called"
        status, refused = await operator.call("POST", f"{base}/arm")
        assert (status, refused["code"]) == (409, "move_not_allowed")


async def test_every_promise_was_kept(service: RunningService) -> None:
    """After all of the above `guichet verify` recounts it from SQL and the journal alone."""

    async def settled() -> bool:
        due = "state = 'staged' and subject_kind = 'submission' and due_at < strftime('%s', 'now') * 1000"
        return sql(service, f"select count(*) from task where {due}") == [
            (0,)
        ]  # a reminder waits for its day

    await until(settled, 60, "all jobs are done")
    await verify(service)


@pytest.mark.slow
async def test_three_hundred_candidates_at_once_for_fifty_places(tmp_path: Path) -> None:
    """Two web processes: exactly 50 receipts, ranks 1 to 50, the rest are told that the quota is reached (P2)."""
    with running(
        tmp_path / "data", "--web", "2", "--cap", "50", "--accounts", "300", "--calls-per-minute", "6000"
    ) as s:
        results = await asyncio.gather(*(candidate(s, n) for n in range(1, 301)))
        accepted = [result for result in results if result["state"] == "accepted"]
        assert sorted(result["rank"] for result in accepted) == list(range(1, 51))
        assert len({result["receipt"] for result in accepted}) == 50
        assert {result["state"] for result in results} == {"accepted", "drained"}
        async with browser(s) as late:
            status, answer = await late.call("POST", "/api/v1/periods/demo/tickets", {})
            assert (status, answer["code"]) == (410, "quota_reached")
        await verify(s)
