"""What a person decides of money: once, by an act that its reason allows, with its letter."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files.states import FileStatus
from casework.payments import cases, deciding, receiving, settling
from casework.payments.card import charges
from casework.payments.card.states import ChargeState
from casework.payments.card.store import card_refund
from casework.payments.postal import PostalPayment, PostalVerdict
from casework.payments.states import Instrument, MoneyAct, MoneyReason, MovementKind
from evidence import verify
from evidence.money.recount_money import money_adds_up
from foundation.calendar.days import day_of
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from tests.support.candidates.paying import (
    AGENT,
    FEE,
    PAYMENTS,
    balance_of,
    came_by_post,
    last_day,
    move_money,
    status_of_file,
    titles_of,
)
from tests.support.tasks import submitted


async def decide(database: Database, act: MoneyAct, why: str = "Motif.", id: int = 1) -> None:
    await database.write(lambda conn: deciding.decide(conn, PAYMENTS, id, act, why, AGENT, now_ms()))


@pytest.mark.parametrize(
    ("act", "status", "balance"),
    [(MoneyAct.ACCEPT, FileStatus.PAID, FEE), (MoneyAct.KEEP, FileStatus.PAID, FEE + 500),
     (MoneyAct.RETURN, FileStatus.AWAITING_PAYMENT, 0)],
)  # fmt: skip
async def test_too_much_is_decided_by_one_of_three_acts(
    database: Database, act: MoneyAct, status: FileStatus, balance: int
) -> None:
    await submitted(database)
    await came_by_post(database, FEE + 500)
    await decide(database, act)
    assert (await status_of_file(database), await balance_of(database)) == (status, balance)
    assert "Décision sur un paiement reçu" in (await titles_of(database))[0]
    with pytest.raises(Refusal) as refused:
        await decide(database, act)
    assert refused.value.code is Code.ALREADY_DECIDED
    assert await balance_of(database) == balance


async def test_a_partial_payment_deletes_the_file_once_a_person_confirms(database: Database) -> None:
    await submitted(database)
    await came_by_post(database, FEE - 1)
    with pytest.raises(Refusal) as refused:
        await decide(database, MoneyAct.KEEP)
    assert refused.value.code is Code.MOVE_NOT_ALLOWED
    with pytest.raises(Refusal) as refused:
        await decide(database, MoneyAct.DELETE, "  ")
    assert refused.value.code is Code.INVALID
    await decide(database, MoneyAct.DELETE)
    assert await status_of_file(database) is FileStatus.RETURNED_DELETED
    assert "Suppression de votre demande" in (await titles_of(database))[0]


async def test_late_money_of_a_card_is_accepted_by_a_person_alone(database: Database) -> None:
    await submitted(database)
    late = await last_day(database) + timedelta(days=1)
    for _ in range(2):
        await database.write(lambda conn: move_money(conn, FEE, "card", on_day=late))
    (case,) = await database.read(cases.waiting)
    assert case.reason == "late"
    await decide(database, MoneyAct.ACCEPT)
    assert await status_of_file(database) is FileStatus.PAID


async def paid_by_card(conn: AsyncConnection) -> None:
    """A charge that the provider says is paid."""
    now = now_ms()
    charge = await charges.begin(conn, 1, "stripe", FEE, now + 3_600_000, "anne", now)
    await charges.change(conn, charge, state=ChargeState.PAID, payment="pi_1")
    await move_money(conn, FEE, "card", charge="pi_1")


async def test_money_for_an_ended_file_only_goes_back(database: Database) -> None:
    """And is sent back to the card by the provider, whose news of it is the movement."""
    await submitted(database)
    await came_by_post(database, FEE - 1)
    await decide(database, MoneyAct.DELETE)
    await database.write(paid_by_card)
    (case,) = await database.read(cases.waiting)
    assert case.reason == "ended"
    with pytest.raises(Refusal):
        await decide(database, MoneyAct.ACCEPT, id=case.id)
    await decide(database, MoneyAct.RETURN, id=case.id)
    assert await status_of_file(database) is FileStatus.RETURNED_DELETED
    r = card_refund.c
    asked = await database.read(lambda conn: conn.execute(sa.select(r.cents, r.state, r.reason)))
    assert [tuple(row) for row in asked] == [(FEE, "asked", "Motif.")]


async def gone_in_part(database: Database) -> None:
    """A file that was paid by card, of whose payment 510 dollars went back."""
    await submitted(database)
    await database.write(lambda conn: move_money(conn, FEE, "card", charge="pi_1"))
    await database.write(lambda conn: move_money(conn, BACK, "back", MovementKind.OUT, charge="pi_1"))
    assert await status_of_file(database) is FileStatus.REVERSED


BACK = 51_000


async def test_what_is_left_of_a_deleted_file_waits_for_a_person(database: Database) -> None:
    """The rest of a payment of which a part went back is nobody's to keep: it was in no queue, and in no report."""
    await gone_in_part(database)
    await decide(database, MoneyAct.DELETE)
    assert await status_of_file(database) is FileStatus.UNPAID_DELETED
    (case,) = await database.read(cases.waiting)
    assert (case.reason, case.cents) == (MoneyReason.ENDED, FEE - BACK)
    assert money_adds_up(await verify.read(database, "essai")) == []


async def test_without_settling_it_is_left_behind_and_named(
    on_sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin."""
    await gone_in_part(on_sqlite)

    async def nothing(*_args: object, **_more: object) -> None:
        """As before: the deletion was all."""

    monkeypatch.setattr(settling, "settle", nothing)
    await decide(on_sqlite, MoneyAct.DELETE)
    assert await on_sqlite.read(cases.waiting) == []
    (broken,) = money_adds_up(await verify.read(on_sqlite, "essai"))
    assert broken.sentence == "money of a deleted file is here, and nobody was asked to decide of it"


async def test_a_file_whose_payment_went_back_is_deleted_for_a_part_too(on_sqlite: Database) -> None:
    """The act that is offered can be done: it was refused each time."""
    await gone_in_part(on_sqlite)
    await came_by_post(on_sqlite, 100)
    partial = [one for one in await on_sqlite.read(cases.waiting) if one.reason is MoneyReason.PARTIAL]
    await decide(on_sqlite, MoneyAct.DELETE, id=partial[0].id)
    assert await status_of_file(on_sqlite) is FileStatus.UNPAID_DELETED


async def test_the_rest_pays_it_by_post_as_the_page_says(database: Database) -> None:
    """The page asks for what is due, in one remittance; the whole fee would be too much, and is a person's."""
    await gone_in_part(database)
    whole = await database.read(lambda conn: receiving.look(conn, PAYMENTS, 1, by_draft(FEE)))
    assert whole.verdict is PostalVerdict.TOO_MUCH
    assert (await came_by_post(database, BACK)).verdict is PostalVerdict.ACCEPTED
    assert (await status_of_file(database), await balance_of(database)) == (FileStatus.PAID, FEE)
    assert await database.read(cases.waiting) == []
    assert money_adds_up(await verify.read(database, "essai")) == []


def by_draft(cents: int) -> PostalPayment:
    return PostalPayment(instrument=Instrument.BANK_DRAFT, cents=cents, received_on=day_of(now_ms()))
