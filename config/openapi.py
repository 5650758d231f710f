"""The contract's calls as OpenAPI 3.1, served at `/openapi.json`.

`CALLS` is the list; a test holds it to the routes of the composed application, both ways. Bodies are the types that the
handlers read; answers are written here, because they are assembled from several places.
"""

from functools import cache
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts.own_data.api import PasswordAgain
from accounts.recovery import api as recovery_api
from accounts.registration import api as registration_api
from config.openapi_calls import deadlines, proclaimed_days, programmes
from config.openapi_calls.amendments import AMENDMENTS
from config.openapi_calls.files import FILE_SCHEMAS, FILES
from config.openapi_calls.mailroom import DAILY_CSV, MAIL_SCHEMAS, MAILROOM
from config.openapi_calls.messages import BROADCASTS, MESSAGE_ANSWERS, MESSAGES
from config.openapi_calls.payments import PAYMENT_ANSWERS, PAYMENTS
from config.openapi_calls.representatives import REPRESENTATIVES
from config.openapi_calls.reviews import REVIEWS
from config.openapi_calls.shape import AT_THE_DESK, Call, Credential
from config.openapi_calls.staff import QUERIES, RECORD_FILTER, SECOND_FACTORS, STAFF, STAFF_ANSWERS
from config.openapi_calls.switches import SWITCHES
from config.openapi_calls.tasks import TASKS
from config.openapi_calls.withdrawals import WITHDRAWAL_ANSWERS, WITHDRAWALS
from config.openapi_schemas import (
    FEED,
    FIGURES_QUERY,
    HEADERS,
    IDEMPOTENCY_KEY,
    NO_NUL,
    PATH_SCHEMAS,
    SCHEMAS,
    TEXT,
    TYPED,
    VERSION_QUERY,
    headers_of,
    query_of,
)
from console import bodies
from console.agents.api import ClaimDecision
from console.record.audit_api import RECORD_CSV
from foundation.errors import Code
from quota.draw_order import Draw
from quota.states import Action
from server.problems import TABLE
from submission import api as submission_api
from submission.drafts.api import SectionBody
from submission.exempt.api import StreamProof, StreamSubmission
from waitingroom.feed.watcher import MeFrame
from waitingroom.joins.endpoint import JoinBody
from waitingroom.positions import Entered, Me

VERSION: Final = "1.0.0"
"""Of the contract: the first figure is the one in `/api/v1`."""

EVERYWHERE: Final = (Code.BAD_REQUEST, Code.MISDIRECTED, Code.RATE_LIMITED, Code.UNAVAILABLE)

WITH_BODY: Final = (Code.TOO_LARGE, Code.INVALID, Code.FOREIGN_ORIGIN)


ONE: Final = "/api/v1/periods/{id}"

TICKETS: Final = f"{ONE}/tickets"

LIVE: Final = f"{ONE}/live"

OPERATOR: Final = "/api/v1/operator"

STAFF_SESSION: Final = "/api/v1/staff/session"

STREAM: Final = "/api/v1/streams/{programme}/{stream}"

MANAGED: Final = f"{OPERATOR}/periods/{{id}}"

SESSIONS: Final = ("/api/v1/session", f"{OPERATOR}/session", STAFF_SESSION)

WITH_COOKIE: Final = frozenset(
    {("post", TICKETS)} | {(method, path) for path in SESSIONS for method in ("post", "delete")}
)
"""Calls whose success gives a cookie or takes one back."""

BARRED: Final = (Code.ACCOUNT_EXISTS_FOR_PERSON, Code.ACCOUNT_CEDED_REFUSED)

SIGN_IN_CODES: Final = (
    *BARRED,
    Code.BAD_CODE, Code.BAD_CREDENTIALS, Code.BAD_SECURITY_ANSWERS, Code.NO_TOKEN, Code.TOKEN_EXPIRED,
    Code.TOKEN_OTHER_BROWSER,
    Code.TOKEN_USED, Code.ACCOUNT_HAS_LIVE_TOKEN, Code.DUPLICATE_ACCOUNT, Code.ACCOUNT_TOO_RECENT,
    Code.DEVICE_REFUSED, Code.ANNULLED, Code.EMAIL_UNCONFIRMED, Code.NOT_ALLOWED,
)  # fmt: skip

