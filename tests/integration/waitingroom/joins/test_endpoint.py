"""Joins and polls by call: what is answered by callback, what needs a coroutine, and that both say the same."""

import asyncio
from typing import Any

import msgspec
import pytest

from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from quota.store import Period
from server.requests import Answer, Incoming
from tests.support.rooms import HOUR_MS, Hall, hall, make_period, set_period
from waitingroom.joins.endpoint import JoinEndpoint

COMPUTER = b"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

KEY = "k" * 22


def request(*headers: tuple[bytes, bytes], body: bytes = b"") -> Incoming:
    """A request of a computer for the period `essai`."""
    scope = {"type": "http", "headers": [(b"user-agent", COMPUTER), *headers], "client": ("192.0.2.1", 1)}
    return Incoming(scope, body, {"id": "essai"})


class Heard:
    """What a request was answered with, and whether work for a task was needed for it."""

    def __init__(self) -> None:
        self.found: asyncio.Future[Answer | Exception] = asyncio.get_running_loop().create_future()
        self.by_callback = False

    @property
    async def answer(self) -> Answer:
        found = await self.found
        if isinstance(found, Exception):
            raise found
        return found


async def asked(endpoint: JoinEndpoint, came: Incoming) -> tuple[Answer, bool]:
    """The answer, and whether it came by callback."""
    heard = Heard()
    work = endpoint.handle(came, heard.found.set_result)
    if work is not None:
        return await work(), False
    return await heard.answer, True


async def ready(h: Hall) -> Period:
    """A process that knows row and line, as after its first look."""
    period = await h.period()
    await h.room.looks.look(period)
    return period


def number_in(answer: Answer) -> Any:
    return msgspec.json.decode(answer.body)["number"]


async def test_a_first_join_is_answered_by_callback(on_sqlite: Database, redis_url: str) -> None:
    """Without a task: its number, its place by the last look, and its ticket as cookie and in the body (ADR 0007)."""
    await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        period, endpoint = await ready(h), h.endpoint()
        answer, by_callback = await asked(endpoint, request())
        assert (answer.status, number_in(answer), by_callback) == (201, 1, True)
        text = msgspec.json.decode(answer.body)["ticket"]
        ticket = h.room.tickets.read(text)
        assert ticket is not None and (ticket.number, ticket.uid) == (1, period.uid)
        assert text.encode() in answer.headers[0][1]


async def test_until_row_and_line_are_known_a_join_takes_a_coroutine(
    on_sqlite: Database, redis_url: str
) -> None:
    """It has to ask first; the next one does not."""
    await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        endpoint = h.endpoint()
        assert (await asked(endpoint, request()))[1] is False
        answer, by_callback = await asked(endpoint, request())
        assert (number_in(answer), by_callback) == (2, True)


@pytest.mark.parametrize("values", [{"proof": True}, {"mode": "draw", "entries": 0, "entries_from": 0}])
async def test_where_more_is_asked_it_takes_a_coroutine(
    on_sqlite: Database, redis_url: str, values: dict[str, Any]
) -> None:
    """A proof of work, or an order that is drawn."""
    await make_period(on_sqlite, **values)
    async with hall(on_sqlite, redis_url) as h:
        await ready(h)
        heard = Heard()
        work = h.endpoint().handle(request(), heard.found.set_result)
        assert work is not None
        assert not heard.found.done()


async def test_the_same_browser_has_the_same_number_either_way(on_sqlite: Database, redis_url: str) -> None:
    """By key, by visitor, by ticket; 201 once, then 200."""
    await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        await ready(h)
        endpoint = h.endpoint()
        visitor = (b"cookie", b"visitor=" + h.room.tickets.new_visitor().encode())
        first, _ = await asked(endpoint, request(visitor, (b"idempotency-key", KEY.encode())))
        by_key, _ = await asked(endpoint, request((b"idempotency-key", KEY.encode())))
        by_visitor, _ = await asked(endpoint, request(visitor))
        text = msgspec.json.decode(first.body)["ticket"].encode()
        by_ticket, by_callback = await asked(endpoint, request((b"authorization", b"Bearer " + text)))
        assert by_callback is False
        found = [first, by_key, by_visitor, by_ticket]
        assert [number_in(answer) for answer in found] == [1] * 4
        assert [answer.status for answer in found] == [201, 200, 200, 200]


async def test_a_number_that_left_is_asked_about_again(on_sqlite: Database, redis_url: str) -> None:
    """The callback hears ASK: more questions, in a task, and a new number at the end."""
    await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        period, endpoint = await ready(h), h.endpoint()
        key = (b"idempotency-key", KEY.encode())
        first, _ = await asked(endpoint, request(key))
        ticket = h.room.tickets.read(msgspec.json.decode(first.body)["ticket"])
        assert ticket is not None
        await h.room.leaves.give_up(period, ticket)
        again, by_callback = await asked(endpoint, request(key))
        assert (again.status, number_in(again), by_callback) == (201, 2, True)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"state": "armed", "opens_at": 10**13 - HOUR_MS, "closes_at": 10**13}, Code.ROOM_NOT_OPEN),
        ({"state": "cap_reached"}, Code.QUOTA_REACHED),
        ({"state": "closed"}, Code.PERIOD_CLOSED),
    ],
)
async def test_a_row_that_refuses_is_not_asked_about(
    on_sqlite: Database, redis_url: str, values: dict[str, Any], code: Code
) -> None:
    """Load shedding: a crowd that is too early or too late costs the line nothing."""
    period = await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        await ready(h)
        await set_period(on_sqlite, period, **values)
        await h.room.periods.refresh()
        heard = Heard()
        with pytest.raises(Refusal) as refused:
            h.endpoint().handle(request(), heard.found.set_result)
        assert refused.value.code == code


async def test_a_poll_without_a_ticket_is_refused(on_sqlite: Database, redis_url: str) -> None:
    """`no_ticket`, whatever cookies came."""
    await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        await ready(h)
        came = request((b"cookie", b"ticket-essai=none"))

        async def poll() -> None:
            work = h.endpoint().standing(came, lambda _answer: None)
            if work is not None:  # what this process knows is not fresh
                await work()

        with pytest.raises(Refusal) as refused:
            await poll()
        assert refused.value.code == Code.NO_TICKET
