"""The calls of the agents' desk of files."""

from typing import Any, Final

from casework.checklists.rules import ItemFormat, PersonKind
from casework.checklists.states import ItemState
from casework.decisions.states import DecisionOutcome, ProposalState
from casework.files.states import FileEventKind, FileStatus
from config.openapi_calls.shape import AT_THE_DESK, Call, Credential
from config.openapi_schemas import INSTANT, NUMBER, TEXT, nullable, record
from console.casefiles.api import ADDRESS, DecisionBody, ItemActBody, ListBody, SeenBody
from foundation.errors import Code

ONE: Final = f"{ADDRESS}/{{number}}"

_ACTING: Final = (*AT_THE_DESK, Code.CONFLICT, Code.MOVE_NOT_ALLOWED)

_DECIDING: Final = (*_ACTING, Code.ALREADY_DECIDED, Code.REVIEW_PENDING, Code.SECOND_PERSON_NEEDED,
                    Code.CHANGED_MEANWHILE)  # fmt: skip

FILES: Final = (
    Call("get", ADDRESS, "How many files stand where, and those of one status by number.", {200: "FileQueue"},
         Credential.OPERATOR, codes=(*AT_THE_DESK, Code.INVALID),
         query=(("status", "`in_examination` without it"), ("page", "from 1"))),
    Call("get", ONE, "One file with its list and decisions; the look is on record.", {200: "CaseFile"},
         Credential.OPERATOR, codes=AT_THE_DESK),
    Call("put", f"{ONE}/taking", "Take the file for half an hour, or keep it.", {200: "FileTaking"},
         Credential.OPERATOR, codes=(*AT_THE_DESK, Code.CONFLICT, Code.FOREIGN_ORIGIN)),
    Call("delete", f"{ONE}/taking", "Let others take it.", {204: ""}, Credential.OPERATOR,
         codes=(*AT_THE_DESK, Code.FOREIGN_ORIGIN)),
    Call("get", f"{ONE}/checklist", "The list of documents that would go out now.", {200: "PersonalList"},
         Credential.OPERATOR, codes=AT_THE_DESK),
    Call("post", f"{ONE}/checklist", "Send it as it was seen.", {201: "FileChecklist"}, Credential.OPERATOR, ListBody,
         (*_ACTING, Code.CHANGED_MEANWHILE)),
    Call("post", f"{ONE}/items/{{item}}", "Act about one document of the list.", {200: "CaseFile"},
         Credential.OPERATOR, ItemActBody, _ACTING),
    Call("post", f"{ONE}/decision", "Decide, or propose where two are needed.", {201: "FileDecision"},
         Credential.OPERATOR, DecisionBody, _DECIDING),
    Call("post", f"{ONE}/decision/confirm", "The second person makes the proposed decision.", {200: "FileDecision"},
         Credential.OPERATOR, SeenBody, _DECIDING),
    Call("post", f"{ONE}/decision/withdraw", "Take a proposal back; it is never told.", {204: ""},
         Credential.OPERATOR, SeenBody, _ACTING),
)  # fmt: skip

_STATUS: Final = {"enum": [status.value for status in FileStatus]}

_PERSON: Final = {"enum": [person.value for person in PersonKind]}

_FORMAT: Final = {"enum": [one.value for one in ItemFormat]}

_RULES: Final = record(version=TEXT, digest=TEXT)

_DECISION: Final = record(
    serial=NUMBER, decision={"enum": [one.value for one in DecisionOutcome]},
    state={"enum": [one.value for one in ProposalState]}, reason=TEXT, second_person={"type": "boolean"},
    proposed_by=TEXT, decided_by=nullable(TEXT), decided_on=nullable(TEXT),
)  # fmt: skip

_ITEM: Final = record(
    number=NUMBER, key=TEXT, person=_PERSON, name=TEXT, title=TEXT, format=_FORMAT,
    state={"enum": [state.value for state in ItemState]}, due_on=TEXT, received_on=nullable(TEXT),
    receipt=nullable(TEXT), days_late=NUMBER, explanation=nullable(TEXT), original_to_return={"type": "boolean"},
    returned_on=nullable(TEXT), tracking=nullable(TEXT),
)  # fmt: skip

_LIST: Final = record(sent_on=TEXT, due_on=TEXT, rules=_RULES, items={"type": "array", "items": _ITEM})

FILE_SCHEMAS: Final[dict[str, Any]] = {
    "FileQueue": record(
        counts={"type": "array", "items": record(status=_STATUS, files=NUMBER, oldest=nullable(INSTANT))},
        status=_STATUS,
        files={"type": "array", "items": record(
            file_number=TEXT, programme=TEXT, since=INSTANT, taken_by=nullable(TEXT), proposed={"type": "boolean"},
            due_on=nullable(TEXT), overdue={"type": "boolean"},
        )},
        page=NUMBER, more={"type": "boolean"},
    ),
    "FileTaking": record(taken_by=TEXT, until=INSTANT),
    "FileChecklist": _LIST,
    "FileDecision": _DECISION,
    "PersonalList": record(
        digest=TEXT, day=TEXT, rules=_RULES, version_seen=TEXT,
        items={"type": "array", "items": record(key=TEXT, person=_PERSON, name=TEXT, title=TEXT, format=_FORMAT)},
    ),
    "CaseFile": record(
        file_number=TEXT, receipt=TEXT, name=TEXT, programme=TEXT, status=_STATUS, version=TEXT,
        taken_by=nullable(TEXT),
        events={"type": "array", "items": record(
            kind={"enum": [kind.value for kind in FileEventKind]}, at=INSTANT, on_day=nullable(TEXT), actor=TEXT,
            role=nullable(TEXT),
        )},
        checklist=nullable(_LIST), decisions={"type": "array", "items": _DECISION},
    ),
}  # fmt: skip
"""The answers of these calls."""