SUBMIT_CODES: Final = (
    *BARRED, Code.ACCOUNT_TOO_RECENT, Code.ACCOUNT_HAS_LIVE_TOKEN,
    Code.NOT_SIGNED_IN, Code.SESSION_ENDED, Code.NO_TOKEN, Code.TOKEN_EXPIRED, Code.TOKEN_OTHER_BROWSER,
    Code.TOKEN_USED, Code.QUOTA_REACHED, Code.DUPLICATE_ACCOUNT, Code.DUPLICATE_PERSON, Code.DRAFT_INCOMPLETE,
    Code.DRAFT_EXPIRED, Code.SIGNATURE_MISSING, Code.DEVICE_REFUSED, Code.PERIOD_CLOSED, Code.SUSPENDED,
    Code.ANNULLED, Code.NOT_FOUND,
)  # fmt: skip

ROOM: Final = (
    Call("get", "/api/v1/periods", "All periods but drafts.", {200: "Periods"}),
    Call("get", ONE, "One period.", {200: "Period"}, codes=(Code.NOT_FOUND,)),
    Call("post", TICKETS, "Join the line: a number, or the one you have.", {201: "Joined", 200: "Joined"}, None,
         JoinBody, (Code.DEVICE_REFUSED, Code.ROOM_NOT_OPEN, Code.PERIOD_CLOSED, Code.QUOTA_REACHED,
                    Code.ANNULLED, Code.PROOF_REQUIRED, Code.NOT_FOUND)),
    Call("get", f"{ONE}/challenge", "A proof of work to solve, good for ten minutes.", {200: "Challenge"},
         codes=(Code.NOT_FOUND,)),
    Call("get", f"{TICKETS}/me", "Your position; asking keeps you present.", {200: "Place"}, Credential.TICKET,
         codes=(Code.NO_TICKET, Code.NOT_FOUND)),
    Call("delete", f"{TICKETS}/me", "Leave the line, or give the token back.", {204: ""}, Credential.TICKET,
         codes=(Code.NO_TICKET, Code.TOKEN_USED, Code.NOT_FOUND, Code.FOREIGN_ORIGIN)),
    Call("get", LIVE, "WebSocket: text frames, each a `MeFrame`; clients send nothing. What it says and why it closes "
         "is under `x-websocket`. Any other request finds nothing here.", {101: ""}, Credential.TICKET,
         codes=(Code.FOREIGN_ORIGIN, Code.NOT_FOUND)),
    Call("get", "/.well-known/jwks.json", "Public keys of the submission token.", {200: "Keys"}),
)  # fmt: skip

