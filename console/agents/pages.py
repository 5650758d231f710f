"""The agents' desk, `/agent`: search first, then the check of who asks, then the file. French, whole without scripts.

Every search, every opening and every look is on the record. Nothing typed to find somebody is in an address.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from accounts import accommodations
from accounts.email_change import settling
from accounts.identities import Identity
from accounts.normalisation import visible
from accounts.own_account import changes
from accounts.personal_data import countries, email_addresses
from accounts.personal_data.email_addresses import EmailAddress
from accounts.representatives.states import KINDS as REPRESENTATIVE_KINDS
from accounts.representatives.states import STATES as POWER_STATES
from accounts.reviews import cases
from accounts.reviews.states import ReviewState
from accounts.roles import Role
from accounts.store import ACCOUNT
from casework.mailbox.states import NOTICES
from casework.receipts import Submission
from console.agents import file, openings, search
from console.agents.forms import DeskForms
from console.agents.openings import LONGEST_REASON, OPEN_MS, Opening
from console.agents.search import WAYS, FoundFile
from console.agents.services import AgentServices
from console.agents.states import METHODS, PURPOSES, RESULTS, IdentityResult
from console.staff.desk import StaffMemberHere
from foundation import audit
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from foundation.subjects import Subject
from quota.frozen_rules import payment_of
from server.rendering.forms import Tell
from server.rendering.templating import Render
from server.requests import form_body, row_number
from submission.exempt import claims
from submission.exempt.states import CLAIM_STATES, ExemptClaimState
from submission.states import CAPACITIES, STATUSES

HOME = "/agent"

ONE = f"{HOME}/dossiers/{{id}}"

DONE = {
    "courriel": "L’adresse est changée; l’ancienne et la nouvelle en sont averties.",
    "identite": "L’identité est corrigée; la personne en est avertie à l’adresse au dossier.",
    "adaptation": "La mesure d’adaptation est enregistrée.",
    "ferme": "Le dossier est refermé.",
    "message": "Le message est déposé dans la messagerie de la personne.",
    "decision": "La décision est enregistrée; sa lettre est déposée dans le compte.",
}
"""What a page says of what was just done, by the word in its address."""


class AgentPages:
    """The handlers; each reads a request, asks a service, and makes one page or sends the browser on."""

    def __init__(self, services: AgentServices, render: Render, tell: Tell) -> None:
        self.services, self.forms = services, DeskForms(render, tell)
        self.staff, self.db = services.staff, services.db

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(HOME, self.home, methods=["GET"]),
            Route(f"{HOME}/recherche", self.search, methods=["POST"]),
            Route(ONE, self.file, methods=["GET"]),
            Route(f"{ONE}/ouvrir", self.ask, methods=["GET"]),
            Route(f"{ONE}/ouvrir", self.open, methods=["POST"]),
            Route(f"{ONE}/fermer", self.close, methods=["POST"]),
            Route(f"{ONE}/adaptation", self.accommodate, methods=["POST"]),
            Route(f"{ONE}/identite", self.correct, methods=["POST"]),
            Route(f"{ONE}/courriel", self.change_email, methods=["POST"]),
        ]

    async def home(self, request: Request) -> Response:
        """The search, and the queues with how much waits in each."""
        member = await self.staff.at_page(request, Role.AGENT)
        if isinstance(member, Response):
            return member
        return await self._home(request, member)

    async def search(self, request: Request) -> Response:
        """What a search finds."""
        member = await self.staff.at_page(request, Role.AGENT)
        if isinstance(member, Response):
            return member
        fields, services = await form_body(request), self.services
        try:
            asked = search.typed(fields)
        except Refusal as refusal:
            return await self._home(request, member, refusal, fields)
        found = await self.db.write(
            lambda conn: search.search(conn, services.personal, member, asked, now_ms())
        )
        return await self._home(request, member, None, fields, found)

    async def _home(
        self,
        request: Request,
        member: StaffMemberHere,
        refusal: Refusal | None = None,
        typed: dict[str, str] | None = None,
        found: list[FoundFile] | None = None,
    ) -> Response:
        counts, reviews = await self.db.read(claims.counts), await self.db.read(cases.counts)
        return self.forms.page(
            request, "agent_home.html", refusal, typed, member=member, found=found, ways=WAYS,
            most=search.MOST_FOUND, waiting=counts[ExemptClaimState.DECLARED],
            reviews=sum(count for (_, state), count in reviews.items() if state is ReviewState.OPEN),
            done=DONE.get(request.query_params.get("fait", ""), ""),
        )  # fmt: skip

    async def ask(self, request: Request) -> Response:
        """Why the file is opened, and how it was checked who asks: nothing of it is shown yet."""
        member = await self.staff.at_page(request, Role.AGENT)
        if isinstance(member, Response):
            return member
        return await self._ask(request, member)

    async def open(self, request: Request) -> Response:
        """Open the file, or say that the check failed, and nothing more."""
        member = await self.staff.at_page(request, Role.AGENT)
        if isinstance(member, Response):
            return member
        fields, account_id = await form_body(request), row_number(request.path_params["id"])
        try:
            asked = openings.typed(fields)
            opening = await self.db.write(
                lambda conn: openings.open_file(
                    conn, self.services.personal, member, account_id, asked, now_ms()
                )
            )
        except Refusal as refusal:
            if refusal.code not in {Code.INVALID, Code.RATE_LIMITED}:
                raise
            return await self._ask(request, member, refusal, fields)
        if opening.result is IdentityResult.FAILED:
            return await self._ask(request, member, typed=fields, is_failed=True)
        return RedirectResponse(f"{HOME}/dossiers/{account_id}", 303)

    async def _ask(
        self,
        request: Request,
        member: StaffMemberHere,
        refusal: Refusal | None = None,
        typed: dict[str, str] | None = None,
        is_failed: bool = False,
    ) -> Response:
        account_id = row_number(request.path_params["id"])
        username = await self.db.read(lambda conn: file.username_of(conn, account_id))
        return self.forms.page(
            request, "agent_open.html", refusal, typed, member=member, account_id=account_id, username=username,
            purposes=PURPOSES, methods=METHODS, is_failed=is_failed, minutes=OPEN_MS // 60_000,
        )  # fmt: skip

    async def file(self, request: Request) -> Response:
        """The file, to whoever has opened it; a look, on the record."""
        member = await self.staff.at_page(request, Role.AGENT)
        if isinstance(member, Response):
            return member
        opening = await self._opened(request, member)
        if isinstance(opening, Response):
            return opening
        return await self._file(request, member, opening)

    async def _opened(self, request: Request, member: StaffMemberHere) -> Opening | Response:
        account_id = row_number(request.path_params["id"])
        opening = await self.db.read(lambda conn: openings.opened(conn, member, account_id, now_ms()))
        if opening is None:
            return RedirectResponse(f"{HOME}/dossiers/{account_id}/ouvrir", 303)
        return opening

    async def _file(
        self,
        request: Request,
        member: StaffMemberHere,
        opening: Opening,
        refusal: Refusal | None = None,
        typed: dict[str, str] | None = None,
    ) -> Response:
        account_id = row_number(request.path_params["id"])
        await looked(self.db, member, account_id, "dossier")
        found = await self.db.read(lambda conn: file.read(conn, self.services.readers, account_id))
        return self.forms.page(
            request, "agent_file.html", refusal, typed, member=member, file=found, opening=opening,
            purposes=PURPOSES, results=RESULTS, statuses=STATUSES, capacities=CAPACITIES,
            claim_states=CLAIM_STATES, countries=countries.names(),
            representative_kinds=REPRESENTATIVE_KINDS, power_states=POWER_STATES,
            notices=NOTICES, programmes=self.services.programmes, asks_fees=self._asks_fees,
            done=DONE.get(request.query_params.get("fait", ""), ""),
        )  # fmt: skip

    def _asks_fees(self, one: Submission) -> bool:
        return payment_of(one.rules, one.programme, self.services.programmes).asks_fees

    async def close(self, request: Request) -> Response:
        """Close the file."""
        member = await self.staff.at_page(request, Role.AGENT)
        if isinstance(member, Response):
            return member
        account_id = row_number(request.path_params["id"])
        await self.db.write(lambda conn: openings.close_file(conn, member, account_id, now_ms()))
        return RedirectResponse(f"{HOME}?fait=ferme", 303)

    async def accommodate(self, request: Request) -> Response:
        """Grant an accommodation, beforehand, to whoever's file is open (PA-04)."""
        member = await self.staff.at_page(request, Role.AGENT)
        if isinstance(member, Response):
            return member
        opening = await self._opened(request, member)
        if isinstance(opening, Response):
            return opening
        fields, account_id = await form_body(request), row_number(request.path_params["id"])
        try:
            factor = read_factor(fields.get("factor", ""))
            username = await self.db.read(lambda conn: file.username_of(conn, account_id))
            await self.db.write(
                lambda conn: accommodations.grant(conn, username, factor, member.actor, now_ms())
            )
        except Refusal as refusal:
            if refusal.code not in {Code.INVALID, Code.ACCOUNT_HAS_LIVE_TOKEN}:
                raise
            return await self._file(request, member, opening, refusal, fields)
        return RedirectResponse(f"{HOME}/dossiers/{account_id}?fait=adaptation", 303)

    async def correct(self, request: Request) -> Response:
        """Correct who somebody is, at their word and with a proof: only where it was confirmed who asks (DU-02)."""
        member = await self.staff.at_page(request, Role.AGENT)
        if isinstance(member, Response):
            return member
        opening = await self._opened(request, member)
        if isinstance(opening, Response):
            return opening
        fields, account_id = await form_body(request), row_number(request.path_params["id"])
        try:
            if not opening.is_confirmed:
                raise Refusal(Code.NOT_FOUND)
            reason = claims.typed_reason(fields.get("correction_reason"))
            new = Identity(**{name: fields.get(name, "") for name in Identity.__struct_fields__})
            await self.db.write(
                lambda conn: changes.correct_identity(
                    conn, self.services.personal, account_id, new, member.actor, reason, now_ms()
                )
            )
        except Refusal as refusal:
            if refusal.code != Code.INVALID:
                raise
            return await self._file(request, member, opening, at_its_fields(refusal), fields)
        return RedirectResponse(f"{HOME}/dossiers/{account_id}?fait=identite", 303)

    async def change_email(self, request: Request) -> Response:
        """Give an account another address at once, for whoever lost the old one and was found to be its owner."""
        member = await self.staff.at_page(request, Role.AGENT)
        if isinstance(member, Response):
            return member
        opening = await self._opened(request, member)
        if isinstance(opening, Response):
            return opening
        fields, account_id = await form_body(request), row_number(request.path_params["id"])
        services = self.services
        try:
            if not opening.is_confirmed:
                raise Refusal(Code.NOT_FOUND)
            address, reason = read_change(fields)
            await self.db.write(
                lambda conn: settling.change_now(
                    conn, services.personal, account_id, address, member.actor, now_ms(), services.public_url,
                    reason=reason,
                )
            )  # fmt: skip
        except Refusal as refusal:
            if refusal.code not in {Code.INVALID, Code.EMAIL_ALREADY_USED}:
                raise
            return await self._file(request, member, opening, refusal, fields)
        return RedirectResponse(f"{HOME}/dossiers/{account_id}?fait=courriel", 303)


