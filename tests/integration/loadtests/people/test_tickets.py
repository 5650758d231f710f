"""Many people who joined: their tickets in the order of their numbers, or none at all."""

from itertools import count

import pytest
from starlette.types import Receive, Scope, Send

from loadtests.people.tickets import tickets
from tests.support.processes.serving import serving

PATH = "/api/v1/periods/demo/tickets"


async def test_tickets_come_in_the_order_of_their_numbers() -> None:
    """However the answers came: here the numbers fall."""
    given = count(500, -1)

    async def room(scope: Scope, receive: Receive, send: Send) -> None:
        number = next(given)
        body = b'{"number":%d,"ticket":"t%03d"}' % (number, number)
        length = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 201, "headers": length})
        await send({"type": "http.response.body", "body": body})

    with serving(room) as port:
        found = await tickets(f"http://127.0.0.1:{port}", PATH, 300)
    assert found == [f"t{number:03d}" for number in range(201, 501)]


async def test_a_refusal_is_no_ticket() -> None:
    """Twin: the run ends, and shows the first wrong answer."""

    async def refusing(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 503, "headers": [(b"content-length", b"4")]})
        await send({"type": "http.response.body", "body": b"away"})

    with serving(refusing) as port:
        with pytest.raises(SystemExit, match="0 of 300 got a ticket"):
            await tickets(f"http://127.0.0.1:{port}", PATH, 300)
