"""Events of an account: written with their cause, and with where they came from as keyed hashes."""

from accounts.events.events import Origin, events_of, note, origin_of
from accounts.events.states import AccountEventKind
from foundation.sql.database import Database
from server.requests import Incoming


def came(address: str, visitor: str | None = None) -> Incoming:
    headers = [] if visitor is None else [(b"cookie", f"visitor={visitor}".encode())]
    return Incoming({"headers": headers, "client": (address, 1)})


async def test_events_are_read_by_account_and_age(database: Database) -> None:
    """The oldest first, of the accounts that are asked for."""
    for account, at in ((1, 30), (1, 10), (2, 20), (3, 15)):
        await database.write(
            lambda conn, a=account, at=at: note(conn, a, AccountEventKind.PASSWORD_RENEWED, at, Origin("n"))  # type: ignore[misc]
        )
    found = await database.read(lambda conn: events_of(conn, {1, 2}, since=15))
    assert [(event.account, event.at, event.network, event.browser) for event in found] == [
        (2, 20, "n", None),
        (1, 30, "n", None),
    ]


def test_an_origin_tells_networks_apart_and_names_none() -> None:
    """Two addresses of one network are one origin; another key makes other hashes; nothing of it can be read."""
    one, two = origin_of("a key", came("192.0.2.7", "v1")), origin_of("a key", came("192.0.2.9", "v1"))
    assert one == two
    assert one.network != origin_of("a key", came("198.51.100.7")).network
    assert one.network != origin_of("other", came("192.0.2.7")).network
    assert origin_of("a key", came("192.0.2.7")).browser is None
    assert "192" not in str(one)
