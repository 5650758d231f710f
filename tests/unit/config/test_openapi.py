"""The contract's calls as OpenAPI: whole, with codes and credentials that there are."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from config import openapi
from config.openapi import CALLS, SECURITY, SECURITY_SCHEMES
from config.openapi_calls.shape import Call, Credential
from config.openapi_schemas import HEADERS
from foundation.errors import Code
from quota.states import BY_OPERATORS
from server.problems import TABLE
from waitingroom.feed.states import CloseCode


def test_the_document_is_json_and_names_every_call() -> None:
    """Each call by its path and method, none twice."""
    document = json.loads(json.dumps(openapi.document()))
    named = {(call.path, call.method) for call in CALLS}
    assert len(named) == len(CALLS)
    assert {(path, method) for path, method in named if method in document["paths"][path]} == named


def test_every_reference_leads_somewhere() -> None:
    """No schema is named that is not there."""
    document = openapi.document()
    text = json.dumps(document)
    referred = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert referred <= set(document["components"]["schemas"])


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.method} {call.path}")
def test_a_call_names_answers_and_codes_that_there_are(call: Call) -> None:
    """Schemas by name, refusals by code."""
    known = openapi.document()["components"]["schemas"]
    assert {name for name in call.answers.values() if name} <= set(known)
    assert all(isinstance(code, Code) for code in call.codes)


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in openapi.document()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_every_answer_names_its_headers() -> None:
    """The request's id always; what a status itself asks for; and no cache keeps a refusal."""
    for path, method, operation in operations():
        for status, answer in operation["responses"].items():
            names = set(answer["headers"])
            assert "X-Request-ID" in names, (path, method, status)
            assert ("Cache-Control" in names) >= (int(status) >= 400), (path, method, status)
            assert ("WWW-Authenticate" in names) is (status == "401"), (path, method, status)
            assert ("Retry-After" in names) is (status in ("429", "503")), (path, method, status)
            assert names <= set(HEADERS)


def test_calls_that_give_a_cookie_say_so() -> None:
    """Of their success alone: the ticket, and the three sessions."""
    giving = {
        (method, path)
        for path, method, operation in operations()
        for status, answer in operation["responses"].items()
        if "Set-Cookie" in answer["headers"] and int(status) < 400
    }
    assert giving == openapi.WITH_COOKIE


def test_texts_and_numbers_of_bodies_have_bounds() -> None:
    """Every one that can be too long or too large, but those that are read for what they say, or cleaned."""
    free = {"opens_at", "closes_at", "entries_from", "version", "programme", "value_is", "cap"}
    schemas = openapi.document()["components"]["schemas"]
    for call in CALLS:
        if call.body is None:
            continue
        for name, schema in schemas[call.body.__name__]["properties"].items():
            kinds = [
                kind
                for kind in schema.get("anyOf", [schema])
                if kind.get("type") in ("string", "integer", "number")
            ]
            for kind in kinds:
                bounded = {"maxLength", "maximum", "pattern", "enum"} & set(kind)
                assert bounded or name in free, (call.path, name, kind)


def test_every_refusal_is_one_of_a_call() -> None:
    """But those of pages alone, and of a method that no address has: a new code is named where it is told."""
    told = {*openapi.EVERYWHERE, *openapi.WITH_BODY, *(code for call in openapi.CALLS for code in call.codes)}
    assert set(TABLE) - told == {Code.COOKIES_REFUSED, Code.PRINT_NOT_AVAILABLE, Code.METHOD_NOT_ALLOWED}


def test_what_is_asked_beside_bodies_is_there() -> None:
    """The query of the figures and of each list, the key of a join, and the version of a removal."""
    paths = openapi.document()["paths"]
    asked = {
        (path, method, one["name"])
        for path, method, operation in operations()
        for one in operation.get("parameters", ())
        if one["in"] != "path"
    }
    figures, audit = f"{openapi.MANAGED}/figures", f"{openapi.OPERATOR}/audit.csv"
    assert {(figures, "get", "since"), (figures, "get", "limit")} <= asked
    assert {(audit, "get", name) for name in ("since", "until", "period", "looks")} <= asked
    assert {path for path, method, name in asked if name == "Idempotency-Key"} == {openapi.TICKETS}
    lists = {(call.path, call.method, name) for call in openapi.CALLS for name, _ in call.query}
    assert lists <= asked and ("/api/v1/files", "get", "status") in lists
    forms = "/api/v1/programmes/{id}/form"
    assert {path for path, method, name in asked if name == "version"} - {forms} == {
        path
        for path in paths
        if path in (openapi.MANAGED, f"{openapi.MANAGED}/notice", f"{openapi.MANAGED}/proof")
    }


def test_the_live_feed_is_described() -> None:
    """Its frames by their schema, and every code with which it closes."""
    feed = openapi.document()["paths"][openapi.LIVE]["get"]["x-websocket"]
    assert feed["receives"]["schema"] == {"$ref": "#/components/schemas/MeFrame"}
    assert set(feed["closes"]) == {str(int(code)) for code in CloseCode}


def test_every_credential_has_its_scheme() -> None:
    """What a call must bring is described."""
    assert set(SECURITY) == set(Credential)
    assert {name for ways in SECURITY.values() for way in ways for name in way} == set(SECURITY_SCHEMES)


def test_every_move_of_an_operator_is_a_call() -> None:
    """And the schedule's own moves are none."""
    moves = {call.path.rpartition("/")[2] for call in openapi.MOVES}
    assert moves == {action.value for action in BY_OPERATORS}
