"""What a person decides of money: once, by an act that its reason allows, with its letter."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files.states import FileStatus
from casework.payments import cases, deciding
from casework.payments.card import charges
from casework.payments.card.states import ChargeState
from casework.payments.card.store import card_refund
from casework.payments.states import MoneyAct
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
