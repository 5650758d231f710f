"""`/personnel`: where staff of any role sign in, and find the pages of their roles. Whole without scripts."""

import re

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from accounts import sessions
from accounts.candidates import LONGEST_SECRET, LONGEST_USERNAME
from accounts.second_factor.totp import LONGEST_CODE
from accounts.states import StaffTotp
from console.staff.api import forget
from console.staff.desk import HOME, OWN_ACCESS, StaffDesk, StaffMemberHere
from console.staff.told import others_changes
from console.staff.words import ROLES_FR
from foundation.errors import Code, Refusal, Unavailable
from server.rendering import cookie_check
from server.rendering.forms import Tell
from server.rendering.templating import Render
from server.requests import form_body

NEXT = re.compile(r"/(personnel|agent|operateur)(/[A-Za-z0-9/-]{0,120})?")
"""The addresses to which a sign-in may lead; a file’s has a capital."""


SECRETS = frozenset({"password", "code", "new_password"})
"""Fields that are never written back."""


class StaffPages:
    """The handlers; each reads a request, asks the desk, and renders one template or sends the browser on."""

    def __init__(self, desk: StaffDesk, render: Render, tell: Tell) -> None:
        self.desk, self.render, self.tell = desk, render, tell
        desk.on_ended = self.ended

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(HOME, self.home, methods=["GET"]),
            Route(f"{HOME}/connexion", self.sign_in, methods=["POST"]),
            Route(f"{HOME}/deconnexion", self.sign_out, methods=["POST"]),
        ]

    async def home(self, request: Request) -> Response:
        """The pages of whoever is signed in, or the sign-in."""
        try:
            member = await self.desk.member(request)
        except Refusal as refusal:
            if refusal.code == Code.SECOND_FACTOR_MISSING:
                return RedirectResponse(OWN_ACCESS, 303)
            if refusal.code not in {Code.NOT_SIGNED_IN, Code.SESSION_ENDED, Code.NOT_ALLOWED}:
                raise
            query = request.query_params
            return self._sign_in_page(request, note=query.get("note", ""), then=query.get("suite", ""))
        return self.render(
            request, "staff_home.html", member=member, roles=[ROLES_FR[role] for role in member.held],
            warns_no_code=not member.session.has_code and self.desk.accounts.staff_totp is StaffTotp.OPTIONAL,
            changes=await self.desk.db.read(lambda conn: others_changes(conn, member.session)),
        )  # fmt: skip

    async def sign_in(self, request: Request) -> Response:
        """The form of the sign-in; afterwards the page that was wanted."""
        fields = await form_body(request)
        username, password = fields.get("username", "")[:LONGEST_USERNAME], fields.get("password", "")
        code, then = fields.get("code", "")[:LONGEST_CODE] or None, fields.get("suite", "")
        try:
            if not username.strip() or not password:
                raise Refusal(Code.BAD_CREDENTIALS)
            cookie_check.require(request, fields)
            signed_in, member = await self.desk.sign_in(request, username, password[:LONGEST_SECRET], code)
        except Unavailable:
            raise
        except Refusal as refusal:
            return self._sign_in_page(request, username=username, refusal=refusal, then=then)
        changes = await self.desk.db.read(lambda conn: others_changes(conn, member.session))
        response = RedirectResponse(safe(then) or (HOME if changes else first_of(member)), 303)
        sessions.remember(response, self.desk.accounts, signed_in)
        return response

    async def sign_out(self, request: Request) -> Response:
        """End the session in this browser."""
        member = await self.desk.at_page(request, owing=True)
        if isinstance(member, StaffMemberHere):
            await self.desk.sign_out(request, member)
        response = RedirectResponse(f"{HOME}?note=fin", 303)
        forget(response, self.desk)
        return response

    async def ended(self, request: Request) -> Response:
        """A form that came after the session had ended: what was typed is on the page, and is sent again by a button
        once its author has signed in beside it. Nothing was done."""
        fields = {name: text for name, text in (await form_body(request)).items() if name not in SECRETS}
        response = self.render(
            request, "staff_ended.html", status=401, fields=fields, action=request.url.path,
            texts=[text for text in fields.values() if " " in text],
        )  # fmt: skip
        response.headers["WWW-Authenticate"] = 'Bearer realm="guichet"'
        return response

    def _sign_in_page(
        self,
        request: Request,
        username: str = "",
        refusal: Refusal | None = None,
        note: str = "",
        then: str = "",
    ) -> Response:
        words = None if refusal is None else self.tell(refusal)
        status = 200 if words is None else words.status
        response = self.render(
            request, "staff_sign_in.html", status=status, username=username, refusal=words, note=note,
            then=safe(then), code_required=self.desk.accounts.staff_totp is StaffTotp.REQUIRED,
        )  # fmt: skip
        if refusal is not None and "retry_after" in refusal.fields:
            response.headers["Retry-After"] = str(refusal.fields["retry_after"])
        if status == 401:
            response.headers["WWW-Authenticate"] = 'Bearer realm="guichet"'
        return cookie_check.offer(request, response, secure=self.desk.accounts.secure)


def first_of(member: StaffMemberHere) -> str:
    """Where somebody begins their day: their one page, or the choice. Pure."""
    return member.places[0].href if len(member.places) == 1 else HOME


def safe(then: str) -> str:
    """The address, if a sign-in may lead there; empty otherwise. Pure."""
    return then if NEXT.fullmatch(then) and "//" not in then else ""


def routes(desk: StaffDesk, render: Render, tell: Tell) -> list[BaseRoute]:
    """The staff's common pages."""
    return StaffPages(desk, render, tell).routes()
