"""`POST /api/v1/recovery`: have a lost secret recovered by mail."""

from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts.recovery.asking import ask
from accounts.recovery.services import RecoveryServices
from accounts.recovery.states import LostSecret
from server.requests import received


class RecoveryAsked(msgspec.Struct, frozen=True):
    """Body of `POST /api/v1/recovery`."""

    email: Annotated[str, Meta(max_length=1000)]
    what: LostSecret


def routes(services: RecoveryServices) -> list[BaseRoute]:
    """Every route of this module."""

    async def recover(request: Request) -> Response:
        """202 whether or not the address has an account."""
        came = await received(request)
        body = came.json(RecoveryAsked)
        await ask(services, came, body.email, body.what)
        return Response(status_code=202)

    return [Route("/api/v1/recovery", recover, methods=["POST"])]
