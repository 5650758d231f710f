"""The desks of staff: operators, clerks, agents, and what people see of what is decided there."""

from starlette.routing import BaseRoute

from accounts.invitations.services import invitation_services
from accounts.pages import SignInPages
from accounts.registration.services import registration_services
from casework.decisions.services import DecisionServices
from config.assets import renderer
from config.readiness import ReadinessProbe, heard_by
from config.settings import Settings
from config.wiring import amendments, card, casefiles, mailbox
from config.wiring.deadlines import deadline_services
from config.wiring.parts import Parts
from config.wiring.proclaimed_days import proclaimed_day_routes
from config.wiring.switches import switch_routes
from config.wiring.tasks import task_routes
from console import api as console_api
from console import pages as console_pages
from console import steering
from console.access import pages as access_pages
from console.agents.api import AgentApi
from console.agents.claims_pages import ClaimPages
from console.agents.invitation_pages import AgentInvitationPages
from console.agents.pages import AgentPages
from console.agents.services import agent_services
from console.gate import ReadinessGate
from console.record import audit_pages
from console.reviews.api import ReviewApi
from console.reviews.desk import ReviewDesk
from console.reviews.pages import ReviewPages
from console.staff import api as staff_api
from console.staff import pages as staff_pages
from console.staff.desk import StaffDesk
from console.staff.own_access import OwnAccessPages
from console.staff.own_access_api import OwnAccessApi
from submission.exempt.services import ExemptServices
from submission.near_duplicates.pages import OwnReviewPages
from submission.near_duplicates.records import PersonCiphers


def operators_console(parts: Parts) -> steering.Console:
    """What operators open and close periods with; it asks first whether everything is ready."""
    room = parts.room
    probe = ReadinessProbe(
        parts.db, room.line, parts.programmes, heard_by(parts.pulse, parts.db), parts.serving,
        drafts=parts.submissions.drafts, forms=parts.submissions.forms,
    )  # fmt: skip
    gate = ReadinessGate(probe.facts)
    return steering.Console(parts.accounts, parts.programmes, room.periods, room.looks, room.stops, gate)


def desk_routes(
    parts: Parts,
    operators: steering.Console,
    exempt: ExemptServices,
    decisions: DecisionServices,
    settings: Settings,
) -> list[BaseRoute]:
    """Every desk of operators, clerks, agents and those who look after the staff, with its calls beside it."""
    render, tell, staff = renderer(settings.contact), parts.problems.tell, operators.staff
    registrations = registration_services(
        parts.accounts, parts.programmes, settings.secret_keys, settings.public_url, limited=settings.limits
    )
    deadlines = deadline_services(parts.programmes, settings.secret_keys, settings.public_url)
    agents = agent_services(staff, exempt, settings.public_url)
    return [
        *console_api.routes(operators),
        *console_pages.routes(operators, render, tell),
        *staff_api.StaffApi(staff).routes(),
        *staff_pages.routes(staff, render, tell),
        *OwnAccessPages(staff, render, tell, settings.service_name).routes(),
        *OwnAccessApi(staff, settings.service_name).routes(),
        *access_pages.routes(staff, render, tell),
        *audit_pages.routes(staff, render),
        *card.staff_routes(staff, card.card_services(settings, parts.programmes).payments, render, tell),
        *casefiles.routes(staff, decisions, render, tell),
        *mailbox.desks(parts, staff, render, settings),
        *proclaimed_day_routes(staff, render, tell, deadlines),
        *amendments.staff_routes(parts, staff, render, tell, settings),
        *switch_routes(staff, render, tell, parts.programmes),
        *task_routes(staff, render, tell, settings, parts.programmes, parts.submissions.forms),
        *AgentPages(agents, render, tell).routes(),
        *ClaimPages(agents, render, tell).routes(),
        *AgentApi(agents).routes(),
        *AgentInvitationPages(agents, invitation_services(registrations), render, tell).routes(),
    ]


def pages_of_reviews(
    parts: Parts, sign_in: SignInPages, staff: StaffDesk, settings: Settings
) -> list[BaseRoute]:
    """What accounts are told of reviews, and the agents' queue of duplicates, paper files and ceded accounts."""
    render, tell = renderer(settings.contact), parts.problems.tell
    desk = ReviewDesk(staff, PersonCiphers(parts.accounts.personal, parts.submissions.seals))
    own = OwnReviewPages(sign_in, render, tell)
    return [*own.routes(), *ReviewApi(desk).routes(), *ReviewPages(desk, render, tell).routes()]
