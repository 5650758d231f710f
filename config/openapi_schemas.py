"""The answers of the contract's calls as JSON schemas, their headers, and what calls take beside bodies (`openapi.py`
has the calls).

Bodies are not here: they are the types that the handlers read.
"""

from typing import Any, Final

from accounts.representatives.declaration.details import RepresentativeDetails
from accounts.representatives.states import PowerMove, PowerState, RepresentativeKind
from accounts.reviews.states import Decision, ReviewAct, ReviewKind, ReviewState
from console.forecast import Forecast
from console.readiness import Check, CheckState
from evidence.figures import MOST_ROWS
from quota.period_bounds import SLUG
from quota.states import PUBLIC, Mode, PeriodState, Stand
from server.problems import TABLE
from submission.drafts.states import DraftState
from submission.exempt.states import ExemptClaimState
from waitingroom.feed.states import CloseCode

TEXT: Final = {"type": "string"}

NO_NUL: Final = r"^[^\u0000]*$"

NO_CONTROL: Final = r"^[^\u0000-\u001f\u007f]+$"
"""An address with control characters is none (`server/request_checks.py`)."""

TYPED: Final = {"type": "string", "pattern": NO_NUL}
"""A text that comes from a client."""

NUMBER: Final = {"type": "integer"}

INSTANT: Final = {"type": "string", "format": "date-time", "description": "UTC, with milliseconds"}


LOCAL: Final = {"type": "string", "description": "Montréal time with its weekday, in French"}


