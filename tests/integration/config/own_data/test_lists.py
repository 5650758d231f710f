"""What is held about lists and decisions is in the export, without the names of staff."""

from typing import Any

from casework.checklists import handling
from config.own_data.lists import lists_and_decisions
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support.casework.lists import LISTS, listed
from tests.support.desks import PERSONAL


async def test_an_explanation_is_in_the_export_and_who_handled_it_is_not(on_sqlite: Database) -> None:
    await listed(on_sqlite)
    await on_sqlite.write(lambda conn: handling.explain(conn, LISTS, 1, 1, "Perdu en mer.", "anne", now_ms()))
    lists, *_ = lists_and_decisions(PERSONAL)

    async def read(conn: Any) -> Any:
        return await lists.read(conn, 1), await lists.read(conn, 2)

    (mine,), others = await on_sqlite.read(read)
    (event,) = mine["items"][0]["events"]
    assert event["text"] == "Perdu en mer." and "actor" not in event
    assert others == []
