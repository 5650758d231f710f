"""The composition root: the only place that puts the parts together. The tests call it too.

Its order is the architecture: stores, quota's programmes, the room, accounts, submissions and what becomes of them, the
operators' console, and around all of it the frame.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable

import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from accounts.email_change.pages import EmailChangePages
from accounts.email_change.services import email_change_services
from accounts.invitations.pages import InvitationPages
from accounts.invitations.services import invitation_services
from accounts.own_account.pages import OwnAccountPages
from accounts.own_data.api import OwnDataApi
from accounts.own_data.pages import OwnDataPages
from accounts.own_data.service import OwnData
from accounts.pages import SignInPages
from accounts.passwords import Hasher
from accounts.recovery import api as recovery_api
from accounts.recovery.pages import RecoveryPages
from accounts.recovery.services import recovery_services
from accounts.registration import api as registration_api
from accounts.registration.pages import RegistrationPages
from accounts.registration.services import registration_services
from accounts.representatives.account import AccountRepresentatives
from accounts.representatives.api import RepresentativeApi
from accounts.representatives.pages import RepresentativePages
from accounts.representatives.services import representative_services
from accounts.second_factor.pages import SecondFactorPages
from accounts.services import account_services
from accounts.visits import api as visits_api
from accounts.visits.pages import VisitPages
from casework import api as casework_api
from casework.form_standings import form_standings
from casework.letters import sealing
from casework.mailbox import messages
from casework.pages import DESTINATIONS, CasePages
from casework.payments import settling
from casework.signed.pages import SignedPages
from casework.timeline import sources
from casework.timeline.looks import LooksPages
from casework.timeline.pages import TimelinePages
from config import openapi
from config.assets import STATIC, prepare, renderer
from config.demo.mailbox.pages import DemoMailPages
from config.own_data.registry import deletion_rules
from config.readiness import ReadinessProbe, Surroundings, heard_by
from config.settings import Settings, forms_folder
from config.stores import open_database, open_redis
from config.version import VERSION
from config.wiring import amendments, card, casefiles, file_page, letters, mailbox, mailroom, payments
from config.wiring.calculator import calculator_routes
from config.wiring.deadlines import deadline_services
from config.wiring.lists import list_services
from config.wiring.parts import Parts
from config.wiring.proclaimed_days import proclaimed_day_routes
from config.wiring.switches import switch_routes
from config.wiring.tasks import task_routes
from console import api as console_api
from console import pages as console_pages
from console import steering
from console.agents.api import AgentApi
from console.agents.claims_pages import ClaimPages
from console.agents.invitation_pages import AgentInvitationPages
from console.agents.pages import AgentPages
from console.agents.services import agent_services
from console.gate import ReadinessGate
from console.procurations.api import ProcurationApi
from console.procurations.desk import ProcurationDesk
from console.procurations.pages import ProcurationPages
from console.reviews.api import ReviewApi
from console.reviews.desk import ReviewDesk
from console.reviews.pages import ReviewPages
from console.staff import api as staff_api
from console.staff import pages as staff_pages
from console.staff.desk import StaffDesk
from foundation import metrics
from foundation.errors import Unavailable
from foundation.heartbeat import Heartbeat
from publicsite.guidance.pages import GuidancePages
from publicsite.pages import PublicPages
from quota import frozen_rules
from quota.programmes import load_all
from quota.states import PeriodState
from server import health
from server.fast_path import FastPath, FastRoute, SocketRoute, framework_routes
from server.health import Readiness
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
from submission.near_duplicates.pages import OwnReviewPages
from submission.near_duplicates.records import PersonCiphers
from submission.pages import CandidatePages
from submission.services import SubmissionServices
from submission.signing import frozen
from submission.submit import Submissions
from submission.turns.window import Windows
from waitingroom import api as waitingroom_api
from waitingroom import device
from waitingroom import parts as waitingroom_parts
from waitingroom.device import Allowed
from waitingroom.device_evidence import device_of
from waitingroom.feed.endpoint import PATH, LiveFeed
from waitingroom.feed.feed import Feed
from waitingroom.feed.socket_counts import SocketCounts
from waitingroom.joins.endpoint import JoinEndpoint
from waitingroom.joins.limits import JoinLimits
from waitingroom.joins.proof_of_work import ProofsOfWork
from waitingroom.line import restorations
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
    submissions = Submissions(parts.submissions)
    public, rooms = pages_of_the_room(parts, joins, devices, settings)
    sign_in, called = pages_of_the_file(parts, submissions, settings)
    saves, reader = DraftSaves(parts.submissions), DraftReader(parts.submissions)
    drafts = DraftPages(saves, reader, sign_in, Windows(called.turns))
    fast = [
        *waitingroom_api.fast_routes(joins),
        *submission_api.fast_routes(submissions),
        *public.fast_routes(),
        *rooms.fast_routes(),
        *sign_in.fast_routes(),
        *called.fast_routes(),
        *DraftApi(saves, reader).fast_routes(),
        *drafts.fast_routes(),
        *letters.fast_routes(sign_in, renderer(settings.contact)),
        FastRoute("GET", static_files.ADDRESS, StaticFiles(STATIC).handle),
    ]
    app = Starlette(
        routes=[
            *framework_routes(fast),
            *waitingroom_api.routes(room, live),
            *submission_api.routes(parts.submissions),
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
    """What people see who have signed in: candidates, operators (whose API stands beside their pages)."""
    room, render, tell = parts.room, renderer(settings.contact), parts.problems.tell
    alive = heard_by(parts.pulse, parts.db)
    probe = ReadinessProbe(
        parts.db,
        room.line,
        parts.programmes,
        alive,
        parts.serving,
        drafts=parts.submissions.drafts,
        forms=parts.submissions.forms,
    )
    gate = ReadinessGate(probe.facts)
    exempt = exempt_services(parts.submissions, settings.secret_keys)
    own_data = OwnData(parts.accounts, deletion_rules(exempt))
    operators = steering.Console(parts.accounts, parts.programmes, room.periods, room.looks, room.stops, gate)
    invitations = invitation_services(
        registration_services(
            parts.accounts,
            parts.programmes,
            settings.secret_keys,
            settings.public_url,
            limited=settings.limits,
        )
    )
    decisions = list_services(parts, settings)
    agents = agent_services(operators.staff, exempt, settings.public_url)
    return [
        *CasePages(
            sign_in, render, parts.programmes, parts.submissions.drafts, parts.submissions.forms
        ).routes(),
        *SignedPages(
            sign_in, render, {id: one.name for id, one in parts.programmes.items()}, parts.submissions.seals
        ).routes(),
        *ExemptApi(exempt).routes(),
        *ExemptPages(exempt, sign_in, render, tell).routes(),
        *OwnDataPages(own_data, sign_in, render, tell).routes(),
        *OwnDataApi(own_data).routes(),
        *LooksPages(sign_in, render).routes(),
        *file_page.routes(
            parts, sign_in, decisions, card.card_services(settings, parts.programmes), render, tell
        ),
        *amendments.routes(parts, sign_in, render, settings),
        *PastTextPages(parts.submissions, sign_in, render).routes(),
        *casefiles.routes(operators.staff, decisions, render, tell),
        *mailbox.routes(parts, sign_in, render, settings),
        *mailbox.desks(parts, operators.staff, render, settings),
        *letters.routes(parts, sign_in, render),
        *TimelinePages(sign_in, render, sources.sources(parts.programmes)).routes(),
        *console_api.routes(operators),
        *console_pages.routes(operators, render, tell),
        *pages_of_representatives(parts, sign_in, operators.staff, settings),
        *card.staff_routes(
            operators.staff, card.card_services(settings, parts.programmes).payments, render, tell
        ),
        *pages_of_reviews(parts, sign_in, operators.staff, settings),
        *staff_api.StaffApi(operators.staff).routes(),
        *staff_pages.routes(operators.staff, render, tell),
        *proclaimed_day_routes(
            operators.staff,
            render,
            tell,
            deadline_services(parts.programmes, settings.secret_keys, settings.public_url),
        ),
        *amendments.staff_routes(parts, operators.staff, render, tell, settings),
        *switch_routes(operators.staff, render, tell, parts.programmes),
        *task_routes(operators.staff, render, tell, settings, parts.programmes, parts.submissions.forms),
        *AgentPages(agents, render, tell).routes(),
        *ClaimPages(agents, render, tell).routes(),
        *AgentApi(agents).routes(),
        *AgentInvitationPages(agents, invitations, render, tell).routes(),
    ]


def pages_of_reviews(
    parts: Parts, sign_in: SignInPages, staff: StaffDesk, settings: Settings
) -> list[BaseRoute]:
    """What accounts are told of reviews, and the agents' queue of duplicates, paper files and ceded accounts."""
    render, tell = renderer(settings.contact), parts.problems.tell
    desk = ReviewDesk(staff, PersonCiphers(parts.accounts.personal, parts.submissions.seals))
    own = OwnReviewPages(sign_in, render, tell)
    return [*own.routes(), *ReviewApi(desk).routes(), *ReviewPages(desk, render, tell).routes()]


