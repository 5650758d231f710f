"""What a file's owner prints: the summary once it is paid, and the record of actions; nobody else does."""

from contextlib import aclosing
from pathlib import Path

from casework.files.numbers import file_number
from casework.files.states import FileEventKind
from foundation.sql.database import Database
from tests.support.candidates.files import RIGHT, file_place
from tests.support.candidates.page_checks import assert_clean, text_of
from tests.support.casework.file_events import happened
from tests.support.casework.letters import failures

FILE = f"/dossiers/{file_number(1)}"


async def test_a_summary_comes_with_the_payment_and_a_record_when_something_happened(
    database: Database, tmp_path: Path
) -> None:
    """Before it, 403 in French; afterwards page and PDF say the answers. A second record is the first one."""
    async with file_place(database) as place:
        browser, _ = await place.submitted()
        async with aclosing(browser):
            refused = [await browser.get(f"{FILE}/sommaire{ending}") for ending in ("", ".pdf")]
            await happened(database, 1, FileEventKind.PAID)
            shown = await browser.get(f"{FILE}/sommaire")
            pdf = await browser.get(f"{FILE}/sommaire.pdf")
            records = [await browser.post(f"{FILE}/recapitulatif") for _ in range(2)]
            await happened(database, 1, FileEventKind.CHECKLIST_SENT)
            records.append(await browser.post(f"{FILE}/recapitulatif"))
            record = await browser.get(records[-1].headers["location"])
            page = await browser.get(FILE)
        await place.person("xavier")
        async with place.browser() as stranger:
            await stranger.post("/connexion", data=RIGHT | {"username": "xavier"})
            others = [
                await stranger.get(f"{FILE}/sommaire"), await stranger.get(f"{FILE}/sommaire.pdf"),
                await stranger.post(f"{FILE}/recapitulatif"), await stranger.get("/dossiers/x/sommaire"),
            ]  # fmt: skip
            empty = await stranger.get("/documents/archive.zip")
    assert [one.status_code for one in refused] == [403, 403]
    assert "Seul un sommaire de la demande peut être imprimé" in text_of(refused[0])
    assert_clean(shown)
    assert_clean(record)
    assert failures(pdf.content, tmp_path) == []
    places = [one.headers["location"] for one in records]
    assert places[0] == places[1] != places[2] and [one.status_code for one in records] == [303] * 3
    assert "Frais payés en entier" in text_of(record) and "Liste des documents envoyée" in text_of(record)
    assert f'href="{FILE}/sommaire"' in page.text and places[2] in page.text
    assert [one.status_code for one in others] == [404] * 4
    assert empty.status_code == 200 and b"document-" not in empty.content
