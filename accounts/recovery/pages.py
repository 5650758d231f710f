"""The pages under `/recuperation`: what is lost, and what the link of a mail is good for (AC-06).

Whole without scripts. A GET shows a button or a form and changes nothing: mail scanners open links. A refused form
comes back filled in; a password is never written back.
"""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts.candidates import LEAST_QUESTIONS, LONGEST_SECRET
from accounts.normalisation import is_blank
from accounts.recovery import redeeming, states
from accounts.recovery.asking import LASTS_MS, ask
from accounts.recovery.redeeming import LONGEST_TOKEN, OpenLink
from accounts.recovery.services import RecoveryServices
from accounts.recovery.states import LostSecret
from accounts.secrets import password_rules, questions
from accounts.states import ANSWER_FIELDS, ORDINALS, TOO_LONG
from foundation.errors import Code, Refusal
from server.rendering.forms import Tell, form_answer
from server.rendering.templating import Render
from server.requests import form_body, incoming, see_other
from server.responses import response_of

HOME = "/recuperation"

LINK = f"{HOME}/lien"

SENT = (
    "C’est noté. Si un compte a cette adresse, un courriel arrive en quelques minutes. Vérifiez aussi les courriels "
    "indésirables."
)
"""Said whether or not there is one."""

RETYPE = "Entrez de nouveau votre mot de passe : il n’est jamais réécrit dans la page."

CORRECTIONS: dict[Code, dict[str, str]] = {
    Code.BAD_SECURITY_ANSWERS: {"answer-1": "Vérifiez vos réponses de sécurité, dans l’ordre."},
    Code.BAD_CREDENTIALS: {"password": "Vérifiez votre mot de passe."},
}
"""Refusal -> the field to go back to, and what to do there."""

DONE = {LostSecret.PASSWORD: "motdepasse", LostSecret.ANSWERS: "reponses"}
"""What was replaced -> the note of the sign-in page."""


