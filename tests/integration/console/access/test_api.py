"""`/api/v1/staff/members` and `/api/v1/staff/role-requests`."""

from typing import Any

import pytest

from accounts.roles import Role
from console.access import desk
from console.access.api import MEMBERS, ROLE_REQUESTS
from tests.integration.console.conftest import ConsolePlace
from tests.support.candidates.page_checks import assert_clean, text_of


async def test_somebody_comes_in_two_roles_and_goes(place: ConsolePlace) -> None:
    """What is handed over opens one session; a role that takes two waits for the second person."""
    ada, ines = await place.staff("ada", Role.ADMINISTRATOR), await place.staff("ines", Role.APPROVER)
    typed = {"username": "Luc", "roles": ["clerk", "agent"], "reason": "arrive au courrier"}
    made = await ada.post(MEMBERS, json=typed)
    handed = made.json()
    assert (made.status_code, handed["asked"]) == (201, ["agent"]) and made.headers[
        "cache-control"
    ] == "no-store"
    luc, one = place.browser(), f"{MEMBERS}/{handed['id']}"
    entered = {"username": "luc", "password": handed["password"], "code": handed["code"]}
    assert (await luc.post("/api/v1/staff/session", json=entered)).status_code == 200
    answer = await luc.get("/api/v1/staff/session")
    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_missing")
    seen = (await ines.get(MEMBERS)).json()
    (asked,) = seen["requests"]
    assert (asked["role"], asked["author"], asked["member"]) == ("agent", "ada", handed["id"])
    by_name = {one["username"]: one for one in seen["members"]}
    assert (by_name["luc"]["roles"], by_name["luc"]["second_factor"]) == (["clerk"], "owed")
    own = await ada.post(f"{ROLE_REQUESTS}/{asked['id']}/confirm")
    assert (own.status_code, own.json()["code"]) == (409, "second_person_needed")
    confirmed = await ines.post(f"{ROLE_REQUESTS}/{asked['id']}/confirm")
    assert (confirmed.status_code, confirmed.json()["username"]) == (200, "luc")
    card = (await ines.get(one)).json()
    assert [held["role"] for held in card["held"]] == ["agent", "clerk"]
    assert [line["act"] for line in card["acts"]][-3:] == ["role_grant", "role_ask", "operator_add"]
    assert (await ada.post(f"{one}/end", json={"role": "clerk", "reason": "change"})).status_code == 204
    reset = (await ada.post(f"{one}/reset", json={"reason": "téléphone perdu"})).json()
    assert reset["password"] is None and reset["code"] != handed["code"]
    assert (await ada.post(f"{one}/remove", json={"reason": "part"})).status_code == 204
    assert all(one["username"] != "luc" for one in (await ada.get(MEMBERS)).json()["members"])
    gone = (await ada.get(MEMBERS, params={"removed": "1"})).json()["members"]
    assert next(one for one in gone if one["username"] == "luc")["removed_at"] is not None
    for browser in (ada, ines, luc):
        await browser.aclose()


async def test_what_was_asked_for_is_taken_back_or_declined(place: ConsolePlace) -> None:
    """By who asked and by somebody else, with a reason; it waits no more, and may be asked for anew."""
    ada, ines = await place.staff("ada", Role.ADMINISTRATOR), await place.staff("ines", Role.APPROVER)
    members = (await ada.get(MEMBERS)).json()["members"]
    agnes = next(one["id"] for one in members if one["username"] == "agnes")
    for browser, act, note in ((ada, "role_withdraw", "repris"), (ines, "role_decline", "decline")):
        asked = await ada.post(f"{MEMBERS}/{agnes}/grant", json={"role": "agent", "reason": "congé"})
        assert asked.json() == {"state": "asked"}
        (request,) = (await browser.get(MEMBERS)).json()["requests"]
        drop = f"{ROLE_REQUESTS}/{request['id']}/drop"
        assert (await browser.post(drop, json={"reason": " "})).json()["code"] == "invalid"
        assert (await browser.post(drop, json={"reason": "une erreur"})).status_code == 204
        assert (await browser.post(drop, json={"reason": "une erreur"})).status_code == 404
        assert (await ines.post(f"{ROLE_REQUESTS}/{request['id']}/confirm")).status_code == 404
        detail = next(one[2] for one in reversed(await place.audit()) if one[1] == act)
        assert detail == {"username": "agnes", "asked_role": "agent", "asked_by": "ada"}
        await ada.post(f"{MEMBERS}/{agnes}/grant", json={"role": "agent", "reason": "congé"})
        page = await browser.get("/personnel/membres")
        assert_clean(page)
        (request,) = (await browser.get(MEMBERS)).json()["requests"]
        form = f"/personnel/membres/demandes/{request['id']}/abandonner"
        assert f'action="{form}"' in page.text
        wrong = await browser.post(form, data={"reason": "x" * 501})
        assert wrong.status_code == 422 and f'href="#drop-{request["id"]}-reason"' in wrong.text
        assert "x" * 501 in wrong.text
        done = await browser.post(form, data={"reason": "une erreur"})
        assert done.headers["location"] == f"/personnel/membres?note={note}"
        assert "Rien n’a été accordé" in text_of(await browser.get(done.headers["location"]))
    await ada.aclose()
    await ines.aclose()


