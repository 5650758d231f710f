"""How accounts are made, found again and changed by their owners: each route with its services."""

from starlette.routing import BaseRoute

from accounts.email_change.pages import EmailChangePages
from accounts.email_change.services import email_change_services
from accounts.invitations.pages import InvitationPages
from accounts.invitations.services import invitation_services
from accounts.own_account.pages import OwnAccountPages
from accounts.pages import SignInPages
from accounts.recovery import api as recovery_api
from accounts.recovery.pages import RecoveryPages
from accounts.recovery.services import recovery_services
from accounts.registration import api as registration_api
from accounts.registration.pages import RegistrationPages
from accounts.registration.services import registration_services
from accounts.second_factor.api import SecondFactorApi
from accounts.second_factor.pages import SecondFactorPages
from casework.form_standings import form_standings
from config.assets import renderer
from config.settings import Settings
from config.wiring.parts import Parts
from waitingroom.device_evidence import device_of


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
    """How a candidate sets up a second factor, and takes it away, by page and by call."""
    render, tell, issuer = renderer(settings.contact), parts.problems.tell, settings.service_name
    calls = SecondFactorApi(parts.accounts, issuer)
    return [*calls.routes(), *SecondFactorPages(sign_in, render, tell, issuer).routes()]


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
