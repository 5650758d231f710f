"""The calls of drafts: what is refused, and how it is told."""

from typing import Any

import pytest

from foundation.errors import Unavailable
from submission.drafts import store
from tests.support.candidates.drafting import CALLS, TRAINING, DraftingPlace, put, rows


@pytest.mark.parametrize(
    ("address", "body", "status", "code"),
    [
        (f"{CALLS}/sections/nowhere", {"version": 0, "answers": {}}, 404, "not_found"),
        ("/api/v1/drafts/nowhere/sections/training", {"version": 0, "answers": {}}, 404, "not_found"),
        (TRAINING, {"version": 0, "answers": {"year": "l’an 2000"}}, 422, "invalid"),
        (TRAINING, {"version": 0, "answers": {"diploma": "x" * 10_001}}, 422, "invalid"),
        (TRAINING, {"version": 0, "answers": {"diploma": 7}}, 422, "invalid"),
        (TRAINING, {"version": 0, "answers": {"diplome": "Master"}}, 422, "invalid"),
        (TRAINING, {"version": 0, "answers": {"diploma": [{"key": "a"}]}}, 422, "invalid"),
        (TRAINING, {"version": -1, "answers": {}}, 422, "invalid"),
        (TRAINING, {"answers": {}}, 422, "invalid"),
        (TRAINING, {"version": 3, "answers": {"diploma": "A"}}, 409, "draft_changed"),
    ],
    ids=[
        "section",
        "programme",
        "year",
        "long",
        "number",
        "unknown field",
        "list",
        "negative",
        "no version",
        "future",
    ],
)
async def test_what_is_refused_is_not_saved(
    place: DraftingPlace, address: str, body: dict[str, Any], status: int, code: str
) -> None:
    """Never a 5xx, and no value in the answer."""
    async with await place.signed_in() as browser:
        refused = await browser.put(address, json=body)
        assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
        assert await rows(place, store.draft_section) == []


async def test_a_wrong_value_is_named_and_the_rest_not_saved(place: DraftingPlace) -> None:
    """Over the call all or nothing: the client knows its fields (the pages keep the rest)."""
    async with await place.signed_in() as browser:
        refused = (await put(browser, 0, {"diploma": "Master", "year": "bientôt"})).json()
        assert [one["name"] for one in refused["fields"]] == ["training.year"]
        assert "bientôt" not in str(refused)


async def test_what_the_account_has_on_file_is_given_until_a_section_is_saved(place: DraftingPlace) -> None:
    """Shown, never stored: reading begins no draft; after the first save the section is the draft's alone."""
    async with await place.signed_in() as browser:
        seen = (await browser.get(CALLS)).json()
        identity = seen["from_account"]["identity"]
        assert identity["passport"] == "ES0000001" and set(seen["from_account"]) == {"identity"}
        assert seen["sections"] == {} and "identity.passport" in seen["missing"]
        assert await rows(place, store.draft) == []
        body = {"version": 0, "answers": identity | {"passport": ""}}
        saved = await browser.put(f"{CALLS}/sections/identity", json=body)
        assert saved.status_code == 200, saved.text
        after = (await browser.get(CALLS)).json()
        assert after["from_account"] == {}
        assert after["sections"]["identity"]["answers"]["family_name"] == identity["family_name"]
        assert "identity.passport" in after["missing"]


async def test_a_draft_is_whole_when_the_account_cannot_be_read(
    place: DraftingPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fails soft: nothing is said to be on file."""
    async with await place.signed_in() as browser:
        read, reads = place.db.read, 0

        async def second_fails(work: Any) -> Any:
            nonlocal reads
            reads += 1
            if reads > 1:
                raise Unavailable("sql")
            return await read(work)

        monkeypatch.setattr(place.db, "read", second_fails)
        seen = await browser.get(CALLS)
        assert (seen.status_code, seen.json()["from_account"]) == (200, {})
