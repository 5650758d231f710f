"""The calls about who has access, about one's own second factor (a candidate's too), and about the record for auditors,
and what they answer."""

from typing import Any, Final

from accounts.own_data.api import PasswordAgain
from accounts.second_factor.api import OWN_FACTOR, FactorAgain, FirstCode
from config.openapi_calls.shape import AT_THE_DESK, Call, Credential
from config.openapi_schemas import INSTANT, NUMBER, TEXT, TYPED, many, nullable, record
from console.access.api import MEMBERS, ROLE_REQUESTS, AccessReason, NewMember, WantedRole
from console.record.audit_api import RECORD, VERIFICATION
from console.staff.own_access_api import STAFF_FACTOR, StaffFactorBegun
from foundation.audit import Stream
from foundation.errors import Code

ONE: Final = f"{MEMBERS}/{{member}}"

REQUEST: Final = f"{ROLE_REQUESTS}/{{role_request}}"

STAFF: Final = (
    Call("get", MEMBERS, "Who is on the staff, by name, and the roles that wait for a second person.",
         {200: "StaffMembers"}, Credential.OPERATOR, codes=AT_THE_DESK),
    Call("post", MEMBERS, "Add somebody; what is handed over to them is shown once.", {201: "HandedSecrets"},
         Credential.OPERATOR, NewMember, AT_THE_DESK),
    Call("get", ONE, "One member, with their roles since the beginning and what was done about them lately.",
         {200: "StaffCard"}, Credential.OPERATOR, codes=AT_THE_DESK),
    Call("post", f"{ONE}/grant", "Grant a role, or ask for it where that takes two.", {200: "GrantedRole"},
         Credential.OPERATOR, WantedRole, AT_THE_DESK),
    Call("post", f"{ONE}/end", "End a role now.", {204: ""}, Credential.OPERATOR, WantedRole, AT_THE_DESK),
    Call("post", f"{ONE}/reset", "Take the second factor away; the code to enter once with is shown once.",
         {200: "HandedSecrets"}, Credential.OPERATOR, AccessReason, AT_THE_DESK),
    Call("post", f"{ONE}/remove", "Take somebody off the staff: roles, sessions and secrets end now.", {204: ""},
         Credential.OPERATOR, AccessReason, AT_THE_DESK),
    Call("post", f"{REQUEST}/confirm", "Grant what somebody else asked for: the second person.",
         {200: "RoleRequest"}, Credential.OPERATOR,
         codes=(*AT_THE_DESK, Code.SECOND_PERSON_NEEDED, Code.INVALID, Code.FOREIGN_ORIGIN)),
    Call("post", f"{REQUEST}/drop", "Take back what one asked for, or decline what somebody else did.", {204: ""},
         Credential.OPERATOR, AccessReason, AT_THE_DESK),
    Call("get", RECORD, "The record, newest first, 50 lines a page: who did what to what.", {200: "RecordLines"},
         Credential.OPERATOR, codes=(*AT_THE_DESK, Code.INVALID)),
    Call("get", VERIFICATION, "What the newest verification of the record's chains found.", {200: "Verification"},
         Credential.OPERATOR, codes=AT_THE_DESK),
    Call("post", VERIFICATION, "Read the chains for some seconds, on from where the last reading stopped.",
         {200: "Verification"}, Credential.OPERATOR, codes=(*AT_THE_DESK, Code.FOREIGN_ORIGIN)),
)  # fmt: skip

_OWN: Final = (Code.NOT_SIGNED_IN, Code.SESSION_ENDED)

_STAFF: Final = (*_OWN, Code.NOT_ALLOWED, Code.NOT_YOUR_ROLE)

_PROVED: Final = (Code.BAD_CREDENTIALS, Code.BAD_CODE)

SECOND_FACTORS: Final = tuple(
    call
    for address, who, begun, refused in (
        (OWN_FACTOR, Credential.SESSION, PasswordAgain, (*_OWN, Code.CHANGED_MEANWHILE)),
        (STAFF_FACTOR, Credential.OPERATOR, StaffFactorBegun, _STAFF),
    )
    for call in (
        Call("get", address, "Whether there is a second factor, and how many recovery codes are left.",
             {200: "OwnFactor"}, who, codes=refused),
        Call("post", address, "A secret for an authenticator, shown this once.", {201: "FactorSecret"}, who, begun,
             (*refused, *_PROVED)),
        Call("post", f"{address}/confirm", "Its first code: from now on one is asked for. The recovery codes, shown "
             "this once.", {200: "RecoveryCodes"}, who, FirstCode, (*refused, Code.BAD_CODE)),
        Call("delete", address, "Take it away, with the password and a code; done also where there is none.",
             {204: ""}, who, FactorAgain, (*refused, *_PROVED, Code.NOT_FOUND)),
    )
)  # fmt: skip
"""One's own second factor: a candidate's, and a member of staff's."""


