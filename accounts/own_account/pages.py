"""« Mes renseignements »: what is on file, and what its owner may change; the rehearsal of the sign-in.

Whole without scripts. A refused form comes back filled in, whatever the reason, also where the session has ended
meanwhile; passwords alone are never written back.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts import sessions, sign_in_form
from accounts.candidates import LEAST_QUESTIONS, MOST_QUESTIONS
from accounts.identities import Identity
from accounts.own_account import changes, profile, rehearsal
from accounts.own_account.changes import LOCKED
from accounts.own_account.profile import Profile
from accounts.pages import SignInPages
from accounts.personal_data import countries, home_address
from accounts.registration import confirming
from accounts.registration.services import RegistrationServices
from accounts.secrets import password_rules, questions
from accounts.sessions import Session
from accounts.sign_in import Credentials
from accounts.states import ANSWER_FIELDS, ORDINALS, SessionRole
from accounts.visits import form_owner
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from server.rendering.forms import Tell, form_answer
from server.rendering.templating import Render
from server.requests import Incoming, form_body, incoming, see_other
from server.responses import response_of

HOME: Final = "/compte/renseignements"

DeviceCheck = Callable[[Incoming], bool]
"""Whether what a request came from may submit (DV-01); the room's rule, given by the composition root."""


class FormStanding(NamedTuple):
    """Where a form that was begun stands: the programme's name, how many fields are missing or wrong, and its page."""

    programme: str
    missing: int
    href: str


FormStandings = Callable[[AsyncConnection, int], Awaitable[Sequence[FormStanding]]]
"""The forms that an account has begun; given by the composition root, as accounts know nothing of forms."""

NOTES = {
    "adresse": "Votre adresse est enregistrée.",
    "mot-de-passe": "Votre mot de passe est changé. Les autres sessions ouvertes ont pris fin.",
    "questions": "Vos questions de sécurité sont changées. Les autres sessions ouvertes ont pris fin.",
    "identite": "Votre identité est corrigée.",
    "sessions": "Les sessions ouvertes ailleurs ont pris fin.",
    "verifie": "Tout est exact : nom d’utilisateur, mot de passe et réponses. Vous êtes prêt pour le jour venu.",
}
"""What the page says above what is on file, by the word in its address."""

WRONG_PASSWORD = "Entrez de nouveau votre mot de passe actuel."  # noqa: S105  a sentence

REHEARSED = {
    Code.NOT_ALLOWED: {"username": "Ce n’est pas le nom d’utilisateur du compte où vous êtes connecté."},
    Code.BAD_CREDENTIALS: {"password": "Ce mot de passe n’est pas le bon, ou une réponse ne l’est pas."},
    Code.BAD_CODE: {"code": "Tout le reste est bon; ce code de vérification ne l’est pas, ou a déjà servi."},
    Code.BAD_SECURITY_ANSWERS: {"answer-1": "Le mot de passe est bon; une des réponses ne l’est pas."},
}
"""What the rehearsal says beside a refusal: never more than the sign-in does."""

Work = Callable[[Incoming, Session, Mapping[str, str]], Awaitable[object]]


