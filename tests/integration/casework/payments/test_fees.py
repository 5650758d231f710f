"""The fee of a file is there from the receipt on, and stays what it is."""

import msgspec
import pytest
import sqlalchemy as sa

from casework.payments import fees
from foundation.errors import Refusal
from foundation.sql.database import Database
from quota.programmes import FeeRow
from submission.store import submission
from tests.support.candidates.paying import FEE, PAYMENTS
from tests.support.tasks import KNOWN, submitted


async def test_a_submission_has_its_fee_in_its_row(database: Database) -> None:
    await submitted(database)
    text = (await database.read(lambda conn: conn.execute(sa.select(submission.c.fee)))).scalar_one()
    fee = await database.read(lambda conn: fees.fee_of(conn, PAYMENTS, 1))
    assert fee is not None and fee.cents == FEE
    assert msgspec.json.decode(text)["lines"] == [{"person": "principal", "count": 1, "each": FEE}]


async def test_a_later_table_changes_nothing(database: Database) -> None:
    await submitted(database)
    row = FeeRow(since=KNOWN["demo"].fees[0].since, principal=1)
    other = {"demo": msgspec.structs.replace(KNOWN["demo"], fees=(row,))}
    services = msgspec.structs.replace(PAYMENTS, programmes=other)
    fee = await database.read(lambda conn: fees.fee_of(conn, services, 1))
    assert fee is not None and fee.cents == FEE


async def test_what_an_earlier_release_took_has_the_fee_of_its_day(database: Database) -> None:
    await submitted(database)
    await database.write(lambda conn: conn.execute(sa.update(submission).values(fee=None)))
    fee = await database.read(lambda conn: fees.fee_of(conn, PAYMENTS, 1))
    assert fee is not None and fee.cents == FEE
    unknown = msgspec.structs.replace(PAYMENTS, programmes={})
    assert await database.read(lambda conn: fees.fee_of(conn, unknown, 1)) is None


async def test_no_file_is_not_found(database: Database) -> None:
    with pytest.raises(Refusal):
        await database.read(lambda conn: fees.fee_of(conn, PAYMENTS, 9))
