"""An account that an agent begins and its person finishes (AC-12)."""

import msgspec
import pytest
import sqlalchemy as sa

from accounts import store
from accounts.identities import Identity
from accounts.invitations import inviting
from accounts.invitations.services import InvitationServices, invitation_services
from accounts.invitations.store import invitation
from accounts.registration.application import Application
from accounts.registration.services import registration_services
from foundation import audit
from foundation.calendar.days import DAY_MS
from foundation.clock import now_ms
from foundation.errors import Refusal
from foundation.mail import sealing
from foundation.mail.store import mail
from foundation.sql.database import Database
from tests.support.candidates.exempt import STREAM
from tests.support.desks import PERSONAL, make_desk, visit
from tests.support.rooms import KEYS

ANNE = Identity(
    family_name="Roy", given_name="Anne", birth_date="1985-04-02", passport="AB1234", birth_country="FR"
)

TYPED = Application(
    programme="", username="anne.roy", email="", password="quatre mots sans rapport aucun",
    questions=(("Arbre ?", "érable argenté"), ("Chien ?", "Mistigri le second"), ("Ville ?", "Saint-Prime")),
    identity=ANNE, address=None, terms=True,
)  # fmt: skip


def services_on(database: Database) -> InvitationServices:
    desk = make_desk(database)
    return invitation_services(
        registration_services(desk.accounts, desk.programmes, KEYS, "https://guichet.example", limited=False)
    )


async def invite(
    services: InvitationServices,
    identity: Identity = ANNE,
    email: str = "Anne@Exemple.invalid",
    stream: str = STREAM,
) -> int:
    return await services.registration.accounts.db.write(
        lambda conn: inviting.invite(
            conn, services, "demo", stream, identity, email, "A une offre validée.", "lucie", now_ms()
        )
    )  # fmt: skip


async def code_of(database: Database) -> str:
    """The code of the link in the newest mail."""
    row = (
        await database.read(lambda conn: conn.execute(sa.select(mail).order_by(mail.c.id.desc()).limit(1)))
    ).one()
    text = sealing.cipher().decrypt(row.text, sealing.field(row.key, "text"))
    assert text is not None and "Roy" not in text
    return text.partition("code=")[2].split()[0]


async def test_an_account_is_begun_and_finished(database: Database) -> None:
    """No account before its person has chosen their secrets; then one, of the identity that the agent took down."""
    services = services_on(database)
    id = await invite(services)
    count = sa.select(sa.func.count(store.account.c.id))
    assert (await database.read(lambda conn: conn.execute(count))).scalar_one() == 0
    stored = (await database.read(lambda conn: conn.execute(sa.select(invitation)))).one()
    assert not any(one in str(tuple(stored)) for one in ("AB1234", "1985-04-02", "family_name", "Anne R"))
    found = await inviting.accept(services, visit().came, await code_of(database), TYPED)
    assert (found.id, found.stream) == (id, STREAM)
    row = (await database.read(lambda conn: conn.execute(sa.select(store.account)))).one()
    assert (row.username, PERSONAL.identity(row.username, row.identity)) == ("anne.roy", ANNE)
    assert row.confirmed_at is not None and row.programme == "demo"
    with pytest.raises(Refusal, match="link_expired"):
        await inviting.accept(services, visit().came, await code_of(database), TYPED)
    (line,) = await database.read(
        lambda conn: conn.execute(sa.select(audit.a.c.act, audit.a.c.actor, audit.a.c.reason))
    )
    assert tuple(line) == ("account_invited", "lucie", "A une offre validée.")


async def test_what_is_wrong_makes_nothing(database: Database) -> None:
    """A date that is none, no such stream, an address that has an account; weak secrets, a name that is taken."""
    services = services_on(database)
    with pytest.raises(Refusal, match="invalid"):
        await invite(services, msgspec.structs.replace(ANNE, birth_date="hier"))
    with pytest.raises(Refusal, match="invalid"):
        await invite(services, email="anne")
    with pytest.raises(Refusal, match="not_found"):
        await invite(services, stream="autre")
    await invite(services)
    code = await code_of(database)
    weak = msgspec.structs.replace(TYPED, password="motdepasse")
    with pytest.raises(Refusal, match="password_weak"):
        await inviting.accept(services, visit().came, code, weak)
    with pytest.raises(Refusal, match="invalid"):
        await inviting.accept(services, visit().came, code, msgspec.structs.replace(TYPED, terms=False))
    await inviting.accept(services, visit().came, code, TYPED)
    with pytest.raises(Refusal, match="email_already_used"):
        await invite(services)
    await invite(services, email="autre@exemple.invalid")
    with pytest.raises(Refusal, match="username_taken"):
        await inviting.accept(services, visit().came, await code_of(database), TYPED)


async def test_a_link_is_past_after_its_days(database: Database) -> None:
    """Nobody's code is none; what is past is forgotten."""
    services = services_on(database)
    await invite(services)
    code = await code_of(database)
    later = now_ms() + inviting.GOOD_DAYS * DAY_MS

    async def look(typed: str, at: int) -> None:
        await database.read(lambda conn: inviting.find(conn, services, typed, at))

    for typed, at in ((code, later), ("AAAAA-AAAAA", now_ms()), ("", now_ms())):
        with pytest.raises(Refusal, match="link_expired"):
            await look(typed, at)
    assert await database.write(lambda conn: inviting.sweep(conn, now_ms())) == 0
    assert await database.write(lambda conn: inviting.sweep(conn, later)) == 1
