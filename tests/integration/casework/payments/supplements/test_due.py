"""What is due of a file: its fee first, then what an amendment costs."""

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files import events
from casework.files.states import FileEventKind
from casework.payments.supplements.due import FileDues, dues_of
from foundation.sql.database import Database
from tests.support.candidates.paying import FEE, PAYMENTS, move_money
from tests.support.casework.file_events import happened
from tests.support.casework.supplements import EXTRA, ask, asked
from tests.support.tasks import submitted


async def dues(database: Database) -> FileDues:
    async def read(conn: AsyncConnection) -> FileDues:
        return await dues_of(conn, PAYMENTS, await events.history(conn, 1))

    return await database.read(read)


async def test_the_fee_then_the_supplement(database: Database) -> None:
    await submitted(database)
    first = await dues(database)
    assert (first.due, first.settled, first.asked, first.awaited) == (FEE, FEE, FEE, None)


async def test_what_an_amendment_costs_is_due_beside_what_is_paid(database: Database) -> None:
    await asked(database)
    found = await dues(database)
    assert (found.due, found.settled, found.asked) == (EXTRA, FEE, FEE + EXTRA)
    await database.write(lambda conn: move_money(conn, EXTRA, "card:extra"))
    paid = await dues(database)
    assert (paid.due, paid.settled, paid.asked, paid.awaited) == (0, FEE + EXTRA, FEE + EXTRA, None)


async def test_what_was_kept_above_the_fee_counts(database: Database) -> None:
    await submitted(database)
    await database.write(lambda conn: move_money(conn, FEE + 600, "post"))
    await database.write(ask)
    assert (await dues(database)).due == EXTRA - 600


async def test_a_file_that_has_ended_awaits_nothing(database: Database) -> None:
    await asked(database)
    await happened(database, 1, FileEventKind.WITHDRAWN)
    assert (await dues(database)).awaited is None
