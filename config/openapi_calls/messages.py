"""The calls about the mailbox of an account, and about messages to many."""

from typing import Any, Final

from casework.mailbox.api import CALLS_ADDRESS
from casework.mailbox.audiences import AudienceKind
from casework.mailbox.states import BroadcastState
from config.openapi_calls.shape import AT_THE_DESK, Call, Credential
from config.openapi_schemas import INSTANT, NUMBER, TEXT, many, nullable, record
from console.broadcasts.api import ADDRESS, BroadcastActBody, BroadcastBody
from foundation.errors import Code

OWN: Final = (Code.NOT_SIGNED_IN, Code.SESSION_ENDED)

MESSAGES: Final = (
    Call("get", CALLS_ADDRESS, "What the Ministry has written to your account, the latest first.", {200: "Messages"},
         Credential.SESSION, codes=OWN),
    Call("get", f"{CALLS_ADDRESS}/{{id}}", "One message; reading it sets `read_at`, once.", {200: "OpenedMessage"},
         Credential.SESSION, codes=(*OWN, Code.NOT_FOUND)),
)  # fmt: skip

_ONE: Final = f"{ADDRESS}/{{broadcast}}"

BROADCASTS: Final = (
    Call("get", ADDRESS, "The newest messages to many, whatever became of them.", {200: "Broadcasts"},
         Credential.OPERATOR, codes=AT_THE_DESK),
    Call("post", ADDRESS, "Write one: a text and whom it goes to. Nobody is told.", {201: "BroadcastView"},
         Credential.OPERATOR, BroadcastBody, AT_THE_DESK),
    Call("get", _ONE, "Beforehand what three of them will get, then how far it has come.", {200: "BroadcastView"},
         Credential.OPERATOR, codes=(*AT_THE_DESK, Code.NOT_FOUND)),
    Call("put", _ONE, "Another text or audience, by its author.", {200: "BroadcastView"}, Credential.OPERATOR,
         BroadcastBody, (*AT_THE_DESK, Code.NOT_FOUND, Code.CHANGED_MEANWHILE, Code.MOVE_NOT_ALLOWED)),
    Call("post", f"{_ONE}/{{broadcast_act}}", "Confirm for so many people, agree, give back, drop, stop, or resume.",
         {200: "BroadcastView"}, Credential.OPERATOR, BroadcastActBody,
         (*AT_THE_DESK, Code.NOT_FOUND, Code.CHANGED_MEANWHILE, Code.MOVE_NOT_ALLOWED, Code.SECOND_PERSON_NEEDED)),
)  # fmt: skip

_BROADCAST: Final[dict[str, Any]] = {
    "id": NUMBER,
    "title": TEXT,
    "state": {"enum": [state.value for state in BroadcastState]},
    "version": NUMBER,
    "author": TEXT,
    "approver": nullable(TEXT),
    "stopped_by": nullable(TEXT),
    "switch": nullable(NUMBER),
    "counted": nullable(NUMBER),
    "written_at": INSTANT,
    "asked_at": nullable(INSTANT),
    "started_at": nullable(INSTANT),
    "ended_at": nullable(INSTANT),
    "audience": record(
        kind={"enum": [kind.value for kind in AudienceKind]},
        programme=nullable(TEXT),
        period=nullable(TEXT),
        statuses={"type": "array", "items": TEXT},
    ),
    "progress": nullable(record(people=NUMBER, delivered=NUMBER, read=NUMBER)),
}

_BLOCKS: Final = {"type": "array", "items": {"type": "object"}}

_MAIL: Final = nullable(record(subject=TEXT, text=TEXT))

_HEAD: Final[dict[str, Any]] = {
    "id": TEXT,
    "subject": TEXT,
    "file_number": nullable(TEXT),
    "at": INSTANT,
    "read_at": nullable(INSTANT),
    "attachments": {"type": "array", "items": record(title=TEXT, href=TEXT, created_at=INSTANT)},
    "href": TEXT,
}

MESSAGE_ANSWERS: Final[dict[str, Any]] = {
    "Message": record(**_HEAD),
    "Messages": many("Message"),
    "OpenedMessage": record(**_HEAD, blocks=_BLOCKS),
    "Broadcasts": record(broadcasts={"type": "array", "items": record(**_BROADCAST)}),
    "BroadcastView": record(
        **_BROADCAST,
        text=TEXT,
        count=NUMBER,
        digest=TEXT,
        takes_two={"type": "boolean"},
        shown={
            "type": "array",
            "items": record(
                account=TEXT,
                file_number=nullable(TEXT),
                subject=TEXT,
                blocks=_BLOCKS,
                mail=_MAIL,
                mail_to_representative=_MAIL,
            ),
        },
    ),
}
