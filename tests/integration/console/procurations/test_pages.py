"""`/personnel/procurations` as a clerk's browser without scripts sees it."""

from tests.integration.console.procurations.conftest import ProcurationPlace
from tests.support.candidates.page_checks import text_of
from tests.support.desks import today

PAGE = "/personnel/procurations"


async def test_found_compared_and_entered(mailroom: ProcurationPlace) -> None:
    """Both names before the act; afterwards the state, and what can be done now."""
    reference = mailroom.made.reference
    assert "Référence, en haut du papier" in text_of(await mailroom.clerk.get(PAGE))
    found = await mailroom.clerk.get(PAGE, params={"reference": reference})
    assert "Luc Tremblay" in text_of(found) and "Inscrire la réception" in found.text
    assert "Annuler l’inscription" not in found.text
    day = {"reference": reference, "received_on": today().isoformat(), "postmarked_on": ""}
    done = await mailroom.clerk.post(f"{PAGE}/receive", data=day)
    assert done.headers["location"] == f"{PAGE}?reference={reference}&note=receive"
    page = await mailroom.clerk.get(done.headers["location"])
    assert "La procuration est inscrite." in text_of(page) and "en attente du paiement" in text_of(page)
    assert "Annuler l’inscription" in page.text and "Inscrire la réception" not in page.text


async def test_a_refused_form_comes_back_filled_in(mailroom: ProcurationPlace) -> None:
    """With the fault beside its field, in the form that it came from."""
    typed = {"reference": mailroom.made.reference, "received_on": "13 juin", "reason": "copy"}
    page = await mailroom.clerk.post(f"{PAGE}/return", data=typed)
    assert page.status_code == 422
    assert 'href="#return-received_on"' in page.text and 'value="13 juin"' in page.text
    assert 'value="copy" checked' in page.text


async def test_a_reference_of_nobody_says_what_to_do(mailroom: ProcurationPlace) -> None:
    """404, and what was typed is still there; an act that there is not is none."""
    for answer in (
        await mailroom.clerk.get(PAGE, params={"reference": "PR-nobody"}),
        await mailroom.clerk.post(f"{PAGE}/receive", data={"reference": "PR-nobody"}),
    ):
        assert answer.status_code == 404
        assert 'value="PR-nobody"' in answer.text, text_of(answer)
        assert "Aucune procuration n’a cette référence" in text_of(answer)
    assert (await mailroom.clerk.post(f"{PAGE}/burn", data={})).status_code == 404


async def test_it_is_among_the_pages_of_a_clerk(mailroom: ProcurationPlace) -> None:
    """And nobody without a session sees it."""
    assert f'href="{PAGE}"' in (await mailroom.clerk.get("/personnel")).text
    assert (await mailroom.place.nobody.get(PAGE)).headers["location"].startswith("/personnel?note=avant")
