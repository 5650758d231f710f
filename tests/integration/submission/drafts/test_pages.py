"""The pages of a draft without scripts: what is shown, saved, refused, and what stays on the screen."""

import re
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from foundation.errors import Unavailable
from submission.drafts import store, writing
from tests.support.candidates.drafting import CALLS, DEMO, DraftingPlace, form_of
from tests.support.candidates.page_checks import assert_clean, text_of

TRAINING = f"{DEMO}/training"


async def typed(browser: httpx.AsyncClient, address: str = TRAINING, **fields: str) -> dict[str, str]:
    """The form of a section as it came, with these fields filled in."""
    return form_of(await browser.get(address)) | {f"training.{name}": text for name, text in fields.items()}


async def test_the_overview_says_where_each_section_stands(place: DraftingPlace) -> None:
    """What is missing is listed with links to its field, how long it is kept, and that it is not submitted."""
    async with await place.signed_in() as browser:
        before = await browser.get(DEMO)
        assert_clean(before)
        assert "non soumise" in text_of(before) and "encore 90 jours" in text_of(before)
        assert f'href="{TRAINING}#training.diploma"' in before.text
        await browser.post(TRAINING, data=await typed(browser, diploma="Master", school="Laval"))
        after = await browser.get(DEMO)
        assert f'href="{TRAINING}#training.diploma"' not in after.text
        assert re.search(r"Formation</a> <span class=\"tag tag--warning\">À compléter \(2\)", after.text)


async def test_a_complete_draft_says_so(place: DraftingPlace) -> None:
    """And that it is still not submitted."""
    async with await place.signed_in(draft=True) as browser:
        page = await browser.get(DEMO)
        assert "Votre brouillon est complet" in text_of(page) and "non soumise" in text_of(page)
        assert "Il manque" not in text_of(page)


async def test_a_section_is_saved_and_leads_on(place: DraftingPlace) -> None:
    """To the next section, to the one that was chosen, to the overview, or back to itself with the hour."""
    async with await place.signed_in() as browser:
        page = await browser.get(TRAINING)
        assert_clean(page)
        assert "non soumise" in text_of(page) and "<title>Formation – Ma demande (non soumise)" in page.text
        for then, leads in (
            ({"then": "next"}, f"{DEMO}/experience"),
            ({"then": "goto", "goto": "plans"}, f"{DEMO}/plans"),
            ({"then": "goto", "goto": "overview"}, DEMO),
            ({"then": "here"}, f"{TRAINING}?enregistre=1"),
            ({"then": "https://ailleurs.test"}, f"{DEMO}/experience"),
        ):
            answer = await browser.post(TRAINING, data=await typed(browser, diploma="Master") | then)
            assert (answer.status_code, answer.headers["location"]) == (303, leads)
        back = await browser.get(f"{TRAINING}?enregistre=1")
        assert 'value="Master"' in back.text and "Enregistré le" in text_of(back)
        last = await browser.post(f"{DEMO}/plans", data=form_of(await browser.get(f"{DEMO}/plans")))
        assert last.headers["location"] == DEMO


async def test_an_answer_that_asks_for_more_leads_back(place: DraftingPlace) -> None:
    """A question that an answer has brought up is shown at once, with a word about it; a second save leads on."""
    contact = "/demande/prtq-2016/contact"
    async with await place.signed_in() as browser:
        fields = form_of(await browser.get(contact)) | {"contact.other_mail": "oui", "then": "next"}
        fields |= {"contact.country": ""}  # a list that nobody has chosen from
        assert "contact.mail_address" not in fields
        answer = await browser.post(contact, data=fields)
        assert answer.headers["location"] == f"{contact}?suite=1#contact.mail_address"
        back = await browser.get(answer.headers["location"])
        assert_clean(back)
        assert (
            "questions qui viennent d’apparaître" in text_of(back)
            and 'id="contact.mail_address"' in back.text
        )
        fields = form_of(back) | {"contact.country": "", "contact.mail_address": "", "then": "next"}
        answer = await browser.post(contact, data=fields)
        assert answer.headers["location"] == "/demande/prtq-2016/family"


async def test_one_more_member_asks_what_every_member_is_asked(place: DraftingPlace) -> None:
    """What must be filled in says so, and what depends on an answer waits for it."""
    async with await place.signed_in() as browser:
        page = await browser.get("/demande/prtq-2016/experience")
        assert "Profession" in text_of(page) and "Profession (facultatif)" not in text_of(page)
        assert "Dernier jour" not in text_of(page)


@pytest.mark.parametrize(
    "sent",
    [{"files": {"training.diploma": ("a.pdf", b"%PDF")}}, {"json": {"training.diploma": "A"}}],
    ids=["file", "json"],
)
async def test_a_post_that_is_no_form_is_refused_and_never_told_as_saved(
    place: DraftingPlace, sent: dict[str, Any]
) -> None:
    """Nobody reads a file; going on to the next section would say that it was saved."""
    async with await place.signed_in() as browser:
        assert (await browser.post(TRAINING, **sent)).status_code == 400
        assert (await browser.get(CALLS)).json()["sections"] == {}


async def test_what_is_wrong_stays_on_the_screen_and_the_rest_is_saved(place: DraftingPlace) -> None:
    """The summary takes the focus and leads to the field; the stored answer is not touched by what is wrong."""
    async with await place.signed_in() as browser:
        fields = await typed(browser, diploma="Master", year="bientôt")
        answer = await browser.post(TRAINING, data=fields)
        assert answer.status_code == 422
        assert_clean(answer)
        assert (
            'role="alert" tabindex="-1" id="erreurs"' in answer.text
            and 'href="#training.year"' in answer.text
        )
        assert 'value="bientôt"' in answer.text and 'value="Master"' in answer.text
        stored = (await browser.get(CALLS)).json()["sections"]["training"]
        assert stored["answers"]["diploma"] == "Master" and stored["answers"].get("year", "") == ""
        again = await browser.post(TRAINING, data=form_of(answer) | {"training.year": "2008"})
        assert again.status_code == 303