DESK: Final = (
    Call("post", "/api/v1/accounts", "Ask for an account; it is made when its address is confirmed.",
         {202: "Registered"}, None, registration_api.NewRegistration,
         (Code.USERNAME_TAKEN, Code.REGISTRATION_CLOSED, Code.PASSWORD_WEAK, Code.NOT_FOUND)),
    Call("post", "/api/v1/accounts/confirm", "Confirm an address by the code of its message; done also a second time.",
         {200: "Registered"}, None, registration_api.CodeTyped,
         (Code.LINK_EXPIRED, Code.EMAIL_ALREADY_USED, Code.USERNAME_TAKEN)),
    Call("post", "/api/v1/session", "Sign in; with a token and its ticket, the token becomes this account's.",
         {200: "Session"}, None, submission_api.SignIn, SIGN_IN_CODES),
    Call("get", "/api/v1/session", "Who is signed in.", {200: "Session"}, Credential.SESSION,
         codes=(Code.NOT_SIGNED_IN, Code.SESSION_ENDED)),
    Call("post", "/api/v1/recovery", "Have a lost user name, password or answers recovered by mail.", {202: ""},
         None, recovery_api.RecoveryAsked, (Code.RATE_LIMITED, Code.FOREIGN_ORIGIN)),
    Call("post", "/api/v1/session/renew", "Give the session an hour from now, twelve from its sign-in at most.",
         {200: "Session"}, Credential.SESSION, codes=(Code.NOT_SIGNED_IN, Code.SESSION_ENDED)),
    Call("delete", "/api/v1/session", "Sign out; done also where nobody is signed in.", {204: ""}, Credential.ANYBODY,
         codes=(Code.FOREIGN_ORIGIN,)),
    Call("post", f"{ONE}/submissions", "Submit; a repeat gives the same receipt.", {201: "Accepted", 200: "Accepted"},
         Credential.SESSION, submission_api.Submit, SUBMIT_CODES),
    Call("get", "/api/v1/submissions/{receipt}", "Your submission; anybody else's does not exist.", {200: "Submission"},
         Credential.SESSION, codes=(Code.SESSION_ENDED, Code.NOT_FOUND)),
    Call("get", "/api/v1/account/export", "Everything that is held about this account.", {200: "Export"},
         Credential.SESSION, codes=(Code.NOT_SIGNED_IN, Code.SESSION_ENDED)),
    Call("delete", "/api/v1/account", "Erase an account that has submitted nothing.", {204: ""}, Credential.SESSION,
         PasswordAgain, (Code.NOT_SIGNED_IN, Code.SESSION_ENDED, Code.BAD_CREDENTIALS, Code.ACCOUNT_HAS_SUBMISSION,
                         Code.ACCOUNT_HAS_LIVE_TOKEN, Code.FOREIGN_ORIGIN)),
    Call("get", "/api/v1/drafts/{programme}", "What is filled in, section by section, with what is missing.",
         {200: "Draft"}, Credential.SESSION, codes=(Code.NOT_SIGNED_IN, Code.SESSION_ENDED, Code.NOT_FOUND)),
    Call("put", "/api/v1/drafts/{programme}/sections/{section}", "Save a section upon the version that was read.",
         {200: "SavedSection"}, Credential.SESSION, SectionBody,
         (Code.NOT_SIGNED_IN, Code.SESSION_ENDED, Code.NOT_FOUND, Code.DRAFT_CHANGED, Code.DRAFT_SUBMITTED,
          Code.DRAFT_EXPIRED, Code.INVALID, Code.FOREIGN_ORIGIN)),
    Call("post", "/api/v1/drafts/{programme}/recover", "Take a draft back whose days are over: they begin anew.",
         {200: "RecoveredDraft"}, Credential.SESSION,
         codes=(Code.NOT_SIGNED_IN, Code.SESSION_ENDED, Code.NOT_FOUND, Code.DRAFT_SUBMITTED, Code.DRAFT_EXPIRED,
                Code.FOREIGN_ORIGIN)),
)  # fmt: skip

OF_A_STREAM: Final = (Code.NOT_SIGNED_IN, Code.SESSION_ENDED, Code.NOT_FOUND)

STREAMS: Final = (
    Call("get", "/api/v1/streams", "The exempt streams, each with this account's newest claim.", {200: "Streams"},
         Credential.SESSION, codes=OF_A_STREAM),
    Call("put", f"{STREAM}/claim", "Claim that one may apply at any time, with a proof number.", {201: "StreamClaim"},
         Credential.SESSION, StreamProof, (*OF_A_STREAM, Code.CLAIM_PENDING)),
    Call("delete", f"{STREAM}/claim", "Take the claim back.", {204: ""}, Credential.SESSION,
         codes=(*OF_A_STREAM, Code.MOVE_NOT_ALLOWED, Code.FOREIGN_ORIGIN)),
    Call("post", f"{STREAM}/submissions", "Submit outside the quota, on an accepted claim; a repeat gives the same "
         "receipt.", {201: "Accepted", 200: "Accepted"}, Credential.SESSION, StreamSubmission,
         (*OF_A_STREAM, Code.BAD_CREDENTIALS, Code.BAD_SECURITY_ANSWERS, Code.CLAIM_NOT_ACCEPTED,
          Code.DUPLICATE_ACCOUNT, Code.DUPLICATE_PERSON, *BARRED, Code.DEVICE_REFUSED, Code.DRAFT_INCOMPLETE,
          Code.DRAFT_EXPIRED, Code.SIGNATURE_MISSING, Code.REPRESENTATIVE_NOT_RECOGNISED)),
)  # fmt: skip