def nullable(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def record(optional: tuple[str, ...] = (), /, **properties: Any) -> dict[str, Any]:
    """An object whose properties are always there, but for the optional ones. More may be added later."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required}


SUPPLEMENT: Final = record(amendment=NUMBER, state=TEXT, amount_cents=NUMBER, currency=TEXT, pay_by=INSTANT)
"""The fee of an amendment."""


def many(name: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}


ANSWERS: Final = {
    "type": "object",
    "additionalProperties": {"anyOf": [TEXT, {"type": "array", "items": {"type": "object"}}]},
    "description": "by field in canonical form; of a repeated section `members`, each with its `key`",
}

DRAFT_SECTION: Final = record(
    version=NUMBER,
    answers=ANSWERS,
    read_again={
        "type": "boolean",
        "description": "a newer form changed it, and nobody has confirmed it since",
    },
)

PERIOD: Final[dict[str, Any]] = {
    "id": TEXT,
    "programme": TEXT,
    "ordinal": NUMBER,
    "state": {"enum": [state.value for state in PUBLIC]},
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
    "annulment": {"anyOf": [record(annulled_at=INSTANT, reason=TEXT), {"type": "null"}]},
    "server_time": INSTANT,
    "mode": {"enum": [mode.value for mode in Mode]},
    "draw": nullable({"$ref": "#/components/schemas/Draw"}),
}

STREAM_CLAIM: Final = record(
    state={"enum": [state.value for state in ExemptClaimState]},
    version=NUMBER,
    claimed_at=INSTANT,
    decided_at=nullable(INSTANT),
    reason=nullable(TEXT),
    receipt=nullable(TEXT),
)

PROCURATION: Final[dict[str, Any]] = {
    "reference": TEXT,
    "kind": {"enum": [kind.value for kind in RepresentativeKind]},
    "state": {"enum": [state.value for state in PowerState]},
    "received_on": nullable(TEXT),
    "postmarked_on": nullable(TEXT),
}

_BOOLEAN: Final = {"type": "boolean"}

_CASE: Final[dict[str, Any]] = {
    "id": NUMBER,
    "kind": {"enum": [kind.value for kind in ReviewKind]},
    "state": {"enum": [state.value for state in ReviewState]},
    "decision": nullable({"enum": [decision.value for decision in Decision]}),
    "automatic": _BOOLEAN,
    "requested": _BOOLEAN,
}

_ACT: Final = {"enum": [act.value for act in ReviewAct]}

_QUEUED: Final = {**_CASE, "score": NUMBER, "version": NUMBER, "opened_at": INSTANT, "changed_at": INSTANT}

REVIEW_SCHEMAS: Final[dict[str, Any]] = {
    "OwnReview": record(
        **_CASE, barred=_BOOLEAN, events={"type": "array", "items": record(act=_ACT, text=TEXT, at=INSTANT)}
    ),
    "OwnReviews": record(reviews=many("OwnReview")),
    "Received": record(received=_BOOLEAN),
    "Review": record(**_QUEUED),
    "Reviews": record(reviews=many("Review"), more=_BOOLEAN),
    "OpenedReview": record(
        **_QUEUED,
        evidence={"type": "array", "items": record(signal=TEXT, points=NUMBER)},
        records={"type": "array", "items": record(field=TEXT, one=TEXT, other=TEXT)},
        survivor=nullable({"type": "integer", "description": "0: the first record counts, 1: the other one"}),
        events={"type": "array", "items": record(act=_ACT, actor=TEXT, text=TEXT, at=INSTANT)},
        possible={"type": "array", "items": TEXT},
    ),
}
"""The answers of calls about reviews."""

_ASIDE = record(
    id=NUMBER, kind=TEXT, subject_kind=TEXT, subject_id=TEXT, state=TEXT, attempt=NUMBER, failures=NUMBER,
    error=nullable(TEXT), staged_at=INSTANT,
)  # fmt: skip

TASK_SCHEMAS: Final[dict[str, Any]] = {
    "TaskKind": record(
        kind=TEXT, known=_BOOLEAN, planned=NUMBER, due=NUMBER, running=NUMBER, set_aside=NUMBER, left=NUMBER,
        done=NUMBER, done_last_hour=NUMBER, failing=NUMBER, oldest_due_at=nullable(INSTANT),
    ),
    "AsideTask": _ASIDE,
    "AsideMail": record(
        id=NUMBER, kind=TEXT, title=TEXT, tries=NUMBER, reply_code=nullable(NUMBER), reply_status=nullable(TEXT),
        settled_at=nullable(INSTANT),
    ),
    "Tasks": record(
        at=INSTANT, kinds=many("TaskKind"), set_aside=many("AsideTask"), more=_BOOLEAN, left=many("AsideTask"),
        mails_set_aside=NUMBER, mails=many("AsideMail"),
        queue=nullable(record(rings=NUMBER, failed=NUMBER, workers={
            "type": "array", "items": record(state=TEXT, seen_seconds=nullable(NUMBER)),
        })),
    ),
    "Retried": record(retried=NUMBER),
    "Switch": record(
        id=NUMBER, programme=TEXT, name=TEXT, state=TEXT, on_at=INSTANT, author=TEXT, reason=nullable(TEXT),
        planned_at=INSTANT, approver=nullable(TEXT), approved_at=nullable(INSTANT), turned_on_at=nullable(INSTANT),
        broadcast=nullable(NUMBER), told=NUMBER, told_at=nullable(INSTANT), ended_at=nullable(INSTANT),
        ended_by=nullable(TEXT), end_reason=nullable(TEXT),
    ),
    "Switches": record(switches=many("Switch")),
    "Amendment": record(
        serial=NUMBER, kind=TEXT, on_day=TEXT, last_day=TEXT, late=_BOOLEAN, at=INSTANT,
        changes={"type": "array", "items": record(path=TEXT, label=TEXT, before=TEXT, after=TEXT)},
        standing=nullable(TEXT), supplement=nullable(SUPPLEMENT),
    ),
    "QueuedAmendments": record(amendments={
        "type": "array", "items": record(number=TEXT, serial=NUMBER, kind=TEXT, at=INSTANT, late=_BOOLEAN),
    }),
    "AmendedFile": record(
        number=TEXT, amendments=many("Amendment"),
        differences={
            "type": "array",
            "items": record(label=TEXT, signed=TEXT, now=TEXT, serials={"type": "array", "items": NUMBER}),
        },
    ),
    "Amendments": record(
        number=TEXT, version=NUMBER, form_version=TEXT, amendments=many("Amendment"),
        kinds={"type": "array", "items": record(kind=TEXT, ground=nullable(TEXT), opens_at=nullable(INSTANT))},
    ),
}  # fmt: skip
"""The answers of calls about tasks and switches."""

SCHEMAS: Final[dict[str, Any]] = {
    **REVIEW_SCHEMAS,
    **TASK_SCHEMAS,
    "Representative": record(
        **PROCURATION,
        **dict.fromkeys(RepresentativeDetails.__struct_fields__, TEXT),
        told={"type": "boolean", "description": "whether anything is disclosed to them"},
        declared_at=INSTANT,
        history=many("PowerEvent"),
    ),
    "PowerEvent": record(
        ("by", "actor", "role"),
        move={"enum": [move.value for move in PowerMove]},
        state={"enum": [state.value for state in PowerState]},
        at=INSTANT,
        by={"enum": ["candidate", "ministry", "service"]},
        actor=TEXT,
        role=nullable(TEXT),
        reason=nullable(TEXT),
        received_on=nullable(TEXT),
        postmarked_on=nullable(TEXT),
    ),
    "Procuration": record(**PROCURATION),
    "ProcurationFile": record(
        **PROCURATION, candidate=TEXT, representative=TEXT, number=TEXT, history=many("PowerEvent")
    ),
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
    "Registered": record(username=TEXT),
    "Session": record(
        ("missed_tries",),
        username=TEXT,
        expires_at=INSTANT,
        missed_tries=record(count=NUMBER, with_right_password=NUMBER, since=INSTANT),
    ),
    "Draft": record(
        form_version=TEXT,
        sections={"type": "object", "additionalProperties": DRAFT_SECTION},
        missing={"type": "array", "items": TEXT},
        kept_until=INSTANT,
        state={"enum": [state.value for state in DraftState]},
        from_account={
            "type": "object",
            "additionalProperties": {"type": "object", "additionalProperties": TEXT},
            "description": "answers that the account has on file, by section and field, of sections never saved",
        },
    ),
    "RecoveredDraft": record(state={"enum": [state.value for state in DraftState]}, kept_until=INSTANT),
    "SavedSection": record(
        version=NUMBER,
        saved_at=INSTANT,
        missing={"type": "array", "items": TEXT},
        warnings={"type": "array", "items": record(name=TEXT, reason=TEXT)},
    ),
    "StaffSession": record(
        ("missed_tries",),
        username=TEXT,
        expires_at=INSTANT,
        roles={"type": "array", "items": TEXT},
        missed_tries=record(count=NUMBER, with_right_password=NUMBER, since=INSTANT),
    ),
    "Accepted": record(
        ("status",), receipt=TEXT, rank=NUMBER, submitted_at=INSTANT, pay_by=INSTANT, status=TEXT
    ),
    "Submission": record(
        receipt=TEXT,
        file_number=TEXT,
        rank=NUMBER,
        status=TEXT,
        submitted_at=INSTANT,
        pay_by=INSTANT,
        history={"type": "array", "items": record(status=TEXT, at=INSTANT)},
        documents={
            "type": "array",
            "items": record(kind=TEXT, title=TEXT, created_at=INSTANT, href=TEXT, pdf=TEXT),
        },
        file=record(
            status=TEXT,
            events={"type": "array", "items": record(kind=TEXT, at=INSTANT, on_day=nullable(TEXT))},
        ),
        payment=nullable(
            record(
                state=TEXT,
                amount_cents=NUMBER,
                currency=TEXT,
                pay_by=INSTANT,
                supplements={"type": "array", "items": SUPPLEMENT},
            )
        ),
        checklist=nullable(
            record(
                sent_on=TEXT,
                due_on=TEXT,
                items={
                    "type": "array",
                    "items": record(
                        number=NUMBER,
                        title=TEXT,
                        person=TEXT,
                        name=TEXT,
                        format=TEXT,
                        state=TEXT,
                        due_on=TEXT,
                        received_on=nullable(TEXT),
                        receipt=nullable(TEXT),
                    ),
                },
            )
        ),
        representative=nullable(record(kind=TEXT, state=TEXT)),
    ),
    "ClaimQueue": record(counts={"type": "object"}, claims=many("ClaimAtDesk")),
    "ClaimAtDesk": record(
        ("proof", "other_accounts"),
        id=NUMBER,
        programme=TEXT,
        stream=TEXT,
        state={"enum": [state.value for state in ExemptClaimState]},
        version=NUMBER,
        claimed_at=INSTANT,
        decided_at=nullable(INSTANT),
        decided_by=nullable(TEXT),
        reason=nullable(TEXT),
        receipt=nullable(TEXT),
        decisions={"type": "array", "items": TEXT},
        proof=TEXT,
        other_accounts=NUMBER,
    ),
    "StreamClaim": STREAM_CLAIM,
    "Streams": {
        "type": "array",
        "items": record(programme=TEXT, stream=TEXT, name=TEXT, claim=nullable(STREAM_CLAIM)),
    },
    "Export": {
        "type": "object",
        "description": "`format`, `made_at`, `username`, and what is held by its part",
    },
    "Keys": record(
        keys={"type": "array", "items": {"type": "object", "description": "a public JWK (RFC 8037)"}}
    ),
    "Programmes": {
        "type": "array",
        "items": record(
            id=TEXT,
            name=TEXT,
            calls_per_minute=NUMBER,
            most_live_tokens=NUMBER,
            token_seconds=NUMBER,
            released_places=nullable(
                record(
                    released=NUMBER,
                    offered=NUMBER,
                    available=NUMBER,
                    periods={
                        "type": "array",
                        "items": record(
                            id=TEXT,
                            state={"enum": [state.value for state in PeriodState]},
                            cap=NUMBER,
                            kept=NUMBER,
                        ),
                    },
                )
            ),
        ),
    },
    "OperatorPeriod": record(
        **PERIOD
        | {"state": {"enum": [state.value for state in PeriodState]}}
        | {f"{name}_local": LOCAL for name in ("opens_at", "closes_at", "server_time")}
        | {f"{name}_local": nullable(LOCAL) for name in ("paused_at", "ended_at", "ticked_at")},
        version={"type": "integer", "description": "goes up with each act of an operator, and nothing else"},
        stand={"enum": [stand.value for stand in Stand]},
        announced_by=nullable(TEXT),
        rules_digest=nullable(TEXT),
        reason=nullable(TEXT),
        voided=NUMBER,
        from_released={
            "type": "boolean",
            "description": "its places are those that unpaid applications released",
        },
        counted=nullable(
            {"type": "integer", "description": "of the `accepted`: paid in time; null while it is not known"}
        ),
        annulment_asked={
            "anyOf": [
                record(("asked_at_local",), by=TEXT, reason=TEXT, asked_at=INSTANT, asked_at_local=LOCAL),
                {"type": "null"},
            ]
        },
        held=NUMBER,
        calls_per_minute=NUMBER,
        most_live_tokens=NUMBER,
        token_seconds=NUMBER,
        paused_at=nullable(INSTANT),
        ended_at=nullable(INSTANT),
        ticked_at=nullable(INSTANT),
    ),
    "Readiness": record(
        ready={"type": "boolean"},
        checked_at=INSTANT,
        findings={
            "type": "array",
            "items": record(
                check={"enum": [check.value for check in Check]},
                state={"enum": [state.value for state in CheckState]},
                title=TEXT,
                message=TEXT,
            ),
        },
        forecast=record(**{name: {"type": "array", "items": TEXT} for name in Forecast.__struct_fields__}),
    ),
    "Stopped": record(
        id=TEXT,
        sql={"type": "boolean"},
        redis={"type": "boolean"},
        message=TEXT,
        period=nullable({"$ref": "#/components/schemas/OperatorPeriod"}),
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
    "Health": record(("checks", "version"), status=TEXT, version=TEXT, checks={"type": "object"}),
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


def _header(description: str, **schema: Any) -> dict[str, Any]:
    return {"description": description, "required": True, "schema": {"type": "string", **schema}}


HEADERS: Final[dict[str, Any]] = {
    "X-Request-ID": _header(
        "names the request in our log; one that came with it is kept, if it has this form",
        pattern="^[A-Za-z0-9._-]{8,64}$",
    ),
    "Cache-Control": _header("`no-store`: no cache keeps it", enum=["no-store"]),
    "WWW-Authenticate": _header("with every 401", enum=['Bearer realm="guichet"']),
    "Retry-After": _header("with every 429 and 503, in seconds", pattern="^[1-9][0-9]*$"),
    "Set-Cookie": _header(
        "the ticket or the session, HttpOnly, SameSite=Lax, behind TLS Secure and by the name `__Host-...`; taken back "
        "with Max-Age=0. It is the place or the session of whoever holds it"
    ),
    "Connection": _header("`Upgrade`", pattern="^[Uu]pgrade$"),
    "Upgrade": _header("`websocket`", pattern="^[Ww]eb[Ss]ocket$"),
}
"""Headers of answers that a client may rely on, beside those that HTTP itself asks for."""

OF_STATUS: Final[dict[int, tuple[str, ...]]] = {
    401: ("WWW-Authenticate",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}


def headers_of(status: int, *more: str) -> dict[str, Any]:
    """Which headers an answer of this status has; refusals are kept by no cache."""
    kept_by_none = ("Cache-Control",) if status >= 400 else ()
    names = ("X-Request-ID", *kept_by_none, *OF_STATUS.get(status, ()), *more)
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def query_of(name: str, description: str, **schema: Any) -> dict[str, Any]:
    """A part of the query of an address, which may be left out."""
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}


PATH_SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "day": {"type": "string", "format": "date", "examples": ["2026-12-01"]},
    "id": {"type": "string", "pattern": f"^{SLUG.pattern}$", "examples": ["demo"]},
    "receipt": {"type": "string", "pattern": NO_CONTROL, "minLength": 1},
    "claim": {"type": "integer", "minimum": 1},
    "programme": {"type": "string", "pattern": f"^{SLUG.pattern}$", "examples": ["demo"]},
    "stream": {"type": "string", "pattern": "^[a-z0-9_-]{1,40}$", "examples": ["offre_emploi_validee"]},
    "section": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$", "examples": ["training"]},
    "reference": {"type": "string", "pattern": NO_CONTROL, "minLength": 1},
    "review": {"type": "string", "pattern": "^[0-9]{1,17}$", "examples": ["1"]},
    "task": {"type": "string", "pattern": "^[0-9]{1,17}$", "examples": ["1"]},
    "mail": {"type": "string", "pattern": "^[0-9]{1,17}$", "examples": ["1"]},
    "number": {"type": "string", "pattern": NO_CONTROL, "minLength": 1, "examples": ["D-0000001-94"]},
    "switch": {"type": "string", "pattern": "^[0-9]{1,17}$", "examples": ["1"]},
    "amendment_act": {"type": "string", "enum": ["acknowledge", "ask"]},
    "serial": {"type": "string", "pattern": "^[0-9]{1,17}$", "examples": ["1"]},
    "broadcast": {"type": "string", "pattern": "^[0-9]{1,17}$", "examples": ["1"]},
    "broadcast_act": {
        "type": "string",
        "enum": ["confirm", "approve", "give-back", "drop", "stop", "resume"],
    },
    "switch_act": {"type": "string", "enum": ["approve", "end"]},
    "member": {"type": "string", "pattern": "^[0-9]{1,17}$", "examples": ["1"]},
    "role_request": {"type": "string", "pattern": "^[0-9]{1,17}$", "examples": ["1"]},
    "task_act": {"type": "string", "enum": ["retry", "leave"]},
    "item": {"type": "string", "pattern": "^[0-9]{1,17}$", "examples": ["1"]},
    "act": {"type": "string", "enum": ["confirm", "dismiss", "ask", "undo"]},
}
"""Variable parts of addresses, by their names."""

FIGURES_QUERY: Final = [
    query_of(
        "since", "RFC 3339, inside; rows from then on", type="string", examples=["2026-06-13T12:30:00.000Z"]
    ),
    query_of(
        "limit", "the last rows, so many", type="integer", minimum=1, maximum=999_999_999, default=MOST_ROWS
    ),
]

VERSION_QUERY: Final = [
    query_of("version", "that the operator saw, where the call has no body", type="integer", minimum=0)
]

IDEMPOTENCY_KEY: Final[dict[str, Any]] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 22, "maxLength": 255, "pattern": "^[!-~]{22,255}$"},
    "description": "128 random bits or more; the same key gets the same number",
}

FEED: Final[dict[str, Any]] = {
    "protocol": "WebSocket (RFC 6455, version 13), without subprotocol or extension",
    "receives": {
        "description": "text frames; the first within a second of connecting, whatever the state",
        "schema": {"$ref": "#/components/schemas/MeFrame"},
    },
    "sends": {
        "description": "nothing, but `hidden` and `visible` of a page; 20 messages in all, 1 KiB each",
        "schema": {"type": "string", "enum": ["hidden", "visible"]},
    },
    "closes": {
        str(int(code)): said
        for code, said in {
            CloseCode.ENDED: "nothing more will be said of this number",
            CloseCode.NOT_TEXT: "a binary message came",
            CloseCode.TOO_MUCH_SAID: "more messages than a page has to send",
            CloseCode.ELSEWHERE: "a restart: connect again",
            CloseCode.TRY_AGAIN: "not now, or nothing to say yet: polls say the rest",
            CloseCode.NO_TICKET: "no ticket, or none of ours",
            CloseCode.NOT_FOUND: "an unknown period",
            CloseCode.TOO_MANY_SOCKETS: "more than three sockets of one number",
        }.items()
    },
    "reconnect": "after 1 s, doubling to 30 s, with jitter",
}
"""The live feed, which OpenAPI has no words for: the extension `x-websocket` of its call."""
