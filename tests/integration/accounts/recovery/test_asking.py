"""Asking for a lost secret leaves the same trace whatever the address is."""

import sqlalchemy as sa

from accounts.recovery.asking import FORGET_MS, ask, sweep
from accounts.recovery.states import LostSecret
from accounts.recovery.store import recovery
from foundation.clock import now_ms
from foundation.outbox import task
from foundation.sql.database import Database
from tests.support.desks import make_desk, visit
from tests.support.people.mailboxes import address_of, with_address
from tests.support.people.recoveries import services_of
from tests.support.tasks import rows


async def test_known_and_unknown_addresses_do_the_same_work(database: Database) -> None:
    """A row and a task each, no look at an account; what is no address too. Nothing typed stands in the table."""
    desk = make_desk(database)
    await with_address(desk)
    ran: list[list[str]] = []
    for typed in (address_of(1), "inconnu@exemple.invalid", "pas une adresse"):
        statements: list[str] = []
        engine = database._writer.sync_engine

        def note(_conn: object, _cursor: object, text: str, *_: object, ran: list[str] = statements) -> None:
            ran.append(text)

        sa.event.listen(engine, "before_cursor_execute", note)
        await ask(services_of(desk), visit().came, typed, LostSecret.PASSWORD)
        sa.event.remove(engine, "before_cursor_execute", note)
        ran.append(statements)
    assert ran[0] == ran[1] == ran[2]
    assert not any("account" in text for text in ran[0] if "SELECT" in text)
    found = await rows(database, recovery.c.id, recovery.c.email_keys, recovery.c.account)
    assert [account for _, _, account in found] == [None, None, None]
    assert not any("exemple" in keys for _, keys, _ in found)
    assert len(await rows(database, task.c.id)) == 3


async def test_what_was_asked_is_forgotten(database: Database) -> None:
    """Two days later."""
    desk = make_desk(database)
    await ask(services_of(desk), visit().came, "x@exemple.invalid", LostSecret.USERNAME)
    await database.write(lambda conn: sweep(conn, now_ms()))
    assert len(await rows(database, recovery.c.id)) == 1
    await database.write(lambda conn: sweep(conn, now_ms() + FORGET_MS + 1))
    assert await rows(database, recovery.c.id) == []
