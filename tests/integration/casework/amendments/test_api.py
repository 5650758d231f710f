"""`/api/v1/account/files/{number}/amendments`."""

from typing import Any

from casework.files.numbers import file_number
from tests.integration.casework.amendments.conftest import AmendedPlace, changed_on

PATH = f"/api/v1/account/files/{file_number(1)}/amendments"

BODY = {
    "kind": "address", "version": 0, "key": "a1b2c3d4e5f6",
    "answers": {"contact": {"address": "4, quai Sud", "city": "Lyon", "country": "FR", "telephone": ""}},
}  # fmt: skip


def body() -> dict[str, Any]:
    return BODY | {"on_day": changed_on()}


async def test_added_by_a_call(amended: AmendedPlace) -> None:
    """201, and the same for its key; what can be added is said with its ground."""
    said = (await amended.browser.get(PATH)).json()
    assert (said["version"], said["amendments"]) == (0, [])
    assert {one["kind"]: one["ground"] for one in said["kinds"]} == {"dependant": None, "address": None}
    made = await amended.browser.post(PATH, json=body())
    assert (made.status_code, made.json()["serial"], made.json()["late"]) == (201, 1, False)
    assert (await amended.browser.post(PATH, json=body())).json() == made.json()
    other = await amended.browser.post(PATH, json=body() | {"on_day": "2026-01-10"})
    assert other.status_code == 422 and [one["name"] for one in other.json()["fields"]] == ["key"]
    stale = await amended.browser.post(PATH, json=body() | {"key": "another-key-00"})
    assert (stale.status_code, stale.json()["code"], stale.json()["current"]["version"]) == (
        409,
        "draft_changed",
        1,
    )
    none = await amended.browser.post(
        PATH, json=body() | {"kind": "status", "version": 1, "key": "another-key-00", "answers": {}}
    )
    assert (none.json()["code"], none.json()["ground"]) == ("modification_not_available", "not_asked")


async def test_what_no_question_takes_is_refused(amended: AmendedPlace) -> None:
    """By name; nobody else's file is one."""
    for answers, name in (
        ({"identity": {"passport": "X"}}, "identity"), ({"contact": {"email": "x@exemple.invalid"}}, "contact.email"),
        ({"contact": {"members": []}}, "contact.members"),
    ):  # fmt: skip
        no = await amended.browser.post(PATH, json=body() | {"answers": answers})
        assert no.status_code == 422 and name in {field["name"] for field in no.json()["fields"]}, no.text
    assert (await amended.browser.post(PATH, json=body() | {"kind": "identity"})).status_code == 422
    for number in (file_number(2), "x"):
        assert (await amended.browser.get(f"/api/v1/account/files/{number}/amendments")).status_code == 404
        assert (
            await amended.browser.post(f"/api/v1/account/files/{number}/amendments", json=body())
        ).status_code == 404
    async with amended.place.browser() as nobody:
        assert (await nobody.get(PATH)).status_code == 401
