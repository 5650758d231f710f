"""Taking back a draft whose days are over."""

from contextlib import aclosing

import httpx
import pytest
import sqlalchemy as sa

from foundation.calendar.days import DAY_MS
from foundation.clock import now_ms
from foundation.sql.database import Database
from submission.drafts.lifetime import recovery
from submission.drafts.store import draft
from tests.support.candidates.drafting import CALLS, DEMO, DraftingPlace
from tests.support.candidates.exempt import STREAM, accepted_claim, with_streams
from tests.support.candidates.files import HERE, RIGHT, SIGNED, FilePlace, file_place
from tests.support.candidates.page_checks import assert_clean, assert_sound, text_of

OFFER = "Ce brouillon est échu"


async def test_an_expired_draft_can_be_recovered(place: DraftingPlace) -> None:
    """The page says until when, and what happens then; recovered, its days begin anew with the same text."""
    async with await place.signed_in(draft=True, begun_at=now_ms() - 95 * DAY_MS) as browser:
        page = await browser.get(DEMO)
        assert_clean(page)
        assert "échu" in text_of(page) and "sera détruit" in text_of(page)
        assert (await browser.get(f"{DEMO}/training")).headers["location"] == DEMO
        assert (await browser.post(DEMO)).headers["location"] == DEMO
        after = await browser.get(DEMO)
        assert "encore 90 jours" in text_of(after) and "Votre brouillon est complet" in text_of(after)
        assert (await browser.post(DEMO)).status_code == 303  # once more: nothing to recover, nothing done


async def test_it_is_taken_back_by_its_call(place: DraftingPlace) -> None:
    """As on the page; a live one stays as it is, and what was destroyed is told as that."""
    long_ago = now_ms() - 95 * DAY_MS
    async with await place.signed_in(draft=True, begun_at=long_ago) as program:
        before = (await program.get(CALLS)).json()
        assert before["state"] == "recoverable"
        assert (await place.browser().post(f"{CALLS}/recover")).json()["code"] == "not_signed_in"
        answers = [(await program.post(f"{CALLS}/recover")).json() for _ in range(2)]
        after = (await program.get(CALLS)).json()
        assert answers[0] == answers[1] == {"state": "live", "kept_until": after["kept_until"]}
        assert after["sections"] == before["sections"] and after["kept_until"] > before["kept_until"]
        assert (await program.post("/api/v1/drafts/nowhere/recover")).json()["code"] == "not_found"


async def expire(db: Database) -> None:
    """The days of every draft are over since yesterday."""
    await db.write(lambda conn: conn.execute(sa.update(draft).values(kept_until=now_ms() - DAY_MS)))


async def taken_back(browser: httpx.AsyncClient, review: str) -> httpx.Response:
    """The review after what it offers was pressed; what it leads to is the review itself."""
    offered = await browser.get(review)
    assert_sound(offered)
    assert OFFER in text_of(offered) and "Soumettre la demande" not in text_of(offered)
    assert f'name="suite" value="{review}"' in offered.text
    sent = await browser.post(DEMO, data={"suite": review})
    assert sent.headers["location"] == review
    return await browser.get(review)


async def test_in_the_ten_minutes_it_is_taken_back_where_it_is_signed(database: Database) -> None:
    """The review does not call complete what cannot be submitted; one press, and it is signed. A form that was open
    before is answered with the same offer."""
    async with file_place(database) as place:
        await place.person()
        await place.call(7)
        async with place.browser(7) as browser:
            await browser.post(f"{HERE}/connexion", data=RIGHT)
            open_since = await browser.get(f"{HERE}/demande")
            assert OFFER not in text_of(open_since)
            await expire(database)
            refused = await browser.post(f"{HERE}/demande", data=SIGNED)
            assert refused.status_code == 410 and OFFER in text_of(refused)
            again = await taken_back(browser, f"{HERE}/demande")
            assert OFFER not in text_of(again) and "Votre demande est complète" in text_of(again)
            assert (await browser.post(f"{HERE}/demande", data=SIGNED)).status_code == 303


async def test_without_the_offer_the_review_calls_it_complete(
    on_sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: the signature that it asks for is refused, and the page says nowhere how to go on."""
    monkeypatch.setattr(recovery, "is_expired", lambda *_: False)
    async with file_place(on_sqlite) as place:
        await place.person()
        await place.call(7)
        await expire(on_sqlite)
        async with place.browser(7) as browser:
            await browser.post(f"{HERE}/connexion", data=RIGHT)
            assert "Votre demande est complète" in text_of(await browser.get(f"{HERE}/demande"))
            assert (await browser.post(f"{HERE}/demande", data=SIGNED)).status_code == 410


async def with_claim(place: FilePlace) -> httpx.AsyncClient:
    """The browser of somebody whose claim to a stream is accepted."""
    with_streams(place)
    await accepted_claim(place.desk, await place.person())
    browser = place.browser()
    await browser.post("/connexion", data=RIGHT)
    return browser


async def test_outside_the_quota_too(on_sqlite: Database) -> None:
    """And an address from elsewhere leads nowhere."""
    async with file_place(on_sqlite) as place, aclosing(await with_claim(place)) as browser:
        await expire(on_sqlite)
        again = await taken_back(browser, f"/volets/demo/{STREAM}/demande")
        assert OFFER not in text_of(again) and "Soumettre la demande" in text_of(again)
        for odd in ("https://ailleurs.example/", "//ailleurs.example", "/deconnexion", ""):
            assert (await browser.post(DEMO, data={"suite": odd})).headers["location"] == DEMO
