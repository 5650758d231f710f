"""Tickets as they come with requests."""

from foundation.sql.database import Database
from server.requests import Incoming
from tests.support.rooms import hall, make_period
from waitingroom.tickets import Ticket


async def test_a_ticket_of_another_life_of_the_period_is_no_place_in_this_one(
    database: Database, redis_url: str
) -> None:
    """The uid is signed into the ticket; a wiped and remade `essai` does not know it."""
    await make_period(database)
    async with hall(database, redis_url) as h:
        foreign = h.room.tickets.issue(Ticket("another-life", 1, "x"))
        headers = [(b"authorization", f"Bearer {foreign}".encode())]
        came = Incoming({"type": "http", "headers": headers})
        assert h.room.tickets.ticket_of(came, await h.period()) is None
