"""The pages under `/inscription`: the windows of registration, the form, and the confirmation of the address.

Whole without scripts. A refused form comes back filled in, whatever the reason; the password alone is never written
back. A GET of the confirmation shows a button and changes nothing: mail scanners open links.
"""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts.personal_data import countries, email_addresses
from accounts.registration import application, codes, confirming, registering
from accounts.registration.registering import KEPT_DAYS
from accounts.registration.services import RegistrationServices
from accounts.registration.windows import RegistrationState, status_of
from accounts.secrets import password_rules, questions
from accounts.states import ORDINALS
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from server.rendering.forms import Tell, WayOn, form_answer
from server.rendering.templating import Render
from server.requests import form_body, incoming, see_other
from server.responses import response_of

HOME = "/inscription"

CONFIRMATION = "/inscription/confirmation"

NOTES = {
    "envoye": "C’est noté. Un message vient de partir vers votre adresse de courriel : il faut encore la confirmer.",
    "renvoye": "Si un compte attend d’être confirmé avec cette adresse, un nouveau message vient de partir.",
}
"""What the page of the confirmation says above its forms, by the word in its address."""

WAYS_ON = {
    Code.REGISTRATION_CLOSED: WayOn(HOME, "Voir les dates d’inscription"),
    Code.EMAIL_ALREADY_USED: WayOn("/connexion", "Se connecter"),
}

RETYPE = "Entrez de nouveau votre mot de passe : il n’est jamais réécrit dans la page."