SIMPLE_MOVES: Final = tuple(
    Call("post", f"{MANAGED}/{move}", summary, {200: "OperatorPeriod"}, Credential.OPERATOR,
         bodies.Move, codes=(*AT_THE_DESK, Code.MOVE_NOT_ALLOWED, Code.CHANGED_MEANWHILE, Code.FOREIGN_ORIGIN,
                             *((Code.NOT_READY, Code.NO_RELEASED_PLACES) if move is Action.ANNOUNCE else ())))
    for move, summary in (
        (Action.ANNOUNCE, "Show a draft to the public, and freeze its programme's rules."),
        (Action.DISARM, "Go back to announced, before the opening."),
        (Action.PAUSE, "Stop calls and clocks."),
        (Action.RESUME, "Go on; after a suspension with a notice."),
        (Action.SUSPEND, "Stop submissions too."),
        (Action.CLOSE, "Call nobody; live tokens finish, unless it is suspended."),
    )
)  # fmt: skip

MOVES: Final = (
    *SIMPLE_MOVES,
    Call("post", f"{MANAGED}/{Action.ARM}", "Let it open itself at `opens_at`; a second person, who types cap and "
         "opening again.", {200: "OperatorPeriod"}, Credential.OPERATOR, bodies.Arming,
         (*AT_THE_DESK, Code.MOVE_NOT_ALLOWED, Code.SECOND_PERSON_NEEDED, Code.RETYPED_DIFFERENTLY,
          Code.CHANGED_MEANWHILE, Code.NOT_READY)),
    Call("post", f"{MANAGED}/{Action.ANNUL}", "Take it back with all that was accepted; two people once it is over or "
         "full.", {200: "OperatorPeriod"}, Credential.OPERATOR, bodies.AnnulReason,
         (*AT_THE_DESK, Code.MOVE_NOT_ALLOWED, Code.SECOND_PERSON_NEEDED)),
)  # fmt: skip

CONSOLE: Final = (
    Call("post", f"{OPERATOR}/session", "Sign in as an operator.", {200: "Session"}, None, bodies.OperatorSignIn,
         (Code.BAD_CREDENTIALS, Code.NOT_YOUR_ROLE)),
    Call("get", f"{OPERATOR}/session", "Which operator is signed in.", {200: "Session"}, Credential.OPERATOR,
         codes=AT_THE_DESK),
    Call("delete", f"{OPERATOR}/session", "Sign out.", {204: ""}, Credential.OPERATOR, codes=(*AT_THE_DESK,
         Code.FOREIGN_ORIGIN)),
    Call("post", STAFF_SESSION, "Sign in as staff of any role.", {200: "StaffSession"}, None,
         bodies.OperatorSignIn, (Code.BAD_CREDENTIALS, Code.NOT_YOUR_ROLE)),
    Call("get", STAFF_SESSION, "Who of staff is signed in.", {200: "StaffSession"}, Credential.OPERATOR,
         codes=AT_THE_DESK),
    Call("delete", STAFF_SESSION, "Sign out.", {204: ""}, Credential.OPERATOR, codes=(*AT_THE_DESK,
         Code.FOREIGN_ORIGIN)),
    Call("get", f"{OPERATOR}/programmes", "The programme files.", {200: "Programmes"}, Credential.OPERATOR,
         codes=AT_THE_DESK),
    Call("get", f"{OPERATOR}/periods", "All periods, drafts too.", {200: "OperatorPeriods"}, Credential.OPERATOR,
         codes=AT_THE_DESK),
    Call("post", f"{OPERATOR}/periods", "Make a draft.", {201: "OperatorPeriod"}, Credential.OPERATOR,
         bodies.PeriodDraft,
         (*AT_THE_DESK, Code.NO_RELEASED_PLACES)),
    Call("put", f"{OPERATOR}/accommodations", "Grant an account up to twice the time, beforehand.", {204: ""},
         Credential.OPERATOR, bodies.AccommodationGrant, (*AT_THE_DESK, Code.ACCOUNT_HAS_LIVE_TOKEN,
         Code.FOREIGN_ORIGIN)),
    Call("get", MANAGED, "One period, with what steers it.", {200: "OperatorPeriod"}, Credential.OPERATOR,
         codes=AT_THE_DESK),
    Call("patch", MANAGED, "Correct a draft.", {200: "OperatorPeriod"}, Credential.OPERATOR, bodies.PeriodCorrection,
         (*AT_THE_DESK, Code.MOVE_NOT_ALLOWED, Code.CHANGED_MEANWHILE, Code.NO_RELEASED_PLACES)),
    Call("delete", MANAGED, "Remove a draft.", {204: ""}, Credential.OPERATOR, bodies.SeenVersion,
         (*AT_THE_DESK, Code.MOVE_NOT_ALLOWED, Code.CHANGED_MEANWHILE)),
    *MOVES,
    Call("post", f"{MANAGED}/stop", "The kill switch: no call and no submission from now on, with either store away.",
         {200: "Stopped"}, Credential.OPERATOR, bodies.StopOrder, AT_THE_DESK),
    Call("patch", f"{MANAGED}/pace", "The pace, in force within 2 s.", {200: "OperatorPeriod"}, Credential.OPERATOR,
         bodies.PaceChange, (*AT_THE_DESK, Code.CHANGED_MEANWHILE)),
    Call("put", f"{MANAGED}/mode", "Who is first, of a draft: in order of arrival, or drawn.", {200: "OperatorPeriod"},
         Credential.OPERATOR, bodies.ModeChange, (*AT_THE_DESK, Code.MOVE_NOT_ALLOWED,
         Code.CHANGED_MEANWHILE)),
    Call("put", f"{MANAGED}/value", "The public value of a draw; final from the opening on.", {200: "OperatorPeriod"},
         Credential.OPERATOR, bodies.PublicValue, (*AT_THE_DESK, Code.MOVE_NOT_ALLOWED,
         Code.CHANGED_MEANWHILE)),
    Call("put", f"{MANAGED}/notice", "A message on every waiting screen.", {200: "OperatorPeriod"}, Credential.OPERATOR,
         bodies.NoticeText, (*AT_THE_DESK, Code.CHANGED_MEANWHILE)),
    Call("delete", f"{MANAGED}/notice", "Take the message away.", {204: ""}, Credential.OPERATOR, bodies.SeenVersion,
         (*AT_THE_DESK, Code.CHANGED_MEANWHILE)),
    Call("put", f"{MANAGED}/proof", "Ask for a proof of work with each number.", {200: "OperatorPeriod"},
         Credential.OPERATOR, bodies.SeenVersion, (*AT_THE_DESK, Code.CHANGED_MEANWHILE)),
    Call("delete", f"{MANAGED}/proof", "Ask for none any more.", {204: ""}, Credential.OPERATOR, bodies.SeenVersion,
         (*AT_THE_DESK, Code.CHANGED_MEANWHILE)),
    Call("get", f"{MANAGED}/readiness", "Whether the installation is ready for this period, and what will happen.",
         {200: "Readiness"}, Credential.OPERATOR, codes=AT_THE_DESK),
    Call("get", f"{MANAGED}/figures", "The numbers behind the graphs; `since` (RFC 3339) and `limit` in the query.",
         {200: "Figures"}, Credential.OPERATOR, codes=(*AT_THE_DESK, Code.INVALID)),
)  # fmt: skip

