"""Drafts of all who ask together."""

import asyncio
from typing import Any

import pytest

from foundation.calendar.days import DAY_MS
from foundation.clock import now_ms
from tests.support.candidates.drafting import CALLS, DEMO, DraftingPlace


async def test_a_draft_that_is_to_be_destroyed_is_shown_to_nobody(place: DraftingPlace) -> None:
    """Even before the task has destroyed it."""
    async with await place.signed_in(draft=True, begun_at=now_ms() - 130 * DAY_MS) as browser:
        assert (await browser.get(CALLS)).json()["sections"] == {}


async def test_those_who_ask_together_cost_one_look(
    place: DraftingPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And each is shown their own."""
    asked = 0
    read = place.db.read

    async def counted(work: Any) -> Any:
        nonlocal asked
        asked += 1
        return await read(work)

    people = [await place.signed_in(number, draft=True) for number in range(1, 7)]
    monkeypatch.setattr(place.db, "read", counted)
    pages = await asyncio.gather(*(one.get(CALLS) for one in people))
    assert asked <= 2
    passports = [page.json()["sections"]["identity"]["answers"]["passport"] for page in pages]
    assert passports == [f"ES{number:07d}" for number in range(1, 7)]
    for one in people:
        await one.aclose()


async def test_the_window_of_a_page_costs_no_further_look(
    place: DraftingPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A browser with a ticket is read with its draft: one look, and one reading of its session."""
    asked = 0
    read = place.db.read

    async def counted(work: Any) -> Any:
        nonlocal asked
        asked += 1
        return await read(work)

    async with await place.signed_in(draft=True) as browser:
        browser.cookies.set("ticket-essai", "no ticket of ours")
        monkeypatch.setattr(place.db, "read", counted)
        assert (await browser.get(DEMO)).status_code == 200
    assert asked == 1
