"""What goes back leaves with a day and a number, and then stays as it is."""

from datetime import date
from functools import partial

import pytest

from casework.files.numbers import file_number
from casework.mailroom import undoing
from casework.mailroom.returning import returns
from casework.mailroom.states import MailItemState
from foundation.calendar.days import day_of
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from tests.support.casework.mail import CLAIRE, SERVICES, day, entered, payment, typed
from tests.support.tasks import submitted


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


async def test_who_decides_of_what_waits(on_sqlite: Database) -> None:
    """A procuration for nobody is kept or goes back by a person; of money that waits nobody decides here."""
    await submitted(on_sqlite)
    item = await entered(on_sqlite, typed(file_number(1), "procuration"))
    assert item.state is MailItemState.MATCHED
    kept = await on_sqlite.write(
        lambda conn: returns.accept(conn, SERVICES, item.id, "gardée", CLAIRE, now_ms())
    )
    assert kept.state is MailItemState.ACCEPTED
    money = await entered(on_sqlite, await payment(on_sqlite, 1, 100))
    for act in (returns.accept, returns.set_aside):
        with pytest.raises(Refusal) as refused:
            await on_sqlite.write(partial(act, services=SERVICES, id=money.id, reason="x", by=CLAIRE, now=0))
        assert refused.value.code == Code.MOVE_NOT_ALLOWED
