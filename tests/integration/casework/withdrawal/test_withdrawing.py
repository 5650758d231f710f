"""An application is taken back once, upon what was shown; money that comes at the same moment is never lost."""

import asyncio

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.representatives.disclosure import SigningGround
from casework.amendments.reading import of_file as amendments_of
from casework.checklists.items import required
from casework.deadlines.dated_files import dated_file
from casework.deadlines.open_deadlines import open_deadlines
from casework.files import events
from casework.files.sheet import sheet
from casework.files.states import FileEventKind, FileStatus
from casework.files.tasks import FileTask
from casework.payments import cases, counts, deciding
from casework.payments.card import charges
from casework.payments.states import MoneyAct, MovementKind
from casework.payments.unpaid import ending
from casework.payments.unpaid.clock import UnpaidStep
from casework.withdrawal import withdrawing
from casework.withdrawal.means import WithdrawalMeans
from casework.withdrawal.withdrawing import AskedWithdrawal
from config.wiring.deadlines import SOURCES
from evidence import verify
from evidence.money import recount_money
from foundation import outbox
from foundation.audit import Actor
from foundation.calendar.closures import Closures
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from quota.store import period
from submission.states import Capacity
from submission.store import submission
from tests.support.candidates.paying import (
    AGENT,
    FEE,
    PAYMENTS,
    balance_of,
    came_by_post,
    move_money,
    status_of_file,
    titles_of,
)
from tests.support.candidates.representing import declared, received, released
from tests.support.casework.file_events import happened
from tests.support.casework.lists import send
from tests.support.tasks import KNOWN, submitted

ANNE = Actor("personne1", "candidate")

LETTER = "Retrait de votre demande"


async def seen_of(database: Database) -> str:
    async def read(conn: AsyncConnection) -> str:
        return (await withdrawing.look(conn, PAYMENTS, await events.history(conn, 1))).seen

    return await database.read(read)


async def withdraw(
    database: Database, seen: str | None = None, capacity: Capacity = Capacity.CANDIDATE
) -> bool:
    asked = AskedWithdrawal(capacity=capacity, seen=await seen_of(database) if seen is None else seen)
    return await database.write(lambda conn: withdrawing.withdraw(conn, PAYMENTS, 1, asked, ANNE, now_ms()))


async def pay(database: Database, key: str = "card") -> None:
    await database.write(lambda conn: move_money(conn, FEE, key))


async def counted(database: Database) -> tuple[int, int]:
    """By the service, and by the recount."""
    uid = (await database.read(lambda conn: conn.execute(sa.select(submission.c.period)))).scalars().first()
    ours = await database.read(lambda conn: counts.counted(conn, str(uid)))
    return ours, recount_money.counted(await verify.read(database, "essai"))


async def broken(database: Database) -> list[str]:
    return [str(one) for one in recount_money.money_adds_up(await verify.read(database, "essai"))]


async def test_before_the_payment_nothing_is_awaited_any_more(database: Database) -> None:
    """Its deadline is over, nobody is deleted, its place stays taken; twice is once."""
    await submitted(database)
    assert [await withdraw(database), await withdraw(database)] == [True, False]
    assert await status_of_file(database) is FileStatus.WITHDRAWN
    of = await database.read(lambda conn: dated_file(conn, KNOWN, 1))
    assert open_deadlines(SOURCES, of, Closures()) == []
    late = now_ms() + 90 * 86_400_000
    assert await database.write(lambda conn: ending.end(conn, PAYMENTS, 1, late)) is UnpaidStep.NOTHING
    accepted = (await database.read(lambda conn: conn.execute(sa.select(period.c.accepted)))).scalar_one()
    assert accepted == 1
    assert await titles_of(database) == ([LETTER], [LETTER])
    assert await counted(database) == (0, 0) and await broken(database) == []


async def test_a_paid_fee_stays_and_the_file_no_longer_counts(database: Database) -> None:
    await submitted(database)
    await pay(database)
    assert await counted(database) == (1, 1)
    await withdraw(database)
    assert (await status_of_file(database), await balance_of(database)) == (FileStatus.WITHDRAWN, FEE)
    of = await database.read(lambda conn: events.history(conn, 1))
    event = of.newest(FileEventKind.WITHDRAWN)
    assert event is not None and event.detail == {"kept": FEE, "capacity": "candidate"}
    assert event.actor == ANNE.name
    assert await counted(database) == (0, 0) and await broken(database) == []
    assert await database.read(cases.waiting) == []


async def test_its_list_awaits_nothing_and_its_amendments_stay(database: Database) -> None:
    await submitted(database)
    await pay(database)
    await database.write(lambda conn: send(conn, 1, now_ms()))
    await withdraw(database)
    of = await database.read(lambda conn: dated_file(conn, KNOWN, 1))
    assert open_deadlines(SOURCES, of, Closures()) == []
    assert (await database.read(lambda conn: required(conn, None, 1))).items
    assert await database.read(lambda conn: amendments_of(conn, None, 1)) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [FileEventKind.UNPAID_DELETED, FileEventKind.DECIDED])
async def test_a_decided_or_deleted_file_is_not_taken_back(database: Database, kind: FileEventKind) -> None:
    await submitted(database)
    if kind is FileEventKind.DECIDED:
        await pay(database)
    await happened(database, 1, kind)
    with pytest.raises(Refusal) as refused:
        await withdraw(database)
    assert refused.value.code is Code.MOVE_NOT_ALLOWED


