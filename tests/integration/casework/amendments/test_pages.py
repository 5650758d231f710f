"""`/dossiers/{number}/modifications` as a candidate's browser without scripts sees it."""

import re
from datetime import date

from casework.amendments.store import amendment
from casework.files.numbers import file_number
from casework.switches import plans
from casework.switches.states import SwitchName
from foundation.clock import now_ms
from server.rendering.templating import day_words
from tests.integration.casework.amendments.conftest import AmendedPlace, changed_on, moved
from tests.support.candidates.files import RIGHT
from tests.support.candidates.page_checks import assert_clean, text_of
from tests.support.forms.bad_input import BAD_TEXTS
from tests.support.tasks import rows


async def test_filled_in_read_again_and_sent(amended: AmendedPlace) -> None:
    """The form with what stands now; a preview with both; afterwards the list, what was and what is."""
    browser, here = amended.browser, amended.here
    listed = await browser.get(here)
    assert_clean(listed)
    assert "Changement d’adresse" in text_of(listed) and "Aucune modification" in text_of(listed)
    form = await browser.get(f"{here}/adresse")
    assert_clean(form)
    assert 'name="contact.address"' in form.text and "contact.email" not in form.text
    key = re.search(r'name="key" value="([0-9a-f]+)"', form.text)
    assert key is not None
    typed = moved(key=key[1]) | {"then": "preview"}
    preview = await browser.post(f"{here}/adresse", data=typed)
    assert preview.status_code == 200 and "Rien n’est encore envoyé" in text_of(preview)
    assert "4, quai Sud" in preview.text and '<input type="hidden" name="contact.address"' in preview.text
    back = await browser.post(f"{here}/adresse", data=typed | {"then": ""})
    assert (
        back.status_code == 200 and 'value="4, quai Sud"' in back.text and 'class="errors"' not in back.text
    )
    done = await browser.post(f"{here}/adresse", data=typed | {"then": "send"})
    assert (done.status_code, done.headers["location"]) == (303, f"{here}?envoyee=1")
    twice = await browser.post(f"{here}/adresse", data=typed | {"then": "send"})
    assert twice.status_code == 303
    page = await browser.get(done.headers["location"])
    assert "La modification est reçue" in text_of(page) and "4, quai Sud" in text_of(page)
    told = day_words(date.fromisoformat(changed_on()))
    assert told in text_of(page) and len(await rows(amended.db, amendment.c.id)) == 1
    signed = await browser.get(re.search(r'href="(/recus/[^"]+/demande)"', page.text)[1])  # type: ignore[index]
    assert "4, quai Sud" not in signed.text


async def test_what_was_typed_survives_a_lost_session(amended: AmendedPlace) -> None:
    """The form comes back filled in with the way to sign in; also where somebody else is signed in meanwhile."""
    await amended.place.person("xavier")
    async with amended.place.browser() as nobody:
        for then in ("preview", "send"):
            lost = await nobody.post(f"{amended.here}/adresse", data=moved() | {"then": then})
            assert lost.status_code == 401 and 'value="4, quai Sud"' in lost.text
            assert "Se connecter dans un nouvel onglet" in text_of(lost) and "Rien n’a été envoyé" in text_of(
                lost
            )
        await nobody.post("/connexion", data=RIGHT | {"username": "xavier"})
        other = await nobody.post(f"{amended.here}/adresse", data=moved())
        assert other.status_code == 401 and 'value="4, quai Sud"' in other.text
        forged = await nobody.post(f"{amended.here}/adresse", data=moved(programme="x", form_version="'"))
        assert forged.status_code == 401
    assert await rows(amended.db, amendment.c.id) == []


async def test_two_tabs_get_both_texts(amended: AmendedPlace) -> None:
    """409 with what stands now beside what is in the page, upon the new version: sent again, it is added."""
    await amended.browser.post(f"{amended.here}/adresse", data=moved())
    late = moved(key="another-tab-0", contact__address="9, rue Nord")
    for then in ("preview", "send"):
        both = await amended.browser.post(f"{amended.here}/adresse", data=late | {"then": then})
        assert both.status_code == 409 and "Les deux textes" in text_of(both)
        assert "4, quai Sud" in text_of(both) and 'value="9, rue Nord"' in both.text
        assert 'name="version" value="1"' in both.text
    again = await amended.browser.post(f"{amended.here}/adresse", data=late | {"version": "1"})
    assert again.status_code == 303
    assert "2. Changement d’adresse" in text_of(await amended.browser.get(amended.here))


