"""`/personnel/jours-feries` as browsers without scripts see it."""

from accounts.roles import Role
from foundation.calendar.proclaimed import proclaimed_day
from foundation.outbox import task
from tests.integration.console.proclaimed_days.conftest import DayPlace
from tests.support.candidates.page_checks import assert_sound, text_of
from tests.support.tasks import rows

PAGE = "/personnel/jours-feries"

NAME = "un jour de deuil national"


async def test_one_person_enters_a_day_and_another_confirms_it(days: DayPlace) -> None:
    """Each sees first which deadlines move; the author has no button to confirm by, and is refused without it."""
    operator, typed = days.place.operator, {"day": days.day.isoformat(), "name": NAME}
    first = await operator.get(PAGE, params=typed)
    assert_sound(first)
    assert "2 délais en cours sont déplacés" in text_of(first).replace("\N{NO-BREAK SPACE}", " ")
    assert "D-0000001-95" in first.text
    assert await rows(days.db, proclaimed_day.c.day) == []
    entered = await operator.post(PAGE, data=typed)
    assert entered.headers["location"] == f"{PAGE}?note=entre"
    assert "doit le confirmer" in text_of(await operator.get(entered.headers["location"]))
    one = f"{PAGE}/{days.day}"
    own = await operator.get(one)
    assert "Il faut deux personnes" in text_of(own)
    assert "/confirm" not in own.text
    ((asked_at,),) = await rows(days.db, proclaimed_day.c.asked_at)
    refused = await operator.post(f"{one}/confirm", data={"asked_at": str(asked_at)})
    assert refused.status_code == 409
    assert "deuxième personne" in text_of(refused)
    theirs = await days.approver.get(one)
    assert_sound(theirs)
    assert f'name="asked_at" value="{asked_at}"' in theirs.text
    old = await days.approver.post(f"{one}/confirm", data={"asked_at": "7" * 190})
    assert (old.status_code, "relisez-le" in old.text) == (422, True)
    done = await days.approver.post(f"{one}/confirm", data={"asked_at": str(asked_at)})
    assert done.headers["location"] == f"{PAGE}?note=confirme"
    assert "deadlines_move" in [row[1] for row in await rows(days.db, task.c.id, task.c.kind)]
    assert "Encore à déplacer" in text_of(await days.approver.get(one))


async def test_what_is_typed_wrong_stays_with_its_reason(days: DayPlace) -> None:
    """Nothing is entered."""
    operator = days.place.operator
    for send in (operator.get(PAGE, params={"day": "2026-02-30", "name": "<b>"}),
                 operator.post(PAGE, data={"day": "2026-02-30", "name": "<b>"})):  # fmt: skip
        answer = await send
        assert answer.status_code == 422
        assert "Le 30 février 2026 n’existe pas" in answer.text
        assert 'value="&lt;b&gt;"' in answer.text
    assert await rows(days.db, proclaimed_day.c.day) == []


async def test_what_was_entered_is_taken_back(days: DayPlace) -> None:
    """And an address of no day is not found."""
    operator, typed = days.place.operator, {"day": days.day.isoformat(), "name": NAME}
    await operator.post(PAGE, data=typed)
    gone = await operator.post(f"{PAGE}/{days.day}/drop")
    assert gone.headers["location"] == f"{PAGE}?note=retire"
    assert await rows(days.db, proclaimed_day.c.day) == []
    for address in (f"{PAGE}/{days.day}", f"{PAGE}/2026-02-30", f"{PAGE}/x"):
        assert (await operator.get(address)).status_code == 404
    assert (await operator.post(f"{PAGE}/{days.day}/burn")).status_code == 404


async def test_it_is_for_operators_and_approvers(days: DayPlace) -> None:
    """A clerk has it not; an approver cannot enter a day."""
    clerk = await days.place.staff("claire", Role.CLERK)
    assert (await clerk.get(PAGE)).status_code == 403
    await clerk.aclose()
    assert f'href="{PAGE}"' in (await days.approver.get("/personnel")).text
    assert 'name="day"' not in (await days.approver.get(PAGE)).text
    typed = {"day": days.day.isoformat(), "name": NAME}
    assert (await days.approver.post(PAGE, data=typed)).status_code == 403
    assert (await days.place.nobody.get(PAGE)).headers["location"].startswith("/personnel?note=avant")
