"""A power that somebody put in force behind the back of the service is found by `guichet verify`."""

import sqlalchemy as sa

from accounts.representatives.states import PowerState
from accounts.representatives.store import representative
from evidence import verify_powers
from foundation.sql.database import Database
from tests.support.candidates.representing import active, declared, signed
from tests.support.desks import make_account, make_desk


async def test_powers_that_moved_by_themselves_are_named(database: Database) -> None:
    """What the service wrote is sound; one row that was changed by hand is named, by its random id alone."""
    desk = make_desk(database)
    assert verify_powers.report(await database.read(verify_powers.read)) == []
    await active(database, await make_account(desk, 1))
    made = await declared(database, await make_account(desk, 2))
    await signed(database, made.id)
    sound = await database.read(verify_powers.read)
    assert (sound.count, sound.broken) == (2, [])
    assert verify_powers.report(sound)[0].startswith("P16 holds: ")
    forced = sa.update(representative).where(representative.c.id == made.id).values(state=PowerState.ACTIVE)
    await database.write(lambda conn: conn.execute(forced))
    report = verify_powers.report(await database.read(verify_powers.read))
    assert report[0].startswith("P16 BROKEN: ") and report[1].strip() == made.id
    desk.accounts.hasher.close()
