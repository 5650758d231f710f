"""What operators do to a period that is announced, on both stores: two arm it, and one moves it at a time."""

import asyncio

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation import audit
from foundation.errors import Refusal
from foundation.sql.database import Database
from foundation.subjects import Subject
from quota import ledger, store
from quota.moves import operating, preparing, schedule
from quota.pace import due_calls
from quota.periods import flags_of, move
from quota.states import Action
from quota.store import PERIOD, period_of
from tests.integration.quota.moves.steps import (
    DEMO,
    DURING,
    EARLY,
    OPENS,
    audited,
    draft,
    opened,
    refused,
    retyped,
    row,
)


async def test_arming_too_late(database: Database) -> None:
    """At the opening it is too late to arm, and what was not armed does not open (P10)."""
    period = await draft(database)
    await database.write(lambda conn: preparing.announce(conn, period.uid, DEMO, "agnes", EARLY))
    with pytest.raises(Refusal, match="move_not_allowed"):
        await database.write(lambda conn: operating.arm(conn, period.uid, retyped(period), "boris", OPENS))
    assert await schedule.open_due(database, DURING) == []
    assert (await row(database, period.uid)).state == "announced"


async def test_two_operators_press_at_once(database: Database) -> None:
    """Of two pauses at once one is made and one refused: the row is locked before it is looked at."""
    period = await opened(database)
    both = await asyncio.gather(
        *(database.write(lambda conn: operating.pause(conn, period.uid, "boris", DURING)) for _ in range(2)),
        return_exceptions=True,
    )
    assert sorted(type(answer).__name__ for answer in both) == ["Period", "Refusal"]
    assert (await row(database, period.uid)).version == period.version + 1


async def test_without_the_lock_both_pauses_are_made(postgresql_url: str) -> None:
    """The twin: where the row is looked at without its lock, both pauses are made and both are on the record."""
    db = Database(postgresql_url)
    period = await opened(db)
    both_looked = asyncio.Barrier(2)

    async def unlocked(conn: AsyncConnection) -> None:
        seen = period_of((await conn.execute(sa.select(store.period))).one())
        await both_looked.wait()
        flags = move(flags_of(seen), Action.PAUSE, DURING, OPENS)
        await ledger.update(conn, seen.uid, **msgspec.structs.asdict(flags))
        await audit.record(conn, "boris", "pause", Subject(PERIOD, seen.uid), DURING)

    await asyncio.gather(db.write(unlocked), db.write(unlocked))
    assert [action for _, action, _ in await audited(db)].count("pause") == 2
    assert (await row(db, period.uid)).version == period.version + 2
    await db.close()


async def test_pausing_without_a_ticker(database: Database) -> None:
    """An operator can pause a period whose opening no tick has written yet; the opening is the service's."""
    period = await draft(database)
    await database.write(lambda conn: preparing.announce(conn, period.uid, DEMO, "agnes", EARLY))
    await database.write(lambda conn: operating.arm(conn, period.uid, retyped(period), "boris", EARLY))
    paused = await database.write(lambda conn: operating.pause(conn, period.uid, "boris", DURING))
    assert flags_of(paused).stand == "paused"
    assert [(actor, action) for actor, action, _ in await audited(database)][-2:] == [
        ("service", "open"), ("boris", "pause"),
    ]  # fmt: skip


async def test_a_faster_pace_is_in_force_at_once(database: Database) -> None:
    """From one call a minute to 240, the next call is a quarter of a second away; the other number stays as it was."""
    period = await opened(database)
    await database.write(lambda conn: ledger.update(conn, period.uid, clock=100_000, next_call=160_000))
    paced = await database.write(
        lambda conn: operating.set_pace(conn, period.uid, 240, None, "boris", DURING)
    )
    assert paced == await row(database, period.uid)
    assert (paced.calls_per_minute, paced.most_live_tokens, paced.next_call) == (240, 250, 100_250)
    assert due_calls(100_250, paced.next_call, 240)[0] == 1
    slow = await database.write(lambda conn: operating.set_pace(conn, period.uid, 0, 5, "boris", DURING))
    assert (slow.calls_per_minute, slow.most_live_tokens, slow.next_call) == (0, 5, 100_250)


@pytest.mark.parametrize(("calls", "live"), [(-1, None), (10**9, None), (None, 0), (None, -5)])
async def test_a_wrong_pace(sqlite_url: str, calls: int | None, live: int | None) -> None:
    """A pace that cannot be is refused with its field."""
    db = Database(sqlite_url)
    period = await draft(db)
    with pytest.raises(Refusal, match="invalid"):
        await db.write(lambda conn: operating.set_pace(conn, period.uid, calls, live, "boris", DURING))
    assert await row(db, period.uid) == period
    await db.close()


async def test_notices(database: Database) -> None:
    """A notice is put up and taken down, both audited with the text; an empty or endless one is refused."""
    period = await draft(database)
    told = await database.write(
        lambda conn: operating.set_notice(conn, period.uid, "  Patience.  ", "boris", 5)
    )
    assert told.notice == (await row(database, period.uid)).notice == "Patience."
    for text in ("", "   ", "x" * 501, "a\0b"):
        with pytest.raises(Refusal, match="invalid"):
            await database.write(lambda conn, text=text: operating.set_notice(conn, period.uid, text, "b", 5))  # type: ignore[misc]
    await database.write(lambda conn: operating.clear_notice(conn, period.uid, "boris", 6))
    assert (await row(database, period.uid)).notice is None

    async def detail(conn: AsyncConnection) -> object:
        line = await conn.execute(sa.select(audit.audit).where(audit.audit.c.act == "notice"))
        return msgspec.json.decode(line.one().after)

    assert await database.read(detail) == {"text": "Patience."}