WATCH: Final = (
    Call("get", "/healthz", "The process answers.", {200: "Health"}),
    Call(
        "get",
        "/readyz",
        "Redis, SQL and the ticker answer, and the programme files are those announced.",
        {200: "Health"},
        codes=(Code.NOT_FOUND,),
    ),
)

AGENT: Final = "/api/v1/agent/claims"

AGENTS: Final = (
    Call("get", AGENT, "The queue of claims to exempt streams, the oldest first; `state` and `after` choose.",
         {200: "ClaimQueue"}, Credential.OPERATOR, codes=AT_THE_DESK,
         query=(("state", "of the claims; those that wait without it"), ("after", "the last id of the answer before"))),
    Call("get", f"{AGENT}/{{claim}}", "One claim with its proof number; a look.", {200: "ClaimAtDesk"},
         Credential.OPERATOR, codes=AT_THE_DESK),
    Call("post", f"{AGENT}/{{claim}}/decision", "Accept, refuse, remove or reinstate, with a reason.",
         {200: "ClaimAtDesk"}, Credential.OPERATOR, ClaimDecision,
         (*AT_THE_DESK, Code.CHANGED_MEANWHILE, Code.MOVE_NOT_ALLOWED, Code.CLAIM_PENDING, Code.DUPLICATE_ACCOUNT,
          Code.DUPLICATE_PERSON)),
)  # fmt: skip

