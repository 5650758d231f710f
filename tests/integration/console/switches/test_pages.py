"""`/personnel/fonctions` as staff's browsers without scripts see it."""

import msgspec

from accounts.roles import Role
from casework.switches.store import feature_switch
from tests.integration.console.switches.conftest import SwitchPlace
from tests.support.candidates.page_checks import text_of
from tests.support.tasks import rows

PAGE = "/personnel/fonctions"

TYPED = {"programme": "demo", "name": "changement_adresse", "on_at": "2031-01-06T09:00", "reason": "prévu"}


async def test_planned_approved_and_withdrawn(switches: SwitchPlace) -> None:
    """Who planned it is offered no approval; the second person is; afterwards it is published."""
    assert "toutes sont encore hors service" in text_of(await switches.agnes.get(PAGE))
    done = await switches.agnes.post(PAGE, data=TYPED)
    assert done.headers["location"] == f"{PAGE}?note=plan"
    page = await switches.agnes.get(done.headers["location"])
    assert "Une seconde personne doit l’approuver" in text_of(page) and "/1/approve" not in page.text
    assert "6 janvier 2031 à 9 h 00 (heure de Montréal)" in text_of(page)
    own = await switches.agnes.post(f"{PAGE}/1/approve")
    assert own.status_code == 409
    other = await switches.ines.get(PAGE)
    assert (
        "/1/approve" in other.text and "/1/end" not in other.text and "Planifier une mise" not in other.text
    )
    assert (await switches.ines.post(f"{PAGE}/1/approve")).status_code == 303
    assert "Approuvé et publié" in text_of(await switches.ines.get(PAGE))
    bare = await switches.agnes.post(f"{PAGE}/1/end", data={"reason": " "})
    assert bare.status_code == 422 and 'href="#s1-reason"' in bare.text
    assert (await switches.agnes.post(f"{PAGE}/1/end", data={"reason": "trop tôt"})).status_code == 303
    assert "Retiré avant son heure" in text_of(await switches.agnes.get(PAGE))


async def test_a_wrong_form_comes_back_filled_in(switches: SwitchPlace) -> None:
    """With the fault beside its field; nothing is written."""
    for wrong, field in (
        ({"on_at": "demain"}, "on_at"), ({"on_at": "2016-01-05T08:30"}, "on_at"), ({"on_at": "9" * 400}, "on_at"),
        ({"on_at": "2031-02-30T09:00"}, "on_at"), ({"programme": "<b>"}, "programme"), ({"name": "x"}, "name"),
    ):  # fmt: skip
        page = await switches.agnes.post(PAGE, data=TYPED | wrong)
        assert page.status_code == 422, wrong
        assert f'href="#plan-{field}"' in page.text and 'value="prévu"' in page.text, wrong
    assert await rows(switches.place.db, feature_switch.c.id) == []
    for address in ("7/end", "x/end", "1/burn", "9" * 25 + "/approve"):
        answer = await switches.agnes.post(f"{PAGE}/{address}", data={"reason": "x"})
        assert answer.status_code == 404, address


async def test_each_act_is_of_its_role(switches: SwitchPlace) -> None:
    """An approver plans nothing and ends nothing, on the record; a clerk sees nothing."""
    assert (await switches.ines.post(PAGE, data=TYPED)).status_code == 403
    assert {"call": "switch plan", "code": "not_your_role"} in [
        one[2] for one in await switches.place.audit()
    ]
    clerk = await switches.place.staff("claire", Role.CLERK)
    assert (await clerk.get(PAGE)).status_code == 403
    await clerk.aclose()
    assert (await switches.place.nobody.get(PAGE)).headers["location"].startswith("/personnel?note=avant")


async def test_the_same_by_calls(switches: SwitchPlace) -> None:
    """`/api/v1/staff/switches`."""
    path = "/api/v1/staff/switches"
    made = await switches.agnes.post(path, json=TYPED | {"name": "modification_en_ligne"})
    assert (made.status_code, made.json()["state"], made.json()["author"]) == (201, "planned", "agnes")
    no = await switches.agnes.post(f"{path}/1/approve", json={})
    assert no.json()["code"] == "second_person_needed"
    yes = await switches.ines.post(f"{path}/1/approve", json={})
    assert (yes.json()["state"], yes.json()["approver"]) == ("scheduled", "ines")
    assert yes.json()["on_at"] == "2031-01-06T14:00:00.000Z"
    ended = await switches.agnes.post(f"{path}/1/end", json={"reason": "trop tôt"})
    assert ended.json()["state"] == "withdrawn"
    again = await switches.agnes.post(f"{path}/1/end", json={"reason": "trop tôt"})
    assert again.json()["code"] == "move_not_allowed"
    (listed,) = msgspec.json.decode((await switches.agnes.get(path)).content)["switches"]
    assert listed["end_reason"] == "trop tôt"
    assert (await switches.agnes.post(f"{path}/1/burn", json={})).status_code == 404
