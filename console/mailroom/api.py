"""`/api/v1/staff/mailroom`: what came by post is previewed, entered, matched, undone, returned (`docs/contract.md`)."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from casework.mailroom.correcting.corrections import CorrectionPreview, TypedCorrection
from casework.mailroom.entries import TypedMail
from casework.mailroom.finding import FileAtHand
from casework.mailroom.items import RegisteredItem
from console.mailroom import forms
from console.mailroom.desk import SEES, ItemView, MailroomDesk, ShownPreview
from foundation.clock import rfc3339
from foundation.errors import Code, Refusal
from server.requests import json_body
from server.responses import json_response

ADDRESS = "/api/v1/staff/mailroom"


class MailPreviewBody(msgspec.Struct, frozen=True, kw_only=True):
    """Body of the preview: an entry as it is typed. `keep` puts an item that fits no file into the pen."""

    kind: str
    received_on: str
    number: str = ""
    postmarked_on: str = ""
    instrument: str = ""
    amount: str = ""
    parts: str = ""
    reference: str = ""
    changed_on: str = ""
    capacity: str = ""
    name: str = ""
    country: str = ""
    note: str = ""
    keep: bool = False
    refuse: str = ""
    reason: str = ""

    def typed(self) -> TypedMail:
        """The same as a form brings it."""
        fields = {name: str(getattr(self, name)) for name in TypedMail.__struct_fields__ if name != "keep"}
        return forms.typed_mail(fields | {"keep": "1" if self.keep else ""})


class MailEntryBody(MailPreviewBody, frozen=True, kw_only=True):
    """Body of the entry: the same again, with the `seen` of its preview. `key` makes it one item however often sent."""

    key: str
    seen: str


class MailMatchBody(msgspec.Struct, frozen=True, kw_only=True):
    """Body of a match: the file; with `seen`, of the preview that comes without it, the match itself."""

    number: str
    seen: str = ""
    reason: str = ""


class MailReasonBody(msgspec.Struct, frozen=True, kw_only=True):
    """Why something is done."""

    reason: str


class MailCorrectionBody(msgspec.Struct, frozen=True, kw_only=True):
    """What is proposed to be put right."""

    reason: str
    received_on: str = ""
    postmarked_on: str = ""
    undoes: bool = False


class MailSeenBody(msgspec.Struct, frozen=True, kw_only=True):
    """What was shown, as it is confirmed."""

    seen: str


class MailSendingBody(msgspec.Struct, frozen=True, kw_only=True):
    """How something left the house."""

    tracking: str
    sent_on: str


class PersonSearchBody(msgspec.Struct, frozen=True, kw_only=True):
    """A name and a date of birth."""

    name: str
    birth_date: str


class MailroomApi:
    """The handlers; each asks for the role first. Refusals not_signed_in, session_ended, not_allowed, not_your_role."""

    def __init__(self, desk: MailroomDesk) -> None:
        self.desk = desk

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        one = f"{ADDRESS}/items/{{item}}"
        return [
            Route(f"{ADDRESS}/preview", self.preview, methods=["POST"]),
            Route(f"{ADDRESS}/search", self.search, methods=["POST"]),
            Route(f"{ADDRESS}/items", self.enter, methods=["POST"]),
            Route(f"{ADDRESS}/pen", self.pen, methods=["GET"]),
            Route(f"{ADDRESS}/returns", self.returns, methods=["GET"]),
            Route(one, self.item, methods=["GET"]),
            Route(f"{one}/match", self.match, methods=["POST"]),
            Route(f"{one}/undo", self.undo, methods=["POST"]),
            Route(f"{one}/corrections", self.propose, methods=["POST"]),
            Route(f"{one}/corrections/confirm", self.confirm, methods=["POST"]),
            Route(f"{one}/corrections/drop", self.drop, methods=["POST"]),
            Route(f"{one}/set-aside", self.set_aside, methods=["POST"]),
            Route(f"{one}/accept", self.accept, methods=["POST"]),
            Route(f"{one}/send-back", self.send_back, methods=["POST"]),
        ]

    async def preview(self, request: Request) -> Response:
        """What it would trigger. Refusal invalid."""
        member = await self.desk.staff.member(request, *SEES)
        body = await json_body(request, MailPreviewBody)
        return json_response(previewed(await self.desk.preview(member, body.typed())))

    async def enter(self, request: Request) -> Response:
        """201. Refusals invalid, changed_meanwhile, and those of what it triggers."""
        member = await self.desk.staff.member(request, *SEES)
        body = await json_body(request, MailEntryBody)
        item = await self.desk.enter(member, body.typed(), body.key, body.seen)
        return json_response(described(item), 201)

    async def search(self, request: Request) -> Response:
        """Files of a name and a date of birth. Refusal invalid."""
        member = await self.desk.staff.member(request, *SEES)
        body = await json_body(request, PersonSearchBody)
        found = await self.desk.people(member, body.name, body.birth_date)
        return json_response({"files": [
            {"number": one.number, "name": one.name, "programme": one.programme, "status": one.status} for one in found
        ]})  # fmt: skip

    async def pen(self, request: Request) -> Response:
        """What waits for a file."""
        member = await self.desk.staff.member(request, *SEES)
        return json_response({"items": [described(one) for one in await self.desk.waiting(member)]})

    async def returns(self, request: Request) -> Response:
        """What goes back."""
        member = await self.desk.staff.member(request, *SEES)
        return json_response({"items": [described(one) for one in await self.desk.to_return(member)]})

    async def item(self, request: Request) -> Response:
        """One item with its file, guesses and history. Refusal not_found."""
        member = await self.desk.staff.member(request, *SEES)
        return json_response(viewed(await self.desk.item(member, _id(request))))

    async def match(self, request: Request) -> Response:
        """Without `seen` the preview, with it the match. Refusals not_found, invalid, move_not_allowed,
        changed_meanwhile."""
        member = await self.desk.staff.member(request, *SEES)
        body = await json_body(request, MailMatchBody)
        if not body.seen:
            return json_response(previewed(await self.desk.preview_match(member, _id(request), body.number)))
        done = await self.desk.match(member, _id(request), body.number, body.seen, body.reason)
        return json_response(described(done))

    async def undo(self, request: Request) -> Response:
        """Refusals not_found, invalid, second_person_needed, move_not_allowed."""
        member = await self.desk.staff.member(request, *SEES)
        body = await json_body(request, MailReasonBody)
        return json_response(described(await self.desk.undo(member, _id(request), body.reason)))

    async def propose(self, request: Request) -> Response:
        """201. Refusals not_found, invalid, move_not_allowed, changed_meanwhile."""
        member = await self.desk.staff.member(request, *SEES)
        body = await json_body(request, MailCorrectionBody)
        await self.desk.propose(member, _id(request), TypedCorrection(**msgspec.structs.asdict(body)))
        return json_response(viewed(await self.desk.item(member, _id(request))), 201)

    async def confirm(self, request: Request) -> Response:
        """Refusals not_found, second_person_needed, changed_meanwhile, move_not_allowed."""
        member = await self.desk.staff.member(request, *SEES)
        body = await json_body(request, MailSeenBody)
        return json_response(described(await self.desk.confirm(member, _id(request), body.seen)))

    async def drop(self, request: Request) -> Response:
        """Refusal not_found."""
        member = await self.desk.staff.member(request, *SEES)
        return json_response(described(await self.desk.drop(member, _id(request))))

    async def set_aside(self, request: Request) -> Response:
        """Refusals not_found, invalid, move_not_allowed."""
        member = await self.desk.staff.member(request, *SEES)
        body = await json_body(request, MailReasonBody)
        return json_response(described(await self.desk.set_aside(member, _id(request), body.reason)))

    async def accept(self, request: Request) -> Response:
        """An agent's. Refusals not_found, invalid, move_not_allowed."""
        member = await self.desk.staff.member(request, *SEES)
        body = await json_body(request, MailReasonBody)
        return json_response(described(await self.desk.accept(member, _id(request), body.reason)))

    async def send_back(self, request: Request) -> Response:
        """Refusals not_found, invalid, move_not_allowed."""
        member = await self.desk.staff.member(request, *SEES)
        body = await json_body(request, MailSendingBody)
        done = await self.desk.send_back(member, _id(request), body.tracking, body.sent_on)
        return json_response(described(done))


