"""The calls of the mailroom's desk."""

from typing import Any, Final

from casework.mailroom.states import CorrectionKind, MailItemState, MailKind, MailMove
from casework.withdrawal.letter import WHO as SIGNERS
from config.openapi_calls.shape import AT_THE_DESK, Call, Credential
from config.openapi_schemas import INSTANT, NUMBER, TEXT, many, nullable, record
from console.mailroom.api import (
    ADDRESS,
    MailCorrectionBody,
    MailEntryBody,
    MailMatchBody,
    MailPreviewBody,
    MailReasonBody,
    MailSeenBody,
    MailSendingBody,
    PersonSearchBody,
)
from foundation.errors import Code

ONE: Final = f"{ADDRESS}/items/{{item}}"

DAILY_CSV: Final = f"{ADDRESS}/daily.csv"

OF_A_PROCURATION: Final = (Code.MOVE_NOT_ALLOWED, Code.CHANGED_MEANWHILE)

MAILROOM: Final = (
    Call("post", f"{ADDRESS}/preview", "What an item would trigger; nothing is entered.", {200: "MailPreview"},
         Credential.OPERATOR, MailPreviewBody, AT_THE_DESK),
    Call("post", f"{ADDRESS}/items", "Enter it, with the `seen` of its preview; once a `key`.", {201: "MailItem"},
         Credential.OPERATOR, MailEntryBody, (*AT_THE_DESK, *OF_A_PROCURATION)),
    Call("post", f"{ADDRESS}/search", "Files of a name and a date of birth.", {200: "MailFiles"}, Credential.OPERATOR,
         PersonSearchBody, AT_THE_DESK),
    Call("get", f"{ADDRESS}/pen", "What fits no file.", {200: "MailItems"}, Credential.OPERATOR, codes=AT_THE_DESK),
    Call("get", f"{ADDRESS}/returns", "What is to go back.", {200: "MailItems"}, Credential.OPERATOR,
         codes=AT_THE_DESK),
    Call("get", ONE, "One item with its file, guesses and history; the look is on record.", {200: "MailItemFile"},
         Credential.OPERATOR, codes=AT_THE_DESK),
    Call("post", f"{ONE}/match", "Without `seen` what a match would trigger, with it the match.",
         {200: "MailMatch"}, Credential.OPERATOR, MailMatchBody, (*AT_THE_DESK, *OF_A_PROCURATION)),
    Call("post", f"{ONE}/undo", "It was entered by mistake: by its author, on the day.", {200: "MailItem"},
         Credential.OPERATOR, MailReasonBody, (*AT_THE_DESK, Code.SECOND_PERSON_NEEDED, Code.MOVE_NOT_ALLOWED)),
    Call("post", f"{ONE}/corrections", "Propose to put it right after its day.", {201: "MailItemFile"},
         Credential.OPERATOR, MailCorrectionBody, (*AT_THE_DESK, *OF_A_PROCURATION)),
    Call("post", f"{ONE}/corrections/confirm", "Another person confirms what was shown.", {200: "MailItem"},
         Credential.OPERATOR, MailSeenBody,
         (*AT_THE_DESK, Code.SECOND_PERSON_NEEDED, Code.ALREADY_DECIDED, *OF_A_PROCURATION)),
    Call("post", f"{ONE}/corrections/drop", "It stays as it is.", {200: "MailItem"}, Credential.OPERATOR,
         codes=(*AT_THE_DESK, Code.FOREIGN_ORIGIN)),
    Call("post", f"{ONE}/set-aside", "It is to go back.", {200: "MailItem"}, Credential.OPERATOR, MailReasonBody,
         (*AT_THE_DESK, Code.MOVE_NOT_ALLOWED)),
    Call("post", f"{ONE}/accept", "It is kept with its file: an agent's.", {200: "MailItem"}, Credential.OPERATOR,
         MailReasonBody, (*AT_THE_DESK, Code.MOVE_NOT_ALLOWED)),
    Call("post", f"{ONE}/send-back", "It has left the house.", {200: "MailItem"}, Credential.OPERATOR,
         MailSendingBody, (*AT_THE_DESK, Code.MOVE_NOT_ALLOWED)),
)  # fmt: skip

_TEXTS: Final = {"type": "array", "items": TEXT}

_ITEM: Final = {
    "id": NUMBER, "kind": {"enum": [kind.value for kind in MailKind]},
    "state": {"enum": [state.value for state in MailItemState]}, "received_on": TEXT, "postmarked_on": nullable(TEXT),
    "changed_on": nullable(TEXT), "capacity": nullable({"enum": [one.value for one in SIGNERS]}),
    "instrument": nullable(TEXT), "cents": nullable(NUMBER),
    "parts": {"type": "array", "items": NUMBER},
    "entered_at": INSTANT, "tracking": nullable(TEXT), "sent_on": nullable(TEXT),
}  # fmt: skip

_FILE: Final = {"number": TEXT, "name": TEXT, "programme": TEXT, "status": nullable(TEXT)}

_GUESSES: Final = {"type": "array", "items": record(**_FILE, points=NUMBER, reasons=_TEXTS)}

_PREVIEW: Final = {
    "seen": TEXT, "file": nullable(record(**_FILE)),
    "becomes": nullable({"enum": [MailMove.ACCEPT.value, MailMove.SET_ASIDE.value]}), "warns": _TEXTS, "says": _TEXTS,
    "twins": {"type": "array", "items": NUMBER}, "guesses": _GUESSES,
}  # fmt: skip

MAIL_SCHEMAS: Final[dict[str, Any]] = {
    "MailPreview": record(**_PREVIEW),
    "MailItem": record(**_ITEM),
    "MailItems": record(items=many("MailItem")),
    "MailFiles": record(files={"type": "array", "items": record(**_FILE)}),
    "MailItemFile": record(
        **_ITEM, hints=record(number=TEXT, name=TEXT, country=TEXT, note=TEXT), file=nullable(record(**_FILE)),
        guesses=_GUESSES, correction=nullable(record(
            kind={"enum": [kind.value for kind in CorrectionKind]}, received_on=nullable(TEXT),
            postmarked_on=nullable(TEXT), reason=TEXT, proposed_by=TEXT, seen=TEXT, changes={"type": "boolean"},
            asks={"type": "boolean"}, before=_TEXTS, after=_TEXTS,
        )),
        history={"type": "array", "items": record(
            move={"enum": [move.value for move in MailMove]}, state={"enum": [state.value for state in MailItemState]},
            at=INSTANT, actor=TEXT, reason=nullable(TEXT),
        )},
    ),
    "MailMatch": {"anyOf": [{"$ref": "#/components/schemas/MailPreview"}, {"$ref": "#/components/schemas/MailItem"}]},
}  # fmt: skip
"""The answers of these calls."""
