"""An agent writes to the person whose file is open: typed, seen, sent once, on the record."""

import re

import httpx

from casework.mailbox.store import message, message_attachment
from foundation.audit import audit
from tests.integration.console.messages.conftest import WritingPlace
from tests.support.candidates.page_checks import assert_clean, text_of
from tests.support.candidates.representing import mails
from tests.support.tasks import rows

PAGE = "/agent/dossiers/1/message"

TYPED = {"title": "Une pièce à joindre", "text": "Bonjour.\n\n<i>Deuxième</i> paragraphe."}


def carried(page: httpx.Response) -> dict[str, str]:
    """What the form carries to the next step."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
    return {
        name: value.replace("&lt;", "<").replace("&gt;", ">").replace("&#39;", "'") for name, value in found
    }


async def test_typed_seen_and_sent_once(writing_place: WritingPlace) -> None:
    """Pressed twice it is one message, one mail and one line, and another text is another one; the file shows both."""
    agent, db = writing_place.agent, writing_place.place.db
    form = await agent.get(PAGE)
    assert_clean(form)
    typed = TYPED | {"key": carried(form)["key"], f"document-{writing_place.document}": "1"}
    preview = await agent.post(PAGE, data=typed | {"step": "preview"})
    assert_clean(preview)
    assert "&lt;i&gt;Deuxième" in preview.text and "Document joint : Lettre de décision" in text_of(preview)
    assert "Un message a été déposé dans la messagerie de votre compte" in text_of(preview)
    assert await rows(db, message.c.id) == []
    again = await agent.post(PAGE, data=carried(preview) | {"step": "edit"})
    assert 'value="Une pièce à joindre"' in again.text
    for _ in range(2):
        sent = await agent.post(PAGE, data=carried(preview) | {"step": "send"})
        assert sent.headers["location"] == "/agent/dossiers/1?fait=message#messagerie"
    assert await rows(db, message.c.author, message.c.title) == [("lucie", "Une pièce à joindre")]
    assert await rows(db, message_attachment.c.document) == [(writing_place.document,)]
    assert len(await mails(db)) == 1
    assert [act for (act,) in await rows(db, audit.c.act) if act == "message_send"] == ["message_send"]
    other = carried(preview) | {"step": "send", "text": "Autre texte."}
    assert (await agent.post(PAGE, data=other)).status_code == 303
    assert len(await rows(db, message.c.id)) == 2
    shown = text_of(await agent.get("/agent/dossiers/1"))
    assert (
        "Une pièce à joindre (écrit par lucie)" in shown
        and "Non lu" in shown
        and "Avis par courriel en route" in shown
    )


async def test_what_is_refused_stays_in_the_form(writing_place: WritingPlace) -> None:
    """A title that names the person, a text that is too long, a file or a document of somebody else."""
    agent = writing_place.agent
    key = carried(await agent.get(PAGE))["key"]
    for wrong, field in (
        ({"title": "Compte essai-00001"}, "title"),
        ({"text": "y" * 5_001}, "text"),
        ({"about": "D-0000009-79"}, "about"),
    ):
        page = await agent.post(PAGE, data=TYPED | {"key": key, "step": "send"} | wrong)
        assert page.status_code == 422
        assert (f'href="#{field}"' in page.text and "Deuxième" in page.text) or field == "text"
    forged = TYPED | {"key": "x", "step": "send"}
    assert (await agent.post(PAGE, data=forged)).status_code == 404
    assert await rows(writing_place.place.db, message.c.id) == []


async def test_only_to_a_file_that_is_open(writing_place: WritingPlace) -> None:
    """To any other one the way leads to the check of who asks."""
    for path in ("/agent/dossiers/2/message", "/agent/dossiers/99/message"):
        assert (await writing_place.agent.get(path)).headers["location"].endswith("/ouvrir")
    assert (await writing_place.agent.get("/agent/dossiers/x/message")).status_code == 404
