"""Payments by post, entered by a clerk: each with what it triggers, once a key, and taken back."""

from datetime import timedelta

from casework.files.states import FileStatus
from casework.payments import cases, receiving
from casework.payments.postal import PostalPayment, PostalVerdict
from casework.payments.states import Instrument
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support.candidates.paying import (
    CLERK,
    FEE,
    PAYMENTS,
    balance_of,
    came_by_post,
    last_day,
    status_of_file,
    titles_of,
)
from tests.support.tasks import submitted


async def undo(database: Database, key: str = "item:1") -> None:
    await database.write(lambda conn: receiving.undo(conn, PAYMENTS, 1, CLERK, now_ms(), key=key))


async def test_the_whole_fee_in_time_is_accepted_and_can_be_taken_back(database: Database) -> None:
    await submitted(database)
    assert (await came_by_post(database, FEE)).verdict is PostalVerdict.ACCEPTED
    assert (await status_of_file(database), await balance_of(database)) == (FileStatus.PAID, FEE)
    await undo(database)
    assert (await status_of_file(database), await balance_of(database)) == (FileStatus.REVERSED, 0)
    await undo(database)
    assert await balance_of(database) == 0


async def test_a_part_goes_back_with_its_letter_and_a_person_decides(database: Database) -> None:
    """PY-04: returned, and the file is not deleted by itself."""
    await submitted(database)
    assert (await came_by_post(database, FEE - 1)).verdict is PostalVerdict.PARTIAL
    assert (await status_of_file(database), await balance_of(database)) == (FileStatus.AWAITING_PAYMENT, 0)
    assert await titles_of(database) == (["Paiement retourné"], ["Paiement retourné"])
    (case,) = await database.read(cases.waiting)
    assert case.reason == "partial"
    assert (await came_by_post(database, FEE, "item:2")).verdict is PostalVerdict.ACCEPTED
    assert await database.read(cases.waiting) == []


async def test_late_money_goes_back_by_the_day_of_its_reception(database: Database) -> None:
    await submitted(database)
    late = await last_day(database) + timedelta(days=1)
    assert (await came_by_post(database, FEE, on_day=late)).verdict is PostalVerdict.LATE
    assert (await status_of_file(database), await balance_of(database)) == (FileStatus.AWAITING_PAYMENT, 0)
    assert await database.read(cases.waiting) == []


async def test_another_instrument_is_no_movement(database: Database) -> None:
    await submitted(database)
    judged = await came_by_post(database, FEE, instrument=None)
    assert judged.verdict is PostalVerdict.OTHER_INSTRUMENT
    assert await balance_of(database) == 0
    assert (await titles_of(database))[0] == ["Paiement retourné"]


async def test_too_much_waits_and_can_be_taken_back(database: Database) -> None:
    await submitted(database)
    assert (await came_by_post(database, FEE + 1)).verdict is PostalVerdict.TOO_MUCH
    assert await titles_of(database) == ([], ["Paiement reçu, à examiner"])
    assert (await status_of_file(database), await balance_of(database)) == (FileStatus.AWAITING_PAYMENT, 0)
    await undo(database)
    assert await database.read(cases.waiting) == []


async def test_a_letter_that_was_a_mistake_is_taken_back_by_a_message(database: Database) -> None:
    await submitted(database)
    await came_by_post(database, FEE - 1)
    await undo(database)
    assert await database.read(cases.waiting) == []
    assert (await titles_of(database))[1] == ["Lettre déposée par erreur", "Paiement retourné"]


async def test_a_look_writes_nothing(database: Database) -> None:
    await submitted(database)
    payment = PostalPayment(
        instrument=Instrument.POSTAL_ORDER, cents=FEE, received_on=await last_day(database)
    )
    judged = await database.read(lambda conn: receiving.look(conn, PAYMENTS, 1, payment))
    assert judged.verdict is PostalVerdict.ACCEPTED
    assert await status_of_file(database) is FileStatus.AWAITING_PAYMENT
