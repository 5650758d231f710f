"""Two agents and one file: one has it, and who writes after something changed is told what."""

import asyncio

import pytest

from casework.checklists import handling
from casework.checklists.states import ItemAct
from casework.decisions import taking
from casework.decisions.taking import TAKEN_MS
from foundation.audit import Actor
from foundation.calendar.days import day_of
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from tests.support.casework.lists import AGENT, CLERK, LISTS, OTHER, listed
from tests.support.tasks import submitted


async def take(db: Database, by: Actor, now: int) -> taking.FileTaking:
    return await db.write(lambda conn: taking.take(conn, 1, by, now))


async def seen(db: Database) -> str:
    return (await db.read(lambda conn: taking.version(conn, 1))).text


async def writing(db: Database, saw: str, by: Actor = AGENT, now: int | None = None) -> None:
    await db.write(lambda conn: taking.writing(conn, 1, saw, by, now_ms() if now is None else now))


async def test_of_many_who_take_a_file_one_has_it(database: Database) -> None:
    await submitted(database)
    people = [Actor(f"agent-{n}", "agent") for n in range(5)]
    found = await asyncio.gather(*(take(database, one, 1_000) for one in people), return_exceptions=True)
    assert sum(not isinstance(one, Exception) for one in found) == 1
    assert {one.code for one in found if isinstance(one, Refusal)} == {Code.CONFLICT}


async def test_a_file_is_free_again_when_its_time_is_over_or_it_is_left(on_sqlite: Database) -> None:
    await submitted(on_sqlite)
    await take(on_sqlite, AGENT, 1_000)
    assert (await take(on_sqlite, AGENT, 2_000)).until == 2_000 + TAKEN_MS
    with pytest.raises(Refusal) as refused:
        await take(on_sqlite, OTHER, 2_000 + TAKEN_MS - 1)
    assert refused.value.fields["taken_by"] == "agente"
    await take(on_sqlite, OTHER, 2_000 + TAKEN_MS)
    await on_sqlite.write(lambda conn: taking.leave(conn, 1, OTHER, 3_000 + TAKEN_MS))
    await take(on_sqlite, AGENT, 3_000 + TAKEN_MS)


async def test_who_writes_after_something_changed_is_told_what(on_sqlite: Database) -> None:
    """The event, when and who; what they saw before is good no more."""
    await listed(on_sqlite)
    saw = await seen(on_sqlite)
    await on_sqlite.write(
        lambda conn: handling.decide(conn, LISTS, 1, 1, ItemAct.WAIVE, "Inutile.", OTHER, now_ms())
    )
    with pytest.raises(Refusal) as refused:
        await writing(on_sqlite, saw)
    assert refused.value.code is Code.CONFLICT
    (changed,) = refused.value.fields["changed"]
    assert (changed["kind"], changed["actor"]) == ("item_settled", "collegue")
    await writing(on_sqlite, await seen(on_sqlite))


async def test_without_the_comparison_the_second_would_write_over_the_first(on_sqlite: Database) -> None:
    """Twin: seen again just before it writes, nothing would stop it."""
    await listed(on_sqlite)
    await on_sqlite.write(lambda conn: handling.receive_item(conn, 1, 1, day_of(now_ms()), CLERK, now_ms()))
    await writing(on_sqlite, await seen(on_sqlite))


@pytest.mark.parametrize("saw", ["", "x", "1", "1.2.3.4.5", "9" * 40, "-1.0.0.0"])
async def test_a_forged_version_is_a_conflict_and_no_failure(on_sqlite: Database, saw: str) -> None:
    await submitted(on_sqlite)
    with pytest.raises(Refusal) as refused:
        await writing(on_sqlite, saw)
    assert refused.value.code is Code.CONFLICT
