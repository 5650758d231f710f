"""What can be applied for, and what is asked for it: the public calls of programmes and their forms."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts.registration.windows import status_of
from foundation.calendar.days import day_of
from foundation.clock import now_ms, rfc3339
from foundation.errors import Code, Refusal
from quota.programmes import Programme
from quota.store import Period
from server.responses import json_response
from submission.forms.conditions import Condition
from submission.forms.files import Forms, narrowed
from submission.forms.model import Form, FormField, FormSection
from waitingroom.period_cache import PeriodCache

PROGRAMMES = "/api/v1/programmes"


class FormsApi:
    """The handlers; `routes` lists them."""

    def __init__(self, programmes: Mapping[str, Programme], forms: Forms, periods: PeriodCache) -> None:
        self._programmes, self._forms, self._periods = programmes, forms, periods

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(PROGRAMMES, self.programmes, methods=["GET"]),
            Route(f"{PROGRAMMES}/{{id}}", self.programme, methods=["GET"]),
            Route(f"{PROGRAMMES}/{{id}}/form", self.form, methods=["GET"]),
        ]

    async def programmes(self, request: Request) -> Response:
        periods, now = await self._periods.public(), now_ms()
        return json_response([self._shown(one, periods, now) for one in self._programmes.values()])

    async def programme(self, request: Request) -> Response:
        asked = self._asked(request)
        return json_response(self._shown(asked, await self._periods.public(), now_ms()))

    async def form(self, request: Request) -> Response:
        """The form by which a draft is begun today, or the version that is asked for."""
        asked, version = self._asked(request), request.query_params.get("version")
        try:
            if version is None:
                found = self._forms.newest(asked.id, day_of(now_ms()))
            else:
                found = self._forms.get(asked.id, version)
        except LookupError:
            raise Refusal(Code.NOT_FOUND) from None
        return Response(form_shown(narrowed(found, asked.draft.sections)), media_type="application/json")

    def _asked(self, request: Request) -> Programme:
        found = self._programmes.get(request.path_params["id"])
        if found is None:
            raise Refusal(Code.NOT_FOUND)
        return found

    def _shown(self, programme: Programme, periods: list[Period], now: int) -> dict[str, Any]:
        registration = status_of(programme.registration, now)
        try:
            version = self._forms.newest(programme.id, day_of(now)).version
        except LookupError:
            version = None
        return {
            "id": programme.id,
            "name": programme.name,
            "registration": {
                "state": registration.state,
                "opens_at": _instant(registration.opens_at),
                "closes_at": _instant(registration.closes_at),
                "note": registration.note,
            },
            "form_version": version,
            "streams": [{"id": stream.id, "name": stream.name} for stream in programme.streams],
            "fees": [],
            "periods": [period.id for period in periods if period.programme == programme.id],
        }


def _instant(at: int | None) -> str | None:
    return None if at is None else rfc3339(at)


@lru_cache(64)
def form_shown(form: Form) -> bytes:
    """A form as the contract has it, as JSON: encoded once, as it does not change."""
    return msgspec.json.encode({
        "name": form.name,
        "version": form.version,
        "title": form.title,
        "sample": form.sample,
        "sections": [_section(section) for section in form.sections],
    })  # fmt: skip


def _section(section: FormSection) -> dict[str, Any]:
    repeats = section.repeats
    return {
        "id": section.id,
        "title": section.title,
        "help": section.help,
        "repeats": None if repeats is None else msgspec.structs.asdict(repeats),
        "when": _condition(section.when),
        "fields": [_field(field) for field in section.fields],
    }


def _field(field: FormField) -> dict[str, Any]:
    """`required` where it always is; otherwise `required_when` says when. Countries are the letters of ISO 3166."""
    return {
        "id": field.id,
        "type": field.type,
        "label": field.label,
        "help": field.help,
        "required": field.required and field.required_when is None,
        "required_when": _condition(field.required_when),
        "when": _condition(field.when),
        "options": [{"id": id, "label": label} for id, label in field.options.items()],
        "longest": field.most_characters,
        "least": field.least,
        "most": field.most,
        "paper": field.paper,
    }


def _condition(condition: Condition | None) -> Any:
    return None if condition is None else msgspec.to_builtins(condition)