class RegistrationPages:
    """The handlers; each reads a request, asks a service, and renders one template or sends the browser on."""

    def __init__(self, services: RegistrationServices, render: Render, tell: Tell) -> None:
        self.services = services
        self.render = render
        self.tell = tell

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(HOME, self.windows, methods=["GET"]),
            Route("/inscription/conditions", self.terms, methods=["GET"]),
            Route(CONFIRMATION, self.confirmation, methods=["GET"]),
            Route(CONFIRMATION, self.confirm, methods=["POST"]),
            Route("/inscription/renvoi", self.send_again, methods=["POST"]),
            Route("/inscription/{programme}", self.form, methods=["GET"]),
            Route("/inscription/{programme}", self.register, methods=["POST"]),
        ]

    async def windows(self, request: Request) -> Response:
        """For which programmes accounts are made now, and for whom there is nothing to do here (DR-10, DU-05)."""
        now = now_ms()
        programmes = [
            (one, status_of(one.registration, now))
            for one in self.services.programmes.values()
            if one.registration
        ]
        programmes.sort(key=lambda pair: (pair[1].state is not RegistrationState.OPEN, pair[0].name))
        return self.render(request, "registration_windows.html", programmes=programmes)

    async def terms(self, request: Request) -> Response:
        """The terms of use, with the version that an account keeps."""
        return self.render(request, "registration_terms.html", version=application.TERMS_VERSION)

    async def form(self, request: Request) -> Response:
        """The empty form; where registration is closed the note that says so."""
        programme = self.services.programmes.get(request.path_params["programme"])
        if programme is None:
            raise Refusal(Code.NOT_FOUND)
        if status_of(programme.registration, now_ms()).state is not RegistrationState.OPEN:
            return response_of(see_other(HOME))
        return self._form(request, {}, {})

    async def register(self, request: Request) -> Response:
        """Ask for an account."""
        fields = await form_body(request)
        programme = request.path_params["programme"]
        typed = application.of_form(programme, fields)
        address = email_addresses.read(typed.email)
        meant = email_addresses.suggestion(address) if address is not None else ""
        if meant and fields.get("email_seen") != typed.email:  # asked once, never required
            return self._form(request, fields, {}, meant=meant)
        try:
            await registering.register(self.services, incoming(request), typed)
        except Refusal as refusal:
            if refusal.code == Code.NOT_FOUND:
                raise
            return self._form(request, fields, _errors(refusal), refusal, meant=meant)
        return response_of(see_other(f"{CONFIRMATION}?note=envoye"))

    def _form(
        self,
        request: Request,
        typed: Mapping[str, str],
        errors: Mapping[str, str],
        refusal: Refusal | None = None,
        *,
        meant: str = "",
    ) -> Response:
        """The form with what was typed. `meant` is the address that a slip may have stood for."""
        programme = self.services.programmes[request.path_params["programme"]]
        has_own_words = refusal is not None and refusal.code not in {Code.INVALID, Code.PASSWORD_WEAK}
        if typed and "password" not in errors:
            errors = {**errors, "password": RETYPE}
        answer = form_answer(
            self.render, self.tell, incoming(request), "registration_form.html",
            refusal=refusal if has_own_words else None,
            way_on=WAYS_ON.get(refusal.code, WayOn()) if refusal is not None else WayOn(),
            errors=_in_order(errors), status=422 if typed or errors else 200, secret=bool(typed),
            programme=programme, typed=typed, meant=meant, ordinals=ORDINALS, questions=questions.LIST,
            countries=countries.names(), shortest=password_rules.SHORTEST,
            closes_at=status_of(programme.registration, now_ms()).closes_at,
        )  # fmt: skip
        return response_of(answer)

    async def confirmation(self, request: Request) -> Response:
        """A button, with the code of the link in it; or the field to type one in."""
        asked = incoming(request).asked
        return self._confirmation(
            request, typed=asked.get("code", ""), note=NOTES.get(asked.get("note", ""), "")
        )

    async def confirm(self, request: Request) -> Response:
        """Confirm the address; then the way to the sign-in."""
        typed = (await form_body(request)).get("code", "")
        try:
            await confirming.confirm(self.services, incoming(request), typed)
        except Refusal as refusal:
            errors = {"code": "Vérifiez ce code : dix lettres et chiffres."} if _is_past(refusal) else {}
            return self._confirmation(request, typed=typed, refusal=refusal, errors=errors)
        return response_of(see_other("/connexion?note=inscrit"))

    async def send_again(self, request: Request) -> Response:
        """Write once more: the same answer whatever the address is."""
        typed = (await form_body(request)).get("email", "")
        address = email_addresses.read(typed)
        if address is None:
            errors = {"email": "Entrez une adresse de courriel complète, comme nom@exemple.ca."}
            return self._confirmation(request, errors=errors, email=typed)
        try:
            await confirming.send_again(self.services, incoming(request), address)
        except Refusal as refusal:
            return self._confirmation(request, refusal=refusal, email=typed)
        return response_of(see_other(f"{CONFIRMATION}?note=renvoye"))

    def _confirmation(
        self,
        request: Request,
        *,
        typed: str = "",
        email: str = "",
        note: str = "",
        refusal: Refusal | None = None,
        errors: Mapping[str, str] | None = None,
    ) -> Response:
        code = codes.typed(typed)
        context: dict[str, Any] = {
            "code": codes.shown(code) if code else typed[: codes.LONGEST_TYPED],
            "is_whole": bool(code),
            "email": email,
            "note": note,
            "days": KEPT_DAYS,
        }
        answer = form_answer(
            self.render, self.tell, incoming(request), "registration_confirmation.html", refusal=refusal,
            way_on=WAYS_ON.get(refusal.code, WayOn()) if refusal is not None else WayOn(),
            errors=errors or {}, status=422 if errors else 200, secret=bool(typed), **context,
        )  # fmt: skip
        return response_of(answer)


def _errors(refusal: Refusal) -> dict[str, str]:
    """What to correct, by field of the page."""
    if refusal.code == Code.USERNAME_TAKEN:
        return {"username": "Choisissez un autre nom d’utilisateur : celui-ci est pris."}
    return application.form_errors(refusal.fields.get("fields", ()))


def _in_order(errors: Mapping[str, str]) -> dict[str, str]:
    return {field: errors[field] for field in application.FORM_FIELDS if field in errors}


def _is_past(refusal: Refusal) -> bool:
    return refusal.code == Code.LINK_EXPIRED
