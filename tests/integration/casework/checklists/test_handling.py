"""What is done about each document: by the table, under the file's lock, with what follows for the file."""

import asyncio
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from casework.checklists import handling
from casework.checklists.states import ItemAct, ItemState
from casework.checklists.store import checklist_item_event
from casework.files.states import FileStatus
from foundation.clock import now_ms
from foundation.errors import Refusal
from foundation.sql.database import Database
from tests.support.casework.lists import AGENT, CLERK, LISTS, list_of, listed, status_of_file
from tests.support.desks import today


async def receive(db: Database, number: int, on_day: date | None = None) -> handling.ItemReceipt:
    day = on_day or today()
    return await db.write(lambda conn: handling.receive_item(conn, 1, number, day, CLERK, now_ms()))


async def decide(db: Database, number: int, act: ItemAct, reason: str = "Parce que.") -> None:
    await db.write(lambda conn: handling.decide(conn, LISTS, 1, number, act, reason, AGENT, now_ms()))


async def explain(db: Database, number: int, text: str) -> None:
    await db.write(lambda conn: handling.explain(conn, LISTS, 1, number, text, "anne", now_ms()))


async def states(db: Database) -> list[ItemState]:
    return [item.state for item in (await list_of(db)).items]


async def test_examination_begins_when_everything_is_settled_and_stops_when_something_is_not(
    database: Database,
) -> None:
    """Received, explained and accepted, waived: complete. Refused: open again. Received once more: complete again."""
    await listed(database)
    receipt = await receive(database, 1)
    assert receipt.number.startswith("P-") and receipt.days_late == 0 and receipt.state is ItemState.RECEIVED
    await receive(database, 4)
    text = "L’original\nest perdu."
    await explain(database, 2, text)
    assert (await list_of(database)).item(2).explanation is not None
    await decide(database, 2, ItemAct.ACCEPT)
    assert await status_of_file(database) is FileStatus.AWAITING_DOCUMENTS
    await decide(database, 3, ItemAct.WAIVE)
    assert await states(database) == ["received", "accepted", "waived", "received"]
    assert await status_of_file(database) is FileStatus.IN_EXAMINATION
    await decide(database, 1, ItemAct.REFUSE, "La copie n’est pas certifiée.")
    assert await status_of_file(database) is FileStatus.AWAITING_DOCUMENTS
    word = (await list_of(database)).item(1).last_word
    assert word is not None and word.text == "La copie n’est pas certifiée."
    await receive(database, 1)
    assert await status_of_file(database) is FileStatus.IN_EXAMINATION


async def test_one_document_registered_by_many_at_once_is_received(database: Database) -> None:
    """Each registration has its receipt; the file moves once."""
    await listed(database)
    found = await asyncio.gather(*(receive(database, 1) for _ in range(4)))
    assert len({one.number for one in found}) == 4
    assert (await states(database))[0] is ItemState.RECEIVED


async def test_what_is_late_is_received_and_flagged(on_sqlite: Database) -> None:
    """Nothing is refused or deleted by a date: an agent decides (DC-02)."""
    sent = now_ms() - 100 * 86_400_000
    await listed(on_sqlite, sent)
    due = (await list_of(on_sqlite)).deadline().last_day
    receipt = await receive(on_sqlite, 1)
    assert receipt.days_late == (today() - due).days > 0 and receipt.state is ItemState.RECEIVED


async def test_a_receipt_that_was_a_mistake_is_undone(on_sqlite: Database) -> None:
    await listed(on_sqlite)
    await receive(on_sqlite, 1)
    await on_sqlite.write(lambda conn: handling.undo_receipt(conn, 1, 1, CLERK, now_ms()))
    assert (await states(on_sqlite))[0] is ItemState.ASKED


async def test_an_original_goes_back_once_with_its_tracking(on_sqlite: Database) -> None:
    """Only what is an original and is here."""
    await listed(on_sqlite)
    numbers = {item.give_back: item.number for item in (await list_of(on_sqlite)).items}
    await receive(on_sqlite, numbers[True])
    await receive(on_sqlite, numbers[False])

    async def back(number: int, tracking: str = "RN 123 456 789 CA") -> None:
        await on_sqlite.write(
            lambda conn: handling.give_back(conn, 1, number, today(), tracking, CLERK, now_ms())
        )

    with pytest.raises(Refusal, match="invalid"):
        await back(numbers[True], " ")
    await back(numbers[True])
    event = (await list_of(on_sqlite)).item(numbers[True]).given_back
    assert event is not None and event.tracking == "RN 123 456 789 CA"
    for number in numbers.values():
        with pytest.raises(Refusal, match="move_not_allowed"):
            await back(number)


async def test_what_cannot_be_is_refused_and_writes_nothing(on_sqlite: Database) -> None:
    """No such item, a day to come, no reason, nothing written, an act that the state does not know."""
    await listed(on_sqlite)
    with pytest.raises(Refusal, match="not_found"):
        await receive(on_sqlite, 99)
    with pytest.raises(Refusal, match="invalid"):
        await receive(on_sqlite, 1, today() + timedelta(days=1))
    with pytest.raises(Refusal, match="invalid"):
        await receive(on_sqlite, 1, today() - timedelta(days=1))
    with pytest.raises(Refusal, match="invalid"):
        await decide(on_sqlite, 1, ItemAct.WAIVE, "\u200b ")
    with pytest.raises(Refusal, match="move_not_allowed"):
        await decide(on_sqlite, 1, ItemAct.ACCEPT)
    for text in ("", "x" * (handling.LONGEST_EXPLANATION + 1)):
        with pytest.raises(Refusal, match="invalid"):
            await explain(on_sqlite, 1, text)
    written = sa.select(sa.func.count()).select_from(checklist_item_event)
    assert (await on_sqlite.read(lambda conn: conn.execute(written))).scalar_one() == 0


async def test_what_is_offered_is_what_the_table_allows(on_sqlite: Database) -> None:
    await listed(on_sqlite)
    first = (await list_of(on_sqlite)).item(1)
    assert handling.offered(first) == [ItemAct.RECEIVE, ItemAct.EXPLAIN, ItemAct.WAIVE]
