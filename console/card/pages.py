"""`/personnel/paiements`: the card payments of a file, and giving money back; below it each day beside the provider's
books."""

import secrets
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from casework.files.states import STATUSES as FILE_STATUSES
from casework.payments.card.states import MOVEMENTS_FR, REFUNDS_FR
from casework.payments.card.states import STATES as CHARGE_STATES
from console.card.desk import GIVES_BACK, SEES, CardDesk, CardFile, TypedRefund
from console.staff.desk import StaffMemberHere
from console.staff.pressed import pressed
from foundation.errors import Code, Refusal
from quota.approvals import is_same
from server.rendering.forms import Tell, WayOn, shown
from server.rendering.templating import Render
from server.requests import form_body

HERE: Final = "/personnel/paiements"

DAYS: Final = f"{HERE}/rapprochement"

LONGEST_NUMBER: Final = 40

NOT_FOUND: Final = (
    "Aucun dossier n’a ce numéro. Comparez chaque chiffre; les deux derniers vérifient les autres."
)

DONE: Final = {
    "fait": "Le remboursement est demandé. Il paraîtra ici dès que le service de paiement l’aura fait.",
    "propose": "Ce remboursement attend une deuxième personne. Rien n’est encore demandé au service de paiement.",
}
"""What the page says of what was just done, by the word in its address."""


class CardPages:
    """The handlers."""

    def __init__(self, desk: CardDesk, render: Render, tell: Tell) -> None:
        self.desk, self.render, self.tell = desk, render, tell

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(HERE, self.show, methods=["GET"]),
            Route(HERE, self.give_back, methods=["POST"]),
            Route(DAYS, self.days, methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        """The search, and the payments of the file that was found."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        number = request.query_params.get("dossier", "")[:LONGEST_NUMBER]
        note = DONE.get(request.query_params.get("note", ""), "")
        if not number.strip():
            return self._page(request, member, None, number)
        try:
            found = await self.desk.file(member, number)
        except Refusal as refusal:
            if refusal.code != Code.NOT_FOUND:
                raise
            return self._page(request, member, None, number, errors={"dossier": NOT_FOUND}, status=404)
        return self._page(request, member, found, found.number, note=note)

    async def give_back(self, request: Request) -> Response:
        """A refund; what was refused stands above the form, with what was typed."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        fields = await form_body(request)
        number = fields.get("dossier", "")[:LONGEST_NUMBER]
        typed = TypedRefund(**{name: fields.get(name, "")[:2_000] for name in TypedRefund.__struct_fields__})

        async def again(refusal: Refusal) -> Response:
            if refusal.code == Code.NOT_FOUND:
                return self._page(request, member, None, number, errors={"dossier": NOT_FOUND}, status=404)
            found = await self.desk.file(member, number)
            errors = {field["name"]: field["reason"] for field in refusal.fields.get("fields", [])}
            return self._page(request, member, found, number, typed=typed, errors=errors, refusal=refusal)

        return await pressed(
            lambda: self.desk.give_back(member, number, typed),
            lambda is_done: f"{HERE}?dossier={number}&note={'fait' if is_done else 'propose'}",
            again,
            raised=(),
        )

    async def days(self, request: Request) -> Response:
        """Each day: ours, theirs, what differs; days without a movement too."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        return self.render(
            request, "staff_card_days.html", member=member, days=await self.desk.days(), kinds=MOVEMENTS_FR,
            here=HERE,
        )  # fmt: skip

    def _page(
        self,
        request: Request,
        member: StaffMemberHere,
        found: CardFile | None,
        number: str,
        *,
        typed: TypedRefund = TypedRefund(),  # noqa: B008  a value that never changes
        errors: dict[str, str] | None = None,
        refusal: Refusal | None = None,
        note: str = "",
        status: int = 200,
    ) -> Response:
        words = None
        if refusal is not None:
            text = self.tell(refusal)
            words, status = shown(refusal, text, WayOn()), text.status
        return self.render(
            request, "staff_card_file.html", status=status, member=member, found=found, number=number, typed=typed,
            errors=errors or {}, refusal=words, note=note, here=HERE, days_at=DAYS,
            may_give_back=bool(set(GIVES_BACK) & set(member.held)), charge_states=CHARGE_STATES, refunds=REFUNDS_FR,
            file_statuses=FILE_STATUSES, key=typed.key or secrets.token_hex(12), is_same=is_same,
        )  # fmt: skip
