"""Who of the staff is at a desk, and in what role: asked by every page and every call that is not the operators' own.

`StaffDesk.member` is the question of an API call, `StaffDesk.at_page` that of a page; both end in `accounts/roles.py:
require`, and what that refuses is on the record.
"""

from collections.abc import Awaitable, Callable, Collection
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from accounts import roles, sessions
from accounts.acts import AccountAct
from accounts.operators.sign_in import sign_in_operator
from accounts.roles import STAFF, HolderKind, Role, RoleGrant
from accounts.services import AccountServices
from accounts.sessions import Session, SignedIn
from accounts.states import SessionRole
from foundation import audit
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.errors import Code, Refusal, Unavailable
from server.requests import incoming

T = TypeVar("T")

HOME = "/personnel"
"""Where staff of any role sign in, and find the pages of theirs."""

OWN_ACCESS = "/personnel/acces"
"""Where a member of staff looks after their own second factor and password."""


class StaffPlace(msgspec.Struct, frozen=True):
    """A page of the staff: its address, its name, what it is for, and whose it is."""

    href: str
    title: str
    words: str
    roles: tuple[Role, ...]


PLACES = (
    StaffPlace(
        "/personnel/courrier",
        "Courrier",
        "Inscrire ce qui arrive par la poste, le rapprocher d’un dossier, le retourner.",
        (Role.CLERK, Role.AGENT),
    ),
    StaffPlace(
        "/personnel/procurations",
        "Procurations",
        "Inscrire une procuration arrivée par la poste, la retourner, annuler une erreur.",
        (Role.CLERK, Role.AGENT),
    ),
    StaffPlace(
        "/agent/etude",
        "Étude",
        "Voir où en sont les dossiers, envoyer la liste de documents, décider.",
        (Role.AGENT, Role.APPROVER),
    ),
    StaffPlace(
        "/personnel/paiements",
        "Paiements par carte",
        "Voir les paiements d’un dossier, rembourser, comparer chaque jour avec le service de paiement.",
        (Role.AGENT, Role.AUDITOR),
    ),
    StaffPlace("/agent", "Dossiers", "Chercher un dossier, le consulter, décider.", (Role.AGENT,)),
    StaffPlace(
        "/agent/verifications",
        "Vérifications",
        "Décider des doublons, des demandes sur papier et des comptes cédés.",
        (Role.AGENT,),
    ),
    StaffPlace(
        "/agent/modifications",
        "Modifications",
        "Lire ce qui a été ajouté aux demandes payées, à côté de ce qui a été signé.",
        (Role.AGENT,),
    ),
    StaffPlace(
        "/personnel/fonctions",
        "Fonctions",
        "Mettre une fonction en service à une date, à deux; la remettre hors service.",
        (Role.OPERATOR, Role.APPROVER),
    ),
    StaffPlace(
        "/personnel/envois",
        "Envois à un groupe",
        "Écrire le même message à plusieurs personnes, l’approuver, en suivre l’envoi.",
        (Role.AGENT, Role.OPERATOR, Role.APPROVER),
    ),
    StaffPlace(
        "/personnel/taches",
        "Tâches",
        "Voir ce que le service fait de lui-même, reprendre ce qui a été mis de côté.",
        (Role.OPERATOR,),
    ),
    StaffPlace(
        "/personnel/jours-feries",
        "Jours fériés",
        "Proclamer un jour férié après coup, ou confirmer celui qu’une autre personne a entré.",
        (Role.OPERATOR, Role.APPROVER),
    ),
    StaffPlace(
        "/personnel/argent",
        "Argent à décider",
        "Décider d’un paiement qu’aucune règle ne place : surplus, envoi partiel, paiement tardif.",
        (Role.AGENT,),
    ),
    StaffPlace(
        "/personnel/avis",
        "Avis postés",
        "Inscrire l’avis de payer qui est parti par la poste, ou confirmer celui qu’une autre personne a inscrit.",
        (Role.AGENT, Role.APPROVER),
    ),
    StaffPlace(
        "/personnel/membres",
        "Membres du personnel",
        "Voir qui a accès, en quel rôle; accorder un rôle à deux, le retirer, renouveler un second facteur.",
        (Role.ADMINISTRATOR, Role.APPROVER, Role.AUDITOR),
    ),
    StaffPlace(
        "/personnel/registre",
        "Registre",
        "Lire qui a fait et consulté quoi, l’exporter, vérifier que rien n’y a été changé.",
        (Role.AUDITOR,),
    ),
    StaffPlace("/operateur", "Journée", "Conduire la réception des demandes.", (Role.OPERATOR,)),
)
"""The pages of the staff, in the order in which they are shown."""


class StaffMemberHere(msgspec.Struct, frozen=True, kw_only=True):
    """A member of staff who was let in: their session, every role they hold now, and the one in which they act."""

    session: Session
    held: tuple[Role, ...]
    role: Role

    @property
    def actor(self) -> Actor:
        """As the audit names them."""
        return Actor(self.session.username, self.role)

    @property
    def username(self) -> str:
        return self.session.username

    @property
    def places(self) -> list[StaffPlace]:
        """The pages that their roles open; none before there is a second factor that is owed."""
        if self.session.owes_code:
            return []
        return [place for place in PLACES if set(place.roles) & set(self.held)]


