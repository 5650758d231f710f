"""The deletion of an unpaid file: its content is gone, a tombstone stays, and money that comes still is returned."""

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store as accounts_store
from accounts.personal_data.fields import ADDRESS
from accounts.personal_data.home_address import HomeAddress
from casework.files import events
from casework.files.states import FileEventKind, FileStatus
from casework.files.tasks import FileTask
from casework.payments.postal import PostalVerdict
from casework.payments.unpaid import deletion
from foundation.audit import SERVICE
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from foundation.subjects import Subject
from submission.signing import signatures
from submission.store import SUBMISSION, submission, trace
from tests.support.candidates.paying import FEE, PAYMENTS, came_by_post, move_money, status_of_file, titles_of
from tests.support.tasks import EFFECTS, submitted

HOME = HomeAddress(["1, rue Une", "Montréal"], "CA")


async def delete(database: Database) -> None:
    async def work(conn: AsyncConnection) -> None:
        of = await events.history(conn, 1, lock=True)
        await deletion.delete(conn, PAYMENTS, of, FileEventKind.UNPAID_DELETED, SERVICE, 1_500_000_000_000)

    await database.write(work)


async def test_what_was_filled_in_is_gone_and_a_tombstone_stays(database: Database) -> None:
    receipt = await submitted(database)
    stored = PAYMENTS.personal.seal("essai-00001", ADDRESS, msgspec.json.encode(HOME).decode())
    await database.write(lambda conn: conn.execute(sa.update(accounts_store.account).values(address=stored)))
    await delete(database)
    assert await status_of_file(database) is FileStatus.UNPAID_DELETED
    signed = await database.read(lambda conn: signatures.find(conn, receipt, "demo", PAYMENTS.seals))
    assert signed.answers.sections == [] and signed.signature is not None
    device = (await database.read(lambda conn: conn.execute(sa.select(submission.c.device)))).scalar_one()
    traces = (await database.read(lambda conn: conn.execute(sa.select(trace.c.kind)))).all()
    assert (device, traces) == ("{}", [])
    assert await database.read(lambda conn: deletion.return_address(conn, PAYMENTS, 1)) == HOME
    assert await titles_of(database) == (["Suppression de votre demande"], ["Suppression de votre demande"])
    assert (await came_by_post(database, FEE)).verdict is PostalVerdict.ENDED
    await database.write(
        lambda conn: EFFECTS[FileTask.ADDRESS_FORGOTTEN](conn, Subject.row(SUBMISSION, 1), 5)
    )
    assert await database.read(lambda conn: deletion.return_address(conn, PAYMENTS, 1)) is None


async def test_a_paid_file_is_not_deleted(database: Database) -> None:
    receipt = await submitted(database)
    await database.write(lambda conn: move_money(conn, FEE, "card"))
    with pytest.raises(Refusal) as refused:
        await delete(database)
    assert refused.value.code is Code.MOVE_NOT_ALLOWED
    signed = await database.read(lambda conn: signatures.find(conn, receipt, "demo", PAYMENTS.seals))
    assert signed.answers.sections
