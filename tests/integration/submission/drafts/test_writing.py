"""The transaction of saves."""

from functools import partial
from typing import Any
from unittest.mock import ANY

import pytest
import sqlalchemy as sa

from foundation.clock import now_ms
from foundation.sql.direct import DirectLook
from submission.drafts import store, writing
from submission.drafts.repository import Draft
from submission.drafts.writing import SectionChange
from tests.support.candidates.drafting import CALLS, MASTER, DraftingPlace, put, rows
from tests.support.drafts import draft_of


class Agreeable:
    """Stands for any draft as anybody saw it."""

    def get(self, draft: int) -> Any:
        return ANY


async def written_twice(place: DraftingPlace) -> list[dict[int, Draft]]:
    """Two saves of processes that both looked before either wrote: what each is told was written."""
    async with await place.signed_in() as browser:
        await put(browser, 0, MASTER)
    draft = await draft_of(place.db, place.desk.drafts, 1)
    assert draft is not None
    told = []
    for diploma in ("A", "B"):
        change = SectionChange(
            account=1, programme="demo", form_version="1", kept_until=draft.until(90), draft=draft, section="training",
            answers={"diploma": diploma}, version=2, read_again=None, look_at=0,
        )  # fmt: skip
        step = partial(writing.write, ciphers=place.desk.drafts, changes={0: change}, lost=[], now=now_ms())
        told.append(await place.db.write(step))
    return told


async def test_what_changed_since_it_was_looked_at_is_left_alone(place: DraftingPlace) -> None:
    """The second looks again, and finds that it lost."""
    first, second = await written_twice(place)
    assert set(first) == {0} and second == {}
    found = await draft_of(place.db, place.desk.drafts, 1)
    assert found is not None and found.answers["training"]["diploma"] == "A"


async def test_without_the_look_under_the_lock_a_text_would_be_overwritten(
    place: DraftingPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: where nobody compares under the lock, both of two processes are told « saved »."""

    async def blind(conn: Any, ids: list[int]) -> Any:
        return Agreeable()

    monkeypatch.setattr(writing, "_standing", blind)
    said, compared = (
        str(writing._WRITE.statement),
        "asked.revision = draft.revision and asked.updated_at = draft.updated_at",
    )
    assert compared in said
    monkeypatch.setattr(writing, "_WRITE", DirectLook(sa.text(said.replace(compared, "true"))))
    # The first save of all begins the draft, and is not compared either.
    assert [set(told) for told in await written_twice(place)] == [{0}, {0}]


async def test_a_draft_of_an_earlier_release_is_encrypted_by_its_first_save(place: DraftingPlace) -> None:
    """All of its sections, not only the one that was saved; nothing of it stays plain."""
    async with await place.signed_in() as browser:
        content = '{"training":{"diploma":"Maîtrise"},"plans":{"region":"Gaspésie"}}'
        values = {
            "account": 1,
            "programme": "demo",
            "content": content,
            "begun_at": now_ms(),
            "updated_at": 5,
        }
        await place.db.write(lambda conn: conn.execute(sa.insert(store.draft).values(values)))
        assert (await put(browser, 1, {"diploma": "Doctorat"})).json()["version"] == 2
        (draft,) = await rows(place, store.draft)
        assert (draft.content, draft.form_version) == (None, "1")
        assert {row.section: row.version for row in await rows(place, store.draft_section)} == {
            "training": 2, "plans": 1,
        }  # fmt: skip
        found = (await browser.get(CALLS)).json()["sections"]
        assert found["plans"]["answers"] == {"region": "Gaspésie"}


async def test_only_so_many_texts_are_kept_of_one_draft(
    place: DraftingPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest go first: nobody fills the disk with conflicts."""
    monkeypatch.setattr(writing, "MOST_PAST", 4)
    async with await place.signed_in() as browser:
        await put(browser, 0, MASTER)
        for n in range(6):
            assert (await put(browser, 0, {"diploma": f"Diplôme {n}"})).status_code == 409
        assert len(await rows(place, store.draft_past)) == 4
