"""The notice that went by post: recorded by one, confirmed by another, and then the deletion goes on."""

from datetime import date, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files.states import FileEventKind, FileStatus
from casework.payments.unpaid import ending, posted_notice
from casework.payments.unpaid.clock import UnpaidStep
from casework.payments.unpaid.posted_notice import POSTED_DAYS, PostedNotice
from foundation import audit
from foundation.audit import Actor
from foundation.calendar.days import day_of, end_of_day
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from quota import approvals
from tests.support.candidates.paying import AGENT, PAYMENTS, last_day, status_of_file
from tests.support.casework.file_events import happened
from tests.support.tasks import rows, submitted

OTHER = Actor("boris", "approver")


async def over(database: Database) -> int:
    """An instant three weeks after the last day of a file that nobody was told of."""
    await submitted(database)
    return end_of_day(await last_day(database) + timedelta(days=21))


async def end(database: Database, now: int) -> UnpaidStep:
    return await database.write(lambda conn: ending.end(conn, PAYMENTS, 1, now))


async def record(database: Database, now: int, by: Actor = AGENT, ago: int = POSTED_DAYS + 1) -> PostedNotice:
    notice = PostedNotice(posted_on=day_of(now) - timedelta(days=ago), why="Aucun serveur.", tracking="X1")
    await database.write(lambda conn: posted_notice.record(conn, 1, notice, by, now))
    return notice


async def confirm(database: Database, now: int, by: Actor = OTHER) -> None:
    await database.write(lambda conn: posted_notice.confirm(conn, 1, by, now))


async def test_two_people_let_the_deletion_go_on(database: Database) -> None:
    now = await over(database)
    notice = await record(database, now)
    assert await end(database, now) is UnpaidStep.UNTOLD
    await confirm(database, now)
    assert await database.read(lambda conn: posted_notice.standing(conn, 1)) == notice
    assert await end(database, now) is UnpaidStep.DELETE
    assert await status_of_file(database) is FileStatus.UNPAID_DELETED
    a = audit.a.c
    acts = [
        row[1:] for row in await rows(database, a.id, a.act, a.actor) if row[1].startswith("unpaid_notice")
    ]
    assert acts == [("unpaid_notice_posted_recorded", "agathe"), ("unpaid_notice_posted", "boris")]


async def test_it_waits_for_the_days_of_the_post(database: Database) -> None:
    now = await over(database)
    await record(database, now, ago=POSTED_DAYS)
    await confirm(database, now)
    assert await end(database, now) is UnpaidStep.UNTOLD
    assert await end(database, end_of_day(day_of(now) + timedelta(days=1))) is UnpaidStep.DELETE


async def test_one_person_is_not_enough(database: Database) -> None:
    """Under whatever spelling; and nobody confirms what nobody has recorded."""
    now = await over(database)
    with pytest.raises(Refusal) as refused:
        await confirm(database, now)
    assert refused.value.code is Code.NOT_FOUND
    await record(database, now)
    with pytest.raises(Refusal) as refused:
        await confirm(database, now, Actor(" AGATHE ", "agent"))
    assert refused.value.code is Code.SECOND_PERSON_NEEDED
    assert await end(database, now) is UnpaidStep.UNTOLD


async def test_without_the_second_person_one_would_delete_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: where two names are never the same, the author confirms alone, and the file is gone."""
    now = await over(database)
    await record(database, now)
    monkeypatch.setattr(approvals, "is_same", lambda one, other: False)
    monkeypatch.setattr(approvals, "person", lambda name: f"{name} {now_ms()}")
    await confirm(database, now, AGENT)
    assert await end(database, now) is UnpaidStep.DELETE


async def test_recorded_again_it_is_a_correction(database: Database) -> None:
    now = await over(database)
    await record(database, now, ago=3)
    other = await record(database, now, Actor("lucie", "agent"))
    found = await database.read(lambda conn: posted_notice.waiting(conn, 1, now))
    assert found is not None and (found.notice, found.author) == (other, "lucie")
    await confirm(database, now)
    with pytest.raises(Refusal) as refused:
        await record(database, now)
    assert refused.value.code is Code.ALREADY_DECIDED


async def test_a_file_that_is_not_awaited_has_none(database: Database) -> None:
    now = await over(database)
    await happened(database, 1, FileEventKind.PAID)

    async def write(conn: AsyncConnection) -> None:
        await posted_notice.record(conn, 1, PostedNotice(posted_on=date(2026, 1, 2), why="x"), AGENT, now)

    with pytest.raises(Refusal) as refused:
        await database.write(write)
    assert refused.value.code is Code.MOVE_NOT_ALLOWED


@pytest.mark.parametrize(
    ("posted_on", "tracking", "why", "field"),
    [(None, "", "x", "posted_on"), (date(2026, 9, 2), "", "x", "posted_on"), (date(2024, 9, 2), "", "x", "posted_on"),
     (date(2026, 8, 1), "", " ", "why"), (date(2026, 8, 1), "9" * 41, "x", "tracking")],
)  # fmt: skip
def test_what_cannot_be_is_named(posted_on: date | None, tracking: str, why: str, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        posted_notice.read(posted_on, tracking, why, date(2026, 9, 1))
    assert [one["name"] for one in refused.value.fields["fields"]] == [field]
