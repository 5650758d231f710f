"""The money of what was submitted outside the quota is recounted beside that of the period."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files.store import file_event
from casework.payments import fees
from casework.payments.store import movement
from evidence import verify
from evidence.recount import recount
from foundation.sql.database import Database
from submission.store import submission
from tests.support.candidates.exempt import accepted_claim, submit_outside
from tests.support.candidates.paying import PAYMENTS, move_money
from tests.support.desks import make_account, make_desk, sign_in
from tests.support.rooms import make_period


async def paid_outside(db: Database) -> int:
    """A paid file of an exempt stream; its fee in cents."""
    desk = make_desk(db)
    await make_period(db)
    await accepted_claim(desk, await make_account(desk))
    await submit_outside(desk, await sign_in(desk))
    desk.accounts.hasher.close()

    async def pay(conn: AsyncConnection) -> int:
        number = (await conn.execute(sa.select(submission.c.id))).scalar_one()
        fee = await fees.fee_of(conn, PAYMENTS, number)
        assert fee is not None
        await move_money(conn, fee.cents, "card:outside", number=number)
        return fee.cents

    return await db.write(pay)


async def findings(db: Database) -> list[str]:
    return [one.sentence for one in recount(await verify.read(db, "essai"))]


async def test_it_adds_up_and_what_is_forged_is_named(database: Database) -> None:
    await paid_outside(database)
    books = await verify.read(database, "essai")
    assert (len(books.movements), books.outside_files is not None) == (0, True)
    assert recount(books) == []
    await database.write(lambda conn: conn.execute(sa.update(movement).values(cents=1)))
    assert await findings(database) == ["a file is paid, and its movements do not make up its fee"]


async def test_an_event_that_is_gone_is_named(database: Database) -> None:
    await paid_outside(database)
    await database.write(lambda conn: conn.execute(sa.delete(file_event)))
    assert await findings(database) == ["the whole fee of a file came in time, and it is not paid"]
