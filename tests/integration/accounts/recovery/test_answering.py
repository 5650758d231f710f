"""The owner of an address is written to, once in a while, and nobody else is."""

import sqlalchemy as sa

from accounts.events.events import events_of
from accounts.recovery.answering import ANEW_MS
from accounts.recovery.asking import ask
from accounts.recovery.states import LostSecret
from accounts.recovery.store import recovery
from foundation.audit import audit
from foundation.sql.database import Database
from tests.support.desks import make_desk, visit
from tests.support.people.mailboxes import address_of, posted, with_address
from tests.support.people.recoveries import answer_all, asked, services_of
from tests.support.tasks import rows


async def test_the_owner_gets_a_link_and_nobody_else_a_word(database: Database) -> None:
    """However the address is typed. It is in the account's events and on record."""
    desk = make_desk(database)
    account = await with_address(desk)
    await ask(services_of(desk), visit().came, "inconnu@exemple.invalid", LostSecret.PASSWORD)
    await answer_all(database)
    assert await posted(database) == []
    await asked(desk, LostSecret.PASSWORD, "  Essai-00001@EXEMPLE.invalid ")
    (letter,) = await posted(database)
    assert (letter.to, letter.kind) == (address_of(1), "recovery_link")
    assert "essai" not in letter.text.replace("/recuperation", "")
    (event,) = await database.read(lambda conn: events_of(conn, {account}))
    assert (event.kind, event.network is not None) == ("recovery_asked", True)
    assert ("recovery_link",) in await rows(database, audit.c.act)


async def test_a_stranger_who_asks_again_and_again_takes_nothing_from_the_owner(database: Database) -> None:
    """There is one good link in the mailbox at any time; another secret has a link of its own."""
    desk = make_desk(database)
    await with_address(desk)
    for _ in range(20):
        await ask(services_of(desk), visit().came, address_of(1), LostSecret.PASSWORD)
    await answer_all(database)
    assert len(await posted(database)) == 1
    await asked(desk, LostSecret.ANSWERS)
    assert len(await posted(database)) == 2
    r = recovery
    earlier = {"kept_until": r.c.kept_until - ANEW_MS - 1}
    await database.write(lambda conn: conn.execute(sa.update(r).values(earlier)))
    await asked(desk, LostSecret.PASSWORD)
    assert len(await posted(database)) == 3


async def test_a_closed_account_gets_no_link(database: Database) -> None:
    """Nobody signs in with it any more."""
    desk = make_desk(database)
    await with_address(desk, state="closed")
    await ask(services_of(desk), visit().came, address_of(1), LostSecret.USERNAME)
    await answer_all(database)
    assert await posted(database) == []
