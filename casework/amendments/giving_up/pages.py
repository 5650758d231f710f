"""`/dossiers/{number}/modifications/{serial}/abandon`: what giving an amendment up means, and doing it."""

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from accounts.pages import SignInPages
from accounts.sessions import Session
from accounts.states import SessionRole
from casework.amendments import reading
from casework.amendments.api import number_of
from casework.amendments.giving_up.api import given_up
from casework.amendments.pages import HERE
from casework.amendments.reading import AmendableFile, FileAmendment
from casework.amendments.services import AmendmentServices
from casework.payments import cases
from casework.payments.card import charges
from casework.payments.supplements.wording import giving_up_means
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.errors import Code, Refusal, Unavailable
from server.rendering.forms import WayOn, form_answer
from server.rendering.templating import Render, day_words
from server.requests import form_body, incoming, row_number
from server.responses import response_of

GIVE_UP: Final = HERE + "/{serial}/abandon"


class GivingUpLook(msgspec.Struct, frozen=True, kw_only=True):
    """What the page is made of: the file, the amendment, and what giving it up means; nothing where it cannot be."""

    file: AmendableFile
    one: FileAmendment
    means: Sequence[str]


class GivingUpPages:
    """The handlers; each is about a file of the account that is signed in, and of no other."""

    def __init__(self, services: AmendmentServices, sign_in: SignInPages, render: Render) -> None:
        self.services, self.sign_in, self.render = services, sign_in, render
        self.db = sign_in.services.db

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [Route(GIVE_UP, self.show, methods=["GET"]), Route(GIVE_UP, self.send, methods=["POST"])]

    async def show(self, request: Request) -> Response:
        """What it means; nothing is done. Refusal not_found for what is no amendment of one's own."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        return self._page(request, session, await self._look(session, request))

    async def send(self, request: Request) -> Response:
        """Given up; pressed twice it is the same. A refusal stands on the page, with how the amendment stands now."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        await form_body(request)
        number, serial = number_of(request), row_number(request.path_params["serial"])
        by = Actor(session.username, SessionRole.CANDIDATE)

        async def write(conn: AsyncConnection) -> FileAmendment:
            return await given_up(conn, self.services, session.owner, by, number, serial, now_ms())

        try:
            await self.db.write(write)
        except Unavailable:
            raise
        except Refusal as refusal:
            if refusal.code is Code.NOT_FOUND:
                raise
            return self._page(request, session, await self._look(session, request), refusal)
        return RedirectResponse(f"/dossiers/{request.path_params['number']}/modifications?abandonnee=1", 303)

    async def _look(self, session: Session, request: Request) -> GivingUpLook:
        number, serial = number_of(request), row_number(request.path_params["serial"])

        async def read(conn: AsyncConnection) -> GivingUpLook:
            file = await reading.look(conn, self.services, number, now_ms(), owner=session.owner)
            one = next((each for each in file.amendments if each.serial == serial), None)
            if one is None or one.supplement is None:
                raise Refusal(Code.NOT_FOUND)
            if file.awaited is None or file.awaited.serial != serial:
                return GivingUpLook(file=file, one=one, means=())
            means = giving_up_means(
                one.supplement,
                waits=await cases.holds_money(conn, number),
                under_way=bool(await charges.under_way(conn, number)),
            )
            return GivingUpLook(file=file, one=one, means=means)

        return await self.db.read(read)

    def _page(
        self, request: Request, session: Session, found: GivingUpLook, refusal: Refusal | None = None
    ) -> Response:
        answer = form_answer(
            self.render, self.sign_in.tell, incoming(request), "amendment_give_up.html", refusal=refusal, errors={},
            way_on=WayOn(), session=session, number=found.file.sheet.number, one=found.one, means=found.means,
            on_day=day_words(found.one.on_day),
        )  # fmt: skip
        return response_of(answer)