Ended = Callable[[Request], Awaitable[Response]]
"""Answers a form that came without a session: with what was typed, so that nothing of it is lost (P12)."""


class StaffDesk:
    """Made once a process with the accounts' services; pages and API of all staff ask it."""

    def __init__(self, accounts: AccountServices) -> None:
        self.accounts, self.db = accounts, accounts.db
        self.on_ended: Ended | None = None

    async def member(
        self, request: Request, *wanted: Role, is_poll: bool = False, owing: bool = False
    ) -> StaffMemberHere:
        """Who is here, in one of the wanted roles (any, where none is named). `owing` lets in who has yet to set up a
        second factor, too.

        Refusals not_signed_in, session_ended; not_allowed for a candidate; second_factor_missing; not_your_role, on
        the record.
        """
        try:
            session = await sessions.required(self.accounts, request, SessionRole.OPERATOR, is_poll=is_poll)
        except Refusal as refusal:
            if refusal.code == Code.NOT_SIGNED_IN and await sessions.current(self.accounts, request):
                raise Refusal(Code.NOT_ALLOWED) from None
            raise
        return await self.admit(session, called(request), wanted, owing=owing)

    async def at_page(
        self, request: Request, *wanted: Role, owing: bool = False
    ) -> StaffMemberHere | Response:
        """The same for a page: where nobody of the staff is signed in, the way to the sign-in and back here; who owes a
        second factor is led to where it is set up."""
        try:
            return await self.member(request, *wanted, owing=owing)
        except Refusal as refusal:
            if refusal.code == Code.SECOND_FACTOR_MISSING:
                return RedirectResponse(OWN_ACCESS, 303)
            if refusal.code not in {Code.NOT_SIGNED_IN, Code.SESSION_ENDED}:
                raise
            if request.method != "GET" and self.on_ended is not None:
                return await self.on_ended(request)
            note = "session" if refusal.code == Code.SESSION_ENDED else "avant"
            back = request.url.path if request.method == "GET" else HOME
            return RedirectResponse(f"{HOME}?note={note}&suite={back}", 303)

    async def admit(
        self, session: Session, call: str, wanted: tuple[Role, ...] = (), *, owing: bool = False
    ) -> StaffMemberHere:
        """Let in whoever holds one of the wanted roles now. Refusals not_your_role, on the record, for any other;
        second_factor_missing for who has yet to set one up, unless `owing`."""
        if session.owes_code and not owing:
            raise Refusal(Code.SECOND_FACTOR_MISSING)
        grants = await self.db.read(lambda conn: roles.grants_of(conn, HolderKind.OPERATOR, session.owner))
        now = now_ms()
        try:
            role = roles.require(grants, wanted or STAFF, now)
        except Refusal as refusal:
            await self.record(Actor(session.username), audit.REFUSED, call=call, code=refusal.code)
            raise
        return StaffMemberHere(session=session, held=held(grants, now), role=role)

    async def sign_in(
        self, request: Request, username: str, password: str, code: str | None
    ) -> tuple[SignedIn, StaffMemberHere]:
        """Sign a member of staff in, on the record. Refusals rate_limited, bad_credentials, not_your_role."""
        signed_in = await sign_in_operator(self.accounts, incoming(request), username, password, code)
        member = await self.admit(signed_in.session, called(request))
        missed = signed_in.session.missed
        detail = {} if missed is None else {"missed_tries": missed.tries}
        await self.record(member.actor, AccountAct.SIGN_IN, **detail)
        return signed_in, member

    async def sign_out(self, request: Request, member: StaffMemberHere) -> None:
        """End the session of this browser, on the record."""
        await sessions.sign_out(self.accounts, request, SessionRole.OPERATOR)
        await self.record(member.actor, AccountAct.SIGN_OUT)

    async def on_record(
        self,
        member: StaffMemberHere,
        call: str,
        work: Callable[[], Awaitable[T]],
        wanted: Collection[Role] = STAFF,
    ) -> T:
        """An act of a member who holds one of the wanted roles now; what it is. What is refused is on the record with
        its code, the role included (P16). Refusals not_your_role; those of the act. Raises Unavailable."""
        try:
            if not set(wanted) & set(member.held):
                raise Refusal(Code.NOT_YOUR_ROLE)
            return await work()
        except Unavailable:
            raise
        except Refusal as refusal:
            await self.record(member.actor, audit.REFUSED, call=call, code=refusal.code)
            raise

    async def record(self, actor: Actor, act: str, **detail: Any) -> None:
        """One line of the audit for what changes nothing else."""
        await self.db.write(lambda conn: audit.record(conn, actor, act, None, now_ms(), **detail))


def held(grants: list[RoleGrant], at: int) -> tuple[Role, ...]:
    """The roles of staff that these grants give at this instant, in their order. Pure."""
    return tuple(role for role in STAFF if roles.holds(grants, role, at))


def called(request: Request) -> str:
    """A call as the record names it. Addresses hold no personal data (P11)."""
    return f"{request.method} {request.url.path}"[:200]