def demo_pages(settings: Settings) -> list[BaseRoute]:
    """What the demo shows of itself: the mail that it sent."""
    folder = settings.demo_mailbox if settings.demo else None
    return DemoMailPages(folder, renderer(settings.contact)).routes()


def recovery_routes(parts: Parts, settings: Settings) -> list[BaseRoute]:
    """How a lost user name, password or answers are found again."""
    services = recovery_services(
        parts.accounts, settings.secret_keys, settings.public_url, limited=settings.limits
    )
    pages = RecoveryPages(services, renderer(settings.contact), parts.problems.tell)
    return [*recovery_api.routes(services), *pages.routes()]


def email_change_routes(parts: Parts, sign_in: SignInPages, settings: Settings) -> list[BaseRoute]:
    """How an account gets another e-mail address."""
    services = email_change_services(parts.accounts, settings.secret_keys, settings.public_url)
    pages = EmailChangePages(services, sign_in, renderer(settings.contact), parts.problems.tell)
    return pages.routes()


def second_factor_routes(parts: Parts, sign_in: SignInPages, settings: Settings) -> list[BaseRoute]:
    """How a candidate sets up a second factor, and takes it away."""
    render, tell = renderer(settings.contact), parts.problems.tell
    return SecondFactorPages(sign_in, render, tell, settings.service_name).routes()


