"""Accounts over the API: `POST /api/v1/accounts` and its confirmation (`docs/contract.md`)."""

from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts.candidates import LONGEST_SECRET, LONGEST_USERNAME, MOST_QUESTIONS
from accounts.identities import Identity
from accounts.personal_data import home_address
from accounts.registration.application import Application
from accounts.registration.confirming import confirm
from accounts.registration.registering import register
from accounts.registration.services import RegistrationServices
from server.requests import received
from server.responses import json_response

Text = Annotated[str, Meta(max_length=LONGEST_USERNAME)]

Secret = Annotated[str, Meta(max_length=LONGEST_SECRET)]


class QuestionAnswer(msgspec.Struct, frozen=True):
    """A security question of one's own or of the list, and its answer."""

    question: Secret
    answer: Secret


class NewIdentity(msgspec.Struct, frozen=True):
    """Who a person is: one of the two names may be missing; `passport` is a passport's or another document's number."""

    family_name: Text = ""
    given_name: Text = ""
    birth_date: Text = ""
    passport: Text = ""
    birth_country: Text = ""


class NewAddress(msgspec.Struct, frozen=True):
    """Where a person lives: the lines of an envelope, and the country."""

    lines: Annotated[list[Text], Meta(max_length=10)]
    country: Text


class NewRegistration(msgspec.Struct, frozen=True):
    """Body of `POST /api/v1/accounts`."""

    programme: Text
    username: Text
    email: Annotated[str, Meta(max_length=1000)]
    password: Secret
    answers: Annotated[list[QuestionAnswer], Meta(max_length=MOST_QUESTIONS)]
    identity: NewIdentity
    terms: bool = False
    address: NewAddress | None = None


class CodeTyped(msgspec.Struct, frozen=True):
    """Body of `POST /api/v1/accounts/confirm`."""

    code: Annotated[str, Meta(max_length=1000)]


def routes(services: RegistrationServices) -> list[BaseRoute]:
    """Every route of this module."""
    api = RegistrationApi(services)
    return [
        Route("/api/v1/accounts", api.register, methods=["POST"]),
        Route("/api/v1/accounts/confirm", api.confirm, methods=["POST"]),
    ]


class RegistrationApi:
    """The handlers; what they call, the pages call too."""

    def __init__(self, services: RegistrationServices) -> None:
        self.services = services

    async def register(self, request: Request) -> Response:
        """202 whether or not the address has an account: only who reads its messages learns that."""
        came = await received(request)
        username = await register(self.services, came, application_of(came.json(NewRegistration)))
        return json_response({"username": username}, 202)

    async def confirm(self, request: Request) -> Response:
        """200, also a second time."""
        came = await received(request)
        confirmed = await confirm(self.services, came, came.json(CodeTyped).code)
        return json_response({"username": confirmed.username})


def application_of(body: NewRegistration) -> Application:
    """The body as an application."""
    home = body.address
    return Application(
        programme=body.programme,
        username=body.username,
        email=body.email,
        password=body.password,
        questions=tuple((pair.question, pair.answer) for pair in body.answers),
        identity=Identity(**msgspec.structs.asdict(body.identity)),
        address=None if home is None else home_address.read("\n".join(home.lines), home.country),
        terms=body.terms,
    )
