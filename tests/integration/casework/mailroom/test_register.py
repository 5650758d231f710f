"""An entry is what was shown, once, whole, and never by mistake twice."""

import asyncio

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files.numbers import file_number
from casework.files.states import FileEventKind
from casework.mailroom import items, register
from casework.mailroom.entries import TypedMail
from casework.mailroom.items import RegisteredItem
from casework.mailroom.states import MailItemState, MailKind, MailMove
from casework.mailroom.store import mail_event, mail_item
from casework.payments.store import movement
from foundation import audit
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from tests.support.candidates.representing import declared
from tests.support.casework.file_events import happened
from tests.support.casework.mail import CLAIRE, SERVICES, day, entered, new_key, payment, typed
from tests.support.tasks import submitted


async def count(db: Database, table: sa.Table) -> int:
    counted = sa.select(sa.func.count()).select_from(table)
    return int((await db.read(lambda conn: conn.execute(counted))).scalar_one())


async def test_an_entry_is_matched_and_accepted_at_once(database: Database) -> None:
    """With its history and one line of the audit, which names nobody."""
    await submitted(database)
    item = await entered(database, typed(file_number(1), note="deux photos", postmarked_on=day(3)))
    assert (item.state, item.submission, item.entered_by) == (MailItemState.ACCEPTED, 1, "claire")
    again = await database.read(lambda conn: items.find(conn, SERVICES, item.id))
    assert (again.entry.hints.note, again.entry.received_on.isoformat()) == ("deux photos", day())
    history = await database.read(lambda conn: items.history(conn, item.id))
    assert [one.move for one in history] == [MailMove.RECEIVE, MailMove.MATCH, MailMove.ACCEPT]
    lines = await database.read(
        lambda conn: conn.execute(sa.select(audit.audit).where(audit.a.c.act == "mail_receive"))
    )
    (line,) = lines.all()
    assert "deux photos" not in line.detail and '"submission":1' in line.detail


async def test_a_procuration_by_its_reference_is_held(on_sqlite: Database) -> None:
    """What the desk of procurations does, done from here; a second one goes back."""
    await submitted(on_sqlite)
    made = await declared(on_sqlite, 1)
    first = await entered(on_sqlite, typed(made.reference, "procuration"))
    assert (first.state, first.submission, first.entry.reference) == (
        MailItemState.ACCEPTED,
        1,
        made.reference,
    )
    second = await entered(on_sqlite, typed(file_number(1), "procuration", received_on=day(1)))
    assert second.state is MailItemState.TO_RETURN


async def test_what_changed_since_the_preview_is_not_entered(on_sqlite: Database) -> None:
    """The status of the file is part of what was shown."""
    await submitted(on_sqlite)
    entry = typed(file_number(1))
    shown = await on_sqlite.read(lambda conn: register.preview(conn, SERVICES, entry, now_ms()))
    await happened(on_sqlite, 1, FileEventKind.PAID)
    with pytest.raises(Refusal) as refused:
        await on_sqlite.write(
            lambda conn: register.enter(conn, SERVICES, entry, new_key(), shown.seen, CLAIRE, now_ms())
        )
    assert refused.value.code == Code.CHANGED_MEANWHILE and refused.value.fields["told"]
    assert await count(on_sqlite, mail_item) == await count(on_sqlite, mail_event) == 0


@pytest.mark.parametrize("kind", [MailKind.PAYMENT, MailKind.OTHER])
async def test_a_day_before_the_file_was_there_is_to_be_read_twice(
    on_sqlite: Database, kind: MailKind
) -> None:
    """On 5 January the year of before is soon typed, and a late payment would be in time. It is entered by who
    confirms the warning: money may have come before its file."""
    await submitted(on_sqlite)
    paid = {"instrument": "bank_draft", "amount": "822,00"} if kind is MailKind.PAYMENT else {}

    async def warned(ago: int) -> list[str]:
        entry = typed(file_number(1), kind, received_on=day(ago), **paid)
        shown = await on_sqlite.read(lambda conn: register.preview(conn, SERVICES, entry, now_ms()))
        assert shown.judgement is not None and shown.judgement.move is MailMove.ACCEPT
        return [one for one in shown.judgement.warns if "vérifiez l’année" in one]

    assert (len(await warned(0)), len(await warned(1)), len(await warned(365))) == (0, 1, 1)
    early = await entered(on_sqlite, typed(file_number(1), kind, received_on=day(1), **paid))
    assert early.state is MailItemState.ACCEPTED


async def test_what_goes_back_anyway_is_not_warned_of(on_sqlite: Database) -> None:
    """Its letter says why it goes back, and nothing of the clerk's day; a procuration may come before its file."""
    await submitted(on_sqlite)
    made = await declared(on_sqlite, 1)
    for entry in (
        typed(file_number(1), "payment", instrument="cash", amount="822,00", received_on=day(9)),
        typed(made.reference, "procuration", received_on=day(9)),
    ):
        shown = await on_sqlite.read(
            lambda conn, entry=entry: register.preview(conn, SERVICES, entry, now_ms())  # type: ignore[misc]
        )
        assert shown.judgement is not None
        assert not [one for one in shown.judgement.warns if "soumission de la demande" in one]


