"""`/personnel/acces`: a member of staff looks after their own second factor and password. Whole without scripts.

A secret and recovery codes are shown once, in the answer to a press; passwords and codes are never written back.
"""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from accounts.candidates import LONGEST_SECRET
from accounts.operators import enrolment
from accounts.registration import codes
from accounts.second_factor import pending, qr_code, totp
from accounts.second_factor.totp import LONGEST_CODE
from console.staff.desk import OWN_ACCESS, StaffDesk, StaffMemberHere
from foundation import audit
from foundation.errors import Code, Refusal, Unavailable
from server.rendering.forms import Tell, WayOn, shown
from server.rendering.templating import Render
from server.requests import form_body, incoming

NOTES = {"retire": "Votre second facteur est retiré.", "motdepasse": "Votre mot de passe est changé."}
"""Word of the address -> what is said; the other sessions have ended."""

CORRECTIONS = {
    Code.BAD_CREDENTIALS: ("password", "Entrez de nouveau votre mot de passe."),
    Code.BAD_CODE: ("code", "Tapez un code qui n’a pas encore servi."),
}
"""Refusal -> the field to go back to, and what to do there."""

FIELDS = {
    "commencer": "begin", "activer": "confirm", "retirer": "remove", "motdepasse": "change",
}  # fmt: skip
"""What a form does -> how the ids of its fields begin."""


class OwnAccessPages:
    """The handlers."""

    def __init__(self, desk: StaffDesk, render: Render, tell: Tell, issuer: str) -> None:
        self.desk, self.accounts = desk, desk.accounts
        self.render, self.tell, self.issuer = render, tell, issuer

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(OWN_ACCESS, self.show, methods=["GET"]),
            Route(OWN_ACCESS, self.act, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """What there is, and the forms to change it."""
        member = await self.desk.at_page(request, owing=True)
        if isinstance(member, Response):
            return member
        return await self._page(request, member, note=NOTES.get(request.query_params.get("note", ""), ""))

    async def act(self, request: Request) -> Response:
        """Begin, confirm by the first code, take away, or another password."""
        member = await self.desk.at_page(request, owing=True)
        if isinstance(member, Response):
            return member
        fields = await form_body(request)
        do = fields.get("do", "")
        try:
            return await self._acted(request, member, do, fields)
        except Unavailable:
            raise
        except Refusal as refusal:
            call = f"own access {FIELDS.get(do, '')}".strip()
            await self.desk.record(member.actor, audit.REFUSED, call=call, code=refusal.code)
            if refusal.code == Code.NOT_FOUND:
                raise
            secret, past = None, False
            if do == "activer":
                secret = await enrolment.waiting(self.accounts, member.session)
                past = secret is None and refusal.code == Code.BAD_CODE
            return await self._page(request, member, refusal=refusal, do=do, secret=secret, past=past)

    async def _acted(
        self, request: Request, member: StaffMemberHere, do: str, fields: Mapping[str, str]
    ) -> Response:
        came, session, by = incoming(request), member.session, member.actor
        password = fields.get("password", "")[:LONGEST_SECRET]
        code = fields.get("code", "")[:LONGEST_CODE]
        if do == "commencer":
            secret = await enrolment.begin(self.accounts, came, session, password, code)
            return await self._page(request, member, secret=secret)
        if do == "activer":
            made = await enrolment.confirm(self.accounts, came, session, code, by)
            told = [codes.shown(one) for one in made]
            return self.render(request, "staff_own_codes.html", secret=True, member=member, codes=told)
        if do == "retirer":
            await enrolment.remove(self.accounts, came, session, password, code, by)
            return RedirectResponse(f"{OWN_ACCESS}?note=retire", 303)
        if do == "motdepasse":
            new = fields.get("new_password", "")[: LONGEST_SECRET + 1]
            await enrolment.change_password(self.accounts, came, session, password, code, new, by)
            return RedirectResponse(f"{OWN_ACCESS}?note=motdepasse", 303)
        raise Refusal(Code.NOT_FOUND)

    async def _page(
        self,
        request: Request,
        member: StaffMemberHere,
        *,
        note: str = "",
        refusal: Refusal | None = None,
        do: str = "",
        secret: str | None = None,
        past: bool = False,
    ) -> Response:
        factor = await enrolment.own_factor(self.accounts, member.session)
        words = None if refusal is None else self.tell(refusal)
        uri = "" if secret is None else totp.uri(secret, member.username, self.issuer)
        grouped = "" if secret is None else " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
        seen = None if refusal is None or words is None else shown(refusal, words, WayOn())
        if past:
            seen = pending.past(is_set=factor.is_set)
        response = self.render(
            request, "staff_own_access.html", status=200 if words is None else words.status, secret=True, member=member,
            here=OWN_ACCESS, note=note, factor=factor,
            owes=member.session.owes_code and not secret, errors={} if past else errors_of(refusal, do), refusal=seen,
            picture=qr_code.svg(uri) if uri else "", typed_secret=grouped,
        )  # fmt: skip
        if response.status_code == 401:
            response.headers["WWW-Authenticate"] = 'Bearer realm="guichet"'
        if refusal is not None and "retry_after" in refusal.fields:
            response.headers["Retry-After"] = str(refusal.fields["retry_after"])
        return response


def errors_of(refusal: Refusal | None, do: str) -> dict[str, str]:
    """The sentence beside each wrong field of the form that was sent, by the field's id. Pure."""
    if refusal is None or do not in FIELDS:
        return {}
    found = {field["name"]: field["reason"] for field in refusal.fields.get("fields", [])}
    if refusal.code in CORRECTIONS:
        name, words = CORRECTIONS[refusal.code]
        found[name] = words
    return {f"{FIELDS[do]}-{name}": words for name, words in found.items()}
