"""Planning, approving and ending a switch; what features are told."""

import asyncio

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from casework.switches import plans
from casework.switches.states import SwitchName, SwitchState
from casework.switches.store import feature_switch
from foundation.audit import audit
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.outbox import task
from foundation.sql.database import Database
from tests.support.casework.switching import SOON_MS, its_time_comes, planned, switched_on
from tests.support.tasks import rows

ONLINE, ADDRESS = SwitchName.ONLINE_AMENDMENT, SwitchName.ADDRESS_CHANGE


async def is_on(db: Database, name: SwitchName = ONLINE, programme: str = "demo", at: int = 0) -> bool:
    return await db.read(lambda conn: plans.is_on(conn, programme, name, at or now_ms()))


async def refused(work: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await work  # type: ignore[misc]
    return caught.value


async def test_it_is_on_from_its_instant_on_and_not_before(database: Database) -> None:
    """For its programme and its feature alone; its task waits for the same instant; published with its date."""
    made = await planned(database, ONLINE)
    one = await database.read(lambda conn: plans.find(conn, made))
    assert (one.state(now_ms()), one.author, one.approver) == (SwitchState.SCHEDULED, "agnes", "boris")
    assert not await is_on(database, at=one.on_at - 1) and await is_on(database, at=one.on_at)
    assert not await is_on(database, ADDRESS, at=one.on_at)
    assert not await is_on(database, programme="prtq-2016", at=one.on_at)
    assert await rows(database, task.c.kind, task.c.due_at) == [("switch_turn_on", one.on_at)]
    said = await database.read(lambda conn: plans.published(conn, "demo", now_ms()))
    assert said == {ONLINE: one.on_at}
    acts = [act for (act,) in await rows(database, audit.c.act)]
    assert acts == ["switch_approve", "switch_plan"]


async def test_it_takes_two_people(database: Database) -> None:
    """Whoever planned it does not approve it, however they spell themselves; the table says the same."""
    made = await planned(database, ONLINE, approved=False)
    no = await refused(database.write(lambda conn: plans.approve(conn, made, " Agnes ", now_ms())))
    assert no.code == Code.SECOND_PERSON_NEEDED
    assert not await is_on(database, at=now_ms() + 2 * SOON_MS)
    with pytest.raises(IntegrityError):
        await database.write(
            lambda conn: conn.execute(
                sa.update(feature_switch).values(approver="agnes", approved_at=now_ms())
            )
        )


async def test_an_approval_that_comes_too_late_turns_nothing_on(database: Database) -> None:
    """The plan lapses, and another one may be made."""
    made = await planned(database, ONLINE, approved=False)
    await its_time_comes(database, made)
    no = await refused(database.write(lambda conn: plans.approve(conn, made, "boris", now_ms())))
    assert (no.code, no.fields["from"]) == (Code.MOVE_NOT_ALLOWED, SwitchState.LAPSED)
    await planned(database, ONLINE)
    first = await database.read(lambda conn: plans.find(conn, made))
    assert first.state(now_ms()) is SwitchState.WITHDRAWN and first.end_reason == plans.NOT_APPROVED


async def test_one_person_turns_it_off_with_a_reason(database: Database) -> None:
    """At once; then another may be planned. Nothing is planned beside one that lives, nor for the past."""
    made = await switched_on(database, ONLINE)
    assert await is_on(database)
    for on_at, code in ((now_ms() + SOON_MS, Code.MOVE_NOT_ALLOWED), (now_ms(), Code.INVALID)):
        no = await refused(
            database.write(
                lambda conn, on_at=on_at: plans.plan(conn, "demo", ONLINE, on_at, None, "agnes", now_ms())  # type: ignore[misc]
            )
        )
        assert no.code == code
    ended = await database.write(lambda conn: plans.end(conn, made, "une erreur", "agnes", now_ms()))
    assert ended.state(now_ms()) is SwitchState.OFF
    assert not await is_on(database)
    no = await refused(database.write(lambda conn: plans.end(conn, made, "encore", "agnes", now_ms())))
    assert no.code == Code.MOVE_NOT_ALLOWED
    await planned(database, ONLINE)
    assert [one.id for one in await database.read(plans.every)] == [made + 1, made]
    assert (await refused(database.read(lambda conn: plans.find(conn, 99)))).code == Code.NOT_FOUND


async def test_of_many_who_plan_at_once_one_does(database: Database) -> None:
    """The others are told that it is planned."""
    outcomes = await asyncio.gather(*(planned(database, ONLINE) for _ in range(6)), return_exceptions=True)
    assert sum(isinstance(one, int) for one in outcomes) == 1, outcomes
    assert all(isinstance(one, int | Refusal) for one in outcomes)


async def acted_beside_an_end(db: Database, *, hold: bool) -> bool:
    """Whether a switch was still on when an act that had asked for it was committed, with an end pressed meanwhile."""
    made = await switched_on(db, ONLINE)
    asked, ended = asyncio.Event(), asyncio.Event()

    async def act(conn: object) -> bool:
        assert await plans.is_on(conn, "demo", ONLINE, now_ms(), hold=hold)  # type: ignore[arg-type]
        asked.set()
        try:
            await asyncio.wait_for(ended.wait(), 0.5)
        except TimeoutError:
            return True
        return False

    async def end() -> None:
        await asked.wait()
        await db.write(lambda conn: plans.end(conn, made, "une erreur", "agnes", now_ms()))
        ended.set()

    still_on, _ = await asyncio.gather(db.write(act), end())
    return still_on


async def test_nobody_turns_it_off_under_an_act(postgresql_url: str) -> None:
    """The act that asked in its own transaction is done first; twin: without holding it, the end comes between."""
    database = Database(postgresql_url)
    assert await acted_beside_an_end(database, hold=True)
    assert not await acted_beside_an_end(database, hold=False)
    await database.close()
