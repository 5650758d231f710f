"""`/api/v1/staff/record`: the record for programs of auditors, who change nothing: read, export, verify (P16).

As on the page every reading is a look on the record, an export and a verification are acts, and no address names a
person: whose lines are wanted is said by the `actor_mark` that the answer gives.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts.roles import Role
from console.record import entries, reading, verification
from console.record.entries import RecordFilter, line_shown
from console.record.looks import PageLooks
from console.record.verification import LastVerification
from console.staff.desk import StaffDesk
from console.typed import typed_instant, wrong_field
from foundation import audit
from foundation.clock import rfc3339
from foundation.subjects import Subject
from quota import ledger
from server.responses import json_response

RECORD: Final = "/api/v1/staff/record"

RECORD_CSV: Final = f"{RECORD}.csv"

VERIFICATION: Final = f"{RECORD}/verification"

LONGEST_WORD: Final = 80
"""Of an act, or a kind of subject."""


class AuditApi:
    """The handlers."""

    def __init__(self, desk: StaffDesk) -> None:
        self.desk, self.db = desk, desk.db
        self.looks = PageLooks(desk.db)

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(RECORD, self.read, methods=["GET"]),
            Route(RECORD_CSV, self.export, methods=["GET"]),
            Route(VERIFICATION, self.last, methods=["GET"]),
            Route(VERIFICATION, self.verify, methods=["POST"]),
        ]

    async def read(self, request: Request) -> Response:
        """50 lines, newest first; `before` is the `next` of the answer before. Refusals not_your_role, invalid."""
        member = await self.desk.member(request, Role.AUDITOR)
        chosen, before = await self._chosen(request.query_params), before_of(request.query_params)
        kind, id = chosen.subject_kind, chosen.subject_id
        await self.looks.saw(
            member.actor, "registre", None if kind is None or id is None else Subject(kind, id)
        )
        found = await self.db.read_long(lambda conn: entries.newest(conn, chosen, reading.A_PAGE + 1, before))
        lines, more = found[: reading.A_PAGE], len(found) > reading.A_PAGE
        return json_response({
            "lines": [line_shown(line) | {"actor_mark": reading.mark_of(line.actor)} for line in lines],
            "next": lines[-1].id if more else None,
        })  # fmt: skip

    async def export(self, request: Request) -> Response:
        """The same lines as CSV, oldest first. Refusals as `read`."""
        member = await self.desk.member(request, Role.AUDITOR)
        return await reading.exported(self.db, member.actor, await self._chosen(request.query_params))

    async def last(self, request: Request) -> Response:
        """What the newest verification found, and how many lines there are. Refusal not_your_role."""
        member = await self.desk.member(request, Role.AUDITOR)
        await self.looks.saw(member.actor, "registre")
        return json_response(await self._verified())

    async def verify(self, request: Request) -> Response:
        """Read the chains for some seconds, on behind what was read before where that was not all. As `last`."""
        member = await self.desk.member(request, Role.AUDITOR)
        await verification.verify(self.db, member.actor)
        return json_response(await self._verified())

    async def _verified(self) -> dict[str, Any]:
        last, size = await self.db.read_long(verification.last), await self.db.read(verification.size)
        return {"lines_kept": size, "last": None if last is None else verification_shown(last)}

    async def _chosen(self, query: Mapping[str, str]) -> RecordFilter:
        """The filter of an address. Refusal invalid, which names the member of the query."""
        uid = None
        if period := query.get("period"):
            uid = next((one.uid for one in await self.db.read(ledger.every) if one.id == period), None)
            if uid is None:
                raise wrong_field("period", "aucune période ne porte ce nom")
        actor = None
        if mark := query.get("actor_mark"):
            known = (await self.db.read_long(entries.names)).actors
            actor = next((name for name in known if reading.mark_of(name) == mark), None)
            if actor is None:
                raise wrong_field("actor_mark", "personne de cette marque n’est au registre")
        return filter_of(query, uid, actor)


def filter_of(query: Mapping[str, str], period_uid: str | None, actor: str | None) -> RecordFilter:
    """The filter, with its period and person found already. Refusal invalid. Pure."""
    instants = {
        name: typed_instant(name, text.replace(" ", "+")) if (text := query.get(name)) else None
        for name in ("since", "until")
    }  # a plus sign in an address is a space
    words = {name: word_of(name, query.get(name)) for name in ("act", "subject_kind", "subject_id")}
    if words["subject_id"] is not None and words["subject_kind"] is None:
        raise wrong_field("subject_id", "va avec « subject_kind »")
    return RecordFilter(
        period_uid=period_uid, actor=actor, act=words["act"], subject_kind=words["subject_kind"],
        subject_id=words["subject_id"], since=instants["since"], until=instants["until"],
        looks=query.get("looks", "") in {"1", "true"} or words["act"] == audit.LOOK,
    )  # fmt: skip


def word_of(name: str, text: str | None) -> str | None:
    """A word of the filter; None for none. Refusal invalid for what no line can have. Pure."""
    if text and ("\0" in text or len(text) > LONGEST_WORD):
        raise wrong_field(name, f"doit avoir {LONGEST_WORD} caractères au plus")
    return text or None


def before_of(query: Mapping[str, str]) -> int | None:
    """The line behind which it goes on. Refusal invalid for what is none. Pure."""
    text = query.get("before")
    before = reading.whole(text) if text else None
    if text and before is None:
        raise wrong_field("before", "doit être le « next » d’une réponse")
    return before


def verification_shown(last: LastVerification) -> dict[str, Any]:
    """What was found, by whom and when."""
    return {"by": last.by, "at": rfc3339(last.at), **msgspec.structs.asdict(last.found)}
