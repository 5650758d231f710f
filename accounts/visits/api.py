"""`POST /api/v1/session/renew`: the next hour of a session."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts.services import AccountServices
from accounts.visits.renewal import renew
from server.responses import json_response


def routes(services: AccountServices) -> list[BaseRoute]:
    """Every route of this module."""

    async def renewed(request: Request) -> Response:
        """Lengthen the session of this browser; as `GET /api/v1/session` tells it."""
        return json_response((await renew(services, request)).described())

    return [Route("/api/v1/session/renew", renewed, methods=["POST"])]