def _asked(name: str, said: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": TYPED, "description": said}


RECORD_FILTER: Final = [
    _asked("period", "a period's id"),
    _asked("actor_mark", "whose lines: the `actor_mark` of one of them"),
    _asked("act", "what was done, such as `role_grant`"),
    _asked("subject_kind", "about what kind of thing, such as `operator`"),
    _asked("subject_id", "about which of them; goes with `subject_kind`"),
    _asked("since", "RFC 3339, inside"),
    _asked("until", "RFC 3339, outside"),
    _asked("looks", "1: the looks too"),
]

QUERIES: Final[dict[tuple[str, str], list[dict[str, Any]]]] = {
    ("get", MEMBERS): [
        _asked("page", "100 members a page, from 1"), _asked("removed", "1: those who were removed, too")
    ],
    ("get", RECORD): [*RECORD_FILTER, _asked("before", "the `next` of the answer before")],
}  # fmt: skip
"""What calls take in their address."""

_MEMBER: Final[dict[str, Any]] = {
    "id": NUMBER,
    "username": TEXT,
    "roles": {"type": "array", "items": TEXT},
    "second_factor": {"enum": ["set", "owed", "none"]},
    "sessions": NUMBER,
    "created_at": INSTANT,
    "last_sign_in_at": nullable(INSTANT),
    "removed_at": nullable(INSTANT),
}

_OBJECT: Final = {"type": "object"}

_LINE: Final[dict[str, Any]] = {
    "id": NUMBER,
    "stream": {"enum": [stream.value for stream in Stream]},
    "sequence": NUMBER,
    "at": INSTANT,
    "actor": TEXT,
    "role": nullable(TEXT),
    "act": TEXT,
    "subject_kind": nullable(TEXT),
    "subject_id": nullable(TEXT),
    "period": nullable(TEXT),
    "before": nullable(_OBJECT),
    "after": nullable(_OBJECT),
    "reason": nullable(TEXT),
    "detail": _OBJECT,
    "hash": TEXT,
}

STAFF_ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "RoleRequest": record(
        id=NUMBER,
        member=NUMBER,
        username=TEXT,
        role=TEXT,
        author=TEXT,
        reason=nullable(TEXT),
        asked_at=INSTANT,
    ),
    "StaffMembers": record(
        at=INSTANT,
        members={"type": "array", "items": record(**_MEMBER)},
        requests=many("RoleRequest"),
        page=NUMBER,
        more={"type": "boolean"},
    ),
    "StaffCard": record(
        **_MEMBER,
        held={
            "type": "array",
            "items": record(role=TEXT, from_at=INSTANT, until_at=nullable(INSTANT), granted_by=TEXT),
        },
        requests=many("RoleRequest"),
        acts={"type": "array", "items": record(**_LINE)},
    ),
    "HandedSecrets": record(
        id=NUMBER,
        username=TEXT,
        code=TEXT,
        password=nullable(TEXT),
        asked={"type": "array", "items": TEXT},
    ),
    "OwnFactor": record(
        is_set={"type": "boolean"},
        begun={"type": "boolean", "description": "a secret was shown whose first code is waited for"},
        recovery_codes_left=NUMBER,
        may_remove={"type": "boolean"},
    ),
    "FactorSecret": record(
        secret={"type": "string", "description": "base 32", "pattern": "^[A-Z2-7]{32}$"},
        uri={"type": "string", "format": "uri", "description": "`otpauth://totp/...` (Key URI Format)"},
        confirm_within_seconds=NUMBER,
    ),
    "RecoveryCodes": record(recovery_codes={"type": "array", "items": TEXT}),
    "GrantedRole": record(state={"enum": ["granted", "asked"]}),
    "RecordLines": record(
        lines={"type": "array", "items": record(**_LINE, actor_mark=TEXT)}, next=nullable(NUMBER)
    ),
    "Verification": record(
        lines_kept=NUMBER,
        last=nullable(
            record(
                by=TEXT,
                at=INSTANT,
                whole={"type": "boolean"},
                complete={"type": "boolean"},
                lines=NUMBER,
                breaks={"type": "array", "items": TEXT},
                through={"type": "object", "additionalProperties": TEXT},
            )
        ),
    ),
}
