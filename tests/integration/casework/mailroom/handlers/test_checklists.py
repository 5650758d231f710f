"""Documents of the personal list by post: the day of their reception is what the list says, however late it is put
right (DC-02)."""

import pytest
import sqlalchemy as sa

from casework.checklists import handling, items
from casework.checklists.states import ItemAct, ItemState
from casework.files.numbers import file_number
from casework.files.states import FileStatus
from casework.mailroom.handlers import checklists
from casework.mailroom.handlers.registry import HANDLERS
from casework.mailroom.items import RegisteredItem
from casework.mailroom.states import MailItemState, MailKind
from foundation.calendar.days import DAY_MS
from foundation.clock import now_ms
from foundation.sql.database import Database
from submission.store import submission
from tests.integration.casework.mailroom.correcting.test_corrections import confirmed, proposed, shown, status
from tests.support.casework.lists import AGENT, LISTS, listed
from tests.support.casework.mail import day, entered, typed

PARTS = "1, 2"


async def came(db: Database, ago: int = 1) -> RegisteredItem:
    """Two documents of a list of a month ago, entered today as received so many days ago."""
    await listed(db, now_ms() - 30 * DAY_MS)
    earlier = {"submitted_at": now_ms() - 40 * DAY_MS}
    await db.write(lambda conn: conn.execute(sa.update(submission).values(earlier)))
    return await entered(db, typed(file_number(1), "checklist", parts=PARTS, received_on=day(ago)))


async def days(db: Database) -> list[tuple[ItemState, str | None]]:
    """The state of the two, and the day that the list says."""
    found = await db.read(lambda conn: items.required(conn, None, 1))
    both = found.items[:2]
    return [(one.state, None if one.received is None else one.received.on_day.isoformat()) for one in both]


async def test_a_day_that_is_put_right_is_put_right_on_the_list_too(database: Database) -> None:
    """Shown before; one receipt stands, so that an undoing later leaves nothing behind."""
    item = await came(database)
    await proposed(database, item.id, received_on=day(5))
    found = await shown(database, item.id)
    assert found.changes and found.after is not None
    assert any(one.startswith("Jour de réception") for one in found.after.says)
    done = await confirmed(database, item.id)
    assert (done.state, done.entry.received_on.isoformat()) == (MailItemState.ACCEPTED, day(5))
    assert await days(database) == [(ItemState.RECEIVED, day(5))] * 2
    await proposed(database, item.id, undoes=True)
    await confirmed(database, item.id)
    assert await days(database) == [(ItemState.ASKED, None)] * 2
    assert await status(database) is FileStatus.AWAITING_DOCUMENTS


async def test_without_judging_the_day_the_list_keeps_the_wrong_one(
    on_sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: the register says one day, the candidate's list another."""
    monkeypatch.setitem(HANDLERS, MailKind.CHECKLIST, _careless())
    item = await came(on_sqlite)
    await proposed(on_sqlite, item.id, received_on=day(5))
    await confirmed(on_sqlite, item.id)
    assert await days(on_sqlite) == [(ItemState.RECEIVED, day(1))] * 2


def _careless() -> object:
    handler = checklists.HANDLER
    return type(handler)(
        judge=handler.judge, do=handler.do, take_back=handler.take_back, taking_back=handler.taking_back
    )


async def test_what_an_agent_has_gone_on_with_keeps_its_receipt(on_sqlite: Database) -> None:
    """The day of the item is put right all the same: nobody is stuck with it."""
    item = await came(on_sqlite)
    await on_sqlite.write(
        lambda conn: handling.decide(conn, LISTS, 1, 1, ItemAct.REFUSE, "Illisible.", AGENT, now_ms())
    )
    await proposed(on_sqlite, item.id, received_on=day(5))
    assert not (await shown(on_sqlite, item.id)).changes
    assert (await confirmed(on_sqlite, item.id)).entry.received_on.isoformat() == day(5)
    assert (await days(on_sqlite))[0][0] is ItemState.REFUSED


async def test_a_day_before_the_submission_is_no_receipt(on_sqlite: Database) -> None:
    """What is shown is what can be done: it was shown as received, and then refused at a field that no page has."""
    item = await came(on_sqlite, ago=41)
    assert item.state is MailItemState.MATCHED
    assert await days(on_sqlite) == [(ItemState.ASKED, None)] * 2
