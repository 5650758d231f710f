"""An agent who has made sure of the owner changes an address at once."""

import sqlalchemy as sa

from accounts import store
from accounts.email_change.settling import change_now
from accounts.personal_data import email_addresses
from accounts.recovery import redeeming
from accounts.recovery.states import LostSecret
from foundation.audit import Actor, audit
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.integration.accounts.email_change.test_changing import NEW, URL, address_now, asked
from tests.support.candidates.refusals import code_of
from tests.support.desks import make_desk
from tests.support.people.mailboxes import address_of, posted, with_address
from tests.support.people.recoveries import asked as recovery_asked
from tests.support.people.recoveries import services_of
from tests.support.tasks import rows


async def test_an_agent_need_not_wait(database: Database) -> None:
    """Both addresses are told, what waited is cancelled, and the agent's name and reason are on record."""
    desk = make_desk(database)
    account = await with_address(desk)
    await with_address(desk, 2)
    await asked(desk, "attend@exemple.invalid")
    address, taken = email_addresses.read(NEW), email_addresses.read(address_of(2))
    assert address is not None
    assert taken is not None
    link = await recovery_asked(desk, LostSecret.PASSWORD)
    await redeeming.look(services_of(desk), link)
    who, personal = Actor("agente", "agent"), desk.accounts.personal
    await database.write(
        lambda conn: change_now(
            conn, personal, account, address, who, now_ms(), URL, reason="pièce d’identité vérifiée"
        )
    )
    assert await address_now(desk, account) == NEW
    assert [letter.to for letter in (await posted(database))[3:]] == [address_of(1), NEW]
    assert await code_of(redeeming.look(services_of(desk), link)) == "link_expired", "the old mailbox has it"
    told = len(await posted(database))
    await database.write(lambda conn: change_now(conn, personal, account, address, who, now_ms(), URL))
    assert len(await posted(database)) == told, "the same again is told to nobody"
    await database.write(lambda conn: conn.execute(sa.update(store.account).values(email_failing_at=1)))
    await database.write(lambda conn: change_now(conn, personal, account, address, who, now_ms(), URL))
    assert set(await rows(database, store.account.c.email_failing_at)) == {(None,), (1,)}, (
        "mail goes there again"
    )
    found = await rows(database, audit.c.act, audit.c.actor, audit.c.reason)
    assert ("email_change", "agente", "pièce d’identité vérifiée") in found
    again = database.write(lambda conn: change_now(conn, personal, account, taken, who, now_ms(), URL))
    assert await code_of(again) == "email_already_used"
