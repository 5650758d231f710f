"""A withdrawal by post: undone on its day it leaves nothing; after it, it is what the page of the file does."""

import msgspec
import pytest
import sqlalchemy as sa

from casework.files import events
from casework.files.events import FileEvent
from casework.files.numbers import file_number
from casework.files.states import FileEventKind, FileStatus
from casework.mailroom import items, register, undoing
from casework.mailroom.items import RegisteredItem
from casework.mailroom.pen import MailTask
from casework.mailroom.states import MailItemState, MailMove
from casework.mailroom.store import MAIL_ITEM
from foundation import outbox
from foundation.audit import Actor
from foundation.calendar.days import day_of, end_of_day
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from foundation.subjects import Subject
from tests.integration.casework.withdrawal.test_withdrawing import broken, pay, withdraw
from tests.support.candidates.paying import FEE, balance_of, status_of_file, titles_of
from tests.support.casework.file_events import happened
from tests.support.casework.mail import CLAIRE, SERVICES, day, entered, typed
from tests.support.tasks import EFFECTS, rows, submitted

LETTER = "Retrait de votre demande"

A_DAY = 86_400_000

t = outbox.task.c


async def came(db: Database, number: int = 1, signed_by: str = "candidate", ago: int = 0) -> RegisteredItem:
    """A letter that came so many days ago, entered today."""
    entry = typed(file_number(number), "withdrawal", capacity=signed_by, received_on=day(ago))
    return await entered(db, entry)


async def the_day_ends(db: Database, item: RegisteredItem) -> None:
    """The task of the item, done as a worker does it, twice."""
    later = end_of_day(day_of(now_ms())) + 1
    subject = Subject.row(MAIL_ITEM, item.id)
    for _ in range(2):
        await db.write(lambda conn: EFFECTS[MailTask.WITHDRAWAL](conn, subject, later))


async def state_of(db: Database, item: RegisteredItem) -> MailItemState:
    return (await db.read(lambda conn: items.find(conn, SERVICES, item.id))).state


async def withdrawn_event(db: Database) -> FileEvent:
    event = (await db.read(lambda conn: events.history(conn, 1))).newest(FileEventKind.WITHDRAWN)
    assert event is not None
    return event


async def test_nothing_is_done_before_the_day_is_over(database: Database) -> None:
    """Entered, accepted, and the file goes on; its task is due when the day ends, in Montréal."""
    await submitted(database)
    item = await came(database)
    assert item.state is MailItemState.ACCEPTED
    assert await status_of_file(database) is FileStatus.AWAITING_PAYMENT
    assert await titles_of(database) == ([], [])
    due = sa.select(t.due_at).where(t.kind == MailTask.WITHDRAWAL)
    assert (await database.read(lambda conn: conn.execute(due))).scalars().all() == [
        end_of_day(day_of(now_ms()))
    ]


async def test_it_is_what_the_page_of_the_file_does(database: Database) -> None:
    """Event, letter, message, money and books are the same; who did it is another, and the day is the letter's."""
    await submitted(database)
    await pay(database)
    item = await came(database, ago=2)
    await the_day_ends(database, item)
    event = await withdrawn_event(database)
    assert event.detail == {"kept": FEE, "capacity": "candidate"}
    assert (event.actor, event.role, str(event.on_day)) == ("claire", "clerk", day(2))
    assert (await status_of_file(database), await balance_of(database)) == (FileStatus.WITHDRAWN, FEE)
    letters, told = await titles_of(database)
    assert letters.count(LETTER) == told.count(LETTER) == 1
    assert await state_of(database, item) is MailItemState.ACCEPTED
    assert await broken(database) == []


async def test_undone_on_its_day_it_leaves_nothing(database: Database) -> None:
    await submitted(database)
    item = await came(database)
    await database.write(
        lambda conn: undoing.undo(conn, SERVICES, item.id, "mauvais dossier", CLAIRE, now_ms())
    )
    await the_day_ends(database, item)
    assert await status_of_file(database) is FileStatus.AWAITING_PAYMENT
    assert (await titles_of(database), await state_of(database, item)) == (([], []), MailItemState.UNDONE)


