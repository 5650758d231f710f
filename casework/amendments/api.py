"""`/api/v1/account/files/{number}/amendments`: what was added to a file, and adding to it (`docs/contract.md`)."""

from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts import sessions
from accounts.services import AccountServices
from accounts.states import SessionRole
from casework.amendments import amending, reading
from casework.amendments.amending import SentAmendment
from casework.amendments.asked import ON_DAY, asked_form
from casework.amendments.reading import AmendableFile, FileAmendment
from casework.amendments.services import AmendmentServices
from casework.file_page.facts import supplement_shown
from casework.files.numbers import typed_submission
from foundation.audit import Actor
from foundation.clock import now_ms, rfc3339
from foundation.errors import Code, Refusal
from server.requests import json_body
from server.responses import json_response
from submission.forms.answers import KEY, MEMBERS, Answers, members_of
from submission.forms.fields import PostedLists, dropped_of, posted_of
from submission.forms.model import AmendmentKind, Form

ADDRESS = "/api/v1/account/files/{number}/amendments"


class AmendmentBody(msgspec.Struct, frozen=True):
    """Body of the POST: the kind, the version of the file as it was read, a key of one's own (12 to 40 letters, digits
    and hyphens), the day of the change, and the answers by section as the form takes them."""

    kind: AmendmentKind
    version: int
    key: str
    on_day: str = ""
    answers: dict[str, dict[str, str | list[dict[str, str]]]] = {}


class AmendmentApi:
    """The handlers."""

    def __init__(self, accounts: AccountServices, services: AmendmentServices) -> None:
        self.accounts, self.db, self.services = accounts, accounts.db, services

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(ADDRESS, self.listed, methods=["GET"]),
            Route(ADDRESS, self.amend, methods=["POST"]),
        ]

    async def listed(self, request: Request) -> Response:
        """The amendments of a file, the version, and what can be added now. Refusals not_signed_in, session_ended,
        not_found."""
        session = await sessions.required(self.accounts, request)
        number, now = number_of(request), now_ms()
        file = await self.db.read(
            lambda conn: reading.look(conn, self.services, number, now, owner=session.owner)
        )
        return json_response(file_shown(file))

    async def amend(self, request: Request) -> Response:
        """201; sent again with its key, the same. Refusals not_signed_in, session_ended, not_found, invalid,
        modification_not_available, draft_changed."""
        session = await sessions.required(self.accounts, request)
        number, body, by = (
            number_of(request),
            await json_body(request, AmendmentBody),
            Actor(session.username, SessionRole.CANDIDATE),
        )

        async def write(conn: AsyncConnection) -> FileAmendment:
            now = now_ms()
            file = await reading.look(conn, self.services, number, now, owner=session.owner, lock=True)
            sent = SentAmendment(
                kind=body.kind, version=body.version, key=body.key, posted=posted(file.form, body)
            )
            return await amending.amend(conn, self.services, session.owner, by, number, sent, now)

        return json_response(amendment_shown(await self.db.write(write)), 201)


def posted(form: Form, body: AmendmentBody) -> PostedLists:
    """A body as a page would have posted it. Refusal invalid for what no question takes."""
    of = asked_form(form, body.kind)
    found, faults = PostedLists({ON_DAY.id: [body.on_day]}), dict[str, str]()
    asked = {} if of is None else {section.id: section for section in of.form.sections}
    for id, answers in body.answers.items():
        section = asked.get(id)
        if section is None:
            faults[id[:60]] = "Cette modification ne pose pas cette question."
            continue
        named: Answers = {id: dict(answers)}
        if section.repeats is not None:
            named[id] = {name: value for name, value in answers.items() if name != MEMBERS} | {
                MEMBERS: [{**member, KEY: body.key} for member in members_of(answers)[:2]]
            }
        faults |= dropped_of(section, named[id], {})
        found.update(posted_of(section, named[id]))
    if faults:
        fields = [{"name": name, "reason": why} for name, why in faults.items()]
        raise Refusal(Code.INVALID, fields=fields)
    return found


def number_of(request: Request) -> int:
    """The submission whose file number an address names. Refusal not_found."""
    number = typed_submission(request.path_params["number"])
    if number is None:
        raise Refusal(Code.NOT_FOUND)
    return number


def file_shown(file: AmendableFile) -> dict[str, Any]:
    """The amendments of a file in the API's words."""
    kinds = [kind for kind in AmendmentKind if file.asked(kind) is not None]
    opens = {kind: file.opens_at(kind) for kind in kinds}
    return {
        "number": file.sheet.number,
        "version": file.version,
        "form_version": file.form.version,
        "kinds": [
            {
                "kind": kind,
                "ground": file.ground(kind),
                "opens_at": None if (at := opens[kind]) is None else rfc3339(at),
            }
            for kind in kinds
        ],
        "amendments": [amendment_shown(one) for one in file.amendments],
    }


def amendment_shown(one: FileAmendment) -> dict[str, Any]:
    """One amendment in the API's words."""
    return {
        "serial": one.serial,
        "kind": one.kind,
        "on_day": one.on_day.isoformat(),
        "last_day": one.last_day.isoformat(),
        "late": one.is_late,
        "at": rfc3339(one.at),
        "changes": [msgspec.structs.asdict(line) for line in one.content.lines],
        "standing": one.reviews[-1].act if one.reviews else None,
        "supplement": None if one.supplement is None else supplement_shown(one.supplement),
    }
