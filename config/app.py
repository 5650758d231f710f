"""The composition root: the only place that puts the parts together. The tests call it too.

Its order is the architecture: stores, quota's programmes, the room, accounts, submissions and what becomes of them, the
operators' console, and around all of it the frame.
"""

from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from accounts.own_data.api import OwnDataApi
from accounts.own_data.pages import OwnDataPages
from accounts.own_data.service import OwnData
from accounts.pages import SignInPages
from accounts.passwords import Hasher
from accounts.services import account_services
from accounts.visits import api as visits_api
from accounts.visits.pages import VisitPages
from casework import api as casework_api
from casework.letters import sealing
from casework.mailbox import messages
from casework.pages import DESTINATIONS, CasePages
from casework.signed.pages import SignedPages
from casework.timeline import sources
from casework.timeline.looks import LooksPages
from casework.timeline.pages import TimelinePages
from config import openapi
from config.assets import STATIC, prepare, renderer
from config.demo.mailbox.pages import DemoMailPages
from config.own_data.registry import deletion_rules
from config.processes.serving import look, ready, running
from config.readiness import Surroundings
from config.settings import Settings, forms_folder
from config.stores import open_database, open_redis
from config.version import VERSION
from config.wiring import amendments, card, file_page, letters, mailbox
from config.wiring.calculator import calculator_routes
from config.wiring.lists import list_services
from config.wiring.parts import Parts
from config.wiring.people.account_routes import (
    email_change_routes,
    recovery_routes,
    registration_routes,
    second_factor_routes,
)
from config.wiring.people.desk_routes import desk_routes, operators_console, pages_of_reviews
from config.wiring.people.representative_routes import pages_of_representatives
from foundation import metrics
from foundation.heartbeat import Heartbeat
from publicsite.guidance.pages import GuidancePages
from publicsite.pages import PublicPages
from quota.programmes import load_all
from server import health
from server.fast_path import FastPath, FastRoute, SocketRoute, framework_routes
from server.hosts import Hosts
from server.middleware import framed
from server.networks import Callers
from server.problems import Problems
from server.rendering import static_files
from server.rendering.static_files import StaticFiles
from server.response_defaults import ResponseDefaults
from server.responses import redirect_relatively
from submission import api as submission_api
from submission.drafts.api import DraftApi
from submission.drafts.encryption import DraftCiphers
from submission.drafts.pages import LONGER_BODIES, DraftPages
from submission.drafts.past_texts.pages import PastTextPages
from submission.drafts.reading import DraftReader
from submission.drafts.saving import DraftSaves
from submission.exempt.api import ExemptApi
from submission.exempt.pages import ExemptPages
from submission.exempt.services import exempt_services
from submission.forms.api import FormsApi
from submission.forms.files import load_forms
from submission.pages import CandidatePages
from submission.services import SubmissionServices
from submission.signing import frozen
from submission.submit import Submissions
from submission.turns.window import Windows
from waitingroom import api as waitingroom_api
from waitingroom import device
from waitingroom import parts as waitingroom_parts
from waitingroom.device import Allowed
from waitingroom.feed.endpoint import PATH, LiveFeed
from waitingroom.feed.feed import Feed
from waitingroom.feed.socket_counts import SocketCounts
from waitingroom.joins.endpoint import JoinEndpoint
from waitingroom.joins.limits import JoinLimits
from waitingroom.joins.proof_of_work import ProofsOfWork
from waitingroom.line.store import Line
from waitingroom.pages import RoomPages
from waitingroom.tickets import Tickets
from waitingroom.tokens import Tokens


