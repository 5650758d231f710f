"""« Mon représentant »: declare somebody, see where the power stands, revoke it, print the procuration.

Whole without scripts. A form that is refused, whatever the reason, comes back as it was filled in.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from accounts import sessions
from accounts.identities import Identity
from accounts.pages import SignInPages
from accounts.representatives.account import AccountRepresentatives, AccountView
from accounts.representatives.declaration.details import RepresentativeDetails
from accounts.representatives.declaration.typed import FIELDS
from accounts.representatives.states import KINDS, MOVES_TOLD, RETURN_REASONS, STATES, PowerState
from accounts.sessions import Session
from accounts.visits import form_owner
from foundation.calendar.days import day_of
from foundation.clock import now_ms
from foundation.errors import Code, Refusal, Unavailable
from quota.offices.office_addresses import OfficeUse
from quota.programmes import Programme, office_of_all
from server.rendering.forms import Tell, WayOn, form_answer
from server.rendering.static_files import StaticNames
from server.rendering.templating import Render, day_words
from server.requests import form_body, incoming
from server.responses import response_of

HERE: Final = "/compte/representant"

COUNTRY: Final = "CANADA"
"""The last line of an envelope that comes from elsewhere."""

EMPTY_PAPER: Final = "/documents-utiles/procuration"

MEANS: Final = {
    PowerState.DECLARED: (
        "Rien n’est communiqué à cette personne tant que votre procuration ne nous est pas parvenue par la poste.",
        "Payez d’abord les frais de votre demande, puis imprimez la procuration, signez-la et postez-la.",
    ),
    PowerState.RECEIVED: (
        "Votre procuration est arrivée. Elle est conservée et prendra effet dès que les frais de votre demande seront "
        "payés.",
        "Jusque-là, rien n’est communiqué à cette personne.",
    ),
    PowerState.ACTIVE: (
        "Cette personne peut recevoir des renseignements sur votre dossier. Vous recevez toujours les mêmes avis "
        "qu’elle.",
    ),
    PowerState.FROZEN: (
        "Cette personne n’est pas reconnue au Registre québécois des consultants en immigration : rien ne lui est "
        "communiqué, et elle ne peut pas agir pour vous.",
        "Votre dossier suit son cours. Vous pouvez agir vous-même, ou la révoquer et déclarer une autre personne. Si "
        "sa reconnaissance est rétablie, une personne du Ministère lèvera la suspension.",
    ),
}
"""State -> what it means for the candidate, and what to do."""

NOTES: Final = {
    "declare": "Cette personne est déclarée. Il reste à poster la procuration.",
    "corrige": "Les renseignements sont corrigés.",
    "revoque": "Votre représentant est révoqué. Plus rien ne lui est communiqué.",
    "personne": "Il n’y a pas de représentant à révoquer.",
}
"""By the word in the address."""

NOT_SIGNED_IN: Final = frozenset({Code.NOT_SIGNED_IN, Code.SESSION_ENDED})

TO_SIGN_IN: Final = WayOn(
    f"/connexion?suite={HERE}", "Se connecter (dans un nouvel onglet, pour garder ce que vous avez saisi)"
)

AS_ANOTHER: Final = WayOn(f"{TO_SIGN_IN.href}&compte=autre", TO_SIGN_IN.link)

NO_ONE: Final = Identity(family_name="", given_name="", birth_date="", passport="")


class RepresentativePages:
    """The handlers; each is about the account of the session."""

    def __init__(
        self,
        sign_in: SignInPages,
        representatives: AccountRepresentatives,
        render: Render,
        tell: Tell,
        static: StaticNames,
        programmes: Mapping[str, Programme],
    ) -> None:
        """`programmes` know where a procuration is sent (PA-12)."""
        self.programmes = programmes
        self.sign_in, self.representatives = sign_in, representatives
        self.render, self.tell, self.static = render, tell, static

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(HERE, self.show, methods=["GET"]),
            Route(HERE, self.declare, methods=["POST"]),
            Route(f"{HERE}/revocation", self.ask, methods=["GET"]),
            Route(f"{HERE}/revocation", self.revoke, methods=["POST"]),
            Route(f"{HERE}/procuration", self.procuration, methods=["GET"]),
            Route(EMPTY_PAPER, self.empty, methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        """The representative, or the form that declares one."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        view = await self.representatives.view(session.owner)
        note = NOTES.get(request.query_params.get("note", ""), "")
        return self._page(request, view, _typed_of(view), note=note, session=session)

    async def declare(self, request: Request) -> Response:
        """Declare or correct. A refusal is shown above the form, with everything that was typed."""
        fields = await form_body(request)
        typed = {name: fields.get(name, "") for name in FIELDS}
        try:
            session = await form_owner.required(self.sign_in.services, request, fields)
            done = await self.representatives.declare(session.owner, typed)
        except Unavailable as refusal:
            return self._page(request, None, typed, refusal=refusal)
        except Refusal as refusal:
            return await self._refused(request, typed, refusal, fields.get(form_owner.FIELD, ""))
        if done.representation is None:
            view = await self.representatives.view(session.owner)
            return self._page(
                request, view, done.typed.values, errors=done.typed.errors, status=422, session=session
            )
        return RedirectResponse(f"{HERE}?note={'declare' if done.is_new else 'corrige'}", 303)

    async def _refused(
        self, request: Request, typed: Mapping[str, str], refusal: Refusal, whose: str
    ) -> Response:
        if refusal.code in NOT_SIGNED_IN:
            way_on = AS_ANOTHER if form_owner.is_anothers(refusal) else TO_SIGN_IN
            return self._page(request, None, typed, refusal=refusal, way_on=way_on, whose=whose)
        session = await sessions.required(self.sign_in.services, request)
        view = await self.representatives.view(session.owner)
        errors = {field["name"]: field["reason"] for field in refusal.fields.get("fields", [])}
        return self._page(request, view, typed, errors=errors, refusal=refusal, is_open=True, session=session)

    async def ask(self, request: Request) -> Response:
        """Asks before the power is ended."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        view = await self.representatives.view(session.owner)
        if view.current is None:
            return RedirectResponse(f"{HERE}?note=personne", 303)
        whose = form_owner.mark_of(session)
        return self.render(
            request, "representative_revoke.html", current=view.current, here=HERE, whose=whose
        )

    async def revoke(self, request: Request) -> Response:
        """End the power at once; a second press finds it done."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        session = await form_owner.required(self.sign_in.services, request, await form_body(request))
        was_there = await self.representatives.revoke(session.owner)
        return RedirectResponse(f"{HERE}?note={'revoque' if was_there else 'personne'}", 303)

    async def procuration(self, request: Request) -> Response:
        """The procuration with what was declared, to print; as a file with `telecharger`."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        view = await self.representatives.view(session.owner)
        current = view.current
        if current is None:
            return RedirectResponse(EMPTY_PAPER, 303)
        return self._paper(
            request, reference=current.reference, details=current.details, candidate=view.candidate.identity,
            kind=KINDS[current.kind],
        )  # fmt: skip

    async def empty(self, request: Request) -> Response:
        """The same with empty lines, for everybody."""
        nobody = RepresentativeDetails(family_name="", given_name="", email="")
        return self._paper(request, reference="", details=nobody, candidate=NO_ONE, kind="")

    def _paper(self, request: Request, **context: Any) -> Response:
        path, shared = request.url.path, {"kinds": KINDS, "mail_to": self._mail_to()} | context
        if request.query_params.get("telecharger") != "1":
            return self.render(request, "procuration.html", path=path, **shared)
        style = self.static.path("representative.css").read_text("utf-8")
        answer = self.render(request, "procuration_file.html", style=style, **shared)
        answer.headers["Content-Disposition"] = 'attachment; filename="procuration.html"'
        return answer

    def _mail_to(self) -> list[str]:
        found = office_of_all(self.programmes, OfficeUse.DOCUMENTS, day_of(now_ms()))
        return [] if found is None else [*found.lines, COUNTRY]

    def _page(
        self,
        request: Request,
        view: AccountView | None,
        typed: Mapping[str, str] | None,
        *,
        note: str = "",
        errors: Mapping[str, str] | None = None,
        refusal: Refusal | None = None,
        way_on: WayOn = WayOn(),  # noqa: B008  a value that never changes
        status: int = 200,
        is_open: bool = False,
        session: Session | None = None,
        whose: str = "",
    ) -> Response:
        current = None if view is None else view.current
        may_type = current is None or current.state is PowerState.DECLARED or is_open
        return response_of(
            form_answer(
                self.render,
                self.tell,
                incoming(request),
                "representative.html",
                refusal=refusal,
                way_on=way_on,
                errors=errors or {},
                status=status,
                current=current,
                here=HERE,
                whose=whose or form_owner.shown(session, {}),
                note=note,
                day=_day,
                history=[] if view is None else view.history,
                earlier=[] if view is None else view.earlier,
                form=typed if may_type else None,
                means=() if current is None else MEANS[current.state],
                kinds=KINDS,
                states=STATES,
                moves=MOVES_TOLD,
                reasons=RETURN_REASONS,
            )
        )


def _typed_of(view: AccountView) -> dict[str, str]:
    """The form as it stands before anybody types: empty, or what was declared."""
    if view.current is None:
        return dict.fromkeys(FIELDS, "")
    details = view.current.details
    return {name: view.current.kind if name == "kind" else getattr(details, name) for name in FIELDS}


def _day(day: date) -> str:
    return day_words(day)
