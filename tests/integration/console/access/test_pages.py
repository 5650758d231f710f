"""`/personnel/membres` as browsers without scripts see it."""

import re

from accounts.roles import Role
from console.access.pages import errors_of
from console.typed import wrong_field
from tests.integration.console.conftest import SECRET, ConsolePlace
from tests.support.candidates.page_checks import assert_clean, assert_sound, text_of

PAGE = "/personnel/membres"


async def test_somebody_comes_and_sets_up_a_factor_before_anything_else(place: ConsolePlace) -> None:
    """From the administrator's form to the newcomer's first page, with what was handed over and nothing else."""
    ada, ines = await place.staff("ada", Role.ADMINISTRATOR), await place.staff("ines", Role.APPROVER)
    page = await ada.get(PAGE)
    assert_sound(page)
    assert "agnes" in text_of(page) and "Conduite des périodes" in text_of(page)
    typed = {"username": "Luc", "role-clerk": "1", "role-agent": "1", "reason": "arrive au courrier"}
    handed = await ada.post(PAGE, data=typed)
    assert_sound(handed)
    assert "Une seconde personne doit encore confirmer : Agente ou agent" in text_of(handed)
    password, code = re.findall(r"<code>([A-Z0-9-]+)</code>", handed.text)
    assert handed.headers.get("content-encoding") is None
    waits = await ines.get(PAGE)
    assert "Agente ou agent, pour luc" in text_of(waits) and "Ajouter une personne" not in text_of(waits)
    (confirm,) = re.findall(r'action="(/personnel/membres/demandes/\d+/confirmer)"', waits.text)
    assert confirm not in (await ada.get(PAGE)).text
    assert (await ada.post(confirm)).status_code == 409
    assert (await ines.post(confirm)).headers["location"] == f"{PAGE}?note=accorde"
    luc = place.browser()
    await luc.get("/personnel")
    entered = {"username": "luc", "password": password, "code": code, "cookie_check": "1"}
    there = await luc.post("/personnel/connexion", data=entered)
    assert there.status_code == 303
    for path in ("/personnel", "/agent", "/operateur"):
        away = await luc.get(path)
        assert (away.status_code, away.headers["location"]) == (303, "/personnel/acces"), path
    call = await luc.get("/api/v1/staff/session")
    assert (call.status_code, call.json()["code"]) == (403, "second_factor_missing")
    own = await luc.get("/personnel/acces")
    assert "Activez d’abord un second facteur" in text_of(own) and 'href="/agent"' not in own.text
    for browser in (ada, ines, luc):
        await browser.aclose()


async def test_a_members_page_has_the_forms_of_its_reader(place: ConsolePlace) -> None:
    """An administrator's changes; an auditor's reads; nobody's own."""
    ada, vera = await place.staff("ada", Role.ADMINISTRATOR), await place.staff("vera", Role.AUDITOR)
    listed = await ada.get(PAGE)
    places = dict(re.findall(r'href="(/personnel/membres/\d+)">(\w+)<', listed.text))
    by_name = {name: path for path, name in places.items()}
    card = await ada.get(by_name["vera"])
    assert_clean(card)
    assert "Second facteur perdu" in text_of(card) and "Membre du personnel ajouté" in text_of(card)
    read = await vera.get(by_name["agnes"])
    assert "Accorder un rôle" not in text_of(read) and "Retirer du personnel" not in text_of(read)
    own = await ada.get(by_name["ada"])
    assert "C’est votre propre accès" in text_of(own) and "/remove" not in own.text
    wrong = await ada.post(f"{by_name['vera']}/grant", data={"role": "", "reason": "congé de Luc"})
    assert wrong.status_code == 422 and 'href="#grant-role"' in wrong.text and "congé de Luc" in wrong.text
    asked = await ada.post(f"{by_name['vera']}/grant", data={"role": "operator", "reason": "congé"})
    assert asked.headers["location"].endswith("?note=demande")
    assert "attend une seconde personne" in text_of(await ada.get(asked.headers["location"]))
    granted = await ada.post(f"{by_name['vera']}/grant", data={"role": "clerk", "reason": "congé"})
    assert granted.headers["location"].endswith("?note=accorde")
    home = await vera.get("/personnel")
    assert "Une autre personne a changé votre accès" in text_of(home) and "Rôle accordé" in text_of(home)
    ended = await ada.post(f"{by_name['vera']}/end", data={"role": "clerk", "reason": "retour"})
    assert ended.headers["location"].endswith("?note=retire")
    handed = await ada.post(f"{by_name['vera']}/reset", data={"reason": "téléphone perdu"})
    assert "Code pour entrer une fois" in text_of(handed) and "Mot de passe de départ" not in text_of(handed)
    assert (await vera.get(PAGE)).headers["location"].startswith("/personnel?note=avant")
    gone = await ada.post(f"{by_name['vera']}/remove", data={"reason": "part"})
    assert gone.headers["location"] == f"{PAGE}?note=parti"
    assert "vera" not in text_of(await ada.get(PAGE)).replace("vera@", "")
    assert "vera retiré" in text_of(await ada.get(f"{PAGE}?retires=1"))
    for path in (f"{PAGE}/x", f"{PAGE}/99999", f"{PAGE}/" + "9" * 30):
        assert (await ada.get(path)).status_code == 404, path
    assert (await ada.post(f"{by_name['agnes']}/burn")).status_code == 404
    await ada.aclose()
    await vera.aclose()


async def test_who_has_no_such_role_sees_nobody(place: ConsolePlace) -> None:
    """An agent and an operator are refused, on the record; who is not signed in is led to the sign-in."""
    lucie = await place.staff("lucie", Role.AGENT)
    for browser in (lucie, place.operator):
        refused = await browser.get(PAGE)
        assert refused.status_code == 403 and "lucie" not in refused.text
    assert (await place.nobody.get(PAGE)).headers["location"].startswith("/personnel?note=avant")
    assert {"call": f"GET {PAGE}", "code": "not_your_role"} in [one[2] for one in await place.audit()]
    await lucie.aclose()


async def test_a_form_after_the_session_keeps_what_was_typed(place: ConsolePlace) -> None:
    """But no password and no code (P12)."""
    typed = {"do": "motdepasse", "password": SECRET, "code": "123456", "new_password": "un secret neuf"}
    page = await place.nobody.post("/personnel/acces", data=typed)
    assert page.status_code == 401
    assert all(text not in page.text for text in (SECRET, "123456", "un secret neuf"))


def test_errors_stand_beside_the_fields_of_their_form() -> None:
    """By the form's own ids."""
    assert errors_of(wrong_field("reason", "Écrivez."), "grant") == {"grant-reason": "Écrivez."}
    assert errors_of(None, "grant") == {}