def registration_routes(parts: Parts, sign_in: SignInPages, settings: Settings) -> list[BaseRoute]:
    """How accounts are made, over the API and by pages, and what their owners change in them."""
    services = registration_services(
        parts.accounts, parts.programmes, settings.secret_keys, settings.public_url, limited=settings.limits
    )
    render, tell, submissions = renderer(settings.contact), parts.problems.tell, parts.submissions
    standings = form_standings(parts.programmes, submissions.forms, submissions.drafts)
    return [
        *registration_api.routes(services),
        *RegistrationPages(services, render, tell).routes(),
        *InvitationPages(invitation_services(services), render, tell).routes(),
        *OwnAccountPages(
            services, sign_in, render, tell, lambda came: device_of(came, None).is_computer, standings
        ).routes(),
    ]


def pages_of_representatives(
    parts: Parts, sign_in: SignInPages, staff: StaffDesk, settings: Settings
) -> list[BaseRoute]:
    """A candidate's representative, and the desk of procurations."""
    render, tell = renderer(settings.contact), parts.problems.tell
    services = representative_services(settings.secret_keys, settings.public_url, settling.has_paid)
    representatives, procurations = (
        AccountRepresentatives(parts.db, services),
        ProcurationDesk(staff, services),
    )
    return [
        *RepresentativePages(sign_in, representatives, render, tell, STATIC, parts.programmes).routes(),
        *RepresentativeApi(parts.accounts, representatives).routes(),
        *ProcurationApi(procurations).routes(),
        *ProcurationPages(procurations, render, tell).routes(),
        *mailroom.routes(parts, staff, services, settings, render),
        *payments.routes(parts, staff, settings, render),
    ]


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
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
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
