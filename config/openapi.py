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

from console import api as console_api
from quota.draw_order import Draw
from server.problems import TABLE
from submission import api as submission_api
from waitingroom.feed.watcher import MeFrame
from waitingroom.joins.endpoint import JoinBody
from waitingroom.positions import Entered, Me

VERSION: Final = "1.0.0"
"""Of the contract: the first figure is the one in `/api/v1`."""

EVERYWHERE: Final = ("bad_request", "rate_limited", "unavailable")

WITH_BODY: Final = ("too_large", "invalid", "foreign_origin")

TEXT: Final = {"type": "string"}

NUMBER: Final = {"type": "integer"}

INSTANT: Final = {"type": "string", "format": "date-time", "description": "UTC, with milliseconds"}


class Call(msgspec.Struct, frozen=True):
    """One call. `answers`: status -> name of a schema, or "" for no content. `who`: ticket, session, operator or ""."""

    method: str
    path: str
    summary: str
    answers: dict[int, str]
    who: str = ""
    body: type | None = None
    codes: tuple[str, ...] = ()


def nullable(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def record(optional: tuple[str, ...] = (), /, **properties: Any) -> dict[str, Any]:
    """An object whose properties are always there, but for the optional ones. More may be added later."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required}


def many(name: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}


PERIOD: Final[dict[str, Any]] = {
    "id": TEXT,
    "programme": TEXT,
    "ordinal": NUMBER,
    "state": {"enum": ["announced", "armed", "open", "cap_reached", "closed"]},
    "opens_at": INSTANT,
    "closes_at": INSTANT,
    "cap": NUMBER,
    "accepted": NUMBER,
    "live_tokens": NUMBER,
    "waiting": {"type": "integer", "description": "people who wait and are present"},
    "last_number": NUMBER,
    "paused": {"type": "boolean"},
    "suspended": {"type": "boolean"},
    "proof": {"type": "boolean", "description": "whether a new number or entry owes a proof of work"},
    "notice": nullable(TEXT),
    "server_time": INSTANT,
    "mode": {"enum": ["fifo", "draw"]},
    "draw": nullable({"$ref": "#/components/schemas/Draw"}),
}

SCHEMAS: Final[dict[str, Any]] = {
    "Period": record(**PERIOD),
    "Periods": many("Period"),
    "Joined": {
        "description": "the `me` object and the signed ticket: secret, it is the place of whoever holds it",
        "allOf": [{"$ref": "#/components/schemas/Place"}, record(ticket=TEXT)],
    },
    "Place": {
        "description": "a number's; in mode draw, until the order is drawn, an entry's",
        "anyOf": [{"$ref": "#/components/schemas/Me"}, {"$ref": "#/components/schemas/Entered"}],
    },
    "Challenge": record(
        parameters={
            "type": "object",
            "description": "of ALTCHA version 2: algorithm, cost, keyPrefix, nonce, salt",
        },
        signature=TEXT,
    ),
    "Session": record(username=TEXT, expires_at=INSTANT),
    "Accepted": record(receipt=TEXT, rank=NUMBER, submitted_at=INSTANT, pay_by=INSTANT),
    "Submission": record(
        receipt=TEXT,
        rank=NUMBER,
        status=TEXT,
        submitted_at=INSTANT,
        pay_by=INSTANT,
        history={"type": "array", "items": record(status=TEXT, at=INSTANT)},
        documents={"type": "array", "items": record(kind=TEXT, title=TEXT, created_at=INSTANT, href=TEXT)},
    ),
    "Keys": record(
        keys={"type": "array", "items": {"type": "object", "description": "a public JWK (RFC 8037)"}}
    ),
    "Programmes": {
        "type": "array",
        "items": record(
            id=TEXT, name=TEXT, calls_per_minute=NUMBER, most_live_tokens=NUMBER, token_seconds=NUMBER
        ),
    },
    "OperatorPeriod": record(
        **PERIOD | {"state": {"enum": ["draft", "announced", "armed", "open", "cap_reached", "closed"]}},
        held=NUMBER,
        calls_per_minute=NUMBER,
        most_live_tokens=NUMBER,
        token_seconds=NUMBER,
        paused_at=nullable(INSTANT),
        ended_at=nullable(INSTANT),
        ticked_at=nullable(INSTANT),
    ),
    "OperatorPeriods": many("OperatorPeriod"),
    "Figures": {
        "type": "array",
        "items": record(
            at=INSTANT,
            waiting=NUMBER,
            parked=NUMBER,
            live_tokens=NUMBER,
            accepted=NUMBER,
            lapsed=NUMBER,
            joined=NUMBER,
        ),
    },
    "Health": record(("checks",), status=TEXT, checks={"type": "object"}),
    "Problem": record(
        ("request_id",),
        type={"type": "string", "format": "uri", "description": "a page with the reason and the remedy"},
        title=TEXT,
        status=NUMBER,
        detail=TEXT,
        remedy=TEXT,
        code={"enum": sorted(TABLE)},
        request_id=TEXT,
    ),
}

ONE: Final = "/api/v1/periods/{id}"

TICKETS: Final = f"{ONE}/tickets"

OPERATOR: Final = "/api/v1/operator"

MANAGED: Final = f"{OPERATOR}/periods/{{id}}"

SIGN_IN_CODES: Final = (
    "bad_credentials", "bad_security_answers", "no_token", "token_expired", "token_other_browser", "token_used",
    "account_has_live_token", "duplicate_account", "account_too_recent", "device_refused",
)  # fmt: skip

SUBMIT_CODES: Final = (
    "not_signed_in", "session_ended", "no_token", "token_expired", "token_other_browser", "token_used",
    "quota_reached", "duplicate_account", "duplicate_person", "draft_incomplete", "draft_expired", "signature_missing",
    "device_refused", "period_closed", "suspended", "not_found",
)  # fmt: skip

AT_THE_DESK: Final = ("not_signed_in", "session_ended", "not_allowed", "not_found")

ROOM: Final = (
    Call("get", "/api/v1/periods", "All periods but drafts.", {200: "Periods"}),
    Call("get", ONE, "One period.", {200: "Period"}, codes=("not_found",)),
    Call("post", TICKETS, "Join the line: a number, or the one you have.", {201: "Joined", 200: "Joined"}, "",
         JoinBody, ("device_refused", "room_not_open", "period_closed", "quota_reached", "proof_required",
                    "not_found")),
    Call("get", f"{ONE}/challenge", "A proof of work to solve, good for ten minutes.", {200: "Challenge"},
         codes=("not_found",)),
    Call("get", f"{TICKETS}/me", "Your position; asking keeps you present.", {200: "Place"}, "ticket",
         codes=("no_ticket", "not_found")),
    Call("delete", f"{TICKETS}/me", "Leave the line, or give the token back.", {204: ""}, "ticket",
         codes=("no_ticket", "token_used", "not_found", "foreign_origin")),
    Call("get", f"{ONE}/live", "WebSocket: text frames, each a `Frame`; clients send nothing. Closes 4401 without a "
         "ticket, 4404 for an unknown period, 4429 beyond three sockets a ticket, 1012 at a restart, 1000 at the end.",
         {101: ""}, "ticket", codes=("foreign_origin",)),
    Call("get", "/.well-known/jwks.json", "Public keys of the submission token.", {200: "Keys"}),
)  # fmt: skip

DESK: Final = (
    Call("post", "/api/v1/session", "Sign in; with a token and its ticket, the token becomes this account's.",
         {200: "Session"}, "", submission_api.SignIn, SIGN_IN_CODES),
    Call("get", "/api/v1/session", "Who is signed in.", {200: "Session"}, "session",
         codes=("not_signed_in", "session_ended")),
    Call("delete", "/api/v1/session", "Sign out.", {204: ""}, "session", codes=("foreign_origin",)),
    Call("post", f"{ONE}/submissions", "Submit; a repeat gives the same receipt.", {201: "Accepted", 200: "Accepted"},
         "session", submission_api.Submit, SUBMIT_CODES),
    Call("get", "/api/v1/submissions/{receipt}", "Your submission; anybody else's does not exist.", {200: "Submission"},
         "session", codes=("session_ended", "not_found")),
)  # fmt: skip

MOVES: Final = tuple(
    Call("post", f"{MANAGED}/{move}", summary, {200: "OperatorPeriod"}, "operator",
         codes=(*AT_THE_DESK, "move_not_allowed", "foreign_origin"))
    for move, summary in (
        ("announce", "Show a draft to the public."),
        ("arm", "Let it open itself at `opens_at`; not after it."),
        ("pause", "Stop calls and clocks."),
        ("resume", "Go on."),
        ("suspend", "Stop submissions too."),
        ("close", "Call nobody; live tokens finish."),
    )
)  # fmt: skip

CONSOLE: Final = (
    Call("post", f"{OPERATOR}/session", "Sign in as an operator.", {200: "Session"}, "", console_api.OperatorSignIn,
         ("bad_credentials",)),
    Call("get", f"{OPERATOR}/session", "Which operator is signed in.", {200: "Session"}, "operator", codes=AT_THE_DESK),
    Call("delete", f"{OPERATOR}/session", "Sign out.", {204: ""}, "operator", codes=(*AT_THE_DESK, "foreign_origin")),
    Call("get", f"{OPERATOR}/programmes", "The programme files.", {200: "Programmes"}, "operator", codes=AT_THE_DESK),
    Call("get", f"{OPERATOR}/periods", "All periods, drafts too.", {200: "OperatorPeriods"}, "operator",
         codes=AT_THE_DESK),
    Call("post", f"{OPERATOR}/periods", "Make a draft.", {201: "OperatorPeriod"}, "operator", console_api.PeriodDraft,
         AT_THE_DESK),
    Call("put", f"{OPERATOR}/accommodations", "Grant an account up to twice the time, beforehand.", {204: ""},
         "operator", console_api.AccommodationGrant, (*AT_THE_DESK, "account_has_live_token", "foreign_origin")),
    Call("get", MANAGED, "One period, with what steers it.", {200: "OperatorPeriod"}, "operator", codes=AT_THE_DESK),
    *MOVES,
    Call("patch", f"{MANAGED}/pace", "The pace, in force within 2 s.", {200: "OperatorPeriod"}, "operator",
         console_api.PaceChange, AT_THE_DESK),
    Call("put", f"{MANAGED}/mode", "Who is first, of a draft: in order of arrival, or drawn.", {200: "OperatorPeriod"},
         "operator", console_api.ModeChange, (*AT_THE_DESK, "move_not_allowed")),
    Call("put", f"{MANAGED}/value", "The public value of a draw; final from the opening on.", {200: "OperatorPeriod"},
         "operator", console_api.PublicValue, (*AT_THE_DESK, "move_not_allowed")),
    Call("put", f"{MANAGED}/notice", "A message on every waiting screen.", {200: "OperatorPeriod"}, "operator",
         console_api.NoticeText, AT_THE_DESK),
    Call("delete", f"{MANAGED}/notice", "Take the message away.", {204: ""}, "operator",
         codes=(*AT_THE_DESK, "foreign_origin")),
    Call("put", f"{MANAGED}/proof", "Ask for a proof of work with each number.", {200: "OperatorPeriod"}, "operator",
         codes=(*AT_THE_DESK, "foreign_origin")),
    Call("delete", f"{MANAGED}/proof", "Ask for none any more.", {204: ""}, "operator",
         codes=(*AT_THE_DESK, "foreign_origin")),
    Call("get", f"{MANAGED}/figures", "The numbers behind the graphs; `since` (RFC 3339) and `limit` in the query.",
         {200: "Figures"}, "operator", codes=AT_THE_DESK),
)  # fmt: skip

WATCH: Final = (
    Call("get", "/healthz", "The process answers.", {200: "Health"}),
    Call("get", "/readyz", "Redis, SQL and the ticker answer.", {200: "Health"}),
)

CALLS: Final = (*ROOM, *DESK, *CONSOLE, *WATCH)

SECURITY: Final[dict[str, list[dict[str, list[str]]]]] = {
    "ticket": [{"bearer": []}, {"ticket": []}],
    "session": [{"session": []}],
    "operator": [{"operator": []}],
}

SECURITY_SCHEMES: Final = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "the ticket; it counts before the cookie"},
    "ticket": {"type": "apiKey", "in": "cookie", "name": "ticket-{period}"},
    "session": {"type": "apiKey", "in": "cookie", "name": "session"},
    "operator": {"type": "apiKey", "in": "cookie", "name": "operator"},
}


@cache
def document() -> dict[str, Any]:
    """The whole document."""
    types = list(
        dict.fromkeys([Me, Entered, MeFrame, Draw, *(call.body for call in CALLS if call.body is not None)])
    )
    schemas, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    references = dict(zip(types, schemas, strict=True))
    paths: dict[str, Any] = {}
    for call in CALLS:
        paths.setdefault(call.path, {})[call.method] = _operation(call, references)
    paths["/metrics"] = {"get": _text("Figures for Prometheus, over all processes.", "text/plain")}
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
        "components": {"schemas": {**components, **SCHEMAS}, "securitySchemes": SECURITY_SCHEMES},
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
    responses = {str(status): _answer(status, name) for status, name in call.answers.items()}
    codes = (*call.codes, *EVERYWHERE, *(WITH_BODY if call.body else ()))
    responses |= _refusals(codes)
    operation: dict[str, Any] = {
        "operationId": _operation_id(call),
        "summary": call.summary,
        "parameters": _parameters(call),
        "responses": responses,
    }
    if call.who:
        operation["security"] = SECURITY[call.who]
    if call.body is not None:
        content = {"application/json": {"schema": references[call.body]}}
        operation["requestBody"] = {"content": content, "required": bool(_required(call.body))}
    return operation


def _answer(status: int, name: str) -> dict[str, Any]:
    said = {101: "The socket is open.", 201: "Made.", 204: "Done; no content."}.get(status, "As asked.")
    if not name:
        return {"description": said}
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"description": said, "content": {"application/json": {"schema": schema}}}


def _refusals(codes: tuple[str, ...]) -> dict[str, Any]:
    """One answer a status, naming the codes that have it."""
    by_status: dict[int, list[str]] = {}
    for code in dict.fromkeys(codes):
        by_status.setdefault(TABLE[code].status, []).append(code)
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        str(status): {
            "description": ", ".join(f"`{code}`" for code in same),
            "content": {"application/problem+json": {"schema": schema}},
        }
        for status, same in sorted(by_status.items())
    }


def _parameters(call: Call) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in call.path.split("/") if part.startswith("{")]
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": TEXT} for name in names
    ]
    if call.path == TICKETS:
        said = "128 random bits or more; the same key gets the same number"
        found.append({"name": "Idempotency-Key", "in": "header", "schema": TEXT, "description": said})
    return found


def _operation_id(call: Call) -> str:
    words = [
        part.strip("{}").replace(".", "_") for part in call.path.removeprefix("/api/v1").split("/") if part
    ]
    return "_".join([call.method, *words])


def _required(body: type) -> list[str]:
    return [field.name for field in msgspec.structs.fields(body) if field.required]


def _text(summary: str, media_type: str) -> dict[str, Any]:
    content = {media_type: {"schema": TEXT if media_type == "text/plain" else {"type": "object"}}}
    return {"summary": summary, "responses": {"200": {"description": "As asked.", "content": content}}}
