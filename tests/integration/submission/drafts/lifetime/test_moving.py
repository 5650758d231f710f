"""Drafts are moved to a newer version of their form by a task."""

import msgspec
import pytest
import sqlalchemy as sa

from config.settings import PROGRAMMES
from foundation import outbox
from foundation.clock import now_ms
from foundation.subjects import Subject
from submission.drafts import store
from submission.drafts.lifetime import moving
from submission.drafts.overview import read_again_of
from submission.drafts.store import PROGRAMME
from submission.forms.files import Forms, load_form
from tests.support.candidates.drafting import MASTER, DraftingPlace, put, rows
from tests.support.drafts import draft_of


def two_versions() -> Forms:
    old = load_form(PROGRAMMES / "forms" / "demo.1.toml")
    sections = [
        msgspec.structs.replace(
            section,
            fields=tuple(msgspec.structs.replace(one, label=f"{one.label} (2)") for one in section.fields),
        )
        if section.id == "training"
        else section
        for section in old.sections
    ]
    return Forms([old, msgspec.structs.replace(old, version="2", sections=tuple(sections))])


async def moved(place: DraftingPlace, forms: Forms, subject: str = "demo") -> None:
    effect = moving.moving(forms, place.desk.drafts)[moving.MOVE]
    await place.db.write(lambda conn: effect(conn, Subject(PROGRAMME, subject), now_ms()))


async def test_a_draft_is_moved_once_and_says_what_to_read_again(place: DraftingPlace) -> None:
    """Answers as they were; a save upon the version of before is a conflict and not lost."""
    async with await place.signed_in() as browser:
        await put(browser, 0, MASTER)
        await put(browser, 0, {"region": "Gaspésie"}, "/api/v1/drafts/demo/sections/plans")
        forms = two_versions()
        for _ in range(2):
            await moved(place, forms)
        draft = await draft_of(place.db, place.desk.drafts, 1)
        assert draft is not None and draft.form_version == "2"
        assert draft.answers["training"] == MASTER and draft.sections["training"].version == 2
        note = read_again_of(draft.sections["training"].read_again)
        assert note is not None and len(note.changes) == 4 and "« Diplôme (2) »" in note.changes[0]
        assert draft.sections["plans"].read_again is None and draft.sections["plans"].version == 1


async def test_many_drafts_are_moved_a_part_at_a_time(
    place: DraftingPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next task goes on behind the last one."""
    monkeypatch.setattr(moving, "AT_ONCE", 2)
    for number in (1, 2, 3):
        await (await place.signed_in(number, draft=True)).aclose()
    await place.db.write(lambda conn: conn.execute(sa.update(store.draft).values(form_version="1")))
    forms = two_versions()
    await moved(place, forms)
    staged = [row.subject_id for row in await rows(place, outbox.task) if row.kind == moving.MOVE]
    assert staged == ["demo:2"]
    await moved(place, forms, "demo:2")
    assert [row.form_version for row in await rows(place, store.draft)] == ["2"] * 3
