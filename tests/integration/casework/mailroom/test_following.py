"""An item goes on with the decision of the money that it brought."""

import pytest

from casework.mailroom import following, items, pen
from casework.mailroom.states import MailItemState
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support.casework.mail import SERVICES, entered, payment
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
    assert await on_sqlite.read(lambda conn: pen.waits_for(conn, 1))

    async def decide() -> bool:
        return await on_sqlite.write(
            lambda conn: following.decided(conn, item.key, goes_back=goes_back, by=LUCIE, now=now_ms())
        )

    assert [await decide(), await decide()] == [True, False]
    assert (await on_sqlite.read(lambda conn: items.find(conn, SERVICES, item.id))).state is state
    assert not await on_sqlite.read(lambda conn: pen.waits_for(conn, 1))
