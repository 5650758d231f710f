"""Settling a supplement: one payment has one effect, whatever is late, partial, too much, or goes back."""

from datetime import timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files.states import FileEventKind, FileStatus
from casework.files.tasks import FileTask
from casework.payments import cases, deciding, settling
from casework.payments.card import charges, refunds
from casework.payments.card.states import ChargeState
from casework.payments.postal import PostalVerdict
from casework.payments.states import MoneyAct, MoneyReason, MovementKind
from casework.payments.supplements import rows
from casework.payments.supplements.rows import SupplementState
from evidence import verify
from evidence.money.recount_supplements import NOT_APPLIED, supplements_add_up
from foundation import outbox
from foundation.clock import now_ms
from foundation.sql.database import Database
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
from tests.support.casework.supplements import EXTRA, ask, asked, kinds_of, supplements_of
from tests.support.tasks import submitted

PAID, LAPSED, AWAITED = SupplementState.PAID, SupplementState.LAPSED, SupplementState.AWAITED

t = outbox.task


async def states(database: Database) -> list[SupplementState]:
    return [one.state for one in await supplements_of(database)]


async def pay(database: Database, cents: int, key: str = "card:extra", **more: Any) -> Any:
    return await database.write(lambda conn: move_money(conn, cents, key, **more))


async def lapse(database: Database) -> None:
    (one,) = await supplements_of(database)
    await database.write(lambda conn: rows.mark(conn, one, lapsed_at=now_ms()))


async def test_the_whole_of_it_in_time_is_paid_once_and_moves_the_file_nowhere(database: Database) -> None:
    await asked(database)
    found = await pay(database, EXTRA)
    assert (found.status, found.recorded) == (FileStatus.PAID, FileEventKind.SUPPLEMENT_PAID)
    assert (await pay(database, EXTRA)).recorded is None
    assert await states(database) == [PAID]
    assert await kinds_of(database) == [FileEventKind.AMENDED, FileEventKind.SUPPLEMENT_PAID]
    assert (await titles_of(database))[0] == ["Confirmation de paiement d’une modification"]


async def test_less_than_it_is_not_paid(database: Database) -> None:
    await asked(database)
    await pay(database, EXTRA - 1)
    assert await states(database) == [AWAITED]


async def test_what_was_kept_above_the_fee_pays_it_at_once(database: Database) -> None:
    await submitted(database)
    await pay(database, FEE + EXTRA, "post")
    await database.write(ask)
    await pay(database, 1, "post:2")
    assert await states(database) == [PAID]


async def test_late_money_by_card_waits_for_a_person_who_may_accept_it(database: Database) -> None:
    one = await asked(database)
    await pay(database, EXTRA, on_day=one.last_day + timedelta(days=1))
    assert await states(database) == [AWAITED]
    (case,) = await database.read(cases.waiting)
    assert (case.reason, case.cents) == (MoneyReason.LATE, EXTRA)
    decided = deciding.decide
    await database.write(
        lambda conn: decided(conn, PAYMENTS, case.id, MoneyAct.ACCEPT, "poste", AGENT, now_ms())
    )
    assert await states(database) == [PAID]


async def test_money_by_card_for_what_has_lapsed_waits_to_be_given_back(database: Database) -> None:
    await asked(database)
    await lapse(database)
    for _ in range(2):
        await pay(database, EXTRA)
    assert await states(database) == [LAPSED]
    (case,) = await database.read(cases.waiting)
    assert (case.reason, case.cents) == (MoneyReason.LAPSED, EXTRA)
    await pay(database, EXTRA, "back", kind=MovementKind.OUT)
    assert (await balance_of(database), len(await database.read(cases.waiting))) == (FEE, 1)
    assert await status_of_file(database) is FileStatus.PAID


async def test_by_post_in_one_remittance(database: Database) -> None:
    """Partial and by another instrument: returned, and nothing is proposed against the file; whole: paid; then nothing
    is due, and more of it is a person's."""
    await asked(database)
    assert (await came_by_post(database, EXTRA - 1, "a")).verdict is PostalVerdict.SUPPLEMENT_PARTIAL
    other = await came_by_post(database, EXTRA, "b", instrument=None)
    assert other.verdict is PostalVerdict.SUPPLEMENT_OTHER_INSTRUMENT
    assert await database.read(cases.waiting) == [] and await balance_of(database) == FEE
    assert (await came_by_post(database, EXTRA, "c")).verdict is PostalVerdict.SUPPLEMENT_ACCEPTED
    assert await states(database) == [PAID]
    assert (await came_by_post(database, EXTRA, "d")).verdict is PostalVerdict.PAID_ALREADY
    assert (await titles_of(database))[0].count("Paiement retourné") == 2


