"""`/agent/etude` as an agent's browser without scripts sees it."""

import re

import pytest

from casework.files.states import FileEventKind
from tests.integration.console.casefiles.conftest import NUMBER, PAGE, CasefilePlace
from tests.support.candidates.page_checks import text_of
from tests.support.casework.file_events import happened
from tests.support.desks import today


async def test_a_file_from_the_list_to_the_decision(files: CasefilePlace) -> None:
    """Seen before it goes out; what is refused comes back with what was typed; the second person's button."""
    queue = await files.agent.get("/agent/etude?statut=paid")
    assert NUMBER in queue.text and "Anne" not in queue.text
    seen = await files.agent.get(f"{PAGE}/liste")
    hidden = dict(re.findall(r'name="(version|seen)" value="([^"]+)"', seen.text))
    assert "Passeport" in text_of(seen)
    sent = await files.agent.post(f"{PAGE}/liste", data=hidden)
    assert sent.headers["location"] == f"{PAGE}?fait=liste"
    page = await files.agent.get(sent.headers["location"])
    awaited = await files.agent.get("/agent/etude?statut=awaiting_documents")
    assert "Documents à poster au plus tard le" in awaited.text and "Échue" not in awaited.text
    assert "La liste est partie" in text_of(page) and "À envoyer" in text_of(page)
    version = await files.version()
    bad = {"version": version, "item": "1", "act": "receive", "on_day": "30 février"}
    wrong = await files.agent.post(f"{PAGE}/pieces", data=bad)
    assert (
        wrong.status_code == 422 and 'value="30 février"' in wrong.text and 'href="#on_day-1"' in wrong.text
    )
    right = bad | {"on_day": today().isoformat()}
    assert (await files.agent.post(f"{PAGE}/pieces", data=right)).status_code == 303
    late = {"version": version, "outcome": "closed", "reason": "Un motif à garder."}
    stale = await files.agent.post(f"{PAGE}/decision", data=late)
    assert stale.status_code == 409 and "Un motif à garder." in stale.text
    assert "Document de la liste traité" in text_of(stale)
    proposed = late | {"version": await files.version(), "outcome": "rejected"}
    done = await files.agent.post(f"{PAGE}/decision", data=proposed)
    assert done.headers["location"] == f"{PAGE}?fait=proposee"
    mine, others = await files.agent.get(PAGE), await files.approver.get(PAGE)
    assert "attend une deuxième personne" in text_of(mine) and "Rendre la décision" not in mine.text
    assert "Rendre la décision" in text_of(others)
    confirmed = await files.approver.post(f"{PAGE}/confirmation", data={"version": await files.version()})
    assert confirmed.headers["location"] == f"{PAGE}?fait=decidee"
    assert "Décision rendue" in text_of(await files.agent.get(PAGE))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_taking_leaving_and_what_is_nowhere(files: CasefilePlace) -> None:
    await files.agent.post(f"{PAGE}/prendre")
    assert "Laisser le dossier" in text_of(await files.agent.get(PAGE))
    held = await files.other.post(f"{PAGE}/prendre")
    assert held.status_code == 409 and "alice a ce dossier en main" in text_of(held)
    await files.agent.post(f"{PAGE}/laisser")
    assert "Prendre le dossier" in text_of(await files.other.get(PAGE))
    for path in ("/agent/etude/D-0000001-96", "/agent/etude/x/liste"):
        assert (await files.agent.get(path)).status_code == 404
    for data in ({"item": "x", "act": "waive"}, {"item": "1", "act": "burn"}):
        assert (await files.agent.post(f"{PAGE}/pieces", data=data)).status_code == 404
    assert (await files.place.nobody.get(PAGE)).headers["location"].startswith("/personnel?note=avant")


async def test_amendments_are_a_link_away(files: CasefilePlace) -> None:
    """From an amended file, for an agent; an approver is led to no page that is not theirs."""
    link = f'href="/agent/modifications/{NUMBER}"'
    assert link not in (await files.agent.get(PAGE)).text
    await happened(files.place.db, 1, FileEventKind.AMENDED)
    assert link in (await files.agent.get(PAGE)).text
    assert link not in (await files.approver.get(PAGE)).text
