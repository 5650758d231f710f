"""The head of a file, from one row."""

import pytest

from casework.files.numbers import file_number
from casework.files.sheet import sheet
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from tests.support.desks import PERSONAL
from tests.support.tasks import submitted


async def test_a_sheet_names_the_person_and_the_file(database: Database) -> None:
    receipt = await submitted(database)
    found = await database.read(lambda conn: sheet(conn, PERSONAL, 1))
    assert (found.receipt, found.programme, found.rank, found.account) == (receipt, "demo", 1, 1)
    assert found.number == file_number(1)
    assert found.identity.full_name
    assert found.pay_by > found.submitted_at


async def test_no_file_has_no_sheet(database: Database) -> None:
    with pytest.raises(Refusal) as refused:
        await database.read(lambda conn: sheet(conn, PERSONAL, 99))
    assert refused.value.code is Code.NOT_FOUND
