"""Personal data is encrypted by the newest key while people work."""

import sqlalchemy as sa

from accounts import store
from accounts.own_account import profile
from accounts.personal_data import rotation
from accounts.personal_data.fields import PersonalFields, is_plain
from accounts.personal_data.rotation import Sealed
from accounts.registration.store import registration
from foundation.sql.database import Database
from tests.support.candidates.own_accounts import own_account
from tests.support.desks import PERSONAL, make_account, make_desk
from tests.support.rooms import KEYS

NEW = "a newer key, long enough for us"


async def rotated(db: Database, personal: PersonalFields, most: int = 2) -> int:
    """How many accounts were written anew, in batches of so many."""
    last = written = 0

    async def batch(after: int) -> Sealed | None:
        return await db.write(lambda conn: rotation.seal_some(conn, personal, after, most))

    while (sealed := await batch(last)) is not None:
        last, written = sealed.last, written + sealed.written
    return written


async def test_plain_and_old_are_encrypted_once(database: Database) -> None:
    """Plain identities of before, and what an older key wrote; a second run has nothing to do."""
    newest, newest_alone = PersonalFields((NEW, *KEYS)), PersonalFields((NEW,))
    desk = make_desk(database)
    async with own_account(database):
        for number in range(1, 5):
            await make_account(desk, number)
        plain = sa.update(store.account).where(store.account.c.id == 2).values(questions='["Chien ?"]')
        await database.write(lambda conn: conn.execute(plain))
        assert await rotated(database, newest) == 5
        assert await rotated(database, newest) == 0
        found = await database.read(lambda conn: profile.find(conn, newest_alone, 1))
    everybody = sa.select(store.account).order_by(store.account.c.id)
    rows = (await database.read(lambda conn: conn.execute(everybody))).all()
    assert not any(is_plain(row.identity) for row in rows)
    assert all(newest_alone.identity(row.username, row.identity).passport for row in rows)
    assert found.email == "eve@exemple.invalid" and found.address is not None
    assert not any(is_plain(row.questions) for row in rows)
    assert len(newest_alone.questions(rows[0].username, rows[0].questions)) == 3
    assert rows[0].email_key == newest_alone.emails.stored("eve@exemple.invalid")
    desk.accounts.hasher.close()


async def test_an_address_that_waits_for_its_confirmation_follows(database: Database) -> None:
    """A registration of an account that was there before is compared by the index of its address."""
    desk = make_desk(database)
    async with own_account(database):
        old = PERSONAL.emails.stored("eve@exemple.invalid")
        waiting = {"code_key": "k", "username": "eve", "step": "waiting", "email_key": old, "programme": "demo",
                   "account": 1, "made_at": 1, "kept_until": 2, "serial": "s", "messages": 1}  # fmt: skip
        await database.write(lambda conn: conn.execute(sa.insert(registration).values(waiting)))
        await rotated(database, PersonalFields((NEW, *KEYS)))
    waits = sa.select(registration).where(registration.c.code_key == "k")
    row = (await database.read(lambda conn: conn.execute(waits))).one()
    assert row.email_key == PersonalFields((NEW,)).emails.stored("eve@exemple.invalid")
    desk.accounts.hasher.close()