async def test_a_page_gone_back_to_adds_another(amended: AmendedPlace) -> None:
    """With other words it is not told of as received: both texts, under a new key, and sent so it is added."""
    await amended.browser.post(f"{amended.here}/adresse", data=moved())
    for then in ("preview", "send"):
        changed = moved(contact__address="9, rue Nord") | {"then": then}
        both = await amended.browser.post(f"{amended.here}/adresse", data=changed)
        assert both.status_code == 409 and "Les deux textes" in text_of(both)
        assert "4, quai Sud" in text_of(both) and 'value="9, rue Nord"' in both.text
    key = re.search(r'name="key" value="([0-9a-f]+)"', both.text)
    assert key is not None and key[1] != moved()["key"]
    again = moved(key=key[1], contact__address="9, rue Nord") | {"version": "1"}
    assert (await amended.browser.post(f"{amended.here}/adresse", data=again)).status_code == 303
    assert len(await rows(amended.db, amendment.c.id)) == 2


async def test_switched_off_meanwhile_nothing_is_lost(amended: AmendedPlace) -> None:
    """The ground, in words; what was typed stands there to be copied; the list says the same."""
    switch = amended.switches[SwitchName.ADDRESS_CHANGE]
    await amended.db.write(lambda conn: plans.end(conn, switch, "essai", "agnes", now_ms()))
    off = await amended.browser.post(f"{amended.here}/adresse", data=moved())
    assert (
        off.status_code == 409 and "pas encore disponible" in text_of(off) and "4, quai Sud" in text_of(off)
    )
    assert (await amended.browser.get(f"{amended.here}/adresse")).status_code == 409
    listed = await amended.browser.get(amended.here)
    assert "pas encore disponible" in text_of(listed) and f"{amended.here}/adresse" not in listed.text


async def test_nobody_else_learns_of_a_file(amended: AmendedPlace) -> None:
    """404 and the sign-in, the same for a file that is not there; kinds that are not there are none."""
    await amended.place.person("xavier")
    async with amended.place.browser() as stranger:
        assert (await stranger.get(amended.here)).status_code == 404
        await stranger.post("/connexion", data=RIGHT | {"username": "xavier"})
        for number in (file_number(1), file_number(2), "D-0000001-00", "x"):
            assert (await stranger.get(f"/dossiers/{number}/modifications")).status_code == 404, number
    for kind in ("identite", "x", "ADRESSE"):
        assert (await amended.browser.get(f"{amended.here}/{kind}")).status_code == 404
        assert (await amended.browser.post(f"{amended.here}/{kind}", data=moved())).status_code == 404


async def test_bad_input_is_a_clear_refusal(amended: AmendedPlace) -> None:
    """In French, with the text in its field; never 5xx, and nothing is written."""
    for name, text in BAD_TEXTS.items():
        if text != text.encode(errors="ignore").decode():
            continue  # half a character, which no browser sends
        typed = moved() | {"on_day": text, "contact.country": text, "version": text, "key": "a1b2c3d4e5f6"}
        answer = await amended.browser.post(f"{amended.here}/adresse", data=typed)
        assert answer.status_code in {400, 409, 422}, name
    for odd in (
        {"on_day": "2026-02-30"},
        {"on_day": "2031-01-01"},
        {"contact.country": "Atlantide"},
    ):
        answer = await amended.browser.post(f"{amended.here}/adresse", data=moved() | odd)
        assert answer.status_code == 422 and 'class="errors"' in answer.text, odd
    forged = await amended.browser.post(f"{amended.here}/adresse", data=moved(key="x"))
    assert forged.status_code == 422
    assert await rows(amended.db, amendment.c.id) == []
