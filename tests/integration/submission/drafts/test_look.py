"""What a request about a draft finds, and who is refused."""

import sqlalchemy as sa

from foundation.clock import now_ms
from submission.drafts.repository import find
from tests.support.candidates.drafting import CALLS, DEMO, TRAINING, DraftingPlace, put
from tests.support.candidates.page_checks import text_of
from tests.support.desks import days_ago


async def test_nobody_saves_without_a_session(place: DraftingPlace) -> None:
    """Nor after it has ended, and nobody sees another's draft."""
    async with await place.signed_in(1, draft=True) as one, await place.signed_in(2) as other:
        assert (await place.browser().put(TRAINING, json={"version": 0, "answers": {}})).status_code == 401
        ended = place.browser(session=await place.session(1, lasts_ms=-1))
        assert (await put(ended, 1, {"diploma": "A"})).json()["code"] == "session_ended"
        assert (await ended.get(CALLS)).json()["code"] == "session_ended"
        assert (await other.get(CALLS)).json()["sections"] == {}
        assert (await one.get(CALLS)).json()["sections"]["training"]["version"] == 1


async def test_an_expired_draft_is_changed_no_more(place: DraftingPlace) -> None:
    """410 with the reason; it is still there to be recovered (DR-02)."""
    async with await place.signed_in(draft=True, begun_at=days_ago(91)) as browser:
        refused = await put(browser, 1, {"diploma": "A"})
        assert (refused.status_code, refused.json()["code"]) == (410, "draft_expired")
        assert (await browser.get(CALLS)).json()["state"] == "recoverable"


async def test_what_was_submitted_is_changed_no_more(place: DraftingPlace) -> None:
    """The pages lead to the receipt, and the call says so (DR-02)."""
    async with await place.signed_in(draft=True) as browser:
        await submit(place)
        page = await browser.get(DEMO)
        assert "Cette demande est soumise" in text_of(page) and "non soumise" not in page.text
        late = await browser.post(f"{DEMO}/training", data={"version": "1", "training.diploma": "Trop tard"})
        assert late.status_code == 409 and "Trop tard" in late.text and "non soumise" not in late.text
        body = {"version": 1, "answers": {"diploma": "A"}}
        refused = await browser.put(f"{CALLS}/sections/training", json=body)
        assert (refused.status_code, refused.json()["code"]) == (409, "draft_submitted")
        draft = await place.db.read(lambda conn: find(conn, place.desk.drafts, 1, "demo"))
        assert draft is not None and draft.sections["training"].version == 1


async def submit(place: DraftingPlace) -> None:
    """A submission of the first account in the programme's exempt ledger, as rows."""
    from submission import store as submission_store
    from tests.support.rooms import make_period

    period = await make_period(place.db)
    row = {
        "receipt": "MPQ-1", "period": period.uid, "rank": 1, "number": 1, "account": 1, "person": "p",
        "submitted_at": now_ms() + 1, "pay_by": now_ms(), "capacity": "candidate", "device": "{}", "content": "{}",
        "status": "submitted",
    }  # fmt: skip
    await place.db.write(lambda conn: conn.execute(sa.insert(submission_store.submission).values(row)))
