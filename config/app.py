"""The composition root: the only place that puts the parts together. The tests call it too.

Its order is the architecture: stores, quota's programmes, the room, accounts, submissions and what becomes of them, the
operators' console, and around all of it the frame.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable

import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp

from accounts.pages import SignInPages
from accounts.passwords import Hasher
from accounts.services import account_services
from casework import api as casework_api
from casework.pages import DESTINATIONS, CasePages
from config import openapi
from config.assets import STATIC, renderer
from config.settings import Settings
from config.stores import open_database, open_redis
from console import api as console_api
from console import pages as console_pages
from console import steering
from foundation import metrics
from foundation.errors import Unavailable
from foundation.heartbeat import Heartbeat
from publicsite.pages import PublicPages
from quota.programmes import load_all
from server import health
from server.fast_path import FastPath, SocketRoute, framework_routes
from server.middleware import framed
from server.problems import Problems
from server.rendering.static_files import Static
from server.response_defaults import ResponseDefaults
from submission import api as submission_api
from submission import pages as submission_pages
from submission.services import SubmissionServices
from submission.submit import Submissions
from waitingroom import api as waitingroom_api
from waitingroom import device
from waitingroom import pages as waitingroom_pages
from waitingroom import parts as waitingroom_parts
from waitingroom.feed.endpoint import PATH, LiveFeed
from waitingroom.feed.feed import Feed
from waitingroom.feed.socket_counts import SocketCounts
from waitingroom.joins.endpoint import JoinEndpoint
from waitingroom.joins.limits import JoinLimits
from waitingroom.joins.proof_of_work import ProofsOfWork
from waitingroom.line.store import Line
from waitingroom.tickets import Tickets
from waitingroom.tokens import Tokens


def create_app(settings: Settings) -> ASGIApp:
    """The whole service as one ASGI application."""
    events = metrics.Metrics(settings.metrics_dir)
    db, redis = open_database(settings), open_redis(settings.redis_url)
    programmes = load_all(settings.programmes_dir)
    tickets, tokens = Tickets(settings.secret_keys), Tokens(settings.secret_keys, settings.public_url)
    line = Line(redis)
    room = waitingroom_parts.build(
        db, line, tickets, tokens, events, hold_seconds=settings.hold_seconds,
        limits=JoinLimits(settings.limits), work=ProofsOfWork(settings.secret_keys),
    )  # fmt: skip
    pulse = Heartbeat(db, "web")
    counts = SocketCounts(line, pulse.process)
    feed = Feed(
        periods=room.periods, looks=room.looks, presence=room.presence, positions=room.positions, counts=counts,
        pulse=pulse, events=events,
    )  # fmt: skip
    hasher = Hasher()
    accounts = account_services(
        db, hasher, settings.secret_keys, secure=settings.behind_tls, limited=settings.limits
    )
    services = SubmissionServices(
        accounts=accounts, tickets=tickets, tokens=tokens, programmes=programmes, events=events
    )
    submissions = Submissions(services)
    operators = steering.Console(accounts, programmes, room.periods, room.looks)
    render = renderer()
    problems = Problems(settings.public_url, render, events)
    names = {id: programme.name for id, programme in programmes.items()}
    device.prepare()
    devices = {id: frozenset[str](programme.device.allow) for id, programme in programmes.items()}

    sign_in = SignInPages(accounts, render, problems.tell, DESTINATIONS)
    public = PublicPages(room.periods, room.looks, tickets, render, names, devices, settings.behind_tls)
    joins = JoinEndpoint(
        periods=room.periods, looks=room.looks, tickets=tickets, rules=room.rules, numbers=room.numbers,
        joins=room.joins, positions=room.positions, devices=devices, secure=settings.behind_tls,
    )  # fmt: skip
    live = LiveFeed(room.periods, tickets, room.positions, counts, feed)
    defaults = ResponseDefaults(problems, events, settings.public_url)
    fast = [*waitingroom_api.fast_routes(joins), *submission_api.fast_routes(submissions)]

    async def ready() -> dict[str, bool]:
        return {
            "redis": await _answers(line.ping()),
            "sql": await _answers(db.read(lambda conn: conn.execute(sa.select(1)))),
            "ticker": pulse.alive("ticker"),
        }

    routes: list[BaseRoute] = [
        *framework_routes(fast),
        *waitingroom_api.routes(room, live),
        *submission_api.routes(services),
        *casework_api.routes(accounts),
        *console_api.routes(operators),
        *console_pages.routes(operators, render, problems.tell),
        *public.routes(),
        *waitingroom_pages.routes(
            room, joins, render, names, devices, settings.behind_tls, public.unknown_period
        ),
        *submission_pages.routes(submissions, render, problems.tell),
        *sign_in.routes(),
        *CasePages(sign_in, render, programmes).routes(),
        *problems.routes(),
        *health.routes(events, ready),
        *openapi.routes(),
        Mount("/static", Static(STATIC)),
    ]

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        with contextlib.suppress(
            Unavailable
        ):  # tickets of mode draw are read with the orders that were drawn
            await room.periods.refresh()
        feeding = asyncio.create_task(feed.run())
        try:
            yield
        finally:
            defaults.tally.flush()
            feeding.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await feeding
            with contextlib.suppress(Unavailable):
                await pulse.stop()
            hasher.close()
            await redis.aclose()
            await db.close()

    app = Starlette(routes=routes, exception_handlers=problems.handlers(), lifespan=lifespan)
    return FastPath(
        framed(app, defaults, settings.public_url),
        defaults,
        settings.public_url,
        fast,
        [SocketRoute(PATH, live)],
    )


async def _answers(question: Awaitable[object]) -> bool:
    """Whether a store answers. Only its own silence is caught: anything else is a fault of ours."""
    try:
        await question
    except Unavailable:
        return False
    return True