async def test_by_post_too_much_is_a_persons_and_late_goes_back(database: Database) -> None:
    one = await asked(database)
    assert (await came_by_post(database, EXTRA + 1, "a")).verdict is PostalVerdict.TOO_MUCH
    (case,) = await database.read(cases.waiting)
    accept = deciding.decide
    late = await came_by_post(database, EXTRA, "b", on_day=one.last_day + timedelta(days=1))
    assert (late.verdict, late.returned) == (PostalVerdict.SUPPLEMENT_LATE, True)
    await database.write(
        lambda conn: accept(conn, PAYMENTS, case.id, MoneyAct.ACCEPT, "surplus", AGENT, now_ms())
    )
    assert (await states(database), await balance_of(database)) == ([PAID], FEE + EXTRA)


async def test_by_post_after_the_lapse_it_goes_back_with_its_letter(database: Database) -> None:
    one = await asked(database)
    await lapse(database)
    judged = await came_by_post(database, EXTRA, on_day=one.last_day + timedelta(days=1))
    assert (judged.verdict, judged.returned) == (PostalVerdict.SUPPLEMENT_LATE, True)
    assert (await titles_of(database))[0] == ["Paiement retourné"]
    assert (await states(database), await balance_of(database)) == ([LAPSED], FEE)


async def test_money_that_goes_back_is_awaited_again_and_the_file_is_untouched(database: Database) -> None:
    await asked(database)
    await pay(database, EXTRA, charge="ch_2")
    back = await pay(database, EXTRA, "back", kind=MovementKind.OUT, charge="ch_2")
    assert (back.status, back.recorded) == (FileStatus.PAID, FileEventKind.SUPPLEMENT_REVERSED)
    assert await states(database) == [AWAITED]
    assert "Paiement de frais supplémentaires annulé" in (await titles_of(database))[1]
    staged = sa.select(t.c.key).where(t.c.kind == FileTask.SUPPLEMENT_END)
    assert len((await database.read(lambda conn: conn.execute(staged))).all()) == 1
    again = await pay(database, EXTRA, "card:again")
    assert again.recorded is FileEventKind.SUPPLEMENT_PAID


async def test_the_fee_itself_going_back_reverses_the_file_alone(database: Database) -> None:
    await asked(database)
    await pay(database, EXTRA)
    back = await pay(database, FEE, "back", kind=MovementKind.OUT)
    assert (back.status, back.recorded) == (FileStatus.REVERSED, FileEventKind.PAYMENT_REVERSED)
    assert await states(database) == [PAID]
    await pay(database, FEE, "again")
    assert (await status_of_file(database), await states(database)) == (FileStatus.PAID, [PAID])


async def test_money_of_what_lapsed_pays_what_is_asked_for_next_and_goes_back_no_more(
    database: Database,
) -> None:
    """It has one effect: whoever would still give it back finds nothing to decide of."""
    await asked(database)
    await lapse(database)
    await pay(database, EXTRA)
    assert [case.reason for case in await database.read(cases.waiting)] == [MoneyReason.LAPSED]
    await database.write(lambda conn: ask(conn, 2))
    await database.write(lambda conn: settling.settle(conn, PAYMENTS, 1, now_ms()))
    assert (await states(database), await database.read(cases.waiting)) == ([LAPSED, PAID], [])


async def test_money_beside_it_leaves_that_to_the_person(database: Database) -> None:
    await asked(database)
    await lapse(database)
    await pay(database, EXTRA)
    await database.write(lambda conn: ask(conn, 2))
    await pay(database, EXTRA, "card:2")
    assert await states(database) == [LAPSED, PAID]
    assert [case.cents for case in await database.read(cases.waiting)] == [EXTRA]


async def test_money_that_is_on_its_way_back_pays_nothing(database: Database) -> None:
    """A person has decided, and the provider has not said yet that it went: it is not both."""
    await asked(database)
    await lapse(database)
    now = now_ms()

    async def back(conn: AsyncConnection) -> None:
        made = await charges.begin(conn, 1, "sandbox", EXTRA, now + 3_600_000, "anne", now)
        await charges.change(conn, made, state=ChargeState.PAID, payment="pi_1", settled_at=now)
        await move_money(conn, EXTRA, "card:extra", charge="pi_1")
        await refunds.give_back(conn, 1, EXTRA, AGENT, "x", now, key="case:1")

    await database.write(back)
    await database.write(lambda conn: ask(conn, 2))
    await database.write(lambda conn: settling.settle(conn, PAYMENTS, 1, now_ms()))
    assert await states(database) == [LAPSED, AWAITED]
    assert await database.read(lambda conn: charges.going_back(conn, 1)) == EXTRA
    books = await verify.read(database, "essai")
    forgotten = msgspec.structs.replace(books, going_back={})
    named = [[one.sentence for one in supplements_add_up(found)] for found in (books, forgotten)]
    assert (books.going_back, [NOT_APPLIED in found for found in named]) == ({1: EXTRA}, [False, True])
