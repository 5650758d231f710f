"""« Consultation des documents »: the list, each document as page and PDF; for its own account alone."""

import hashlib
import re
from contextlib import aclosing
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework import blocks, documents
from casework.files.numbers import file_number
from casework.letters import reading
from casework.letters.store import document_file
from casework.store import document
from foundation import audit
from foundation.sql.database import Database
from tests.support.candidates.files import RIGHT, file_place
from tests.support.candidates.page_checks import assert_clean, text_of
from tests.support.casework.letters import failures
from tests.support.tasks import confirm


async def test_a_document_is_listed_read_and_kept_as_pdf(database: Database, tmp_path: Path) -> None:
    """Number, kind, size, and that it was read; the PDF says what the page says, and its digest is in the audit."""
    async with file_place(database) as place:
        browser, _ = await place.submitted()
        await database.write(lambda conn: confirm(conn, 1, 1_465_821_000_000))
        async with aclosing(browser):
            fresh = await browser.get("/documents")
            (href,) = set(re.findall(r'href="(/documents/[\w-]{22})"', fresh.text))
            shown = await browser.get(href)
            pdf = await browser.get(f"{href}.pdf")
            listed = await browser.get("/documents")
        await place.person("xavier")
        async with place.browser() as stranger:
            nobody = await stranger.get(f"{href}.pdf")
            await stranger.post("/connexion", data=RIGHT | {"username": "xavier"})
            other = await stranger.get(f"{href}.pdf")
    assert "Non lu" in text_of(fresh) and "Non lu" not in text_of(listed)
    assert_clean(listed)
    assert_clean(shown)
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.headers["content-disposition"] == 'attachment; filename="document-001-confirmation.pdf"'
    assert pdf.headers["cache-control"] == "no-store"
    assert failures(pdf.content, tmp_path) == []
    article = re.search(r"<article.*?</article>", shown.text, re.DOTALL)
    assert article is not None
    said = re.sub(r"<[^>]+>", "", article[0]).replace("&nbsp;", " ")
    assert reading.text_of(pdf.content, f"Dossier {file_number(1)}") == reading.squeezed(said)
    assert nobody.status_code == 303 and other.status_code == 404
    found = await database.read(
        lambda conn: conn.execute(sa.select(audit.a.c.after).where(audit.a.c.act == "file_document"))
    )
    (line,) = found.scalars().all()
    assert hashlib.sha256(pdf.content).hexdigest() in line


async def as_before(conn: AsyncConnection) -> None:
    """The only document as the previous release filed it: its blocks plain in its row, and nothing beside it."""
    id = (await conn.execute(sa.select(document.c.id))).scalar_one()
    said = blocks.written((await documents.find(conn, id, 1)).blocks)
    await conn.execute(sa.delete(document_file))
    await conn.execute(sa.update(document).values(blocks=said))


async def test_a_document_of_before_gets_its_number_and_its_pdf_when_asked(database: Database) -> None:
    """The previous release filed it without; its list, its page and its PDF are there all the same, and stay."""
    async with file_place(database) as place:
        browser, _ = await place.submitted()
        await database.write(lambda conn: confirm(conn, 1, 1_465_821_000_000))
        await database.write(as_before)
        async with aclosing(browser):
            listed = await browser.get("/documents")
            (href,) = set(re.findall(r'href="(/documents/[\w-]{22})"', listed.text))
            shown = await browser.get(href)
            pdfs = [await browser.get(f"{href}.pdf") for _ in range(2)]
    assert '<td class="num">1</td>' in listed.text and "Rang" in text_of(shown)
    assert pdfs[0].content == pdfs[1].content
    assert "Accuséderéception" in reading.text_of(pdfs[0].content, f"Dossier {file_number(1)}")
