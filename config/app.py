"""The composition root: the only place that puts the parts together. The tests call it too.

Its order is the architecture: stores, then quota's programmes, the room, the candidate's desk, the operator's console,
and around all of it the frame.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable

import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp

from config import console, console_pages, observe, openapi
from config.frame import frame
from config.hot import Hot, Kept, Plain, Standing
from config.plain import Route
from config.problems import Problems
from config.render import STATIC, Static, renderer
from config.settings import Settings
from config.stores import open_database, open_redis
from config.tally import Tally
from quota.errors import Unavailable
from quota.programmes import load_all
from quota.pulse import Pulse
from submission import api as desk_api
from submission import pages as desk_pages
from submission.accounts import Hasher
from submission.desk import Desk
from waitingroom import api as room_api
from waitingroom import device
from waitingroom import pages as room_pages
from waitingroom.feed import Feed
from waitingroom.joins import Joins
from waitingroom.limits import Limits
from waitingroom.live import Live
from waitingroom.proofs import Proofs
from waitingroom.room import Room
from waitingroom.store import Line
from waitingroom.tickets import Tickets
from waitingroom.tokens import Tokens


def create_app(settings: Settings) -> ASGIApp:
    """The whole service as one ASGI application."""
    events = observe.Metrics(settings.metrics_dir)
    db, redis = open_database(settings), open_redis(settings.redis_url)
    programmes = load_all(settings.programmes_dir)
    tickets, tokens = Tickets(settings.secret_keys), Tokens(settings.secret_keys, settings.public_url)
    line = Line(redis)
    room = Room(
        db,
        line,
        tickets,
        tokens,
        events,
        round(settings.hold_seconds * 1000),
        Limits(settings.limits),
        Proofs(settings.secret_keys),
    )
    pulse = Pulse(db, "web")
    feed = Feed(room, pulse)
    hasher = Hasher()
    desk = Desk(
        db=db, tickets=tickets, tokens=tokens, hasher=hasher, programmes=programmes,
        secret_keys=settings.secret_keys, secure=settings.behind_tls, events=events,
        limited=settings.limits,
    )  # fmt: skip
    operators = console.Console(desk, room)
    render = renderer()
    problems = Problems(settings.public_url, render, events)
    names = {id: programme.name for id, programme in programmes.items()}
    device.prepare()
    devices = {id: frozenset[str](programme.device.allow) for id, programme in programmes.items()}

    joins = Joins(room, devices, settings.behind_tls)
    live = Live(room, feed)
    tally = Tally(events)

    async def ready() -> dict[str, bool]:
        return {
            "redis": await _answers(line.ping()),
            "sql": await _answers(db.read(lambda conn: conn.execute(sa.select(1)))),
            "ticker": pulse.alive("ticker"),
        }

    routes: list[BaseRoute] = [
        *room_api.routes(room, live, joins),
        *desk_api.routes(desk),
        *console.routes(operators),
        *console_pages.routes(operators, render, problems.tell),
        *room_pages.routes(room, render, names, devices, settings.behind_tls),
        *desk_pages.routes(desk, render, problems.tell),
        *problems.routes(),
        *observe.routes(events, ready),
        *openapi.routes(),
        Mount("/static", Static(directory=STATIC)),
    ]

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        with contextlib.suppress(
            Unavailable
        ):  # tickets of mode draw are read with the orders that were drawn
            await room.refresh()
        feeding = asyncio.create_task(feed.run())
        try:
            yield
        finally:
            tally.flush()
            feeding.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await feeding
            with contextlib.suppress(Unavailable):
                await pulse.stop()
            hasher.close()
            await redis.aclose()
            await db.close()

    app = Starlette(routes=routes, exception_handlers=problems.handlers(), lifespan=lifespan)
    framed = frame(app, problems, events, settings.public_url)
    kept = Kept(problems, tally, settings.public_url)
    room_path, submissions = "/api/v1/periods/{id}", desk_api.Api(desk).submit_quickly
    return Hot(
        framed,
        kept,
        {
            ("GET", "tickets/me"): Plain(f"{room_path}/tickets/me", joins.standing_quickly, kept),
            ("WS", "live"): Standing(live, kept),
        },
        {
            ("POST", "tickets"): Route(f"{room_path}/tickets", joins.quickly, kept),
            ("POST", "submissions"): Route(f"{room_path}/submissions", submissions, kept),
        },
    )


async def _answers(question: Awaitable[object]) -> bool:
    """Whether a store answers. Only its own silence is caught: anything else is a fault of ours."""
    try:
        await question
    except Unavailable:
        return False
    return True