class OwnAccountPages:
    """The handlers; each reads a request, asks a service, and renders one template or sends the browser on."""

    def __init__(
        self,
        services: RegistrationServices,
        sign_in: SignInPages,
        render: Render,
        tell: Tell,
        device: DeviceCheck,
        standings: FormStandings,
    ) -> None:
        self.services = services
        self.accounts = services.accounts
        self.sign_in = sign_in
        self.render = render
        self.tell = tell
        self.device = device
        self.standings = standings

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route("/compte/renseignements", self.on_file, methods=["GET"]),
            *self._form_routes("/compte/adresse", "own_address.html", self._address, "adresse"),
            *self._form_routes("/compte/mot-de-passe", "own_password.html", self._password, "mot-de-passe"),
            *self._form_routes("/compte/questions", "own_questions.html", self._questions, "questions"),
            *self._form_routes("/compte/identite", "own_identity.html", self._identity, "identite"),
            *self._form_routes("/compte/verification", "own_rehearsal.html", self._rehearse, "verifie"),
            Route("/compte/confirmation", self.ask_confirmation, methods=["POST"]),
            Route("/compte/sessions", self.end_sessions, methods=["POST"]),
        ]

    def _form_routes(self, path: str, template: str, work: Work, note: str) -> list[BaseRoute]:
        """A form, and what becomes of it."""
        return [
            Route(path, self.form(template), methods=["GET"]),
            Route(path, self.change(work, template, note), methods=["POST"]),
        ]

    async def on_file(self, request: Request) -> Response:
        """What is on file, what is ready for the day, and where else somebody is signed in."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        found, now = await self._found(session), now_ms()
        here = sessions.shown(request, SessionRole.CANDIDATE)
        opened = await self.accounts.db.read(
            lambda conn: changes.open_sessions(conn, session.owner, here, now)
        )
        note = NOTES.get(incoming(request).asked.get("note", ""), "")
        return self.render(
            request, "own_account.html", session=session, found=found, note=note, opened=opened,
            country=countries.name_of(found.identity.birth_country) if found.identity.birth_country else "",
            is_open=found.is_identity_open(self.services.programmes, now), locked=LOCKED,
            is_computer=self.device(incoming(request)),
            forms=await self.accounts.db.read(lambda conn: self.standings(conn, session.owner)),
        )  # fmt: skip

    def form(self, template: str) -> Callable[[Request], Awaitable[Response]]:
        """A handler that shows a form as nobody has typed into it yet."""

        async def show(request: Request) -> Response:
            session = await self.sign_in.session(request)
            if isinstance(session, Response):
                return session
            found = await self._found(session)
            return self._shown(request, template, session, found, _on_file(found), {}, None)

        return show

    def change(self, work: Work, template: str, note: str) -> Callable[[Request], Awaitable[Response]]:
        """A handler that does `work` with what was posted, and leads back to what is on file."""

        async def post(request: Request) -> Response:
            fields, came = await form_body(request), incoming(request)
            try:
                session = await form_owner.required(self.accounts, request, fields)
            except Refusal as refusal:
                if refusal.code not in {Code.NOT_SIGNED_IN, Code.SESSION_ENDED}:
                    raise
                return self._shown(request, template, None, None, fields, {}, refusal)
            try:
                await work(came, session, fields)
            except Refusal as refusal:
                found = await self._found(session)
                return self._shown(
                    request, template, session, found, fields, _errors(refusal, template), refusal
                )
            return response_of(see_other(f"{HOME}?note={note}"))

        return post

    async def ask_confirmation(self, request: Request) -> Response:
        """Send the message that confirms the address on file, once more."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        await confirming.ask_confirmation(self.services, incoming(request), session.owner)
        return response_of(see_other("/inscription/confirmation?note=renvoye"))

    async def end_sessions(self, request: Request) -> Response:
        """End the sessions of other browsers."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        await changes.end_elsewhere(self.accounts, incoming(request), session)
        return response_of(see_other(f"{HOME}?note=sessions"))

    async def _address(self, came: Incoming, session: Session, fields: Mapping[str, str]) -> None:
        typed = home_address.read(fields.get("address", ""), fields.get("country", ""))
        await changes.change_address(self.accounts, came, session, typed)

    async def _password(self, came: Incoming, session: Session, fields: Mapping[str, str]) -> None:
        current, new = fields.get("password", ""), fields.get("new_password", "")
        await changes.change_password(self.accounts, came, session, current, new)

    async def _questions(self, came: Incoming, session: Session, fields: Mapping[str, str]) -> None:
        pairs = [
            (fields.get(f"question-{n}", ""), fields.get(f"answer-{n}", ""))
            for n in range(1, MOST_QUESTIONS + 1)
        ]
        await changes.change_questions(self.accounts, came, session, fields.get("password", ""), pairs)

    async def _identity(self, came: Incoming, session: Session, fields: Mapping[str, str]) -> None:
        typed = Identity(**{name: fields.get(name, "") for name in Identity.__struct_fields__})
        password = fields.get("password", "")
        await changes.change_identity(self.accounts, self.services.programmes, came, session, password, typed)

    async def _rehearse(self, came: Incoming, session: Session, fields: Mapping[str, str]) -> None:
        if wrong := sign_in_form.wrong(fields):
            raise Refusal(
                Code.INVALID, fields=[{"name": name, "reason": said} for name, said in wrong.items()]
            )
        typed: Credentials = sign_in_form.credentials_of(fields)
        await rehearsal.rehearse(self.accounts, came, session, typed)

    async def _found(self, session: Session) -> Profile:
        return await self.accounts.db.read(
            lambda conn: profile.find(conn, self.accounts.personal, session.owner)
        )

    def _shown(
        self,
        request: Request,
        template: str,
        session: Session | None,
        found: Profile | None,
        typed: Mapping[str, str],
        errors: Mapping[str, str],
        refusal: Refusal | None,
    ) -> Response:
        """A form with what is on file, or with what was typed. Without a session it says so, and keeps what was."""
        own_words = refusal is not None and refusal.code not in {Code.INVALID, Code.PASSWORD_WEAK}
        context: dict[str, Any] = {
            "session": session,
            "found": found,
            "typed": typed,
            "here": request.url.path,
            "countries": countries.names(),
            "ordinals": ORDINALS,
            "least": LEAST_QUESTIONS,
            "questions": questions.LIST,
            "shortest": password_rules.SHORTEST,
            "is_ended": session is None and not form_owner.is_anothers(refusal),
            "is_anothers": form_owner.is_anothers(refusal),
            "whose": form_owner.shown(session, typed),
            "is_open": found is not None and found.is_identity_open(self.services.programmes, now_ms()),
            "locked": LOCKED,
        }
        status = 422 if errors else 200
        answer = form_answer(
            self.render, self.tell, incoming(request), template, refusal=refusal if own_words else None,
            errors=errors, status=status, secret=refusal is not None, **context,
        )  # fmt: skip
        return response_of(answer)


def _errors(refusal: Refusal, template: str) -> dict[str, str]:
    """What to correct, by field of the form."""
    if template == "own_rehearsal.html" and refusal.code in REHEARSED:
        return REHEARSED[refusal.code]
    if refusal.code == Code.BAD_CREDENTIALS:
        return {"password": WRONG_PASSWORD}
    return {one["name"]: one["reason"] for one in refusal.fields.get("fields", ())}


def _on_file(found: Profile) -> dict[str, str]:
    """What is on file, as the fields of the forms."""
    fields = {name: str(getattr(found.identity, name)) for name in Identity.__struct_fields__}
    fields |= {f"question-{n}": question for n, question in enumerate(found.questions, 1)}
    if found.address is not None:
        fields |= {"address": found.address.text, "country": found.address.country}
    return fields


assert len(ANSWER_FIELDS) == MOST_QUESTIONS
