"""The calls of drafts: what is refused, and how it is told."""

from typing import Any

import pytest

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
