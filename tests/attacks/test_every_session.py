"""Every call of `/openapi.json` with the session of each kind of person: what is answered is what is written.

Never a 5xx; each answer has a documented status, headers and schema; each refusal is a problem document whose code the
document names there; and whoever has no session of the right kind is told no more than that.
"""

import asyncio
from typing import Any

import pytest

from config import openapi
from tests.support.calls.people import PeopledService, peopled
from tests.support.calls.rounds import CallRounds, encoded
from tests.support.calls.schemas import KNOWN, words_of
from tests.support.people.signed_in import SessionKind

DEEP_ROUNDS = 15

NOBODY = SessionKind.NOBODY

LAST = (SessionKind.OPERATOR, SessionKind.ADMINISTRATOR)
"""Those whose acts take something away from the others: periods, and people."""


def test_every_word_of_the_document_is_understood() -> None:
    """A word of JSON Schema that is not read here would hold nothing."""
    schemas = encoded(openapi.document())["components"]["schemas"]
    assert set().union(*map(words_of, schemas.values())) <= KNOWN


async def found(
    service: PeopledService, document: dict[str, Any], kind: SessionKind, rounds: int
) -> CallRounds:
    """What one person's calls came to."""
    person = service.people[kind]
    made = CallRounds(service.port, document, person.cookies, f"{kind} {rounds}", person.known)
    await asyncio.to_thread(made.run, rounds)
    made.close()
    return made


async def test_each_kind_of_person_is_answered_as_documented(sqlite_url: str, redis_url: str) -> None:
    """One round each, in one service, always the same. Twin: what a document leaves out is found."""
    document = encoded(openapi.document())
    reached: dict[SessionKind, int] = {}
    async with peopled(sqlite_url, redis_url) as service:
        for kind in sorted(SessionKind, key=LAST.__contains__):
            made = await found(service, document, kind, 1)
            assert made.findings == []
            reached[kind] = len({call for call, status in made.counts if status < 400})
        path = "/api/v1/account/export"
        del document["paths"][path]["get"]["responses"]["401"]
        (fault,) = (
            await found(service, document | {"paths": {path: document["paths"][path]}}, NOBODY, 1)
        ).findings
        assert "status is not documented" in fault
    assert all(reached[kind] > reached[NOBODY] for kind in SessionKind if kind is not NOBODY)


@pytest.mark.slow
@pytest.mark.parametrize("kind", SessionKind)
async def test_many_rounds_of_one_person(sqlite_url: str, redis_url: str, kind: SessionKind) -> None:
    """The same at length, each in a service of their own."""
    async with peopled(sqlite_url, redis_url) as service:
        assert (await found(service, encoded(openapi.document()), kind, DEEP_ROUNDS)).findings == []
