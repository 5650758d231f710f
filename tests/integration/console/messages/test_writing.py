"""What an agent can choose from is the account's own."""

import pytest

from casework.files.numbers import file_number
from console.messages import writing
from foundation.errors import Refusal
from foundation.sql.database import Database
from tests.support.tasks import submitted


async def test_the_sheet_has_the_files_of_the_account(database: Database) -> None:
    """And of nobody else; an account that there is not has none."""
    await submitted(database, 2)
    found = await database.read(lambda conn: writing.sheet(conn, 2))
    assert (found.username, list(found.files)) == ("essai-00002", [(2, file_number(2))])
    with pytest.raises(Refusal, match="not_found"):
        await database.read(lambda conn: writing.sheet(conn, 99))


def test_each_form_has_a_key_of_its_own() -> None:
    assert writing.new_key() != writing.new_key()
