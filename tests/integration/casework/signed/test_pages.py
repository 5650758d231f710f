"""The application as it was submitted, for its own account."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
import sqlalchemy as sa

from foundation.sql.database import Database
from submission import store
from submission.drafts import store as drafts_store
from submission.signing import declaration
from tests.support.candidates.files import RIGHT, FilePlace, file_place
from tests.support.candidates.page_checks import assert_clean, text_of


@pytest.fixture
async def place(database: Database) -> AsyncIterator[FilePlace]:
    async with file_place(database) as made:
        yield made


async def test_what_was_signed_is_read_again_whatever_became_of_the_draft(place: FilePlace) -> None:
    """Answers with their labels, the declaration in the words of then, who signed, when, and the digest."""
    browser, receipt = await place.submitted()
    async with aclosing(browser):
        await place.db.write(lambda conn: conn.execute(sa.delete(drafts_store.draft_section)))
        answer = await browser.get(f"{receipt}/demande")
        linked = await browser.get(receipt)
    seen = text_of(answer)
    assert f'href="{receipt}/demande"' in linked.text
    assert "Formation" in seen and "Diplôme" in seen
    assert all(sentence in seen for sentence in declaration.sentences())
    assert "Je suis la candidate ou le candidat" in seen and "heure de Montréal" in seen
    digest = (
        await place.db.read(lambda conn: conn.execute(sa.select(store.signature.c.content_digest)))
    ).scalar_one()
    assert digest in seen
    assert_clean(answer)


async def test_nobody_else_learns_that_there_is_such_a_file(place: FilePlace) -> None:
    """404 for another account and for whoever is not signed in, with the sign-in that leads back here."""
    browser, receipt = await place.submitted()
    await browser.aclose()
    await place.person("xavier")
    async with place.browser() as stranger:
        nobody = await stranger.get(f"{receipt}/demande")
        await stranger.post("/connexion", data=RIGHT | {"username": "xavier"})
        other = await stranger.get(f"{receipt}/demande")
        unknown = await stranger.get("/recus/MPQ-00000-00000-00000-00000/demande")
    for answer in (nobody, other, unknown):
        assert answer.status_code == 404 and "Diplôme" not in answer.text
    assert f'action="/connexion?suite={receipt}/demande"' in nobody.text


async def test_a_file_that_an_earlier_release_took_says_that_it_has_no_record(place: FilePlace) -> None:
    """Its answers are read in the labels of today's form; no signature is made up."""
    browser, receipt = await place.submitted()
    await place.db.write(lambda conn: conn.execute(sa.delete(store.signature)))
    plain = sa.update(store.submission).values(content='{"training": {"diploma": "Maîtrise"}}')
    await place.db.write(lambda conn: conn.execute(plain))
    async with aclosing(browser):
        answer = await browser.get(f"{receipt}/demande")
    seen = text_of(answer)
    assert "Maîtrise" in seen and "avant que la déclaration ne soit conservée" in seen
    assert_clean(answer)
