"""Saving sections over the calls: versions, conflicts, one draft for two clicks, and what is refused."""

import asyncio
from typing import Any

import msgspec
import pytest

from submission.drafts import repository, saving, store, writing
from submission.drafts.encryption import DraftCiphers, SealedSection, past_place
from tests.support.candidates.drafting import CALLS, MASTER, DraftingPlace, put, rows
from tests.support.rooms import KEYS


async def test_a_section_is_saved_and_read_back(place: DraftingPlace) -> None:
    """The first save begins the draft; what is missing is said, and never demanded."""
    async with await place.signed_in() as browser:
        empty = (await browser.get(CALLS)).json()
        assert (empty["sections"], empty["state"], empty["form_version"]) == ({}, "live", "1")
        saved = await put(browser, 0, {"diploma": " Master  2 "})
        assert saved.status_code == 200, saved.text
        assert saved.json()["version"] == 1
        assert {"training.school", "identity.passport"} <= set(saved.json()["missing"])
        again = await put(browser, 1, {"school": "Université Laval"})
        assert again.json()["version"] == 2
        found = (await browser.get(CALLS)).json()
        assert found["sections"]["training"]["answers"] == {
            "diploma": "Master 2",
            "school": "Université Laval",
        }
        assert found["kept_until"].endswith("Z") and "training.school" not in found["missing"]
        assert len(await rows(place, store.draft)) == 1


async def test_a_stale_save_gets_what_stands_and_both_texts_are_kept(place: DraftingPlace) -> None:
    """Nothing is overwritten in silence; who saves upon the version that stands, goes on."""
    async with await place.signed_in() as browser:
        await put(browser, 0, MASTER)
        refused = await put(browser, 0, {"diploma": "Doctorat"})
        assert refused.status_code == 409
        body = refused.json()
        assert (body["code"], body["current"]) == ("draft_changed", {"version": 1, "answers": MASTER})
        texts = []
        for row in await rows(place, store.draft_past):
            sealed = SealedSection(row.key, row.answers)
            texts.append(place.desk.drafts.open(past_place(row.uid, row.section), sealed)["diploma"])
        assert sorted(texts) == ["Doctorat", "Master"]
        assert (await put(browser, 1, {"diploma": "Doctorat"})).json()["version"] == 2


async def test_a_repeat_of_what_is_stored_is_no_conflict(place: DraftingPlace) -> None:
    """The answer was lost and the page sends again: the same version, and nothing is written."""
    async with await place.signed_in() as browser:
        assert [(await put(browser, 0, MASTER)).json()["version"] for _ in range(3)] == [1, 1, 1]
        assert await rows(place, store.draft_past) == []


async def test_an_empty_page_begins_no_draft(place: DraftingPlace) -> None:
    """The ninety days run from the first field that was filled in (DR-01)."""
    async with await place.signed_in() as browser:
        assert (await put(browser, 0, {"diploma": " "})).json()["version"] == 0
        assert await rows(place, store.draft) == []


async def test_two_clicks_at_once_make_one_draft(place: DraftingPlace) -> None:
    """And ten tabs that save at once leave one version each, or are told that another was first."""
    async with await place.signed_in() as browser:
        saved = await asyncio.gather(*(put(browser, 0, {"diploma": f"Diplôme {n}"}) for n in range(2)))
        assert sorted(one.status_code for one in saved) == [200, 409]
        assert len(await rows(place, store.draft)) == 1
        sections = ("identity", "contact", "experience", "languages", "plans")
        fields = {"identity": "passport", "contact": "city", "experience": "employer", "languages": "french",
                  "plans": "region"}  # fmt: skip
        many = await asyncio.gather(
            *(put(browser, 0, {fields[one]: "A1"}, f"{CALLS}/sections/{one}") for one in sections)
        )
        assert [one.json().get("version") for one in many] == [1] * 5, [one.text for one in many]


async def test_two_processes_that_begin_at_once_make_one_draft(place: DraftingPlace) -> None:
    """Each with a batcher of its own, as two web processes have."""
    async with await place.signed_in() as one:
        other = DraftingPlace(place.desk).browser(session=one.cookies["session"])
        saved = await asyncio.gather(put(one, 0, {"diploma": "A"}), put(other, 0, {"diploma": "B"}))
        assert sorted(answer.status_code for answer in saved) == [200, 409]
        assert len(await rows(place, store.draft)) == 1


async def passport_is_missing_still(place: DraftingPlace) -> bool:
    """What a process says is missing after a save of its own, of a section that another process saved in between."""
    async with await place.signed_in() as one:
        desk = msgspec.structs.replace(place.desk, drafts=DraftCiphers(KEYS))
        other = DraftingPlace(desk).browser(session=one.cookies["session"])
        assert "identity.passport" in (await put(one, 0, {"diploma": "Master"})).json()["missing"]
        await put(other, 0, {"passport": "A1"}, f"{CALLS}/sections/identity")
        return "identity.passport" in (await put(one, 1, {"school": "Université Laval"})).json()["missing"]


async def test_what_another_process_saved_counts_at_once(place: DraftingPlace) -> None:
    """What a process keeps of a draft, and of what followed from each section, ends with the draft's revision."""
    assert not await passport_is_missing_still(place)


async def test_without_the_revision_a_process_would_go_on_with_what_it_knows(
    place: DraftingPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: what the other process saved would not be seen."""
    monkeypatch.setattr(repository, "_state", lambda row: row.draft_id)
    monkeypatch.setattr(repository, "state_of", lambda draft: draft.id)
    assert await passport_is_missing_still(place)


async def test_a_save_that_never_gets_its_turn_is_told(
    place: DraftingPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 and nothing written: the page keeps the text and tries again."""

    async def never(conn: Any, written: Any) -> set[int]:
        return set()

    async with await place.signed_in() as browser:
        await put(browser, 0, MASTER)
        monkeypatch.setattr(writing, "_on_store", never)
        monkeypatch.setattr(saving, "MOST_ROUNDS", 2)
        assert (await put(browser, 1, {"diploma": "A"})).status_code == 503
        (row,) = await rows(place, store.draft_section)
        assert row.version == 1