async def test_it_takes_two_people_to_arm(database: Database) -> None:
    """Whoever announced it is refused, however they spell themselves; another arms it, and a row has both (P17)."""
    made = await draft(database)
    period = await database.write(lambda conn: preparing.announce(conn, made.uid, DEMO, "agnes", EARLY))
    for name in ("agnes", " Agnes"):
        no = await refused(
            database,
            lambda conn, name=name: operating.arm(conn, made.uid, retyped(made), name, EARLY),  # type: ignore[misc]
        )
        assert (no.code, no.fields["author"]) == ("second_person_needed", "agnes")
    assert await row(database, made.uid) == period
    armed = await database.write(lambda conn: operating.arm(conn, made.uid, retyped(made), "boris", EARLY))
    assert armed.state == "armed"
    a = store.approval.c
    found = await database.read(lambda conn: conn.execute(sa.select(a.act, a.author, a.approver)))
    assert [tuple(one) for one in found] == [("arm", "agnes", "boris")]


async def test_the_table_keeps_one_person_from_being_two(database: Database) -> None:
    """Whatever the code above it does: an approval by its author is no row."""
    values = {"subject_kind": "period", "subject_id": "x", "act": "arm", "author": "agnes", "asked_at": 1}
    wrong = sa.insert(store.approval).values(values | {"approver": "agnes"})
    with pytest.raises(sa.exc.IntegrityError):
        await database.write(lambda conn: conn.execute(wrong))


@pytest.mark.parametrize(
    ("cap", "opens_at", "fields"),
    [(5072, OPENS, ["cap"]), (5073, OPENS + 1, ["opens_at"]), (None, None, ["cap", "opens_at"])],
)
async def test_what_is_retyped_otherwise_arms_nothing(
    database: Database, cap: int | None, opens_at: int | None, fields: list[str]
) -> None:
    """The fields that differ are named, and nothing moves."""
    made = await draft(database)
    period = await database.write(lambda conn: preparing.announce(conn, made.uid, DEMO, "agnes", EARLY))
    typed = operating.Retyped(cap, opens_at)
    no = await refused(database, lambda conn: operating.arm(conn, made.uid, typed, "boris", EARLY))
    assert no.code == "retyped_differently"
    assert [field["name"] for field in no.fields["fields"]] == fields
    assert await row(database, made.uid) == period


async def test_disarming_goes_back_to_the_announcement(database: Database) -> None:
    """Then the schedule opens nothing, until it is armed again; at the opening it is too late to disarm."""
    made = await draft(database)
    await database.write(lambda conn: preparing.announce(conn, made.uid, DEMO, "agnes", EARLY))
    await database.write(lambda conn: operating.arm(conn, made.uid, retyped(made), "boris", EARLY))
    disarmed = await database.write(lambda conn: operating.disarm(conn, made.uid, "agnes", EARLY))
    assert (disarmed.state, disarmed.announced_by) == ("announced", "agnes")
    assert await schedule.open_due(database, OPENS) == []
    await database.write(lambda conn: operating.arm(conn, made.uid, retyped(made), "boris", EARLY))
    no = await refused(database, lambda conn: operating.disarm(conn, made.uid, "agnes", OPENS))
    assert no.code == "move_not_allowed"


@pytest.mark.parametrize("said", [None, "La panne est réparée."])
async def test_a_suspension_ends_with_a_notice(database: Database, said: str | None) -> None:
    """The operator's words or a standard sentence, on the record; a notice that was put up since it began stays."""
    period = await opened(database)
    await database.write(lambda conn: operating.set_notice(conn, period.uid, "Avant.", "agnes", DURING))
    await database.write(lambda conn: operating.suspend(conn, period.uid, "agnes", DURING + 1))
    resumed = await database.write(lambda conn: operating.resume(conn, period.uid, "agnes", DURING + 2, said))
    assert resumed == await row(database, period.uid)
    assert resumed.notice == said if said else "a repris le lundi 13 juin 2016" in (resumed.notice or "")
    assert [act for _, act, _ in await audited(database)][-2:] == ["resume", "notice"]
    await database.write(lambda conn: operating.suspend(conn, period.uid, "agnes", DURING + 3))
    await database.write(lambda conn: operating.set_notice(conn, period.uid, "Bientôt.", "agnes", DURING + 4))
    again = await database.write(lambda conn: operating.resume(conn, period.uid, "agnes", DURING + 5))
    assert (again.notice, [act for _, act, _ in await audited(database)][-1]) == ("Bientôt.", "resume")


async def test_a_pause_ends_without_a_word(database: Database) -> None:
    """Nothing was stopped that people must be told of."""
    period = await opened(database)
    await database.write(lambda conn: operating.pause(conn, period.uid, "agnes", DURING))
    assert (
        await database.write(lambda conn: operating.resume(conn, period.uid, "agnes", DURING))
    ).notice is None
