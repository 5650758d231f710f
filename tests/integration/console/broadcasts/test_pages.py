"""`/personnel/envois` as a browser without scripts sees it: from the text to the last message."""

import re

import httpx
import pytest

from casework.mailbox import states
from casework.mailbox.sending import sending
from casework.mailbox.store import broadcast_recipient
from foundation.clock import now_ms
from foundation.subjects import Subject
from tests.integration.console.broadcasts.conftest import BroadcastPlace
from tests.support.candidates.page_checks import assert_clean, text_of
from tests.support.casework.messages import MAILBOX
from tests.support.desks import make_account
from tests.support.tasks import rows

PAGE = "/personnel/envois"

TYPED = {"title": "Nouvelle fonction", "text": "Bonjour.\n\n<b>Deux</b> & trois.", "kind": "everybody"}


async def written(browser: httpx.AsyncClient) -> str:
    """Where the page of a new broadcast is."""
    answer = await browser.post(f"{PAGE}/nouveau", data=TYPED)
    assert answer.status_code == 303, text_of(answer)
    return str(answer.headers["location"])


def hidden(page: httpx.Response) -> dict[str, str]:
    """What the form of the page says was shown."""
    return dict(re.findall(r'type="hidden" name="(version|digest)" value="([^"]*)"', page.text))


