"""Money above an amount goes out by two people; what one has asked for waits."""

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.payments import cases, deciding, two_people
from casework.payments.states import MoneyAct
from foundation.audit import Actor, audit
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from quota.programmes import PaymentRules
from tests.support.candidates.paying import AGENT, FEE, PAYMENTS, balance_of, came_by_post
from tests.support.tasks import submitted

OTHER = Actor("boris", "agent")

ABOVE = PaymentRules().refund_alone + 1
"""A surplus that takes two."""


async def decide(database: Database, by: Actor, act: MoneyAct = MoneyAct.RETURN, why: str = "Motif.") -> bool:
    made = await database.write(lambda conn: deciding.decide(conn, PAYMENTS, 1, act, why, by, now_ms()))
    return made.waits


async def waits(database: Database) -> int:
    return len(await database.read(cases.waiting))


async def test_a_large_sum_goes_back_by_two(database: Database) -> None:
    """The first one's reason stands in the letter; the second need not type another."""
    await submitted(database)
    await came_by_post(database, ABOVE)
    assert await decide(database, AGENT) is True
    assert (await waits(database), await balance_of(database)) == (1, 0)
    with pytest.raises(Refusal) as refused:
        await decide(database, Actor("AGATHE", "agent"))
    assert refused.value.code is Code.SECOND_PERSON_NEEDED
    assert await decide(database, OTHER, why="") is False
    assert await waits(database) == 0
    told = sa.select(audit.c.actor).where(audit.c.act == two_people.ASKED)
    assert (await database.read(lambda conn: conn.execute(told))).scalars().all() == ["agathe"]


async def test_without_that_rule_one_person_moves_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin."""

    async def never(conn: AsyncConnection, services: object, number: int, cents: int) -> bool:
        return False

    monkeypatch.setattr(two_people, "takes_two", never)
    await submitted(database)
    await came_by_post(database, ABOVE)
    assert await decide(database, AGENT) is False
    assert await waits(database) == 0


async def test_another_act_is_another_word_and_a_small_sum_is_one_persons(database: Database) -> None:
    await submitted(database, 2)
    await came_by_post(database, ABOVE + FEE)
    assert await decide(database, AGENT) is True
    assert await decide(database, OTHER, MoneyAct.ACCEPT) is True
    assert await decide(database, OTHER, MoneyAct.RETURN) is False
    await came_by_post(database, FEE + 500, key="item:2", number=2)
    made = await database.write(
        lambda conn: deciding.decide(conn, PAYMENTS, 2, MoneyAct.ACCEPT, "Motif.", AGENT, now_ms())
    )
    assert made.waits is False


async def test_the_first_one_gives_a_reason(database: Database) -> None:
    await submitted(database)
    await came_by_post(database, ABOVE)
    with pytest.raises(Refusal) as refused:
        await decide(database, AGENT, why=" ")
    assert refused.value.code is Code.INVALID
