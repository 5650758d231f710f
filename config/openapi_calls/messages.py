"""The calls about the mailbox of an account."""

from typing import Any, Final

from casework.mailbox.api import CALLS_ADDRESS
from config.openapi_calls.shape import Call, Credential
from config.openapi_schemas import INSTANT, TEXT, many, nullable, record
from foundation.errors import Code

OWN: Final = (Code.NOT_SIGNED_IN, Code.SESSION_ENDED)

MESSAGES: Final = (
    Call("get", CALLS_ADDRESS, "What the Ministry has written to your account, the latest first.", {200: "Messages"},
         Credential.SESSION, codes=OWN),
    Call("get", f"{CALLS_ADDRESS}/{{id}}", "One message; reading it sets `read_at`, once.", {200: "OpenedMessage"},
         Credential.SESSION, codes=(*OWN, Code.NOT_FOUND)),
)  # fmt: skip

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
    "OpenedMessage": record(**_HEAD, blocks={"type": "array", "items": {"type": "object"}}),
}
