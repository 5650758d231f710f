"""`/personnel/acces` as browsers without scripts see it: the whole way to a second factor, and back."""

import re

import pytest

from accounts.roles import Role
from accounts.second_factor import pending, totp
from console.staff.own_access import errors_of
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from tests.integration.console.conftest import SECRET, ConsolePlace
from tests.support.candidates.page_checks import assert_sound, text_of

PAGE = "/personnel/acces"


def shown_code(page: str, steps: int = 0) -> str:
    """What an authenticator shows that was given the key of this page."""
    (key,) = re.findall(r"<code>([A-Z2-7 ]+)</code>", page)
    return totp.code_at(key.replace(" ", ""), now_ms() // 1000 // totp.STEP_SECONDS + steps)


async def test_the_way_to_a_second_factor(place: ConsolePlace) -> None:
    """Password, key, first code, recovery codes; then the sign-in asks for a code, and it can be taken away."""
    lucie = await place.staff("lucie", Role.CLERK)
    page = await lucie.get(PAGE)
    assert_sound(page)
    assert "Second facteur aucun" in text_of(page)
    assert "Activez-en un maintenant" in text_of(await lucie.get("/personnel"))
    refused = await lucie.post(PAGE, data={"do": "commencer", "password": "faux"})
    assert (
        refused.status_code == 401 and 'href="#begin-password"' in refused.text and "faux" not in refused.text
    )
    begun = await lucie.post(PAGE, data={"do": "commencer", "password": SECRET})
    assert_sound(begun)
    assert "<svg" in begun.text and begun.headers.get("content-encoding") is None
    again = await lucie.post(PAGE, data={"do": "activer", "code": "12"})
    assert again.status_code == 401 and 'href="#confirm-code"' in again.text and "<svg" in again.text
    done = await lucie.post(PAGE, data={"do": "activer", "code": shown_code(begun.text, -1)})
    assert_sound(done)
    codes = re.findall(r"<code>([A-Z0-9]{5}-[A-Z0-9]{5})</code>", done.text)
    assert len(codes) == 8
    other = place.browser()
    await other.get("/personnel")
    typed = {"username": "lucie", "password": SECRET, "cookie_check": "1"}
    assert (await other.post("/personnel/connexion", data=typed)).status_code == 401
    assert (await other.post("/personnel/connexion", data=typed | {"code": codes[0]})).status_code == 303
    page = await lucie.get(PAGE)
    assert "Il vous reste 7 codes de secours" in text_of(page)
    gone = await lucie.post(PAGE, data={"do": "retirer", "password": SECRET, "code": codes[1]})
    assert gone.headers["location"] == f"{PAGE}?note=retire"
    assert "Votre second facteur est retiré" in text_of(await lucie.get(gone.headers["location"]))
    acts = [act for actor, act, _ in await place.audit() if actor == "lucie"]
    assert acts.count("operator_totp") == 2 and acts.count("refused") == 2
    await other.aclose()
    await lucie.aclose()


async def test_a_first_code_that_nothing_waits_for_is_told_so(
    place: ConsolePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too late, or in a second tab: not that the code is wrong. Guesses are slowed down, with the time to wait."""
    lucie = await place.staff("lucie", Role.CLERK)
    begun = await lucie.post(PAGE, data={"do": "commencer", "password": SECRET})
    code = shown_code(begun.text)
    with monkeypatch.context() as late:
        late.setattr(pending, "LASTS_MS", 0)
        answer = await lucie.post(PAGE, data={"do": "activer", "code": code})
    assert answer.status_code == 401 and "Cette clé n’est plus bonne" in text_of(answer)
    assert "inexact" not in answer.text and 'href="#confirm-code"' not in answer.text
    await lucie.post(PAGE, data={"do": "activer", "code": code})
    answer = await lucie.post(PAGE, data={"do": "activer", "code": code})
    assert answer.status_code == 401 and "C’est déjà activé" in text_of(answer)
    for _ in range(4):
        assert (await lucie.post(PAGE, data={"do": "activer", "code": "1"})).status_code == 401
    slowed = await lucie.post(PAGE, data={"do": "activer", "code": "1"})
    assert slowed.status_code == 429 and int(slowed.headers["Retry-After"]) >= 1
    assert "Vous pouvez réessayer dans" in text_of(slowed)
    await lucie.aclose()


async def test_a_password_is_changed(place: ConsolePlace) -> None:
    """A weak one comes back with its reason, and is not in the page."""
    lucie = await place.staff("lucie", Role.CLERK)
    weak = {"do": "motdepasse", "password": SECRET, "new_password": "lucie-lucie"}
    page = await lucie.post(PAGE, data=weak)
    assert page.status_code == 422 and 'href="#change-new_password"' in page.text
    assert "lucie-lucie" not in page.text
    good = weak | {"new_password": "quatre tortues sous un parapluie"}
    assert (await lucie.post(PAGE, data=good)).headers["location"] == f"{PAGE}?note=motdepasse"
    assert "Votre mot de passe est changé" in text_of(await lucie.get(f"{PAGE}?note=motdepasse"))
    await lucie.aclose()


async def test_nobody_else_is_let_in(place: ConsolePlace) -> None:
    """Who is not signed in is led to the sign-in; what no form does is not found."""
    assert (await place.nobody.get(PAGE)).headers["location"].startswith("/personnel?note=avant")
    assert (await place.operator.post(PAGE, data={"do": "brûler"})).status_code == 404
    assert (await place.operator.get(PAGE)).status_code == 200


def test_an_error_stands_in_the_form_that_was_sent() -> None:
    """Each form has fields of its own."""
    assert set(errors_of(Refusal(Code.BAD_CODE), "retirer")) == {"remove-code"}
    assert errors_of(Refusal(Code.RATE_LIMITED), "retirer") == {} == errors_of(None, "retirer")
    assert errors_of(Refusal(Code.BAD_CODE), "x") == {}