def read_change(fields: dict[str, str]) -> tuple[EmailAddress, str]:
    """The new address and the reason, as they were typed. Refusal invalid. Pure."""
    address, reason = email_addresses.read(fields.get("email", "")), visible(fields.get("email_reason", ""))
    wrong = {}
    if address is None:
        wrong["email"] = "Entrez une adresse de courriel complète, comme nom@exemple.ca."
    if not reason or len(reason) > LONGEST_REASON:
        wrong["email_reason"] = f"Donnez le motif, en {LONGEST_REASON} caractères au plus."
    if wrong or address is None:
        raise Refusal(Code.INVALID, fields=[{"name": name, "reason": said} for name, said in wrong.items()])
    return address, reason


def at_its_fields(refusal: Refusal) -> Refusal:
    """What is wrong with a correction, at the fields of its form. Pure."""
    told = [
        {"name": "correction_reason", "reason": "Donnez le motif, et la preuve vue."}
        if field["name"] == "reason"
        else {"name": field["name"].removeprefix("identity."), "reason": field["reason"]}
        for field in refusal.fields.get("fields", [])
    ]
    return Refusal(Code.INVALID, fields=told)


def read_factor(text: str) -> float:
    """A factor as it is typed in French, 1,5. Refusal invalid."""
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        field = {"name": "factor", "reason": "Entrez un nombre de 1 à 2, tel que 1,5."}
        raise Refusal(Code.INVALID, fields=[field]) from None


async def looked(db: Database, member: StaffMemberHere, account_id: int, page: str) -> None:
    """One look at a person's data, on the record before it is shown (P16)."""
    subject = Subject.row(ACCOUNT, account_id)
    await db.write(lambda conn: audit.record(conn, member.actor, audit.LOOK, subject, now_ms(), page=page))