def create_app(settings: Settings) -> ASGIApp:
    """The whole service as one ASGI application."""
    parts = open_parts(settings)
    room, accounts, secure = parts.room, parts.accounts, settings.behind_tls
    device.prepare()
    prepare(settings.contact)
    sealing.prepare(settings.secret_keys)
    devices = {id: frozenset[str](one.device.allow) for id, one in parts.programmes.items()}
    joins = JoinEndpoint(
        periods=room.periods, looks=room.looks, tickets=room.tickets, rules=room.rules, numbers=room.numbers,
        joins=room.joins, positions=room.positions, devices=devices, secure=secure,
    )  # fmt: skip
    live = LiveFeed(room.periods, room.tickets, room.positions, parts.counts, parts.feed)
    room_api = waitingroom_api.of_room(room)
    submissions = Submissions(parts.submissions)
    public, rooms = pages_of_the_room(parts, joins, devices, settings)
    sign_in, called = pages_of_the_file(parts, submissions, settings)
    saves, reader = DraftSaves(parts.submissions), DraftReader(parts.submissions)
    draft_calls = DraftApi(saves, reader)
    drafts = DraftPages(saves, reader, sign_in, Windows(called.turns))
    fast = [
        *waitingroom_api.fast_routes(room_api, joins),
        *submission_api.fast_routes(submissions),
        *public.fast_routes(),
        *rooms.fast_routes(),
        *sign_in.fast_routes(),
        *called.fast_routes(),
        *draft_calls.fast_routes(),
        *drafts.fast_routes(),
        *letters.fast_routes(sign_in, renderer(settings.contact)),
        FastRoute("GET", static_files.ADDRESS, StaticFiles(STATIC).handle),
    ]
    app = Starlette(
        routes=[
            *framework_routes(fast),
            *waitingroom_api.routes(room_api, live),
            *submission_api.routes(parts.submissions),
            *draft_calls.routes(),
            *FormsApi(parts.programmes, parts.submissions.forms, room.periods).routes(),
            *casework_api.routes(accounts, file_page.facts(parts, settings)),
            *public.routes(),
            *GuidancePages(renderer(settings.contact), parts.programmes, settings.contact).routes(),
            *calculator_routes(parts, renderer(settings.contact)),
            *rooms.routes(),
            *sign_in.routes(),
            *VisitPages(accounts, renderer(settings.contact), DESTINATIONS).routes(),
            *visits_api.routes(accounts),
            *called.routes(),
            *drafts.routes(),
            *pages(parts, sign_in, settings),
            *card.routes(parts, sign_in, renderer(settings.contact), settings),
            *demo_pages(settings),
            *registration_routes(parts, sign_in, settings),
            *recovery_routes(parts, settings),
            *email_change_routes(parts, sign_in, settings),
            *second_factor_routes(parts, sign_in, settings),
            *parts.problems.routes(),
            *health.routes(parts.events, lambda: ready(parts), VERSION, lambda: look(parts)),
            *openapi.routes(),
        ],
        exception_handlers=parts.problems.handlers(),
        lifespan=lambda _app: running(parts),
    )
    redirect_relatively(app)
    hosts, reserved = hosts_of(settings), reserved_of(settings)
    framed_app = framed(app, parts.defaults, hosts, reserved=reserved, longer=LONGER_BODIES)
    return FastPath(framed_app, parts.defaults, hosts, fast, [SocketRoute(PATH, live)], reserved)


def internal_callers(settings: Settings) -> Callers:
    """Who asks from inside: monitoring, orchestrators, and the proxies themselves, whose own checks bring nobody."""
    return Callers((*settings.internal_networks, *settings.trusted_proxies), settings.trusted_proxies)


def hosts_of(settings: Settings) -> Hosts:
    """The names of this installation."""
    demo_at = (settings.host, settings.port) if settings.demo else None
    return Hosts(settings.public_url, internal_callers(settings), demo_at=demo_at)


STAFF_ADDRESSES = (
    "/operateur", "/agent", "/personnel", "/api/v1/operator", "/api/v1/agent", "/api/v1/staff",
    "/api/v1/files",
)  # fmt: skip
"""Where everything of staff's stands; the proxies' files of `docs/deploy/` hide the same."""


def reserved_of(settings: Settings) -> dict[str, Callers]:
    """The addresses that not everybody reaches."""
    internal = internal_callers(settings)
    reserved = {"/metrics": internal, "/readyz": internal}
    if settings.operator_networks:
        operators = Callers(settings.operator_networks, settings.trusted_proxies)
        reserved |= dict.fromkeys(STAFF_ADDRESSES, operators)
    return reserved