class RecoveryPages:
    """The handlers; each reads a request, asks a service, and renders one template or sends the browser on."""

    def __init__(self, services: RecoveryServices, render: Render, tell: Tell) -> None:
        self.services, self.render, self.tell = services, render, tell

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route("/recuperation", self.form, methods=["GET"]),
            Route("/recuperation", self.ask, methods=["POST"]),
            Route("/recuperation/lien", self.link, methods=["GET"]),
            Route("/recuperation/lien", self.redeem, methods=["POST"]),
        ]

    async def form(self, request: Request) -> Response:
        """What is lost, and for which address."""
        asked = incoming(request).asked
        note = SENT if asked.get("note") == "envoye" else ""
        return self._form(request, {"what": asked.get("quoi", "")}, {}, note=note)

    async def ask(self, request: Request) -> Response:
        """Have the owner written to: the same answer whatever the address is."""
        fields = await form_body(request)
        errors = {}
        if is_blank(fields.get("email", "")) or "@" not in fields["email"]:
            errors["email"] = "Entrez une adresse de courriel complète, comme nom@exemple.ca."
        if fields.get("what", "") not in set(LostSecret):
            errors["what-username"] = "Choisissez ce que vous avez perdu."
        if errors:
            return self._form(request, fields, errors)
        try:
            await ask(self.services, incoming(request), fields["email"], LostSecret(fields["what"]))
        except Refusal as refusal:
            return self._form(request, fields, {}, refusal)
        return response_of(see_other(f"{HOME}?note=envoye"))

    async def link(self, request: Request) -> Response:
        """What is behind a link: a button, or the form of what is asked for. A link that is past says what to do."""
        token = incoming(request).asked.get("jeton", "")
        try:
            found = await redeeming.look(self.services, token)
        except Refusal as refusal:
            return self._past(request, refusal)
        return self._link(request, found, token, {}, {})

    async def redeem(self, request: Request) -> Response:
        """Show the user name, or replace what was lost."""
        fields = await form_body(request)
        token = fields.get("jeton", "")
        try:
            found = await redeeming.look(self.services, token)
        except Refusal as refusal:
            return self._past(request, refusal)
        if found.what is LostSecret.USERNAME:
            return await self._username(request, token)
        if errors := _wrong(found.what, fields):
            return self._link(request, found, token, fields, errors)
        try:
            await self._replace(request, found.what, token, fields)
        except Refusal as refusal:
            if refusal.code == Code.LINK_EXPIRED:
                return self._past(request, refusal)
            return self._refused(request, found, token, fields, refusal)
        return response_of(see_other(f"/connexion?note={DONE[found.what]}"))

    async def _replace(
        self, request: Request, what: LostSecret, token: str, fields: Mapping[str, str]
    ) -> None:
        came = incoming(request)
        if what is LostSecret.PASSWORD:
            answers = [fields.get(name, "") for name in ANSWER_FIELDS]
            given = [answer for answer in answers if not is_blank(answer)]
            await redeeming.renew_password(self.services, came, token, given, fields["password"])
        else:
            await redeeming.renew_answers(self.services, came, token, fields["password"], _pairs(fields))

    async def _username(self, request: Request, token: str) -> Response:
        try:
            username = await redeeming.show_username(self.services, incoming(request), token)
        except Refusal as refusal:
            return self._past(request, refusal)
        return self.render(request, "recovery_username.html", secret=True, username=username)

    def _refused(
        self, request: Request, found: OpenLink, token: str, fields: Mapping[str, str], refusal: Refusal
    ) -> Response:
        """The form again. What is wrong with a field stands there, and needs no words of the refusal's."""
        if refusal.code in {Code.PASSWORD_WEAK, Code.INVALID}:
            errors = {one["name"]: one["reason"] for one in refusal.fields["fields"]}
            return self._link(request, found, token, fields, errors)
        errors = CORRECTIONS.get(refusal.code, {})
        return self._link(request, found, token, fields, errors, refusal)

    def _form(
        self,
        request: Request,
        typed: Mapping[str, str],
        errors: Mapping[str, str],
        refusal: Refusal | None = None,
        *,
        note: str = "",
    ) -> Response:
        answer = form_answer(
            self.render, self.tell, incoming(request), "recovery.html", refusal=refusal, errors=errors,
            status=422 if errors else 200, typed=typed, note=note, words=states.WORDS, hints=states.HINTS,
            minutes=LASTS_MS // 60_000,
        )  # fmt: skip
        return response_of(answer)

    def _link(
        self,
        request: Request,
        found: OpenLink,
        token: str,
        typed: Mapping[str, str],
        errors: Mapping[str, str],
        refusal: Refusal | None = None,
    ) -> Response:
        if typed and "password" not in errors:
            errors = {**errors, "password": RETYPE}
        context: dict[str, Any] = {
            "what": found.what.value,
            "token": token[:LONGEST_TOKEN],
            "asked": found.account.questions,
            "typed": {name: text for name, text in typed.items() if name != "password"},
            "ordinals": ORDINALS,
            "least": LEAST_QUESTIONS,
            "questions": questions.LIST,
            "shortest": password_rules.SHORTEST,
        }
        answer = form_answer(
            self.render, self.tell, incoming(request), "recovery_link.html", refusal=refusal, errors=errors,
            status=422 if typed else 200, secret=True, **context,
        )  # fmt: skip
        return response_of(answer)

    def _past(self, request: Request, refusal: Refusal) -> Response:
        if refusal.code != Code.LINK_EXPIRED:
            raise refusal
        return self.render(request, "recovery_past.html", self.tell(refusal).status)


def _pairs(fields: Mapping[str, str]) -> list[tuple[str, str]]:
    places = range(1, len(ANSWER_FIELDS) + 1)
    return [(fields.get(f"question-{place}", ""), fields.get(f"answer-{place}", "")) for place in places]


def _wrong(what: LostSecret, fields: Mapping[str, str]) -> dict[str, str]:
    """What was left empty or is longer than anybody's: a try that cannot be right is not counted."""
    found = {}
    if is_blank(fields.get("answer-1", "")) and what is LostSecret.PASSWORD:
        found["answer-1"] = "Entrez la réponse à votre première question de sécurité."
    if is_blank(fields.get("password", "")):
        new = what is LostSecret.PASSWORD
        found["password"] = "Choisissez un nouveau mot de passe." if new else "Entrez votre mot de passe."
    too_long = {name: TOO_LONG for name, text in fields.items() if len(text) > LONGEST_SECRET}
    return found | {name: said for name, said in too_long.items() if name != "jeton"}
