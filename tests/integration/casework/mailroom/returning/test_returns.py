"""What goes back leaves with a day and a number, and then stays as it is."""

from datetime import date

import pytest

from casework.mailroom import undoing
from casework.mailroom.returning import returns
from casework.mailroom.states import MailItemState
from foundation.calendar.days import day_of
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from tests.support.casework.mail import CLAIRE, SERVICES, day, entered, typed


async def test_it_is_set_aside_and_sent(database: Database) -> None:
    """With why, and with the number by which the post follows it."""
    item = await entered(database, typed("?", received_on=day(2), keep="1"))
    with pytest.raises(Refusal):
        await database.write(lambda conn: returns.set_aside(conn, SERVICES, item.id, " ", CLAIRE, now_ms()))
    await database.write(
        lambda conn: returns.set_aside(conn, SERVICES, item.id, "Illisible.", CLAIRE, now_ms())
    )
    assert [one.id for one in await database.read(lambda conn: returns.to_return(conn, SERVICES))] == [
        item.id
    ]
    today = day_of(now_ms())
    sent = await database.write(
        lambda conn: returns.send_back(
            conn, SERVICES, item.id, " RN 123 456 789 CA ", today, CLAIRE, now_ms()
        )
    )
    assert (sent.state, sent.tracking, sent.sent_on) == (MailItemState.RETURNED, "RN 123 456 789 CA", today)
    with pytest.raises(Refusal) as refused:
        await database.write(lambda conn: undoing.undo(conn, SERVICES, item.id, "erreur", CLAIRE, now_ms()))
    assert refused.value.code == Code.MOVE_NOT_ALLOWED


async def test_wrong_days_and_numbers_are_named(on_sqlite: Database) -> None:
    """A day to come, before the reception, none; no number, or one that is too long."""
    item = await entered(on_sqlite, typed("?", received_on=day(2), keep="1"))
    today = day_of(now_ms())
    cases: list[tuple[str, date | None, set[str]]] = [
        ("", today, {"tracking"}), ("x" * 41, None, {"tracking", "sent_on"}),
        ("RN1", date.fromisoformat(day(3)), {"sent_on"}), ("RN1", date.fromisoformat(day(-1)), {"sent_on"}),
        ("RN1", today, set()),
    ]  # fmt: skip
    for tracking, sent_on, fields in cases:
        assert set(returns.wrong_sending(tracking, sent_on, item, today)) == fields
