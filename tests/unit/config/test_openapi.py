"""The contract's calls as OpenAPI: whole, with codes and credentials that there are."""

import json

import pytest

from config import openapi
from config.openapi import CALLS, SECURITY, SECURITY_SCHEMES, Call, Credential
from config.openapi_schemas import SCHEMAS
from foundation.errors import Code
from quota.states import BY_OPERATORS


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
    assert {name for name in call.answers.values() if name} <= set(SCHEMAS)
    assert all(isinstance(code, Code) for code in call.codes)


def test_every_credential_has_its_scheme() -> None:
    """What a call must bring is described."""
    assert set(SECURITY) == set(Credential)
    assert {name for ways in SECURITY.values() for way in ways for name in way} == set(SECURITY_SCHEMES)


def test_every_move_of_an_operator_is_a_call() -> None:
    """And the schedule's own moves are none."""
    moves = {call.path.rpartition("/")[2] for call in openapi.MOVES}
    assert moves == {action.value for action in BY_OPERATORS}