CALLS: Final = (
    *ROOM,
    *programmes.PROGRAMMES,
    *deadlines.DEADLINES,
    *DESK,
    *STREAMS,
    *REPRESENTATIVES,
    *REVIEWS,
    *AMENDMENTS,
    *SWITCHES,
    *TASKS,
    *STAFF,
    *SECOND_FACTORS,
    *proclaimed_days.PROCLAIMED_DAYS,
    *PAYMENTS,
    *WITHDRAWALS,
    *MESSAGES,
    *BROADCASTS,
    *MAILROOM,
    *FILES,
    *CONSOLE,
    *AGENTS,
    *WATCH,
)

SECURITY: Final[dict[Credential, list[dict[str, list[str]]]]] = {
    Credential.TICKET: [{"bearer": []}, {"ticket": []}],
    Credential.SESSION: [{"session": []}],
    Credential.OPERATOR: [{"operator": []}],
    Credential.ANYBODY: [{}, {"session": []}],
}

BEHIND_TLS: Final = "behind TLS the name begins with `__Host-`"

SECURITY_SCHEMES: Final = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "the ticket; it counts before the cookie"},
    "ticket": {"type": "apiKey", "in": "cookie", "name": "ticket-{period}", "description": BEHIND_TLS},
    "session": {"type": "apiKey", "in": "cookie", "name": "session", "description": BEHIND_TLS},
    "operator": {"type": "apiKey", "in": "cookie", "name": "operator", "description": BEHIND_TLS},
}


@cache
def document() -> dict[str, Any]:
    """The whole document."""
    types = list(
        dict.fromkeys([Me, Entered, MeFrame, Draw, *(call.body for call in CALLS if call.body is not None)])
    )
    schemas, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    components = {name: without_nul(schema) for name, schema in components.items()}
    references = dict(zip(types, schemas, strict=True))
    paths: dict[str, Any] = {}
    for call in CALLS:
        paths.setdefault(call.path, {})[call.method] = _operation(call, references)
    paths["/metrics"] = {"get": _text("Figures for Prometheus, over all processes.", "text/plain")}
    paths[f"{OPERATOR}/audit.csv"] = {"get": _audit_csv()}
    paths[RECORD_CSV] = {"get": _record_csv()}
    paths[DAILY_CSV] = {"get": _daily_csv()}
    paths["/openapi.json"] = {"get": _text("This document.", "application/json")}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Guichet",
            "version": VERSION,
            "description": "A virtual waiting room joined to an exact quota. Every expected refusal is a `Problem` "
            "(RFC 9457) whose `type` leads to its reason and remedy.",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": {
                **components,
                **SCHEMAS,
                **programmes.ANSWERS,
                **MESSAGE_ANSWERS,
                **MAIL_SCHEMAS,
                **FILE_SCHEMAS,
                **PAYMENT_ANSWERS,
                **WITHDRAWAL_ANSWERS,
                **deadlines.ANSWERS,
                **proclaimed_days.ANSWERS,
                **STAFF_ANSWERS,
            },
            "headers": HEADERS,
            "securitySchemes": SECURITY_SCHEMES,
        },
    }


def routes() -> list[BaseRoute]:
    """`/openapi.json`."""

    async def openapi(request: Request) -> Response:
        return Response(_encoded(), media_type="application/json")

    return [Route("/openapi.json", openapi)]


@cache
def _encoded() -> bytes:
    return msgspec.json.encode(document())


def _operation(call: Call, references: dict[type, dict[str, Any]]) -> dict[str, Any]:
    cookie = ("Set-Cookie",) if (call.method, call.path) in WITH_COOKIE else ()
    responses = {str(status): _answer(status, name, *cookie) for status, name in call.answers.items()}
    codes = (*call.codes, *EVERYWHERE, *(WITH_BODY if call.body else ()))
    responses |= _refusals(codes)
    operation: dict[str, Any] = {
        "operationId": _operation_id(call),
        "summary": call.summary,
        "parameters": _parameters(call),
        "responses": responses,
    }
    if call.path == LIVE:
        operation["x-websocket"] = FEED
    if call.who:
        operation["security"] = SECURITY[call.who]
    if call.body is not None:
        content = {"application/json": {"schema": references[call.body]}}
        operation["requestBody"] = {"content": content, "required": bool(_required(call.body))}
    return operation


