"""The services of payments open what submissions sealed."""

from casework.payments import fees
from foundation.sql.database import Database
from tests.support.candidates.paying import PAYMENTS
from tests.support.tasks import submitted


async def test_the_services_have_the_keys_of_submissions(database: Database) -> None:
    await submitted(database)
    assert await database.read(lambda conn: fees.fee_of(conn, PAYMENTS, 1)) is not None
    assert PAYMENTS.personal is PAYMENTS.representatives.personal