async def test_two_at_once_are_one(database: Database) -> None:
    await submitted(database)
    seen = await seen_of(database)
    done = await asyncio.gather(*(withdraw(database, seen) for _ in range(4)))
    assert sorted(done) == [False, False, False, True]
    assert await titles_of(database) == ([LETTER], [LETTER])


async def test_a_payment_that_was_first_is_shown_before_it_is_lost(database: Database) -> None:
    """Who saw « rien n’est payé » is asked anew once the fee is here."""
    await submitted(database)
    seen = await seen_of(database)
    await pay(database)
    with pytest.raises(Refusal) as refused:
        await withdraw(database, seen)
    assert refused.value.code is Code.CHANGED_MEANWHILE
    assert "ne sont pas remboursés" in " ".join(refused.value.fields["told"])
    assert await status_of_file(database) is FileStatus.PAID


async def test_without_that_the_fee_would_be_gone_unseen(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: a withdrawal that does not compare what was shown keeps a fee of which nobody was told."""
    await submitted(database)
    seen = await seen_of(database)
    await pay(database)
    monkeypatch.setattr(WithdrawalMeans, "seen", seen)
    await withdraw(database, seen)
    assert (await status_of_file(database), await balance_of(database)) == (FileStatus.WITHDRAWN, FEE)


async def test_a_withdrawal_races_a_payment(database: Database) -> None:
    """One order or the other: the fee is kept with a paid file, or waits to go back."""
    await submitted(database)
    seen = await seen_of(database)
    done = await asyncio.gather(withdraw(database, seen), pay(database), return_exceptions=True)
    status, waiting = await status_of_file(database), await database.read(cases.waiting)
    assert await balance_of(database) == FEE
    if isinstance(done[0], Refusal):
        assert (status, waiting) == (FileStatus.PAID, [])
    else:
        assert status is FileStatus.WITHDRAWN
        assert [(one.reason, one.cents) for one in waiting] == [("ended", FEE)]
    assert await broken(database) == []


async def test_money_that_comes_afterwards_only_goes_back(database: Database) -> None:
    """Of a card; by post it goes back at once. What stays of a fee is no money that waits."""
    await submitted(database)
    await pay(database)
    await withdraw(database)
    await database.write(lambda conn: move_money(conn, 500, "card:2"))
    (case,) = await database.read(cases.waiting)
    assert (case.reason, case.cents) == ("ended", 500)
    assert (await came_by_post(database, FEE)).returned
    await database.write(lambda conn: move_money(conn, 500, "card:back", MovementKind.OUT))
    assert len(await database.read(cases.waiting)) == 1


async def test_what_waits_for_a_person_can_only_go_back(database: Database) -> None:
    await submitted(database)
    await came_by_post(database, FEE + 500)
    await withdraw(database)
    (case,) = await database.read(cases.waiting)

    async def decide(act: MoneyAct) -> None:
        await database.write(
            lambda conn: deciding.decide(conn, PAYMENTS, case.id, act, "Motif.", AGENT, now_ms())
        )

    with pytest.raises(Refusal) as refused:
        await decide(MoneyAct.ACCEPT)
    assert refused.value.code is Code.MOVE_NOT_ALLOWED
    await decide(MoneyAct.RETURN)
    assert (await balance_of(database), await database.read(cases.waiting)) == (0, [])


async def test_a_reversed_payment_is_nobodys_to_decide_any_more(database: Database) -> None:
    """What is left of it is money that goes back."""
    await submitted(database)
    await pay(database)
    await database.write(lambda conn: move_money(conn, FEE - 100, "back", MovementKind.OUT))
    assert await status_of_file(database) is FileStatus.REVERSED
    await withdraw(database)
    assert [(one.reason, one.cents) for one in await database.read(cases.waiting)] == [("ended", 100)]


async def test_a_page_of_a_card_is_closed_by_a_task(database: Database) -> None:
    await submitted(database)
    now = now_ms()
    await database.write(lambda conn: charges.begin(conn, 1, "stripe", FEE, now + 3_600_000, "anne", now))
    await withdraw(database)
    kinds = await database.read(lambda conn: conn.execute(sa.select(outbox.task.c.kind)))
    assert FileTask.WITHDRAWN_CARD in set(kinds.scalars())


async def test_who_is_no_lawyer_in_force_does_not_take_it_back(database: Database) -> None:
    await submitted(database)
    with pytest.raises(Refusal) as refused:
        await withdraw(database, capacity=Capacity.LAWYER)
    assert refused.value.code is Code.REPRESENTATIVE_NOT_RECOGNISED
    assert refused.value.fields["ground"] is SigningGround.NOT_ON_FILE
    assert await status_of_file(database) is FileStatus.AWAITING_PAYMENT


async def test_only_who_may_sign_is_offered(on_sqlite: Database) -> None:
    """A lawyer once their procuration is in force, and neither before nor where nobody is on file."""
    await submitted(on_sqlite)

    async def offered() -> list[Capacity]:
        async def read(conn: AsyncConnection) -> list[Capacity]:
            head = await sheet(conn, PAYMENTS.personal, 1)
            return list(await withdrawing.who_may(conn, PAYMENTS, head))

        return await on_sqlite.read(read)

    found = [await offered()]
    made = await declared(on_sqlite, 1)
    found.append(await offered())
    await received(on_sqlite, made.reference)
    await released(on_sqlite, 1)
    assert [*found, await offered()] == [
        [Capacity.CANDIDATE], [Capacity.CANDIDATE], [Capacity.CANDIDATE, Capacity.LAWYER],
    ]  # fmt: skip
