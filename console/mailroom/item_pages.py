"""`/personnel/courrier/pieces/{id}`, and the pen: one item, what became of it, and what can be done."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from casework.letters import rendering
from casework.mailroom.handlers.registry import HANDLERS
from casework.mailroom.items import MOST_LISTED, RegisteredItem
from casework.mailroom.pen import KEPT_DAYS
from casework.mailroom.returning import covering_letter
from casework.mailroom.states import INSTRUMENTS, KINDS, MOVES_TOLD, STATES, MailMove
from casework.withdrawal.letter import WHO as SIGNERS
from console.mailroom import forms
from console.mailroom.desk import SEES, MailroomDesk, ShownPreview
from console.mailroom.pages import HERE
from console.record.words import actor_words
from console.staff.desk import StaffMemberHere
from console.staff.pressed import answered, pressed
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.money import dollars
from server.rendering.forms import Tell, WayOn, shown
from server.rendering.templating import Render, day_words
from server.requests import form_body

DONE: Final = {
    "rapprocher": "La pièce est rapprochée du dossier.",
    "annuler": "L’inscription est annulée; l’histoire garde les deux lignes.",
    "mettre-de-cote": "La pièce est à retourner.",
    "accepter": "La pièce est gardée au dossier.",
    "retourner": "Le retour est inscrit.",
    "corriger": "La correction est proposée; une autre personne la confirme.",
    "confirmer": "La correction est faite.",
    "laisser": "La correction est laissée.",
}
"""Act in the address -> what is said afterwards."""

FIELDS: Final = ("reason", "tracking", "sent_on", "received_on", "postmarked_on", "undoes", "seen")
"""What the forms of an item's page carry."""

NOTHING_DONE: Final = "La ligne reste, marquée comme annulée."
"""What an undoing says of an item that has triggered nothing."""

Act = Callable[[StaffMemberHere, int, dict[str, str]], Awaitable[object]]


