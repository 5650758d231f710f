"""One's own data over the API: `GET /api/v1/account/export`, `DELETE /api/v1/account` (`docs/contract.md`)."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts import sessions
from accounts.own_data.service import OwnData
from server.requests import incoming, json_body
from server.responses import json_response

FILE_NAME = "guichet-mes-donnees.json"


class PasswordAgain(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of what cannot be undone."""

    password: str


class OwnDataApi:
    """The handlers, for the account that is signed in alone."""

    def __init__(self, service: OwnData) -> None:
        self.service = service

    def routes(self) -> list[BaseRoute]:
        """Their addresses."""
        return [
            Route("/api/v1/account/export", self.export, methods=["GET"]),
            Route("/api/v1/account", self.delete, methods=["DELETE"]),
        ]

    async def export(self, request: Request) -> Response:
        """Everything that is held about the account. Refusals not_signed_in, session_ended."""
        session = await self.service.required(incoming(request))
        answer = json_response(await self.service.export(session))
        answer.headers["Content-Disposition"] = f'attachment; filename="{FILE_NAME}"'
        return answer

    async def delete(self, request: Request) -> Response:
        """Erase the account. Refusals as `OwnData.delete`, not_signed_in, session_ended."""
        came = incoming(request)
        session = await self.service.required(came)
        body = await json_body(request, PasswordAgain)
        await self.service.delete(came, session, body.password)
        answer = Response(status_code=204)
        sessions.forget(answer, self.service.accounts)
        return answer
