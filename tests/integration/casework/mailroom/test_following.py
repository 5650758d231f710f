"""An item goes on with the decision of the money that it brought."""

import pytest

from casework.mailroom import following, items
from casework.mailroom.items import RegisteredItem
from casework.mailroom.states import MailItemState
from casework.payments import cases, deciding
from casework.payments.cases import MoneyCase
from casework.payments.states import MoneyAct
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support.casework.mail import PAYMENTS, SERVICES, entered, payment, waited_for
from tests.support.tasks import submitted

LUCIE = Actor("lucie", "agent")


@pytest.mark.parametrize(
    ("goes_back", "state"), [(True, MailItemState.TO_RETURN), (False, MailItemState.ACCEPTED)]
)
async def test_it_is_accepted_or_goes_back_once(
    on_sqlite: Database, goes_back: bool, state: MailItemState
) -> None:
    """Too much money waits for a person, and its file is not deleted meanwhile."""
    await submitted(on_sqlite)
    item = await entered(on_sqlite, await payment(on_sqlite, 1, 100))
    assert item.state is MailItemState.MATCHED
    assert await waited_for(on_sqlite)

    async def decide() -> bool:
        return await on_sqlite.write(
            lambda conn: following.decided(conn, item.key, goes_back=goes_back, by=LUCIE, now=now_ms())
        )

    assert [await decide(), await decide()] == [True, False]
    assert (await on_sqlite.read(lambda conn: items.find(conn, SERVICES, item.id))).state is state
    assert not await waited_for(on_sqlite)


async def test_a_decision_of_money_moves_its_item(on_sqlite: Database) -> None:
    """What a person sends back is to go back; what is kept with the surplus is accepted."""
    await submitted(on_sqlite, 2)
    for number, act, state in (
        (1, MoneyAct.RETURN, MailItemState.TO_RETURN), (2, MoneyAct.ACCEPT, MailItemState.ACCEPTED),
    ):  # fmt: skip
        item = await entered(on_sqlite, await payment(on_sqlite, number, 100))
        await decided(on_sqlite, (await case_of(on_sqlite, item.key)).id, act)
        assert (await found(on_sqlite, item.id)).state is state


async def decided(db: Database, case: int, act: MoneyAct) -> None:
    await db.write(lambda conn: deciding.decide(conn, PAYMENTS, case, act, "vu", LUCIE, now_ms()))


async def found(db: Database, id: int) -> RegisteredItem:
    return await db.read(lambda conn: items.find(conn, SERVICES, id))


async def case_of(db: Database, key: str) -> MoneyCase:
    case = await db.read(lambda conn: cases.by_key(conn, key))
    assert case is not None
    return case