def described(item: RegisteredItem) -> dict[str, Any]:
    """Where an item is; nothing of who it is about."""
    entry = item.entry
    return {
        "id": item.id, "kind": entry.kind, "state": item.state, "received_on": entry.received_on,
        "postmarked_on": entry.postmarked_on, "changed_on": entry.changed_on, "capacity": entry.capacity,
        "entered_at": rfc3339(item.entered_at),
        "instrument": entry.instrument, "cents": entry.cents, "parts": entry.parts,
        "tracking": item.tracking, "sent_on": item.sent_on,
    }  # fmt: skip


def viewed(view: ItemView) -> dict[str, Any]:
    """The same with its file and its history."""
    events = [
        {
            "move": one.move,
            "state": one.after,
            "at": rfc3339(one.at),
            "actor": one.actor,
            "reason": one.reason,
        }
        for one in view.history
    ]
    guesses = [
        file_told(one.of) | {"points": one.guess.points, "reasons": one.guess.reasons} for one in view.guesses
    ]
    return described(view.item) | {
        "hints": msgspec.structs.asdict(view.item.entry.hints), "history": events, "guesses": guesses,
        "file": None if view.of is None else file_told(view.of),
        "correction": None if view.correction is None else corrected(view.correction),
    }  # fmt: skip


def corrected(shown: CorrectionPreview) -> dict[str, Any]:
    """What a correction changes, before another person confirms it."""
    one = shown.correction
    return {
        "kind": one.kind, "received_on": one.received_on, "postmarked_on": one.postmarked_on, "reason": one.reason,
        "proposed_by": one.proposed_by, "seen": shown.seen, "changes": shown.changes, "asks": shown.asks,
        "before": [] if shown.before is None else shown.before.told,
        "after": [] if shown.after is None else shown.after.told,
    }  # fmt: skip


def previewed(found: ShownPreview) -> dict[str, Any]:
    """What a person has to see before it is confirmed."""
    preview = found.preview
    judgement = preview.judgement
    return {
        "seen": preview.seen,
        "file": None if preview.of is None else file_told(preview.of),
        "becomes": None if judgement is None else judgement.move,
        "warns": [] if judgement is None else judgement.warns,
        "says": [] if judgement is None else judgement.says,
        "twins": preview.twins,
        "guesses": [
            file_told(one.of) | {"points": one.guess.points, "reasons": one.guess.reasons}
            for one in found.guesses
        ],
    }


def file_told(of: FileAtHand) -> dict[str, Any]:
    """What is compared with the paper."""
    return {"number": of.number, "name": of.name, "programme": of.programme, "status": of.status}


def _id(request: Request) -> int:
    number = forms.whole(request.path_params["item"])
    if number is None:
        raise Refusal(Code.NOT_FOUND)
    return number
