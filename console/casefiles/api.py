"""`/api/v1/files`: what agents do in a file, over the API (`docs/contract.md`)."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from casework.checklists.generating import PersonalList
from casework.checklists.items import Checklist, ChecklistItem
from casework.checklists.states import ItemAct
from casework.decisions.deciding import FileDecision
from casework.decisions.states import DecisionOutcome
from casework.files.states import FileStatus
from console.casefiles.desk import SEES, CaseFile, CasefileDesk, TypedItem
from console.casefiles.queue import FileQueue
from foundation.clock import rfc3339
from foundation.errors import Code, Refusal
from server.requests import json_body, row_number
from server.responses import json_response

ADDRESS = "/api/v1/files"


class ListBody(msgspec.Struct, frozen=True):
    """Body of the sending of a list: the `digest` of its preview, and the `version` of the file as it was seen."""

    digest: str
    version: str | None = None


class ItemActBody(msgspec.Struct, frozen=True):
    """Body of an act about a document."""

    act: ItemAct
    reason: str = ""
    on_day: str = ""
    tracking: str = ""
    version: str | None = None


class DecisionBody(msgspec.Struct, frozen=True):
    """Body of a decision: in a file that is decided it is proposed in place of the one in force."""

    decision: DecisionOutcome
    reason: str
    version: str | None = None


class SeenBody(msgspec.Struct, frozen=True):
    """Body of what needs nothing but the version, and a reason where it is taken back."""

    reason: str = ""
    version: str | None = None


class CasefileApi:
    """The handlers."""

    def __init__(self, desk: CasefileDesk) -> None:
        self.desk = desk

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        one = f"{ADDRESS}/{{number}}"
        return [
            Route(ADDRESS, self.queue, methods=["GET"]),
            Route(one, self.show, methods=["GET"]),
            Route(f"{one}/taking", self.take, methods=["PUT"]),
            Route(f"{one}/taking", self.leave, methods=["DELETE"]),
            Route(f"{one}/checklist", self.preview, methods=["GET"]),
            Route(f"{one}/checklist", self.send, methods=["POST"]),
            Route(f"{one}/items/{{item}}", self.item, methods=["POST"]),
            Route(f"{one}/decision", self.decide, methods=["POST"]),
            Route(f"{one}/decision/confirm", self.confirm, methods=["POST"]),
            Route(f"{one}/decision/withdraw", self.withdraw, methods=["POST"]),
        ]

    async def queue(self, request: Request) -> Response:
        """Refusals not_signed_in, session_ended, not_allowed, not_your_role, invalid for a status that is none."""
        member = await self.desk.staff.member(request, *SEES)
        asked = request.query_params
        status = next((one for one in FileStatus if one == asked.get("status", "in_examination")), None)
        if status is None:
            raise Refusal(Code.INVALID, fields=[{"name": "status", "reason": "Cet état n’existe pas."}])
        page = min(max(row_number(asked.get("page", "1")), 1), 10_000)
        return json_response(queue_shown(await self.desk.queue(member, status, page)))

    async def show(self, request: Request) -> Response:
        """One file, a look on the record. Refusals as `queue`, and not_found."""
        member = await self.desk.staff.member(request, *SEES)
        return json_response(file_shown(await self.desk.view(member, request.path_params["number"])))

    async def take(self, request: Request) -> Response:
        """200. Refusals as `show`, and conflict."""
        member = await self.desk.staff.member(request, *SEES)
        taken = await self.desk.take(member, request.path_params["number"])
        return json_response({"taken_by": taken.taken_by, "until": rfc3339(taken.until)})

    async def leave(self, request: Request) -> Response:
        """204, also where one does not have it."""
        member = await self.desk.staff.member(request, *SEES)
        await self.desk.leave(member, request.path_params["number"])
        return Response(status_code=204)

    async def preview(self, request: Request) -> Response:
        """The list that would go out now."""
        member = await self.desk.staff.member(request, *SEES)
        found, made = await self.desk.preview(member, request.path_params["number"])
        return json_response(preview_shown(made) | {"version_seen": found.version.text})

    async def send(self, request: Request) -> Response:
        """201. Refusals as `show`, conflict, changed_meanwhile, move_not_allowed."""
        member = await self.desk.staff.member(request, *SEES)
        body = await json_body(request, ListBody)
        listed = await self.desk.send_list(member, request.path_params["number"], body.version, body.digest)
        return json_response(list_shown(listed), 201)

    async def item(self, request: Request) -> Response:
        """200 with the file. Refusals as `show`, conflict, invalid, move_not_allowed."""
        member = await self.desk.staff.member(request, *SEES)
        body, number = await json_body(request, ItemActBody), request.path_params["number"]
        typed = TypedItem(body.reason, body.on_day, body.tracking)
        await self.desk.item(
            member, number, body.version, row_number(request.path_params["item"]), body.act, typed
        )
        return json_response(file_shown(await self.desk.view(member, number)))

    async def decide(self, request: Request) -> Response:
        """201: in force, or proposed. Refusals as `show`, conflict, invalid, move_not_allowed, already_decided."""
        member = await self.desk.staff.member(request, *SEES)
        body, number = await json_body(request, DecisionBody), request.path_params["number"]
        made = await self.desk.decide(member, number, body.version, body.decision, body.reason)
        return json_response(decision_shown(made), 201)

    async def confirm(self, request: Request) -> Response:
        """200. Refusals as `show`, conflict, second_person_needed, move_not_allowed."""
        member = await self.desk.staff.member(request, *SEES)
        body = await json_body(request, SeenBody)
        made = await self.desk.confirm(member, request.path_params["number"], body.version)
        return json_response(decision_shown(made))

    async def withdraw(self, request: Request) -> Response:
        """204. Refusals as `show`, conflict, invalid."""
        member = await self.desk.staff.member(request, *SEES)
        body = await json_body(request, SeenBody)
        await self.desk.withdraw(member, request.path_params["number"], body.version, body.reason)
        return Response(status_code=204)


def queue_shown(found: FileQueue) -> dict[str, Any]:
    """Counts and numbers; nothing of a person."""
    return {
        "counts": [
            {"status": one.status, "files": one.files, "oldest": None if one.oldest is None else rfc3339(one.oldest)}
            for one in found.counts
        ],
        "status": found.status,
        "files": [
            {"file_number": one.number, "programme": one.programme, "since": rfc3339(one.since),
             "taken_by": one.taken_by, "proposed": one.is_proposed,
                "due_on": one.due_on,
                "overdue": one.is_overdue,
            }
            for one in found.files
        ],
        "page": found.page,
        "more": found.has_more,
    }  # fmt: skip


def file_shown(found: CaseFile) -> dict[str, Any]:
    """One file as an agent has it; `version` goes with what is done next."""
    return {
        "file_number": found.sheet.number,
        "receipt": found.sheet.receipt,
        "name": found.sheet.identity.full_name,
        "programme": found.sheet.programme,
        "status": found.status,
        "version": found.version.text,
        "taken_by": None if found.taken is None else found.taken.taken_by,
        "events": [
            {
                "kind": one.kind,
                "at": rfc3339(one.at),
                "on_day": one.on_day,
                "actor": one.actor,
                "role": one.role,
            }
            for one in found.history.events
        ],
        "checklist": None if found.listed is None else list_shown(found.listed),
        "decisions": [decision_shown(one) for one in found.decisions],
    }


def list_shown(listed: Checklist) -> dict[str, Any]:
    """A list that went out, and where each document stands."""
    return {
        "sent_on": listed.sent_on,
        "due_on": listed.deadline().last_day,
        "rules": {"version": listed.version, "digest": listed.rules},
        "items": [_item(listed, one) for one in listed.items],
    }


def preview_shown(made: PersonalList) -> dict[str, Any]:
    """A list before it goes out; its `digest` is what the sending asks for."""
    return {
        "digest": made.digest,
        "day": made.day,
        "rules": {"version": made.version, "digest": made.rules},
        "items": [
            {"key": one.key, "person": one.person, "name": one.name, "title": one.title, "format": one.format}
            for one in made.items
        ],
    }


def decision_shown(made: FileDecision) -> dict[str, Any]:
    """A decision, or a proposal of one."""
    return {
        "serial": made.serial,
        "decision": made.outcome,
        "state": made.state,
        "reason": made.reason,
        "second_person": made.second_needed,
        "proposed_by": made.proposed_by,
        "decided_by": made.settled_by if made.on_day is not None else None,
        "decided_on": made.on_day,
    }


def _item(listed: Checklist, one: ChecklistItem) -> dict[str, Any]:
    return {
        "number": one.number,
        "key": one.key,
        "person": one.person,
        "name": one.name,
        "title": one.title,
        "format": one.format,
        "state": one.state,
        "due_on": listed.deadline(one).last_day,
        "received_on": None if one.received is None else one.received.on_day,
        "receipt": None if one.received is None else one.received.receipt,
        "days_late": listed.days_late(one),
        "explanation": None if one.explanation is None else one.explanation.text,
        "original_to_return": one.is_to_give_back,
        "returned_on": None if one.given_back is None else one.given_back.on_day,
        "tracking": None if one.given_back is None else one.given_back.tracking,
    }
