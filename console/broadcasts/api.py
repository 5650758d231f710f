"""`/api/v1/staff/broadcasts`: a message to many, for staff's programs: written, seen, confirmed, followed
(`docs/contract.md`)."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from casework.files.states import FileStatus
from casework.mailbox.broadcasts import Broadcast, BroadcastProgress
from casework.mailbox.states import BroadcastAct, takes_two
from console.broadcasts import forms
from console.broadcasts.desk import SEES, BroadcastDesk, BroadcastView, ShownAddressee
from console.staff.desk import StaffMemberHere
from foundation.clock import rfc3339
from foundation.errors import Code, Refusal
from foundation.mail.outgoing import Mail
from server.requests import json_body, row_number
from server.responses import json_response

ADDRESS: Final = "/api/v1/staff/broadcasts"

ACTS: Final = {
    "confirm": BroadcastAct.CONFIRM,
    "approve": BroadcastAct.APPROVE,
    "give-back": BroadcastAct.GIVE_BACK,
    "drop": BroadcastAct.DROP,
    "stop": BroadcastAct.STOP,
    "resume": BroadcastAct.RESUME,
}
"""Last word of an address -> its act."""


MOST_PEOPLE: Final = 999_999_999
"""More are nobody's."""


class AudienceBody(msgspec.Struct, frozen=True):
    """Whom it goes to: a closed set of filters."""

    kind: str
    programme: str = ""
    period: str = ""
    statuses: tuple[str, ...] = ()


class BroadcastBody(msgspec.Struct, frozen=True):
    """Body of a broadcast that is written or changed; `version` of one that is changed."""

    title: str
    text: str
    audience: AudienceBody
    version: int = 0

    def fields(self) -> dict[str, str]:
        """The same as the form of the page brings it. Refusal invalid for a status that there is none of: without it
        more people would be written to than was meant."""
        if not set(self.audience.statuses) <= set(FileStatus):
            why = f"Choisissez parmi : {', '.join(FileStatus)}."
            raise Refusal(Code.INVALID, fields=[{"name": "statuses", "reason": why}])
        boxes = {f"{forms.STATUS_FIELD}{status}": "1" for status in self.audience.statuses}
        chosen = {"kind": self.audience.kind, "programme": self.audience.programme}
        return boxes | chosen | {
            "period": self.audience.period, "title": self.title, "text": self.text, "version": str(self.version)
        }  # fmt: skip


class BroadcastActBody(msgspec.Struct, frozen=True):
    """What was shown to whoever acts: the version; of who confirms or agrees also which people, and how many."""

    version: int = 0
    digest: str = ""
    count: Annotated[int, msgspec.Meta(ge=0, le=MOST_PEOPLE)] | None = None

    def fields(self, act: BroadcastAct) -> dict[str, str]:
        """The same as a button of the page brings it. Refusal invalid where who confirms does not say how many."""
        found = {"version": str(self.version), "digest": self.digest}
        if act not in COUNTED:
            return found
        if self.count is None:
            why = "Dites à combien de personnes, comme l’aperçu les compte."
            raise Refusal(Code.INVALID, fields=[{"name": "count", "reason": why}])
        return found | {"count": str(self.count)}


COUNTED: Final = frozenset({BroadcastAct.CONFIRM, BroadcastAct.APPROVE})
"""Acts for a number of people, which is said twice: by the preview, and by who confirms or agrees."""


