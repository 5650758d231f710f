"""`/personnel/taches` as an operator's browser without scripts sees it."""

from accounts.roles import Role
from foundation.outbox import task
from tests.integration.console.tasks.conftest import TaskPlace
from tests.support.candidates.page_checks import text_of
from tests.support.tasks import rows

PAGE = "/personnel/taches"


async def test_seen_done_again_and_left(tasks: TaskPlace) -> None:
    """Every kind with its counts, also one that no worker knows; the error's type; RQ's state; no address of a mail."""
    operator = tasks.place.operator
    page = await operator.get(PAGE)
    text = text_of(page)
    assert "inconnu de cette version" in text and "of_tomorrow" in text
    assert "KeyError" in text and "Un avis vous attend" in text and "exemple.invalid" not in page.text
    assert "Sonneries sans réponse" in text
    refused = await operator.post(f"{PAGE}/4/retry", data={"reason": " "})
    assert (
        refused.status_code == 422
        and "Écrivez pourquoi" in refused.text
        and 'href="#t4-reason"' in refused.text
    )
    done = await operator.post(f"{PAGE}/4/leave", data={"reason": "sans objet"})
    assert done.headers["location"] == f"{PAGE}?note=laissee"
    assert "Laissées non faites" in text_of(await operator.get(done.headers["location"]))
    assert (await operator.post(f"{PAGE}/4/retry", data={"reason": "tout de même"})).status_code == 303
    again = await operator.post(f"{PAGE}/4/retry", data={"reason": "deux fois <b>"})
    assert again.status_code == 409
    assert (await operator.post(f"{PAGE}/courriels/1", data={"reason": "serveur"})).status_code == 303
    states = dict(await rows(tasks.db, task.c.id, task.c.state))
    assert states[4] == "staged" and states[10] == "staged"
    assert (
        await operator.post(f"{PAGE}/genre", data={"kind": "confirmation", "reason": "tout"})
    ).status_code == 303
    assert "confirmation" in (await operator.get(f"{PAGE}?genre=confirmation&page=2")).text


async def test_a_forged_number_is_not_found(tasks: TaskPlace) -> None:
    """And nothing changes."""
    before = await rows(tasks.db, task.c.id, task.c.state, task.c.attempt)
    long = "9" * 30
    for address in (
        "0/retry",
        "99/retry",
        "4/burn",
        "x/retry",
        f"{long}/retry",
        "courriels/77",
        "-4/retry",
        "4%00/leave",
    ):
        answer = await tasks.place.operator.post(f"{PAGE}/{address}", data={"reason": "x"})
        assert answer.status_code == 404, address
    assert await rows(tasks.db, task.c.id, task.c.state, task.c.attempt) == before


async def test_it_is_for_operators_alone(tasks: TaskPlace) -> None:
    """Among their pages; a clerk has it not, and nobody is led to the sign-in."""
    assert f'href="{PAGE}"' in (await tasks.place.operator.get("/personnel")).text
    clerk = await tasks.place.staff("claire", Role.CLERK)
    assert (await clerk.get(PAGE)).status_code == 403
    assert (await clerk.post(f"{PAGE}/4/retry", data={"reason": "x"})).status_code == 403
    await clerk.aclose()
    assert (await tasks.place.nobody.get(PAGE)).headers["location"].startswith("/personnel?note=avant")