async def test_from_the_text_to_the_last_message(
    envois: BroadcastPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three real people are shown what they will get, the number twice; two people; a bar; and it is sent."""
    monkeypatch.setattr(states, "ALONE_UP_TO", 2)
    agent, approver = envois.agent, envois.approver
    assert PAGE in (await agent.get("/personnel")).text
    assert_clean(await agent.get(f"{PAGE}/nouveau"))
    one = await written(agent)
    preview = await agent.get(one)
    assert_clean(preview)
    seen = text_of(preview)
    assert "3 personnes" in seen and "&lt;b&gt;Deux&lt;/b&gt; &amp; trois." in preview.text
    assert all(f"Compte essai-0000{number}" in seen for number in (1, 2, 3))
    assert "copie à sa représentante" in seen and "n’a pas d’adresse de courriel" in seen
    (way,) = re.findall(r'href="([^"]*/confirmer\?vu=[^"]*)"', preview.text)
    last = await agent.get(way)
    assert "Confirmer l’envoi à 3 personnes" in text_of(last) and "une seconde personne" in text_of(last)
    assert_clean(last)
    assert (await agent.post(f"{one}/confirmer", data=hidden(last))).status_code == 303
    assert "Rien n’est parti" in text_of(await agent.get(one))
    assert await rows(envois.place.db, broadcast_recipient.c.account) == []
    other = await approver.get(one)
    assert "Approuver l’envoi à 3 personnes" in text_of(other)
    assert (await approver.post(f"{one}/approuver", data=hidden(other))).status_code == 303
    assert "0 sur 3 personnes" in text_of(await agent.get(one))
    id = one.rpartition("/")[2]
    await envois.place.db.write(
        lambda conn: sending(MAILBOX)(conn, Subject("broadcast_batch", f"{id}-1"), now_ms())
    )
    done = await agent.get(one)
    assert "3 sur 3 personnes" in text_of(done) and "Envoyé" in text_of(done)
    assert_clean(done)
    assert "Nouvelle fonction" in text_of(await approver.get(PAGE))


async def test_whoever_comes_in_between_is_counted_and_shown(envois: BroadcastPlace) -> None:
    """Before the last page, and behind it: nothing is sent, and the page says the new number."""
    one = await written(envois.agent)
    (way,) = re.findall(r'href="([^"]*/confirmer\?vu=[^"]*)"', (await envois.agent.get(one)).text)
    last = await envois.agent.get(way)
    await make_account(envois.place.desk, 4, draft=False)
    for answer in (
        await envois.agent.post(f"{one}/confirmer", data=hidden(last)),
        await envois.agent.get(way),
    ):
        assert answer.status_code == 409
        assert "elle compte maintenant 4 personnes" in text_of(answer)
    assert await rows(envois.place.db, broadcast_recipient.c.account) == []


async def test_what_was_typed_is_still_there_when_it_is_refused(envois: BroadcastPlace) -> None:
    """With what is wrong at each field; and what is shown can be changed by its author until it is confirmed."""
    bad = TYPED | {"title": "un\u202eoeuf", "text": "x" * 6_000, "kind": "all", "status-paid": "1"}
    page = await envois.agent.post(f"{PAGE}/nouveau", data=bad)
    assert page.status_code == 422
    assert "caractères invisibles" in text_of(page) and "x" * 6_000 in page.text
    assert all(f'href="#{name}"' in page.text for name in ("title", "text", "kind"))
    assert re.search(r'name="status-paid" value="1" checked', page.text)
    one = await written(envois.agent)
    form = await envois.agent.get(f"{one}/modifier")
    assert "Bonjour." in form.text and "&lt;b&gt;" in form.text
    changed = await envois.agent.post(f"{one}/modifier", data=TYPED | hidden(form) | {"title": "Autre"})
    assert changed.headers["location"] == one and "Autre" in text_of(await envois.agent.get(one))
    stale = await envois.agent.post(f"{one}/modifier", data=TYPED | hidden(form) | {"title": "Encore"})
    assert stale.status_code == 409 and 'value="Encore"' in stale.text


async def test_one_person_stops_it_in_the_middle(envois: BroadcastPlace) -> None:
    """And the page says how many will never get it; what is over is moved no more."""
    one = await written(envois.agent)
    await envois.agent.post(f"{one}/confirmer", data=hidden_on(await envois.agent.get(one)))
    stopped = await envois.approver.post(f"{one}/arreter")
    assert stopped.headers["location"] == f"{one}?note=broadcast_stop"
    agents = text_of(await envois.agent.get(one))
    assert "3 personnes n’ont pas reçu ce message : envoi arrêté par bruno" in agents
    assert "Reprendre" not in agents
    assert (await envois.agent.post(f"{one}/reprendre", data={"version": "3"})).status_code == 403
    assert (await envois.agent.post(f"{one}/arreter")).status_code == 409
    for path in (f"{PAGE}/999", f"{PAGE}/x", f"{PAGE}/999/confirmer?vu=x"):
        assert (await envois.agent.get(path)).status_code == 404
    assert (await envois.agent.post(f"{one}/brûler")).status_code == 404


async def test_what_was_stopped_goes_on(envois: BroadcastPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    """By an approver; above the number by another person than the one who stopped it."""
    one = await written(envois.agent)
    await envois.agent.post(f"{one}/confirmer", data=hidden_on(await envois.agent.get(one)))
    await envois.approver.post(f"{one}/arreter")
    monkeypatch.setattr(states, "ALONE_UP_TO", 2)
    assert "une autre personne que vous le reprend" in text_of(await envois.approver.get(one))
    own = await envois.approver.post(f"{one}/reprendre", data={"version": "3"})
    assert own.status_code == 409 and "0 sur 3 personnes" in text_of(own)
    monkeypatch.setattr(states, "ALONE_UP_TO", 3)
    page = await envois.approver.get(one)
    assert_clean(page)
    assert "Reprendre l’envoi pour 3 personnes" in text_of(page)
    stale = await envois.approver.post(f"{one}/reprendre", data={"version": "2"})
    assert stale.status_code == 409
    done = await envois.approver.post(f"{one}/reprendre", data=hidden(page))
    assert done.headers["location"] == f"{one}?note=broadcast_resume"
    assert "En cours d’envoi" in text_of(await envois.approver.get(one))
    assert "0 sur 3" in text_of(await envois.approver.get(PAGE))


def hidden_on(page: httpx.Response) -> dict[str, str]:
    """What the link of the page says was shown, as the last page would post it."""
    (digest,) = re.findall(r"confirmer\?vu=([^\"]*)", page.text)
    return {"version": "1", "digest": digest}
