"""The mailbox of an account: for its owner alone, one way, and read once."""

from collections.abc import AsyncIterator

import pytest

from casework.mailbox import messages
from casework.mailbox.store import message
from foundation.sql.database import Database
from foundation.subjects import Subject
from tests.support.candidates.files import RIGHT, FilePlace, file_place
from tests.support.candidates.page_checks import assert_clean, text_of
from tests.support.casework.messages import TITLE, delivered
from tests.support.tasks import rows

ACCOUNT = Subject.row("account", 1)


@pytest.fixture
async def place(database: Database) -> AsyncIterator[FilePlace]:
    async with file_place(database) as made:
        await made.person("anne")
        await made.person("xavier")
        yield made


async def test_a_message_is_listed_opened_and_then_read(place: FilePlace) -> None:
    """The navigation and the home count what is unread; the date of the first reading stays."""
    id = await delivered(place.db, 1, ACCOUNT)
    async with place.browser() as browser:
        before = await browser.get(f"/messages/{id}")
        assert before.headers["location"] == f"/connexion?suite=/messages/{id}"
        await browser.post("/connexion", data=RIGHT)
        home = await browser.get("/compte")
        assert "Messagerie (1 non lu)" in text_of(home) and "Un message non lu" in text_of(home)
        assert_clean(home)
        listed = await browser.get("/messages")
        assert TITLE in text_of(listed) and "Non lu" in text_of(listed)
        assert_clean(listed)
        await browser.head(f"/messages/{id}")
        await browser.get(f"/messages/{id}", headers={"Sec-Purpose": "prefetch;prerender"})
        assert await rows(place.db, message.c.read_at) == [(None,)]
        opened = await browser.get(f"/messages/{id}")
        assert "non lu" not in text_of(opened)
        assert "Ce que seul le compte peut lire." in text_of(opened) and "Pour nous écrire" in text_of(opened)
        assert_clean(opened)
        [(read_at,)] = await rows(place.db, message.c.read_at)
        assert read_at is not None
        await browser.get(f"/messages/{id}")
        assert await rows(place.db, message.c.read_at) == [(read_at,)]
        assert "non lu" not in text_of(await browser.get("/compte"))
    told = await place.db.read(lambda conn: messages.events(conn, 1))
    assert [(one.what, one.at) for one in told][1:] == [("Message lu", read_at)]


async def test_nobody_else_learns_that_there_is_a_message(place: FilePlace) -> None:
    """Neither reads it nor marks it: a forged address and somebody else's answer the same."""
    id = await delivered(place.db, 1, ACCOUNT)
    async with place.browser() as stranger:
        await stranger.post("/connexion", data=RIGHT | {"username": "xavier"})
        answers = [await stranger.get(f"/messages/{one}") for one in (id, "x" * 22, "%00" * 20, "é")]
        assert [answer.status_code for answer in answers] == [404] * 4
        assert all(TITLE not in answer.text for answer in answers)
        assert "« xavier »" in text_of(answers[0])
        assert "Aucun message" in text_of(await stranger.get("/messages"))
    assert await rows(place.db, message.c.read_at) == [(None,)]


async def test_a_title_of_markup_is_text(place: FilePlace) -> None:
    """And so is everything a message says."""
    id = await delivered(place.db, 1, ACCOUNT, title="<script>alert(1)</script>")
    async with place.browser() as browser:
        await browser.post("/connexion", data=RIGHT)
        for path in ("/messages", f"/messages/{id}"):
            page = await browser.get(path)
            assert "<script>alert" not in page.text and "&lt;script&gt;alert(1)" in page.text
