"""What fits no file waits with guesses, holds the file back that it may belong to, and goes back after its days."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from casework.files.numbers import file_number
from casework.mailroom import items, matching, pen
from casework.mailroom.guessing.guesses import GuessedFile
from casework.mailroom.items import RegisteredItem
from casework.mailroom.pen import KEPT_DAYS, MailTask
from casework.mailroom.returning import returns
from casework.mailroom.states import MailItemState
from casework.mailroom.store import MAIL_ITEM
from config.demo.people import identity_of, invented_content
from foundation import outbox
from foundation.calendar.days import day_of, end_of_day
from foundation.clock import now_ms
from foundation.sql.database import Database
from foundation.subjects import Subject
from tests.support.casework.mail import (
    CLAIRE,
    SERVICES,
    day,
    entered,
    indexed,
    paid_late_by,
    payment,
    typed,
    waited_for,
)
from tests.support.tasks import EFFECTS, submitted

WHO = identity_of(invented_content("essai", 1))


async def test_an_item_without_a_file_waits_with_its_guesses(on_sqlite: Database) -> None:
    """By a digit that cannot be read and by the name; the likeliest first, with reasons."""
    await submitted(on_sqlite, 2)
    await indexed(on_sqlite, 1, WHO)
    item = await entered(
        on_sqlite, typed(file_number(2)[:-1] + "?", name=f"{WHO.family_name} {WHO.given_name}", keep="1")
    )
    assert item.state is MailItemState.RECEIVED and item.submission is None
    guesses = await on_sqlite.read(lambda conn: pen.guesses_of(conn, item.id))
    assert {one.submission for one in guesses} == {1, 2}
    assert guesses[0].submission == 2 and all(one.reasons for one in guesses)
    assert [one.id for one in await on_sqlite.read(lambda conn: pen.waiting(conn, SERVICES))] == [item.id]
    assert await on_sqlite.read(pen.count) == 1


async def test_a_file_that_is_guessed_is_waited_for(database: Database) -> None:
    """Another one is not; and none any more once the item has gone on."""
    await submitted(database, 2)
    item = await entered(database, typed(file_number(2)[:-1] + "?", keep="1"))
    for number, waits in ((1, False), (2, True)):
        assert await waited_for(database, number) is waits
    await database.write(lambda conn: pen.forget(conn, item.id))
    assert not await waited_for(database, 2)


async def unnamed(db: Database, more: int = 0, **values: Any) -> RegisteredItem:
    """A payment of the whole fee and so many cents more, on which nothing can be read."""
    said = {"number": "illisible", "keep": "1"} | values
    return await entered(db, msgspec.structs.replace(await payment(db, 1, more), **said))


@pytest.mark.parametrize(
    ("more", "values", "waits"),
    [
        (0, {}, True),
        (100, {}, True),
        (-100, {}, False),
        (0, {"received_on": day(3)}, True),
        (0, {"instrument": "cash"}, False),
        (0, {"kind": "other"}, False),
    ],
)
async def test_a_payment_without_any_sign_holds_each_file_that_it_would_pay(
    database: Database, more: int, values: dict[str, str], waits: bool
) -> None:
    """All of the fee or more, with one of the five instruments; less goes back whosever it is."""
    await submitted(database, 2)
    item = await unnamed(database, more, **values)
    assert await database.read(lambda conn: pen.guesses_of(conn, item.id)) == []
    assert [await waited_for(database, number) for number in (1, 2)] == [waits, waits]
    assert pen.holds_unnamed(item) is (waits or more < 0)


async def test_what_came_after_the_last_day_holds_nothing_without_a_sign(on_sqlite: Database) -> None:
    """It could not pay (PY-05); one that came on the last day could."""
    await submitted(on_sqlite)
    await paid_late_by(on_sqlite, 1, 2)
    await unnamed(on_sqlite)
    assert not await waited_for(on_sqlite)
    await unnamed(on_sqlite, received_on=day(2))
    assert await waited_for(on_sqlite)


async def test_a_payment_with_a_weak_sign_holds_whatever_its_amount(on_sqlite: Database) -> None:
    """One name of three is not worth a look, and may be all that can be read; of no money it holds nothing."""
    await submitted(on_sqlite)
    guess = GuessedFile(submission=1, points=8, signs=("family_name",))
    for item, waits in (
        (await entered(on_sqlite, typed("illisible", keep="1")), False),
        (await unnamed(on_sqlite, -100), True),
    ):
        await on_sqlite.write(lambda conn, item=item: pen.keep(conn, item, [guess], now_ms()))  # type: ignore[misc]
        assert not guess.is_likely
        assert await waited_for(on_sqlite) is waits


async def test_it_holds_until_it_has_left_the_house_or_has_its_file(on_sqlite: Database) -> None:
    """Set aside it is here still, and may be matched; sent back it is not, and matched it is one file's alone."""
    await submitted(on_sqlite, 2)
    first, second = await unnamed(on_sqlite), await unnamed(on_sqlite)
    await on_sqlite.write(lambda conn: returns.set_aside(conn, SERVICES, first.id, "?", CLAIRE, now_ms()))
    shown = await on_sqlite.read(
        lambda conn: matching.preview(conn, SERVICES, second.id, file_number(2), now_ms())
    )
    await on_sqlite.write(
        lambda conn: matching.match(
            conn, SERVICES, second.id, file_number(2), shown[1].seen, "", CLAIRE, now_ms()
        )
    )
    assert await waited_for(on_sqlite)
    today = day_of(now_ms())
    await on_sqlite.write(
        lambda conn: returns.send_back(conn, SERVICES, first.id, "RN1", today, CLAIRE, now_ms())
    )
    assert not await waited_for(on_sqlite)


async def test_after_its_days_it_is_set_aside_once(on_sqlite: Database) -> None:
    """By a task that was staged with the entry, due at the end of the last day of its reception's span."""
    item = await entered(on_sqlite, typed("illisible", received_on=day(3), keep="1"))
    t = outbox.task.c
    task = (
        await on_sqlite.read(
            lambda conn: conn.execute(sa.select(outbox.task).where(t.kind == MailTask.PEN_ENDS))
        )
    ).one()
    assert task.due_at == end_of_day(item.entry.received_on + timedelta(days=KEPT_DAYS))
    assert day_of(task.due_at) == item.entry.received_on + timedelta(days=KEPT_DAYS)
    for _ in range(2):
        await on_sqlite.write(
            lambda conn: EFFECTS[MailTask.PEN_ENDS](conn, Subject.row(MAIL_ITEM, item.id), task.due_at)
        )
    after = await on_sqlite.read(lambda conn: items.find(conn, SERVICES, item.id))
    history = await on_sqlite.read(lambda conn: items.history(conn, item.id))
    assert after.state is MailItemState.TO_RETURN and history[-1].reason == pen.ENDED
