"""The process while it serves: the loops it keeps, and what it says of itself when it is asked whether it is ready."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable

import sqlalchemy as sa

from config.wiring.parts import Parts
from foundation.errors import Unavailable
from foundation.loops.ending import end
from quota import frozen_rules
from quota.states import PeriodState
from server.health import Readiness
from waitingroom.line import restorations


async def ready(parts: Parts) -> Readiness:
    """Whether each thing this process needs answers, and whether its programme files are those of the periods that were
    announced; which periods' are not is said along."""
    checks = {
        "redis": await _answers(parts.room.line.writable(await running_periods(parts))),
        "sql": await _answers(parts.db.read(lambda conn: conn.execute(sa.select(1)))),
        "ticker": parts.pulse.alive("ticker"),
        "submissions_kept": not await lost_submissions(parts),
    }
    differing: list[str] = []
    with contextlib.suppress(Unavailable):  # SQL is away, which is said above
        differing = frozen_rules.differing(await parts.room.periods.public(), parts.programmes)
    details = {"programmes": differing} if differing else {}
    return Readiness(checks | {"programmes": not differing}, details)


def look(parts: Parts) -> None:
    """What is known at a scrape, and not before."""
    parts.events.level("ticker_age_seconds", parts.pulse.age("ticker"))


async def running_periods(parts: Parts) -> list[str]:
    """Whose lines are written, by their uids. Fails soft: none when none were ever read."""
    with contextlib.suppress(Unavailable):
        running = (PeriodState.ARMED, PeriodState.OPEN)
        return [period.uid for period in await parts.room.periods.public() if period.state in running]
    return []


async def lost_submissions(parts: Parts) -> bool:
    """Whether SQL came back from a copy that lacks submissions, and no operator has said that they know.

    While SQL does not answer that is what is said.
    """
    with contextlib.suppress(Unavailable):
        return await parts.db.read(restorations.submissions_lost)
    return False


@contextlib.asynccontextmanager
async def running(parts: Parts) -> AsyncIterator[None]:
    """The feed at work for as long as the process serves; then everything is told and closed."""
    with contextlib.suppress(Unavailable):  # tickets of mode draw are read with the orders that were drawn
        await parts.room.periods.refresh()
    with contextlib.suppress(
        Unavailable
    ):  # a stop that SQL may not know of is obeyed from the first request on
        await parts.room.stops.refresh()
    loops = [asyncio.create_task(parts.feed.run()), asyncio.create_task(parts.room.stops.run())]
    try:
        yield
    finally:
        parts.defaults.tally.flush()
        await end(*loops)
        with contextlib.suppress(Unavailable):
            await parts.pulse.stop()
        parts.accounts.hasher.close()
        await parts.redis.aclose()
        await parts.db.close()


async def _answers(question: Awaitable[object]) -> bool:
    """Whether a store answers. Only its own silence is caught: anything else is a fault of ours."""
    try:
        await question
    except Unavailable:
        return False
    return True
