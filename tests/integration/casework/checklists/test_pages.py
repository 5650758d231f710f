"""The candidate sees the list on the page of the file, and explains in writing; nobody else sees any of it."""

from contextlib import aclosing

from casework.checklists.handling import LONGEST_EXPLANATION
from casework.files.states import FileEventKind
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support.candidates.files import RIGHT, file_place
from tests.support.candidates.page_checks import assert_clean, text_of
from tests.support.casework.file_events import happened
from tests.support.casework.lists import list_of, send

FORM = "/dossiers/D-0000001-95/explications/2"


async def test_a_written_explanation_is_kept_and_shown(database: Database) -> None:
    """What cannot be kept stays in the form; forged items and other accounts get 404, and keep their text."""
    async with file_place(database) as place:
        browser, _ = await place.submitted()
        async with aclosing(browser):
            await happened(database, 1, FileEventKind.PAID)
            await database.write(lambda conn: send(conn, 1, now_ms()))
            seen = await browser.get("/dossiers/D-0000001-95")
            form = await browser.get(FORM)
            long = "é" * (LONGEST_EXPLANATION + 1)
            wrong = await browser.post(FORM, data={"explanation": long})
            sent = await browser.post(FORM, data={"explanation": "L’original a brûlé."})
            after = await browser.get(sent.headers["location"])
            forged = [await browser.get(FORM[:-1] + item) for item in ("99", "x", "-1", "9" * 30)]
        await place.person("xavier")
        async with place.browser() as stranger:
            await stranger.post("/connexion", data=RIGHT | {"username": "xavier"})
            others = [await stranger.get(FORM), await stranger.post(FORM, data={"explanation": "Moi."})]
    for page in (seen, form, after):
        assert_clean(page)
    for words in (
        "Documents demandés",
        "Passeport",
        "réglé sur 4",
        "Où envoyer vos documents",
        "À faire maintenant",
    ):
        assert words in text_of(seen), words
    assert (wrong.status_code, long in wrong.text) == (422, True)
    assert sent.status_code == 303
    assert "L’original a brûlé." in text_of(after) and "Expliqué par écrit" in text_of(after)
    assert [one.status_code for one in (*forged, others[0])] == [404] * 5
    assert others[1].status_code == 401 and "celle d’un autre compte" in text_of(others[1])
    assert "Moi." in others[1].text, "who signs in as its owner sends it again"
    explained = (await list_of(database)).item(2).explanation
    assert explained is not None and (explained.actor, explained.role) == ("anne", "candidate")


async def test_an_explanation_outlives_the_session(on_sqlite: Database) -> None:
    """It stays on the screen with the way to sign in, and is sent from there; nothing was kept of it before (P12)."""
    async with file_place(on_sqlite) as place:
        browser, _ = await place.submitted()
        async with aclosing(browser), place.browser() as nobody:
            await happened(on_sqlite, 1, FileEventKind.PAID)
            await on_sqlite.write(lambda conn: send(conn, 1, now_ms()))
            kept = await nobody.post(FORM, data={"explanation": "L’original a <brûlé>."})
            assert_clean(kept)
            assert kept.status_code == 401 and "L’original a &lt;brûlé&gt;." in kept.text
            assert f'href="/connexion?suite={FORM}&amp;note=fin"' in kept.text
            assert f'action="{FORM}"' in kept.text
            assert (await list_of(on_sqlite)).item(2).explanation is None
            await nobody.post("/connexion", data=RIGHT)
            sent = await nobody.post(FORM, data={"explanation": "L’original a <brûlé>."})
            assert sent.status_code == 303
