"""Every move is locked, versioned and audited, on both stores, or leaves nothing."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.errors import Refusal
from foundation.sql.database import Database
from quota import ledger
from quota.moves import operating
from quota.periods import flags_of
from tests.integration.quota.moves.steps import DURING, audited, draft, opened, refused, row


async def test_a_whole_day(database: Database) -> None:
    """From draft to closed, each move is in the row and in the audit, with who did it; the version goes up by one."""
    period = await opened(database)
    assert (period.state, period.version) == ("open", 4)
    uid = period.uid
    for step in (operating.pause, operating.suspend, operating.resume, operating.close):
        period = await database.write(lambda conn, step=step: step(conn, uid, "boris", DURING))  # type: ignore[misc]
    assert period == await row(database, period.uid)
    assert (flags_of(period).stand, period.ended_at, period.version) == ("closed", DURING, 9)
    assert await audited(database) == [
        ("agnes", "create", period.uid),
        ("agnes", "announce", period.uid),
        ("boris", "arm", period.uid),
        ("service", "open", period.uid),
        ("boris", "pause", period.uid),
        ("boris", "suspend", period.uid),
        ("boris", "resume", period.uid),
        ("boris", "notice", period.uid),
        ("boris", "close", period.uid),
    ]


async def test_a_refused_move_leaves_nothing(database: Database) -> None:
    """A move that is not allowed writes neither the row nor an audit line."""
    period = await draft(database)
    with pytest.raises(Refusal, match="move_not_allowed"):
        await database.write(lambda conn: operating.pause(conn, period.uid, "agnes", DURING))
    assert await row(database, period.uid) == period
    assert await audited(database) == [("agnes", "create", period.uid)]


async def test_an_unknown_period(database: Database) -> None:
    """A move of nothing is not_found."""
    for step in (
        operating.disarm,
        operating.pause,
        operating.resume,
        operating.close,
        operating.clear_notice,
    ):
        with pytest.raises(Refusal, match="not_found"):
            await database.write(lambda conn, step=step: step(conn, "nobody", "boris", DURING))  # type: ignore[misc]


async def test_a_stale_edit_is_refused(database: Database) -> None:
    """Only operators' acts move the version: not the opening, not a tick. Who saw an older one overwrites nothing."""
    period = await opened(database)
    assert period.edit_version == 3, "created, announced, armed; the schedule's opening does not count"
    await database.write(lambda conn: ledger.update(conn, period.uid, clock=5, held=1))
    seen = (await row(database, period.uid)).edit_version
    paced = await database.write(
        lambda conn: operating.set_pace(conn, period.uid, 4, None, "agnes", DURING, seen)
    )
    assert paced.edit_version == seen + 1
    stale: list[Callable[[AsyncConnection], Awaitable[object]]] = [
        lambda conn: operating.set_pace(conn, period.uid, 240, None, "boris", DURING, seen),
        lambda conn: operating.set_notice(conn, period.uid, "Patience.", "boris", DURING, seen),
        lambda conn: operating.clear_notice(conn, period.uid, "boris", DURING, seen),
        lambda conn: operating.set_proof(conn, period.uid, True, "boris", DURING, seen),
    ]
    for step in stale:
        no = await refused(database, step)
        assert (no.code, no.fields["current"]["version"]) == ("changed_meanwhile", seen + 1)
    assert (await row(database, period.uid)).calls_per_minute == 4


async def test_without_its_version_an_edit_overwrites(database: Database) -> None:
    """The twin: two edits that do not say what they saw are both made, and the first is lost."""
    period = await opened(database)
    for pace in (4, 240):
        await database.write(
            lambda conn, pace=pace: operating.set_pace(conn, period.uid, pace, None, "agnes", DURING)  # type: ignore[misc]
        )
    assert (await row(database, period.uid)).calls_per_minute == 240