async def test_each_call_is_of_its_roles(place: ConsolePlace) -> None:
    """An operator sees nobody; an auditor reads; an approver adds nobody. All of it refused on the record."""
    vera, ines = await place.staff("vera", Role.AUDITOR), await place.staff("ines", Role.APPROVER)
    assert (await place.nobody.get(MEMBERS)).json()["code"] == "not_signed_in"
    assert (await place.operator.get(MEMBERS)).json()["code"] == "not_your_role"
    assert (await vera.get(MEMBERS)).status_code == 200
    typed = {"username": "Luc", "roles": ["clerk"], "reason": "arrive"}
    for browser in (vera, ines):
        assert (await browser.post(MEMBERS, json=typed)).json()["code"] == "not_your_role"
    assert (await vera.post(f"{ROLE_REQUESTS}/1/drop", json={"reason": "x"})).json()[
        "code"
    ] == "not_your_role"
    assert {"call": "staff drop", "code": "not_your_role"} in [one[2] for one in await place.audit()]
    await vera.aclose()
    await ines.aclose()


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("", {"username": "Luc", "roles": [], "reason": "arrive"}, "invalid"),
        ("", {"username": "Luc", "roles": ["candidate"], "reason": "arrive"}, "invalid"),
        ("", {"username": "x" * 201, "roles": ["clerk"], "reason": "arrive"}, "invalid"),
        ("", {"username": "console", "roles": ["clerk"], "reason": "arrive"}, "invalid"),
        ("", {"username": "agnes", "roles": ["clerk"], "reason": "arrive"}, "invalid"),
        ("", {"username": "Luc", "roles": ["clerk"]}, "invalid"),
        ("/1/grant", {"role": "king", "reason": "x"}, "invalid"),
        ("/9999/grant", {"role": "clerk", "reason": "x"}, "not_found"),
        ("/99999999999999999999/remove", {"reason": "x"}, "not_found"),
        ("/x/reset", {"reason": "x"}, "not_found"),
    ],
)
async def test_what_is_wrong_is_refused_by_its_field(
    place: ConsolePlace, path: str, body: dict[str, Any], code: str
) -> None:
    """And nobody is added."""
    ada = await place.staff("ada", Role.ADMINISTRATOR)
    refused = await ada.post(f"{MEMBERS}{path}", json=body)
    assert refused.json()["code"] == code and refused.status_code in {404, 422}
    names = [one["username"] for one in (await ada.get(MEMBERS)).json()["members"]]
    assert names == ["ada", "agnes"]
    await ada.aclose()


async def test_the_list_comes_by_pages(place: ConsolePlace, monkeypatch: pytest.MonkeyPatch) -> None:
    """By name, each person on one of them; the page of the same has links."""
    monkeypatch.setattr(desk, "A_PAGE", 2)
    ada = await place.staff("ada", Role.ADMINISTRATOR)
    for name in ("bea", "luc"):
        await place.staff(name, Role.CLERK)
    first, second = [(await ada.get(MEMBERS, params={"page": page})).json() for page in "12"]
    assert [one["username"] for one in (*first["members"], *second["members"])] == [
        "ada",
        "agnes",
        "bea",
        "luc",
    ]
    assert (first["more"], second["more"], second["page"]) == (True, False, 2)
    assert "?page=2" in (await ada.get("/personnel/membres")).text
    assert "Page précédente" in text_of(await ada.get("/personnel/membres", params={"page": "2"}))
    await ada.aclose()