async def test_without_the_look_at_its_item_it_would_be_taken_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: a task that does not see that the entry was undone takes the wrong application back."""
    await submitted(database)
    item = await came(database)
    await database.write(lambda conn: undoing.undo(conn, SERVICES, item.id, "erreur", CLAIRE, now_ms()))
    find = items.find

    async def accepted(*args: object, **named: object) -> RegisteredItem:
        found = await find(*args, **named)  # type: ignore[arg-type]
        return msgspec.structs.replace(found, state=MailItemState.ACCEPTED)

    monkeypatch.setattr(items, "find", accepted)
    await the_day_ends(database, item)
    assert await status_of_file(database) is FileStatus.WITHDRAWN


async def test_after_its_day_nobody_undoes_it(on_sqlite: Database) -> None:
    """By its author it takes two; and the two are refused once it was taken back."""
    await submitted(on_sqlite)
    item = await came(on_sqlite)
    await the_day_ends(on_sqlite, item)
    for by, later in ((CLAIRE, A_DAY), (Actor("paul", "clerk"), 0)):
        with pytest.raises(Refusal) as refused:
            await on_sqlite.write(
                lambda conn, by=by, later=later: undoing.undo(  # type: ignore[misc]
                    conn, SERVICES, item.id, "erreur", by, now_ms() + later
                )
            )
        assert refused.value.code is Code.SECOND_PERSON_NEEDED
    of = await on_sqlite.read(lambda conn: undoing.file_of(conn, SERVICES, item))
    with pytest.raises(Refusal) as refused:
        await on_sqlite.write(
            lambda conn: undoing.take_back(conn, SERVICES, item, of, "erreur", CLAIRE, now_ms())
        )
    assert refused.value.code is Code.MOVE_NOT_ALLOWED


async def test_whoever_withdrew_online_meanwhile_is_withdrawn_once(database: Database) -> None:
    await submitted(database)
    item = await came(database)
    await withdraw(database)
    await the_day_ends(database, item)
    assert await titles_of(database) == ([LETTER], [LETTER])
    assert (await withdrawn_event(database)).role == "candidate"


async def test_a_decision_that_came_first_gives_it_to_a_person(database: Database) -> None:
    """Nothing is written in the file; the item waits, with the reason in its history."""
    await submitted(database)
    await pay(database)
    item = await came(database)
    await happened(database, 1, FileEventKind.DECIDED)
    await the_day_ends(database, item)
    assert await status_of_file(database) is FileStatus.DECIDED
    assert await state_of(database, item) is MailItemState.MATCHED
    history = await database.read(lambda conn: items.history(conn, item.id))
    assert history[-1].move is MailMove.REOPEN and "à vérifier" in (history[-1].reason or "").lower()


async def test_a_letter_that_nobody_in_force_signed_waits_for_a_person(on_sqlite: Database) -> None:
    """And so does one of a file that has ended; no task is staged. Without who signed it, it is not entered."""
    await submitted(on_sqlite)
    item = await came(on_sqlite, signed_by="lawyer")
    assert item.state is MailItemState.MATCHED
    await the_day_ends(on_sqlite, item)
    assert await status_of_file(on_sqlite) is FileStatus.AWAITING_PAYMENT
    kinds = [kind for (kind,) in await rows(on_sqlite, t.kind)]
    assert MailTask.WITHDRAWAL not in kinds
    for signed_by in ("", "neighbour"):
        with pytest.raises(Refusal) as refused:
            await came(on_sqlite, signed_by=signed_by)
        assert refused.value.code is Code.INVALID
        assert [one["name"] for one in refused.value.fields["fields"]] == ["capacity"]


async def test_what_changed_since_the_preview_is_shown_before_it_is_entered(database: Database) -> None:
    """The fee came in between: the clerk sees that it stays."""
    await submitted(database)
    entry = typed(file_number(1), "withdrawal", capacity="candidate")
    shown = await database.read(lambda conn: register.preview(conn, SERVICES, entry, now_ms()))
    await pay(database)
    with pytest.raises(Refusal) as refused:
        await database.write(
            lambda conn: register.enter(conn, SERVICES, entry, "k" * 20, shown.seen, CLAIRE, now_ms())
        )
    assert refused.value.code is Code.CHANGED_MEANWHILE
    assert any("gardés" in one for one in refused.value.fields["told"])
