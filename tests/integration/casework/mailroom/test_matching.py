"""An item of the pen is matched by a person, after what it triggers was shown."""

import pytest

from casework.files.numbers import file_number
from casework.mailroom import matching, pen
from casework.mailroom.items import RegisteredItem
from casework.mailroom.states import MailItemState
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from tests.support.candidates.representing import declared
from tests.support.casework.mail import CLAIRE, SERVICES, entered, typed
from tests.support.tasks import submitted


async def matched(db: Database, id: int, number: str, reason: str = "") -> RegisteredItem:
    _, shown = await db.read(lambda conn: matching.preview(conn, SERVICES, id, number, now_ms()))
    return await db.write(
        lambda conn: matching.match(conn, SERVICES, id, number, shown.seen, reason, CLAIRE, now_ms())
    )


async def test_it_does_what_an_entry_would_have_done(database: Database) -> None:
    """A procuration whose reference was torn off is held for the candidate; the pen is empty; twice is refused."""
    await submitted(database)
    made = await declared(database, 1)
    item = await entered(database, typed("PR-?", "procuration", keep="1"))
    done = await matched(database, item.id, file_number(1))
    assert (done.state, done.submission, done.entry.reference) == (MailItemState.ACCEPTED, 1, "")
    assert made.reference and await database.read(pen.count) == 0
    with pytest.raises(Refusal) as refused:
        await matched(database, item.id, file_number(1))
    assert refused.value.code == Code.MOVE_NOT_ALLOWED


async def test_a_twin_takes_a_reason_here_too(on_sqlite: Database) -> None:
    """And a number of nobody, or a wrong one, matches nothing."""
    await submitted(on_sqlite)
    await entered(on_sqlite, typed(file_number(1)))
    item = await entered(on_sqlite, typed("?", keep="1"))
    with pytest.raises(Refusal) as refused:
        await matched(on_sqlite, item.id, file_number(1))
    assert refused.value.fields["fields"][0]["name"] == "reason"
    for number in (file_number(9), "D-0000001-99", ""):
        with pytest.raises(Refusal):
            await matched(on_sqlite, item.id, number)
    assert (await matched(on_sqlite, item.id, file_number(1), "Autre envoi.")).state is MailItemState.ACCEPTED