def open_parts(settings: Settings) -> Parts:
    """Every part, opened from the settings and given what it needs."""
    events = metrics.Metrics(settings.metrics_dir, VERSION)
    db, redis = open_database(settings), open_redis(settings.redis_url)
    programmes = load_all(settings.programmes_dir)
    tickets, tokens = Tickets(settings.secret_keys), Tokens(settings.secret_keys, settings.public_url)
    line, pulse = Line(redis), Heartbeat(db, "web")
    room = waitingroom_parts.build(
        db, line, tickets, tokens, events, hold_seconds=settings.hold_seconds,
        limits=JoinLimits(settings.limits), work=ProofsOfWork(settings.secret_keys),
    )  # fmt: skip
    counts = SocketCounts(line, pulse.process)
    feed = Feed(
        periods=room.periods, looks=room.looks, presence=room.presence, positions=room.positions, counts=counts,
        pulse=pulse, events=events,
    )  # fmt: skip
    accounts = account_services(
        db, Hasher(), settings.secret_keys, secure=settings.behind_tls, limited=settings.limits,
        staff_totp=settings.staff_totp, unread=messages.unread,
    )  # fmt: skip
    problems = Problems(settings.public_url, renderer(settings.contact), events)
    return Parts(
        events=events, db=db, redis=redis, pulse=pulse, problems=problems,
        defaults=ResponseDefaults(problems, events, settings.public_url),
        programmes=programmes, accounts=accounts, room=room, counts=counts, feed=feed,
        submissions=SubmissionServices(
            accounts=accounts, tickets=tickets, tokens=tokens, programmes=programmes, events=events,
            forms=load_forms(forms_folder(settings.programmes_dir), programmes),
            drafts=DraftCiphers(settings.secret_keys), seals=frozen.cipher(settings.secret_keys),
            stopped=room.stops.stands,
        ),
        serving=Surroundings(public_url=settings.public_url, is_demo=settings.demo),
    )  # fmt: skip


def pages_of_the_room(
    parts: Parts, joins: JoinEndpoint, devices: Allowed, settings: Settings
) -> tuple[PublicPages, RoomPages]:
    """What everybody sees who comes to apply."""
    render, secure = renderer(settings.contact), settings.behind_tls
    names = {id: programme.name for id, programme in parts.programmes.items()}
    public = PublicPages(parts.room, render, names, devices, secure)
    return public, RoomPages(parts.room, joins, render, names, devices, secure, public.unknown_period)


def pages_of_the_file(
    parts: Parts, submissions: Submissions, settings: Settings
) -> tuple[SignInPages, CandidatePages]:
    """How candidates sign in, and what they submit."""
    render, tell = renderer(settings.contact), parts.problems.tell
    sign_in = SignInPages(parts.accounts, render, tell, DESTINATIONS)
    return sign_in, CandidatePages(submissions, render, tell)


def pages(parts: Parts, sign_in: SignInPages, settings: Settings) -> list[BaseRoute]:
    """What people see who have signed in: candidates, then staff (whose API stands beside their pages)."""
    render, tell = renderer(settings.contact), parts.problems.tell
    operators = operators_console(parts)
    exempt = exempt_services(parts.submissions, settings.secret_keys)
    own_data, decisions = OwnData(parts.accounts, deletion_rules(exempt)), list_services(parts, settings)
    names = {id: one.name for id, one in parts.programmes.items()}
    submitted, card_payments = parts.submissions, card.card_services(settings, parts.programmes)
    return [
        *CasePages(sign_in, render, parts.programmes, submitted.drafts, submitted.forms).routes(),
        *SignedPages(sign_in, render, names, submitted.seals).routes(),
        *ExemptApi(exempt).routes(),
        *ExemptPages(exempt, sign_in, render, tell).routes(),
        *OwnDataPages(own_data, sign_in, render, tell).routes(),
        *OwnDataApi(own_data).routes(),
        *LooksPages(sign_in, render).routes(),
        *file_page.routes(parts, sign_in, decisions, card_payments, render, tell),
        *amendments.routes(parts, sign_in, render, settings),
        *PastTextPages(submitted, sign_in, render).routes(),
        *mailbox.routes(parts, sign_in, render, settings),
        *letters.routes(parts, sign_in, render),
        *TimelinePages(sign_in, render, sources.sources(parts.programmes)).routes(),
        *pages_of_representatives(parts, sign_in, operators.staff, settings),
        *pages_of_reviews(parts, sign_in, operators.staff, settings),
        *desk_routes(parts, operators, exempt, decisions, settings),
    ]


def demo_pages(settings: Settings) -> list[BaseRoute]:
    """What the demo shows of itself: the mail that it sent."""
    folder = settings.demo_mailbox if settings.demo else None
    return DemoMailPages(folder, renderer(settings.contact)).routes()
