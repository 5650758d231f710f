"""An agent who has made sure of the owner changes an address at once."""

from accounts.email_change.settling import change_now
from accounts.personal_data import email_addresses
from foundation.audit import Actor, audit
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.integration.accounts.email_change.test_changing import NEW, URL, address_now, asked
from tests.support.candidates.refusals import code_of
from tests.support.desks import make_desk
from tests.support.people.mailboxes import address_of, posted, with_address
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
    who, personal = Actor("agente", "agent"), desk.accounts.personal
    await database.write(
        lambda conn: change_now(
            conn, personal, account, address, who, now_ms(), URL, reason="pièce d’identité vérifiée"
        )
    )
    assert await address_now(desk, account) == NEW
    assert [letter.to for letter in (await posted(database))[2:]] == [address_of(1), NEW]
    found = await rows(database, audit.c.act, audit.c.actor, audit.c.reason)
    assert ("email_change", "agente", "pièce d’identité vérifiée") in found
    again = database.write(lambda conn: change_now(conn, personal, account, taken, who, now_ms(), URL))
    assert await code_of(again) == "email_already_used"
