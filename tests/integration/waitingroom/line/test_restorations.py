"""The record of what a copy has lost: what stands on it until an operator says that they know."""

import msgspec
import pytest

from foundation.audit import Actor, audit
from foundation.errors import Refusal
from foundation.sql.database import Database
from quota.store import Period
from tests.integration.config.commands.shell import every
from tests.support.rooms import make_period
from waitingroom.line import restorations
from waitingroom.line.setbacks import Setback

FOUND_AT = 1_781_354_000_000


async def recorded(database: Database, period: Period, *numbers: int, submissions: int = 0) -> None:
    found = Setback(known_at=FOUND_AT - 60_000, numbers=list(numbers), submissions=submissions)
    await database.write(lambda conn: restorations.record(conn, period, found, 4, FOUND_AT))


async def test_what_is_lost_is_kept_by_number(database: Database) -> None:
    """Which numbers, how many submissions, of when the copy is, and the epoch that began; a line of the audit too."""
    period = await make_period(database)
    await recorded(database, period, 3, 70_000, submissions=2)
    (one,) = await database.read(lambda conn: restorations.of_period(conn, period.uid))
    assert (one.numbers, one.calls, one.submissions, one.epoch) == ((3, 70_000), 2, 2, 4)
    assert (one.found_at, one.known_at, one.acknowledged_at) == (FOUND_AT, FOUND_AT - 60_000, None)
    (named,) = await database.read(restorations.every)
    assert (named.period_id, named.restoration) == ("essai", one)
    (line,) = await database.read(lambda conn: every(conn, audit))
    assert (line.actor, line.act, line.subject_id) == ("service", "restored", period.uid)
    assert msgspec.json.decode(line.after)["submissions"] == 2


async def test_only_what_somebody_was_told_stands(database: Database) -> None:
    """A copy that lacks moments in which nothing was said is on the record, and nobody need act on it."""
    period = await make_period(database)
    await recorded(database, period)
    assert await database.read(lambda conn: restorations.standing(conn, period.uid)) == []
    assert not await database.read(restorations.submissions_lost)
    await recorded(database, period, 5)
    assert len(await database.read(lambda conn: restorations.standing(conn, period.uid))) == 1
    assert not await database.read(restorations.submissions_lost)
    await recorded(database, period, submissions=1)
    assert await database.read(restorations.submissions_lost)


async def test_it_stands_until_an_operator_knows(database: Database) -> None:
    """With a name and a reason on the record; a second time there is nothing to acknowledge."""
    period = await make_period(database)
    await recorded(database, period, 5, submissions=1)
    agnes = Actor("agnes", "operator")

    async def acknowledge() -> int:
        return await database.write(
            lambda conn: restorations.acknowledge(conn, "essai", agnes, FOUND_AT + 1, "rappelés un à un")
        )

    assert await acknowledge() == 1
    assert await acknowledge() == 0
    assert not await database.read(restorations.submissions_lost)
    (one,) = await database.read(lambda conn: restorations.of_period(conn, period.uid))
    assert (one.acknowledged_by, one.acknowledged_at) == ("agnes", FOUND_AT + 1)
    last = (await database.read(lambda conn: every(conn, audit)))[-1]
    assert (last.actor, last.act, last.reason) == ("agnes", "acknowledge", "rappelés un à un")


async def test_an_unknown_period_has_nothing_to_acknowledge(database: Database) -> None:
    """Refused by name."""
    with pytest.raises(Refusal, match="not_found"):
        await database.write(lambda conn: restorations.acknowledge(conn, "rien", "agnes", FOUND_AT))