async def test_a_conflict_shows_both_texts_and_leaves_the_choice(place: DraftingPlace) -> None:
    """The text of this page stays in its fields, upon the version that stands: saving again keeps it."""
    async with await place.signed_in() as browser:
        mine = await typed(browser, diploma="Master <b>")
        await browser.post(TRAINING, data=await typed(browser, diploma="Doctorat", school="Laval"))
        answer = await browser.post(TRAINING, data=mine)
        assert answer.status_code == 409
        assert_clean(answer)
        seen = text_of(answer)
        assert "Dans cette page" in seen and "Master <b>" in seen and "Doctorat" in seen
        assert form_of(answer)["training.diploma"] == "Master <b>"
        assert f'href="{TRAINING}">Garder plutôt' in answer.text
        kept = await browser.post(TRAINING, data=form_of(answer))
        assert kept.status_code == 303
        assert form_of(await browser.get(TRAINING))["training.diploma"] == "Master <b>"


async def test_a_session_that_ended_costs_nothing_that_was_typed(place: DraftingPlace) -> None:
    """The same form filled in, with a sign-in in a new tab; pressed again afterwards it saves."""
    async with await place.signed_in() as browser:
        fields = await typed(browser, diploma="Master", year="2008")
        gone = place.browser(session=await place.session(1, lasts_ms=-1))
        answer = await gone.post(TRAINING, data=fields)
        assert answer.status_code == 401 and "www-authenticate" in answer.headers
        assert_clean(answer)
        assert form_of(answer)["training.diploma"] == "Master"
        assert 'target="_blank"' in answer.text and "Rien n’a été enregistré" in text_of(answer)
        gone.cookies.set("session", await place.session(1))
        assert (await gone.post(TRAINING, data=form_of(answer))).status_code == 303
        await gone.aclose()


async def test_nobody_saves_into_another_account(place: DraftingPlace) -> None:
    """Signed in meanwhile as somebody else: the text stays on the screen, and that draft as it is."""
    async with await place.signed_in(1) as one, await place.signed_in(2) as other:
        fields = await typed(one, diploma="Master")
        answer = await other.post(TRAINING, data=fields)
        assert (
            answer.status_code == 401
            and "autre compte" in text_of(answer)
            and "essai-00002" in text_of(answer)
        )
        assert form_of(answer)["training.diploma"] == "Master"
        assert form_of(answer)["whose"] == fields["whose"]
        assert (await other.get(CALLS)).json()["sections"] == {}


async def test_a_store_that_is_away_costs_nothing_that_was_typed(
    place: DraftingPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 with the same form, filled in, and when to come back."""

    async def away(*_: object) -> None:
        raise Unavailable("sql")

    async with await place.signed_in() as browser:
        fields = await typed(browser, diploma="Master")
        monkeypatch.setattr(writing, "write", away)
        answer = await browser.post(TRAINING, data=fields)
        assert answer.status_code == 503 and "retry-after" in answer.headers
        assert form_of(answer)["training.diploma"] == "Master" and "Rien n’a été enregistré" in text_of(
            answer
        )


async def test_the_script_gets_the_answer_as_json(place: DraftingPlace) -> None:
    """Version, instant, what is wrong beside what was saved; a refusal as the API says it."""
    async with await place.signed_in() as browser:
        headers = {"accept": "application/json"}
        fields = await typed(browser, diploma="Master", year="bientôt")
        saved = (await browser.post(TRAINING, data=fields, headers=headers)).json()
        assert (saved["version"], [one["name"] for one in saved["errors"]]) == (1, ["training.year"])
        stale = await browser.post(TRAINING, data=fields | {"training.diploma": "B"}, headers=headers)
        assert (stale.status_code, stale.json()["code"]) == (409, "draft_changed")
        gone = await place.browser().post(TRAINING, data=fields, headers=headers)
        assert (gone.status_code, gone.json()["code"]) == (401, "not_signed_in")


async def test_pages_lead_to_the_sign_in_and_back(place: DraftingPlace) -> None:
    """Whoever is not signed in; a section that is not there is nobody's."""
    nobody = place.browser()
    for address in (DEMO, TRAINING):
        answer = await nobody.get(address)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/connexion?suite={address}")
    async with await place.signed_in() as browser:
        assert (await browser.get(f"{DEMO}/nowhere")).status_code == 404
        assert (await browser.get("/demande/nowhere")).status_code == 404


async def test_the_section_of_a_newer_form_says_what_to_read_again(place: DraftingPlace) -> None:
    """On the overview and the section, until somebody presses save there."""
    async with await place.signed_in(draft=True) as browser:
        note = '{"form_version":"2","changes":["La question « Diplôme » est nouvelle."]}'
        s = store.draft_section
        theirs = sa.update(s).where(s.c.section == "training").values(read_again=note)
        await place.db.write(lambda conn: conn.execute(theirs))
        assert "À relire" in text_of(await browser.get(DEMO))
        page = await browser.get(TRAINING)
        assert "La question « Diplôme » est nouvelle" in text_of(page)
        headers = {"accept": "application/json"}
        by_itself = form_of(page) | {"training.school": "Laval", "reread": ""}
        saved = (await browser.post(TRAINING, data=by_itself, headers=headers)).json()
        assert saved["version"] == 2 and "À relire" in text_of(await browser.get(DEMO))
        await browser.post(TRAINING, data=form_of(await browser.get(TRAINING)))
        assert "À relire" not in text_of(await browser.get(DEMO))
