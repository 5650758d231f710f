"""Who may do what at the desk of broadcasts, and what of it is on the record."""

from foundation.audit import audit
from tests.integration.console.broadcasts.conftest import BroadcastPlace
from tests.integration.console.broadcasts.test_pages import PAGE, TYPED, written
from tests.support.tasks import rows


async def test_an_approver_writes_nothing_and_an_agent_agrees_to_nothing(envois: BroadcastPlace) -> None:
    """Each refusal is on the record."""
    one = await written(envois.agent)
    assert (await envois.approver.post(f"{PAGE}/nouveau", data=TYPED)).status_code == 403
    assert (await envois.agent.post(f"{one}/approuver", data={})).status_code == 403
    refused = [
        detail for act, detail in await rows(envois.place.db, audit.c.act, audit.c.detail) if act == "refused"
    ]
    assert any("broadcast_approve" in detail for detail in refused)


async def test_each_person_who_is_shown_is_looked_at_on_the_record(envois: BroadcastPlace) -> None:
    """By name of nobody: the account, the person of the staff, the page."""
    await envois.agent.get(await written(envois.agent))
    looks = [
        subject
        for act, actor, subject in await rows(envois.place.db, audit.c.act, audit.c.actor, audit.c.subject_id)
        if act == "look" and actor == "lucie" and subject
    ]
    assert sorted(looks) == ["1", "2", "3"]
