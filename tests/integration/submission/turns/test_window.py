"""The ten minutes on a draft's pages: whose they are, and when nothing is said of them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa

from foundation.clock import now_ms
from foundation.sql.database import Database
from quota import store as quota_store
from server.requests import Incoming
from submission.turns import window as window_module
from submission.turns.turn import Turns
from submission.turns.window import TurnWindow, Windows, periods_of
from tests.support.desks import CalledPerson, Desk, call, make_account, make_desk, sign_in, visit
from tests.support.rooms import make_period, set_period


class Editing:
    """Somebody who was called, signed in, and edits the draft."""

    def __init__(self, desk: Desk, called: CalledPerson, came: Incoming) -> None:
        self.desk, self.called, self.came = desk, called, came
        self.windows = Windows(Turns(desk))

    async def window(self, came: Incoming | None = None, programme: str = "demo") -> TurnWindow | None:
        heard: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.windows.ask(came or self.came, programme, heard.set_result)
        found: TurnWindow | None = await heard
        return found

    async def token(self, **values: Any) -> None:
        t = quota_store.token
        await self.desk.db.write(lambda conn: conn.execute(sa.update(t).values(values)))


@pytest.fixture
async def editing(database: Database) -> AsyncIterator[Editing]:
    desk = make_desk(database)
    period = await make_period(database, ticked_at=now_ms())
    await make_account(desk)
    called = await call(desk, period, 7)
    yield Editing(desk, called, called.visit(await sign_in(desk, called)).came)
    desk.accounts.hasher.close()


async def test_whose_turn_it_is_sees_the_time_left_and_the_way_back(editing: Editing) -> None:
    """A pause is said too; another programme's draft says nothing."""
    found = await editing.window()
    assert found is not None
    assert (found.review, found.is_over) == ("/periodes/essai/demande", False)
    assert 590_000 < found.clock.left_ms <= 600_000
    await set_period(editing.desk.db, editing.called.period, paused=True)
    paused = await editing.window()
    assert paused is not None and paused.clock.paused
    assert await editing.window(programme="autre") is None


async def test_a_lapse_is_said_for_a_while_with_the_way_to_the_room(editing: Editing) -> None:
    """And no longer when it is old; a submission and a place that was given back are no window."""
    await editing.token(state="lapsed")
    found = await editing.window()
    assert found is not None and found.is_over and found.room == "/periodes/essai"
    await editing.token(called_at=now_ms() - window_module.SAID_MS)
    assert await editing.window() is None
    for state in ("used", "left"):
        await editing.token(state=state, called_at=now_ms())
        assert await editing.window() is None


async def test_nobody_else_sees_a_window(editing: Editing) -> None:
    """Neither a browser without a ticket, which costs no look at SQL, nor one without the session of the account."""
    signed_in = await sign_in(editing.desk)
    assert await editing.window(visit({}, signed_in).came) is None
    assert await editing.window(editing.called.visit().came) is None
    await make_account(editing.desk, 2)
    other = editing.called.visit(await sign_in(editing.desk, None, 2)).came
    assert await editing.window(other) is None
    made_up = visit({f"ticket-{n}": "x" for n in range(20)}).came
    assert len(periods_of(made_up)) == window_module.MOST_TICKETS
    assert await editing.window(made_up) is None
