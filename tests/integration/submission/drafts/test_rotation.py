"""The answers of drafts under the newest key, while people save."""

import sqlalchemy as sa

from foundation.clock import now_ms
from foundation.encryption.rotation import Key
from submission.drafts import store
from submission.drafts.encryption import DraftCiphers
from submission.drafts.rotation import rotations
from tests.support.candidates.drafting import MASTER, DraftingPlace, put, rows
from tests.support.drafts import draft_of
from tests.support.rooms import KEYS

NEW = "a new key of at least thirty-two characters!"


async def rotate(place: DraftingPlace, ciphers: DraftCiphers) -> int:
    """All batches of all tables; how many rows were written."""
    written = 0
    for one in rotations(ciphers):
        after: Key | None = None
        while batch := await place.db.write(lambda conn, r=one, a=after: r.batch(conn, a)):  # type: ignore[misc]
            after, written = batch.last, written + batch.written
    return written


async def test_sections_and_texts_of_conflicts_are_sealed_anew(place: DraftingPlace) -> None:
    """And opened by the new key alone; whoever has read a version saves upon it as before."""
    async with await place.signed_in(draft=True) as browser:
        await put(browser, 1, {"diploma": "Doctorat"})
        await put(browser, 1, {"diploma": "Master 2"})
        before = await draft_of(place.db, DraftCiphers(KEYS), 1)
        assert await rotate(place, DraftCiphers((NEW, *KEYS))) == 6 + 2
        assert await draft_of(place.db, DraftCiphers((NEW,)), 1) == before
        assert len({row.key for row in await rows(place, store.draft_past)}) == 1
        assert await rotate(place, DraftCiphers((NEW,))) == 0


async def test_what_an_earlier_release_left_plain_is_encrypted(place: DraftingPlace) -> None:
    """Nothing of it stands plain afterwards, and it reads as before."""
    async with await place.signed_in():
        values = {
            "account": 1, "programme": "demo", "content": '{"training":{"diploma":"Maîtrise"}}', "begun_at": now_ms(),
            "updated_at": 5,
        }  # fmt: skip
        await place.db.write(lambda conn: conn.execute(sa.insert(store.draft).values(values)))
        ciphers = DraftCiphers(KEYS)
        before = await draft_of(place.db, ciphers, 1)
        assert before is not None and before.is_plain
        assert await rotate(place, ciphers) == 1
        (row,) = await rows(place, store.draft)
        after = await draft_of(place.db, ciphers, 1)
        assert row.content is None and after is not None and not after.is_plain
        assert after.answers == before.answers


async def test_a_save_between_two_batches_is_not_undone(place: DraftingPlace) -> None:
    """It wrote its section by its own key; the next run takes that one too."""
    async with await place.signed_in() as browser:
        await put(browser, 0, MASTER)
        await rotate(place, DraftCiphers((NEW, *KEYS)))
        assert (await put(browser, 1, {"diploma": "Doctorat"})).status_code == 200, (
            "a process with the old list"
        )
        found = await draft_of(place.db, DraftCiphers((NEW, *KEYS)), 1)
        assert found is not None and found.answers["training"]["diploma"] == "Doctorat"
