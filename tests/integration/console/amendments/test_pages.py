"""`/agent/modifications` as an agent's browser without scripts sees it."""

from accounts.roles import Role
from casework.amendments.store import amendment, amendment_review
from casework.mailbox.store import message
from tests.integration.console.amendments.conftest import NUMBER, AmendedDesk
from tests.support.candidates.page_checks import text_of
from tests.support.tasks import rows

PAGE = "/agent/modifications"


async def test_read_beside_what_was_signed_asked_and_taken_into_account(amended_desk: AmendedDesk) -> None:
    """Both texts in one row; late is flagged; the question goes into the mailbox, encrypted at rest; looks are on the
    record; nothing of the amendment changes."""
    agent, db = amended_desk.agent, amended_desk.place.db
    stored = await rows(db, amendment.c.id, amendment.c.content, amendment.c.at)
    queue = await agent.get(PAGE)
    assert NUMBER in queue.text and "après les 30 jours" in text_of(queue) and "quai" not in queue.text
    page = await agent.get(f"{PAGE}/{NUMBER}")
    assert "4, quai Sud" in text_of(page) and "Signé Maintenant" in text_of(page)
    bare = await agent.post(f"{PAGE}/{NUMBER}/1/ask", data={"question": " "})
    assert bare.status_code == 422 and 'href="#m1-question"' in bare.text
    asked = await agent.post(f"{PAGE}/{NUMBER}/1/ask", data={"question": "Depuis quel jour y habitez-vous?"})
    assert asked.status_code == 303
    assert "Depuis quel jour" in text_of(await agent.get(asked.headers["location"]))
    assert [account for (account,) in await rows(db, message.c.account)] == [1]
    ((text,),) = await rows(db, amendment_review.c.text)
    assert "jour" not in text
    assert "Toutes les modifications ont été lues" in text_of(await agent.get(PAGE))
    done = await agent.post(f"{PAGE}/{NUMBER}/1/acknowledge")
    assert done.status_code == 303
    again = await agent.post(f"{PAGE}/{NUMBER}/1/acknowledge")
    assert again.status_code == 409
    assert await rows(db, amendment.c.id, amendment.c.content, amendment.c.at) == stored
    acts = [act for _, act, _ in await amended_desk.place.audit()]
    assert {"look", "amendment_ask", "amendment_acknowledge"} <= set(acts)


async def test_forged_numbers_are_not_found(amended_desk: AmendedDesk) -> None:
    """Nor are serials and acts that are not there."""
    for address in (
        f"{NUMBER}/2/ask",
        f"{NUMBER}/x/ask",
        f"{NUMBER}/1/burn",
        "D-0000002-91/1/ask",
        "x/1/ask",
    ):
        answer = await amended_desk.agent.post(f"{PAGE}/{address}", data={"question": "Pourquoi?"})
        assert answer.status_code == 404, address
    for number in ("D-0000002-91", "D-0000001-00", "x"):
        assert (await amended_desk.agent.get(f"{PAGE}/{number}")).status_code == 404
    clerk = await amended_desk.place.staff("claire", Role.CLERK)
    assert (await clerk.get(PAGE)).status_code == 403
    assert (await clerk.post(f"{PAGE}/{NUMBER}/1/acknowledge")).status_code == 403
    await clerk.aclose()


async def test_the_same_by_calls(amended_desk: AmendedDesk) -> None:
    """`/api/v1/agent/amendments`."""
    path = "/api/v1/agent/amendments"
    (waits,) = (await amended_desk.agent.get(path)).json()["amendments"]
    assert (waits["number"], waits["serial"], waits["late"]) == (NUMBER, 1, True)
    said = (await amended_desk.agent.get(f"{path}/{NUMBER}")).json()
    assert {"4, quai Sud", ""} <= {one["now"] for one in said["differences"]}
    assert all(one["serials"] == [1] for one in said["differences"])
    no = await amended_desk.agent.post(f"{path}/{NUMBER}/1/ask", json={})
    assert no.json()["fields"][0]["name"] == "question"
    yes = await amended_desk.agent.post(f"{path}/{NUMBER}/1/acknowledge", json={})
    assert yes.json()["standing"] == "acknowledge"
    gone = await amended_desk.agent.post(f"{path}/{NUMBER}/1/ask", json={"question": "x"})
    assert gone.json()["code"] == "move_not_allowed"
