"""Invitations under a newer key."""

import msgspec
import pytest
import sqlalchemy as sa

from accounts.invitations import inviting
from accounts.invitations.inviting import InvitedPerson, place
from accounts.invitations.rotation import rotation
from accounts.invitations.services import InvitationServices, invitation_services
from accounts.invitations.store import invitation
from accounts.personal_data.fields import PersonalFields
from accounts.registration.services import registration_services
from foundation.clock import now_ms
from foundation.errors import Refusal
from foundation.sql.database import Database
from tests.integration.accounts.invitations.test_inviting import TYPED, code_of, invite, services_on
from tests.support.candidates.rotations import BOTH, NEW, rotated
from tests.support.desks import PERSONAL, make_desk, visit


def newest_on(database: Database) -> InvitationServices:
    """The services of a process that has the newer key alone."""
    desk = make_desk(database)
    accounts = msgspec.structs.replace(desk.accounts, personal=PersonalFields((NEW,)))
    return invitation_services(
        registration_services(accounts, desk.programmes, (NEW,), "https://guichet.example", limited=False)
    )


async def test_a_link_is_good_without_the_key_it_was_sent_under(database: Database) -> None:
    """Code, content and address all stand under the newer key; once it is used nothing of the address is left."""
    await invite(services_on(database))
    code = await code_of(database)
    assert await rotated(database, rotation(BOTH)) == 1
    assert await rotated(database, rotation((NEW,))) == 0
    services = newest_on(database)
    found = await inviting.accept(services, visit().came, code, TYPED)
    assert found.person.email.canonical == "anne@exemple.invalid"
    row = (await database.read(lambda conn: conn.execute(sa.select(invitation)))).one()
    assert (row.content, row.email_key) == (None, "")


async def test_a_link_of_an_earlier_release_needs_its_key(database: Database) -> None:
    """Twin: its content does not hold the code, so it is found while the older key is kept, and not after."""
    await invite(services_on(database))
    code = await code_of(database)
    row = (await database.read(lambda conn: conn.execute(sa.select(invitation)))).one()
    where = place(row.code_key)
    person = msgspec.json.decode(PERSONAL.opened(where, "invitation", row.content), type=InvitedPerson)
    bare = msgspec.json.encode({"identity": person.identity, "email": person.email}).decode()
    values = {"content": PERSONAL.seal(where, "invitation", bare)}
    await database.write(lambda conn: conn.execute(sa.update(invitation).values(values)))
    assert await rotated(database, rotation(BOTH)) == 1
    with pytest.raises(Refusal, match="link_expired"):
        await database.read(lambda conn: inviting.find(conn, newest_on(database), code, now_ms()))
    both = msgspec.structs.replace(services_on(database))
    both = invitation_services(msgspec.structs.replace(both.registration, secrets=BOTH))
    accounts = msgspec.structs.replace(both.registration.accounts, personal=PersonalFields(BOTH))
    both = msgspec.structs.replace(
        both, registration=msgspec.structs.replace(both.registration, accounts=accounts)
    )
    found = await database.read(lambda conn: inviting.find(conn, both, code, now_ms()))
    assert found.person.identity.given_name == "Anne"


async def test_what_an_earlier_release_left_of_an_address_goes(database: Database) -> None:
    """The index of an address whose invitation is past."""
    await invite(services_on(database))
    await database.write(lambda conn: conn.execute(sa.update(invitation).values(content=None)))
    assert await rotated(database, rotation(BOTH)) == 1
    row = (await database.read(lambda conn: conn.execute(sa.select(invitation)))).one()
    assert row.email_key == ""
