"""`/api/v1/account/representative`: one's own, and nobody else's."""

from collections.abc import AsyncIterator

import pytest

from accounts.representatives.register.standing import ConsultantStatus
from foundation.sql.database import Database
from tests.support.candidates.represented_pages import RepresentedPlace, represented_place
from tests.support.candidates.representing import CONSULTANT, LAWYER, active, received, register

PATH = "/api/v1/account/representative"


@pytest.fixture
async def place(database: Database) -> AsyncIterator[RepresentedPlace]:
    async with represented_place(database) as made:
        yield made


async def test_declare_look_correct_and_revoke(place: RepresentedPlace) -> None:
    """201, 200, 200, 204, and 404 afterwards; revoking twice is no fault."""
    _, anne = await place.person()
    assert (await anne.get(PATH)).json()["code"] == "not_found"
    made = await anne.put(PATH, json=LAWYER)
    assert made.status_code == 201, made.text
    seen = (await anne.get(PATH)).json()
    assert seen == made.json()
    assert (seen["kind"], seen["state"], seen["told"], seen["email"]) == (
        "lawyer", "declared", False, "luc@cabinet.example"
    )  # fmt: skip
    assert [(one["move"], one["by"]) for one in seen["history"]] == [("declare", "candidate")]
    assert made.headers["cache-control"] == "no-store"
    again = await anne.put(PATH, json=LAWYER | {"telephone": ""})
    assert (again.status_code, again.json()["telephone"]) == (200, "")
    for _ in range(2):
        assert (await anne.delete(PATH)).status_code == 204
    assert (await anne.get(PATH)).status_code == 404


async def test_who_of_the_staff_acted_is_not_told(place: RepresentedPlace) -> None:
    """The history says the ministry; the record says who."""
    account, anne = await place.person()
    await active(place.db, account)
    told = (await anne.get(PATH)).json()
    assert [one["by"] for one in told["history"]] == ["candidate", "ministry", "service"]
    assert told["told"] and "claire" not in str(told)


async def test_refusals_say_what_to_correct(place: RepresentedPlace) -> None:
    """By field; the register's with its standing; another one while a procuration is there."""
    account, anne = await place.person()
    wrong = await anne.put(PATH, json={"kind": "friend", "email": "anne@exemple.ca"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid")
    assert [field["name"] for field in wrong.json()["fields"]] == ["kind", "family_name", "email"]
    unknown = await anne.put(PATH, json=CONSULTANT)
    assert (unknown.status_code, unknown.json()["standing"]) == (422, "unknown")
    await register(place.db, status=ConsultantStatus.REVOKED)
    assert (await anne.put(PATH, json=CONSULTANT)).json()["standing"] == "revoked"
    made = (await anne.put(PATH, json=LAWYER)).json()
    await received(place.db, made["reference"])
    other = await anne.put(PATH, json=LAWYER | {"family_name": "Gagnon"})
    assert (other.status_code, other.json()["code"], other.json()["state"]) == (
        409, "representative_exists", "received"
    )  # fmt: skip
    assert account


async def test_nobody_reaches_somebody_elses(place: RepresentedPlace) -> None:
    """The address has no id to guess: another account's session is about that account, no session is nobody's."""
    _, anne = await place.person()
    _, bruno = await place.person(2, "bruno@exemple.ca")
    made = (await anne.put(PATH, json=LAWYER)).json()
    assert (await bruno.get(PATH)).status_code == 404
    assert (await bruno.delete(PATH)).status_code == 204
    assert (await anne.get(PATH)).json() == made
    for guess in (f"{PATH}/{made['reference']}", f"{PATH}/1", f"{PATH}?account=1&id={made['reference']}"):
        assert (await bruno.get(guess)).status_code == 404
    for method in ("GET", "PUT", "DELETE"):
        refused = await place.browser().request(method, PATH, json=LAWYER)
        assert (refused.status_code, refused.json()["code"]) == (401, "not_signed_in")


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"kind": 1}', b'{"kind": null}', b"\xff\xfe", b'{"email": {"a": 1}}'], ids=range(6)
)
async def test_what_is_no_body_is_refused(place: RepresentedPlace, body: bytes) -> None:
    """Never a 5xx."""
    _, anne = await place.person()
    refused = await anne.put(PATH, content=body)
    assert refused.status_code in (400, 422)
