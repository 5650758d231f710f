"""The answers of the contract's calls as JSON schemas (`openapi.py` has the calls).

Bodies are not here: they are the types that the handlers read.
"""

from typing import Any, Final

from console.forecast import Forecast
from console.readiness import Check, CheckState
from quota.states import PUBLIC, Mode, PeriodState, Stand
from server.problems import TABLE

TEXT: Final = {"type": "string"}

NUMBER: Final = {"type": "integer"}

INSTANT: Final = {"type": "string", "format": "date-time", "description": "UTC, with milliseconds"}


LOCAL: Final = {"type": "string", "description": "Montréal time with its weekday, in French"}


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
    "Session": record(
        ("missed_tries",),
        username=TEXT,
        expires_at=INSTANT,
        missed_tries=record(count=NUMBER, with_right_password=NUMBER, since=INSTANT),
    ),
    "Accepted": record(
        ("status",), receipt=TEXT, rank=NUMBER, submitted_at=INSTANT, pay_by=INSTANT, status=TEXT
    ),
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
        ("request_id", "hint"),
        type={"type": "string", "format": "uri", "description": "a page with the reason and the remedy"},
        title=TEXT,
        status=NUMBER,
        detail=TEXT,
        remedy=TEXT,
        code={"enum": sorted(TABLE)},
        request_id=TEXT,
        hint={"type": "string", "description": "for programs, in English: which headers to send"},
    ),
}