class BroadcastApi:
    """The handlers; each asks for the role first. Refusals not_signed_in, session_ended, not_allowed, not_your_role."""

    def __init__(self, desk: BroadcastDesk) -> None:
        self.desk = desk

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        one = f"{ADDRESS}/{{broadcast}}"
        return [
            Route(ADDRESS, self.listed, methods=["GET"]),
            Route(ADDRESS, self.write, methods=["POST"]),
            Route(one, self.show, methods=["GET"]),
            Route(one, self.rewrite, methods=["PUT"]),
            Route(f"{one}/{{broadcast_act}}", self.act, methods=["POST"]),
        ]

    async def listed(self, request: Request) -> Response:
        """The newest ones."""
        await self.desk.staff.member(request, *SEES)
        found = await self.desk.listed()
        under_way = await self.desk.under_way(found)
        periods = await self.desk.period_ids()
        return json_response(
            {"broadcasts": [described(one, under_way.get(one.id), periods) for one in found]}
        )

    async def write(self, request: Request) -> Response:
        """201 with what it would be; nobody has been told. Refusal invalid."""
        member = await self.desk.staff.member(request, *SEES)
        body = await json_body(request, BroadcastBody)
        of = await self.desk.write(member, body.fields())
        return json_response(await self._viewed(member, of.id), 201)

    async def show(self, request: Request) -> Response:
        """Beforehand what three people will get, then how far it has come. Refusal not_found."""
        member = await self.desk.staff.member(request, *SEES)
        return json_response(await self._viewed(member, _id(request)))

    async def rewrite(self, request: Request) -> Response:
        """Another text or audience, by its author. Refusals not_found, invalid, changed_meanwhile, move_not_allowed."""
        member = await self.desk.staff.member(request, *SEES)
        body = await json_body(request, BroadcastBody)
        of = await self.desk.write(member, body.fields(), _id(request))
        return json_response(await self._viewed(member, of.id))

    async def act(self, request: Request) -> Response:
        """One act. Refusals not_found, invalid, changed_meanwhile (+`count`), second_person_needed,
        move_not_allowed."""
        member = await self.desk.staff.member(request, *SEES)
        act = ACTS.get(request.path_params["broadcast_act"])
        if act is None:
            raise Refusal(Code.NOT_FOUND)
        body = await json_body(request, BroadcastActBody)
        of = await self.desk.act(member, act, _id(request), body.fields(act))
        return json_response(await self._viewed(member, of.id))

    async def _viewed(self, member: StaffMemberHere, id: int) -> dict[str, Any]:
        return viewed(await self.desk.view(member, id), await self.desk.period_ids())


def described(
    of: Broadcast, progress: BroadcastProgress | None, periods: Mapping[str, str]
) -> dict[str, Any]:
    """A broadcast in the API's words; `progress` while it is sent, and of one that was stopped. `periods`: the public
    name of each by its uid."""
    instants = ("written_at", "asked_at", "started_at", "ended_at")
    told = {name: None if (at := getattr(of, name)) is None else rfc3339(at) for name in instants}
    return told | {
        "id": of.id, "title": of.title, "state": of.state, "version": of.version, "author": of.author,
        "approver": of.approver, "stopped_by": of.stopped_by, "switch": of.switch, "counted": of.counted,
        "audience": msgspec.structs.replace(of.audience, period=_named(of.audience.period, periods)),
        "progress": None if progress is None else progress,
    }  # fmt: skip


def _named(uid: str | None, periods: Mapping[str, str]) -> str | None:
    return None if uid is None else periods.get(uid, uid)


def viewed(view: BroadcastView, periods: Mapping[str, str]) -> dict[str, Any]:
    """The same with its text; beforehand with the people it is for, how many, and what some of them will get."""
    before = view.is_upcoming
    return described(view.of, None if before else view.progress, periods) | {
        "text": view.of.text, "count": view.count, "digest": view.digest,
        "takes_two": before and takes_two(view.count), "shown": [_shown(one) for one in view.shown],
    }  # fmt: skip


def _shown(one: ShownAddressee) -> dict[str, Any]:
    rehearsal = one.rehearsal
    return {
        "account": one.username, "file_number": rehearsal.head.number, "subject": rehearsal.head.title,
        "blocks": rehearsal.delivery.blocks, "mail": _mail(rehearsal.to_owner),
        "mail_to_representative": _mail(rehearsal.to_representative),
    }  # fmt: skip


def _mail(mail: Mail | None) -> dict[str, str] | None:
    return None if mail is None else {"subject": mail.title, "text": mail.text}


def _id(request: Request) -> int:
    return row_number(request.path_params["broadcast"])
