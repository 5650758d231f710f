"""The staff's calls about days that are proclaimed holidays, and what they answer."""

from typing import Any, Final

from config.openapi_calls.deadlines import DAY
from config.openapi_calls.shape import AT_THE_DESK, Call, Credential
from config.openapi_schemas import INSTANT, NUMBER, TEXT, nullable, record
from console.proclaimed_days.api import ADDRESS, ConfirmedBody, ProclaimedBody
from foundation.errors import Code

ONE: Final = f"{ADDRESS}/{{day}}"

PROCLAIMED_DAYS: Final = (
    Call("get", ADDRESS, "Every day that was entered, and by whom.", {200: "ProclaimedDays"}, Credential.OPERATOR,
         codes=AT_THE_DESK),
    Call("post", ADDRESS, "Say that a day is a holiday: the first of two people.", {201: "ProclaimedDay"},
         Credential.OPERATOR, ProclaimedBody, AT_THE_DESK),
    Call("get", ONE, "One day, with every open deadline that it moves.", {200: "ProclaimedDayPreview"},
         Credential.OPERATOR, codes=AT_THE_DESK),
    Call("post", f"{ONE}/confirm", "Make it a holiday: the second person, who names the `asked_at` that was read.",
         {200: "ProclaimedDay"}, Credential.OPERATOR, ConfirmedBody, (*AT_THE_DESK, Code.SECOND_PERSON_NEEDED)),
    Call("post", f"{ONE}/drop", "Take back what nobody has confirmed.", {204: ""}, Credential.OPERATOR,
         codes=(*AT_THE_DESK, Code.MOVE_NOT_ALLOWED, Code.INVALID)),
)  # fmt: skip

_DAY: Final[dict[str, Any]] = {
    "day": DAY,
    "name": TEXT,
    "is_holiday": {"type": "boolean"},
    "waits": {"type": "boolean"},
    "author": TEXT,
    "asked_at": INSTANT,
    "approver": nullable(TEXT),
    "approved_at": nullable(INSTANT),
    "moved_at": nullable(INSTANT),
}

ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "ProclaimedDay": record(**_DAY),
    "ProclaimedDays": {"type": "array", "items": {"$ref": "#/components/schemas/ProclaimedDay"}},
    "ProclaimedDayPreview": record(
        **_DAY,
        counted={"type": "object", "additionalProperties": NUMBER},
        moves={"type": "array", "items": record(file=TEXT, deadline=TEXT, from_day=DAY, to_day=DAY)},
    ),
}