class MailItemPages:
    """The handlers of items."""

    def __init__(self, desk: MailroomDesk, render: Render, tell: Tell) -> None:
        self.desk, self.render, self.tell = desk, render, tell

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        one = f"{HERE}/pieces/{{id}}"
        acts: dict[str, Act] = {
            "annuler": lambda member, id, fields: self.desk.undo(member, id, fields["reason"]),
            "mettre-de-cote": lambda member, id, fields: self.desk.set_aside(member, id, fields["reason"]),
            "accepter": lambda member, id, fields: self.desk.accept(member, id, fields["reason"]),
            "retourner": lambda member, id, fields: self.desk.send_back(
                member, id, fields["tracking"], fields["sent_on"]
            ),
        }
        acts |= {
            "corriger": lambda member, id, fields: self.desk.propose(
                member, id, forms.typed_correction(fields)
            ),
            "confirmer": lambda member, id, fields: self.desk.confirm(member, id, fields["seen"]),
            "laisser": lambda member, id, _: self.desk.drop(member, id),
        }
        return [
            Route(f"{HERE}/attente", self.pen, methods=["GET"]),
            Route(one, self.show, methods=["GET"]),
            Route(f"{one}/lettre.pdf", self.letter, methods=["GET"]),
            Route(f"{one}/apercu", self.preview_match, methods=["POST"]),
            Route(f"{one}/rapprocher", self.match, methods=["POST"]),
            *(Route(f"{one}/{word}", self.doing(word, act), methods=["POST"]) for word, act in acts.items()),
        ]

    async def pen(self, request: Request) -> Response:
        """What fits no file, the oldest first."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        found = await self.desk.waiting(member)
        return self._list(request, member, "En attente d’un dossier", found)

    def _list(self, request: Request, member: StaffMemberHere, title: str, found: object) -> Response:
        return self.render(
            request, "staff_mail_list.html", member=member, here=HERE, title=title, found=found, kinds=KINDS,
            instruments=INSTRUMENTS, signers=SIGNERS, dollars=dollars,
            states=STATES, day=day_words, kept_days=KEPT_DAYS, most=MOST_LISTED,
        )  # fmt: skip

    async def show(self, request: Request) -> Response:
        """One item. Refusal not_found."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        note = DONE.get(request.query_params.get("note", ""), "")
        return await self._item(request, member, id_in(request), note=note)

    def doing(self, word: str, act: Act) -> Callable[[Request], Awaitable[Response]]:
        """The handler of an act whose button stands on the item's page."""

        async def post(request: Request) -> Response:
            member = await self.desk.staff.at_page(request, *SEES)
            if isinstance(member, Response):
                return member
            id, sent = id_in(request), await form_body(request)
            fields = {name: forms.text_of(sent, name) for name in FIELDS}
            return await pressed(
                lambda: act(member, id, fields),
                f"{HERE}/pieces/{id}?note={word}",
                lambda refusal: self._item(request, member, id, refusal=refusal, act=word, typed=fields),
                raised=(),
            )

        return post

    async def letter(self, request: Request) -> Response:
        """The letter that goes back with it, to be printed. Refusal not_found."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        id, now = id_in(request), now_ms()
        content = await self.desk.letter(member, id, now)
        footer = f"Pièce {id}"
        pdf = await asyncio.to_thread(rendering.pdf_of, content, covering_letter.TITLE, footer, now)
        headers = {"Content-Disposition": f'inline; filename="retour-{id}.pdf"', "Cache-Control": "no-store"}
        return Response(pdf, media_type="application/pdf", headers=headers)

    async def preview_match(self, request: Request) -> Response:
        """What the item would trigger in the file that was named."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        id, number = id_in(request), forms.text_of(await form_body(request), "number")
        return await self._match(request, member, id, number)

    async def match(self, request: Request) -> Response:
        """Match it; what is no longer so is shown again."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        id, sent = id_in(request), await form_body(request)
        number, seen, reason = (forms.text_of(sent, name) for name in ("number", "seen", "reason"))
        return await pressed(
            lambda: self.desk.match(member, id, number, seen, reason),
            f"{HERE}/pieces/{id}?note=rapprocher",
            lambda refusal: self._match(
                request, member, id, number, refusal, sent.get("told", "").split("\n")
            ),
            raised=(),
        )

    async def _match(
        self, request: Request, member: StaffMemberHere, id: int, number: str, refusal: Refusal | None = None,
        told: list[str] | None = None,
    ) -> Response:  # fmt: skip
        async def page(found: ShownPreview) -> Response:
            return self._shown_match(request, member, id, number, found, refusal, told)

        return await answered(
            lambda: self.desk.preview_match(member, id, number), page,
            lambda wrong: self._item(
                request, member, id, refusal=wrong, act="apercu", typed={"number": number}
            ),
            raised=(),
        )  # fmt: skip

    def _shown_match(
        self, request: Request, member: StaffMemberHere, id: int, number: str, found: ShownPreview,
        refusal: Refusal | None, told: list[str] | None,
    ) -> Response:  # fmt: skip
        errors = {} if refusal is None else forms.errors_of(refusal)
        words = None if refusal is None else self.tell(refusal)
        above = None if refusal is None or words is None or errors else shown(refusal, words, WayOn())
        now_told = [] if found.preview.judgement is None else list(found.preview.judgement.told)
        is_stale = refusal is not None and refusal.code == Code.CHANGED_MEANWHILE
        return self.render(
            request, "staff_mail_match.html", status=200 if words is None else words.status, member=member, here=HERE,
            id=id, number=number, found=found, preview=found.preview, errors=errors, refusal=above, kinds=KINDS,
            instruments=INSTRUMENTS, signers=SIGNERS, dollars=dollars,
            states=STATES, day=day_words, told="\n".join(now_told),
            changes=forms.changed([one for one in told or [] if one], now_told) if is_stale else [],
        )  # fmt: skip

    async def _item(
        self, request: Request, member: StaffMemberHere, id: int, note: str = "", refusal: Refusal | None = None,
        act: str = "", typed: dict[str, str] | None = None,
    ) -> Response:  # fmt: skip
        view = await self.desk.item(member, id)
        words = None if refusal is None else self.tell(refusal)
        errors = (
            {}
            if refusal is None
            else {f"{act}-{name}": why for name, why in forms.errors_of(refusal).items()}
        )
        above = None if refusal is None or words is None or errors else shown(refusal, words, WayOn())
        return self.render(
            request, "staff_mail_item.html", status=200 if words is None else words.status, member=member, here=HERE,
            view=view, item=view.item, note=note, errors=errors, refusal=above, typed={act: typed or {}}, kinds=KINDS,
            instruments=INSTRUMENTS, signers=SIGNERS, dollars=dollars,
            states=STATES, moves=MOVES_TOLD, move=MailMove, day=day_words, who=actor_words,
            taking_back=taking_back_of(view.item),
        )  # fmt: skip


def taking_back_of(item: RegisteredItem) -> str:
    """What an undoing of it does, as it is announced. Pure."""
    handler = HANDLERS[item.entry.kind]
    return handler.taking_back if item.state in handler.takes_back_from else NOTHING_DONE


def id_in(request: Request) -> int:
    """The item that an address names. Refusal not_found."""
    number = forms.whole(request.path_params["id"])
    if number is None:
        raise Refusal(Code.NOT_FOUND)
    return number