async def two_clerks(db: Database, entry: TypedMail) -> list[RegisteredItem | BaseException]:
    """Four clerks confirm at once what all of them have seen."""
    seen = (await db.read(lambda conn: register.preview(conn, SERVICES, entry, now_ms()))).seen

    async def one(conn: AsyncConnection) -> RegisteredItem:
        return await register.enter(conn, SERVICES, entry, new_key(), seen, CLAIRE, now_ms())

    return list(await asyncio.gather(*(db.write(one) for _ in range(4)), return_exceptions=True))


async def test_two_clerks_at_once_enter_one_item(database: Database) -> None:
    """Four confirm what all have seen: one enters it, three are told that it is there."""
    await submitted(database, 2)
    for entry in (typed(file_number(2)), await payment(database, 1)):
        done = await two_clerks(database, entry)
        assert len([one for one in done if isinstance(one, RegisteredItem)]) == 1
        assert {one.code for one in done if isinstance(one, Refusal)} == {Code.CHANGED_MEANWHILE}
    assert await count(database, mail_item) == 2
    assert await count(database, movement) == 1


@pytest.mark.slow
async def test_without_the_look_at_twins_two_clerks_enter_two(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: where nobody looks for an item of the same day, each of them enters one."""

    async def nobody_looks(*_: object) -> tuple[int, ...]:
        return ()

    monkeypatch.setattr(register, "_twins", nobody_looks)
    await submitted(database)
    await two_clerks(database, typed(file_number(1)))
    assert await count(database, mail_item) == 4


async def test_a_second_item_of_the_day_takes_a_reason(on_sqlite: Database) -> None:
    """Another kind and another day take none; with the reason it is entered, and the history has it."""
    await submitted(on_sqlite)
    first = await entered(on_sqlite, typed(file_number(1)))
    for other in (typed(file_number(1), "returned_mail"), typed(file_number(1), received_on=day(1))):
        assert (await entered(on_sqlite, other)).state is MailItemState.ACCEPTED
    with pytest.raises(Refusal) as refused:
        await entered(on_sqlite, typed(file_number(1)))
    assert refused.value.fields["fields"][0]["name"] == "reason"
    twin = await entered(on_sqlite, typed(file_number(1), reason="Une seconde enveloppe."))
    history = await on_sqlite.read(lambda conn: items.history(conn, twin.id))
    assert twin.id != first.id and history[0].reason == "Une seconde enveloppe."


async def test_one_form_is_one_item(on_sqlite: Database) -> None:
    """Pressed twice, it is the same; a key that is none is refused, and so is one of an item that is another one: who
    sent it would believe it entered."""
    await submitted(on_sqlite, 2)
    key = new_key()
    one = await entered(on_sqlite, typed(file_number(1)), key=key)
    assert (await entered(on_sqlite, typed(file_number(1), reason="x"), key=key)).id == one.id
    others = (
        typed(file_number(2)),
        typed(file_number(1), received_on=day(2)),
        typed(file_number(1), "returned_mail"),
    )
    for other in others:
        with pytest.raises(Refusal) as refused:
            await entered(on_sqlite, other, key=key)
        assert refused.value.fields["fields"][0]["name"] == "key"
    assert await count(on_sqlite, mail_item) == 1
    with pytest.raises(Refusal):
        await entered(on_sqlite, typed(file_number(1), received_on=day(2)), key="1")


async def test_a_number_that_no_file_has_is_said(on_sqlite: Database) -> None:
    """It is to be looked at again, or kept."""
    with pytest.raises(Refusal) as refused:
        await entered(on_sqlite, typed(file_number(7)))
    assert "gardez" in refused.value.fields["fields"][0]["reason"]


async def test_killed_in_the_middle_nothing_is_there(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever line it stops at, row, history, power and audit are all there or none."""
    await submitted(database)
    made = await declared(database, 1)

    async def killed(*_: object, **__: object) -> None:
        raise ArithmeticError

    monkeypatch.setattr(items, "recorded", killed)
    with pytest.raises(ArithmeticError):
        await entered(database, typed(made.reference, "procuration"))
    monkeypatch.undo()
    assert await count(database, mail_item) == await count(database, mail_event) == 0
    assert (await entered(database, typed(made.reference, "procuration"))).state is MailItemState.ACCEPTED


async def test_a_clerk_sends_back_what_is_not_fit(on_sqlite: Database) -> None:
    """A cheque that nobody has signed: no money moves, and the file waits as before."""
    await submitted(on_sqlite)
    item = await entered(on_sqlite, await payment(on_sqlite, 1, refuse="Chèque non signé."))
    assert item.state is MailItemState.TO_RETURN and await count(on_sqlite, movement) == 0
    history = await on_sqlite.read(lambda conn: items.history(conn, item.id))
    assert history[-1].reason == "Chèque non signé."
    assert (
        await entered(on_sqlite, await payment(on_sqlite, 1, reason="Signé cette fois."))
    ).state is MailItemState.ACCEPTED
