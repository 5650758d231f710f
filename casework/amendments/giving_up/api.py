"""`POST /api/v1/account/files/{number}/amendments/{serial}/give-up` (`docs/contract.md`)."""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts import sessions
from accounts.services import AccountServices
from accounts.states import SessionRole
from casework.amendments import reading
from casework.amendments.api import ADDRESS, amendment_shown, number_of
from casework.amendments.reading import FileAmendment
from casework.amendments.services import AmendmentServices
from casework.payments.supplements import giving_up
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from server.requests import row_number
from server.responses import json_response

GIVE_UP: Final = f"{ADDRESS}/{{serial}}/give-up"


class GivingUpApi:
    """The handler."""

    def __init__(self, accounts: AccountServices, services: AmendmentServices) -> None:
        self.accounts, self.db, self.services = accounts, accounts.db, services

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [Route(GIVE_UP, self.give_up, methods=["POST"])]

    async def give_up(self, request: Request) -> Response:
        """Given up; said again it is the same. Refusals not_signed_in, session_ended, not_found, already_paid,
        move_not_allowed."""
        session = await sessions.required(self.accounts, request)
        number, serial = number_of(request), row_number(request.path_params["serial"])
        by = Actor(session.username, SessionRole.CANDIDATE)

        async def write(conn: AsyncConnection) -> FileAmendment:
            return await given_up(conn, self.services, session.owner, by, number, serial, now_ms())

        return json_response(amendment_shown(await self.db.write(write)))


async def given_up(
    conn: AsyncConnection,
    services: AmendmentServices,
    owner: int,
    by: Actor,
    number: int,
    serial: int,
    now: int,
) -> FileAmendment:
    """Give up an amendment of a file of this account, and how it stands then. Refusals as `giving_up.give_up`, and
    not_found for a file of anybody else."""
    file = await reading.look(conn, services, number, now, owner=owner, lock=True)
    if not any(one.serial == serial for one in file.amendments):
        raise Refusal(Code.NOT_FOUND)
    await giving_up.give_up(conn, services.payments, number, serial, by, now)
    return next(one for one in await reading.of_file(conn, services.cipher, number) if one.serial == serial)