def _answer(status: int, name: str, *more: str) -> dict[str, Any]:
    said = {101: "The socket is open.", 201: "Made.", 202: "Taken in.", 204: "Done; no content."}.get(
        status, "As asked."
    )
    switched = ("Connection", "Upgrade") if status == 101 else ()
    answered: dict[str, Any] = {"description": said, "headers": headers_of(status, *more, *switched)}
    if name:
        schema = {"$ref": f"#/components/schemas/{name}"}
        answered["content"] = {"application/json": {"schema": schema}}
    return answered


def _refusals(codes: tuple[Code, ...]) -> dict[str, Any]:
    """One answer a status, naming the codes that have it."""
    by_status: dict[int, list[str]] = {}
    for code in dict.fromkeys(codes):
        by_status.setdefault(TABLE[code].status, []).append(code)
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        str(status): {
            "description": ", ".join(f"`{code}`" for code in same),
            "headers": headers_of(status),
            "content": {"application/problem+json": {"schema": schema}},
        }
        for status, same in sorted(by_status.items())
    }


def _parameters(call: Call) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in call.path.split("/") if part.startswith("{")]
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": PATH_SCHEMAS[name]} for name in names
    ]
    if (call.method, call.path) == ("post", TICKETS):
        found.append(IDEMPOTENCY_KEY)
    if call.path == programmes.FORM:
        found += programmes.FORM_QUERY
    if call.path == deadlines.ADDRESS:
        found += deadlines.DEADLINE_QUERY
    found += QUERIES.get((call.method, call.path), [])
    found += [query_of(name, said, **TYPED) for name, said in call.query]
    if call.path.endswith("/figures"):
        found += FIGURES_QUERY
    if call.method == "delete" and call.body is bodies.SeenVersion:
        found += VERSION_QUERY
    return found


def _operation_id(call: Call) -> str:
    words = [
        part.strip("{}").replace(".", "_") for part in call.path.removeprefix("/api/v1").split("/") if part
    ]
    return "_".join([call.method, *words])


def _audit_csv() -> dict[str, Any]:
    """The audit as a table for a spreadsheet."""
    said = {
        "since": "RFC 3339, inside",
        "until": "RFC 3339, outside",
        "period": "a period's id",
        "looks": "1: the looks too",
    }
    asked = [
        {"name": name, "in": "query", "required": False, "schema": TYPED, "description": text}
        for name, text in said.items()
    ]
    summary = "The audit as CSV (semicolons, UTF-8 with its mark), oldest first."
    return _table("get_operator_audit_csv", summary, asked, (Code.INVALID,))


def _record_csv() -> dict[str, Any]:
    """The record as auditors take it away."""
    summary = "The record as CSV (semicolons, UTF-8 with its mark), oldest first."
    return _table("get_staff_record_csv", summary, RECORD_FILTER, (Code.INVALID,))


def _daily_csv() -> dict[str, Any]:
    """The daily list of the mailroom as a table for a spreadsheet."""
    asked = [
        {"name": "le", "in": "query", "required": False, "schema": TYPED, "description": "a day: 2026-06-13"}
    ]
    summary = "What came by post and was entered on a day, as CSV (semicolons, UTF-8 with its mark)."
    return _table("get_staff_mailroom_daily_csv", summary, asked, (Code.INVALID,))


def _table(id: str, summary: str, asked: list[dict[str, Any]], codes: tuple[Code, ...]) -> dict[str, Any]:
    call = _text(summary, "text/csv")
    refusals = _refusals((*AT_THE_DESK, *codes, *EVERYWHERE))
    operation = {"operationId": id, "parameters": asked, "security": SECURITY[Credential.OPERATOR]}
    return call | operation | {"responses": call["responses"] | refusals}


def without_nul(schema: Any) -> Any:
    """The schema, where each text says that it has no NUL: none is taken anywhere, as PostgreSQL stores none."""
    if isinstance(schema, list):
        return [without_nul(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: without_nul(part) for name, part in schema.items()}
    if schema.get("type") == "string" and not {"pattern", "enum"} & set(schema):
        found["pattern"] = NO_NUL
    return found


def _required(body: type) -> list[str]:
    return [field.name for field in msgspec.structs.fields(body) if field.required]


def _text(summary: str, media_type: str) -> dict[str, Any]:
    content = {media_type: {"schema": TEXT if media_type.startswith("text/") else {"type": "object"}}}
    answered = {"description": "As asked.", "headers": headers_of(200), "content": content}
    return {"summary": summary, "responses": {"200": answered}}
