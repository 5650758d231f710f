"""`/personnel/paiements` as staff's browsers without scripts see it."""

import re
from contextlib import aclosing

import pytest

from accounts.roles import Role
from casework.payments import two_people
from tests.integration.console.card.conftest import CardPlace
from tests.support.candidates.page_checks import assert_clean, text_of
from tests.support.processes.card_providers import performed

PAGE = "/personnel/paiements"


async def test_money_goes_back_with_a_reason(desk: CardPlace) -> None:
    """Pressed twice, once; another amount under the same form is refused, not told as done; the page says what was
    asked for, and then that it is done."""
    page = await desk.agent.get(PAGE, params={"dossier": desk.number})
    assert_clean(page)
    assert "Peut être remboursé : 822,00 $" in text_of(page)
    key = re.findall(r'name="key" value="([0-9a-f]+)"', page.text)[0]
    form = {"dossier": desk.number, "key": key, "amount": "100,00", "reason": "Payé en double."}
    answers = [await desk.agent.post(PAGE, data=form) for _ in range(2)]
    assert [one.status_code for one in answers] == [303, 303]
    other = await desk.agent.post(PAGE, data=form | {"amount": "200,00"})
    assert other.status_code == 422 and "a déjà servi à un autre montant" in text_of(other)
    asked = text_of(await desk.agent.get(answers[0].headers["location"]))
    assert "Le remboursement est demandé" in asked
    assert "Peut être remboursé : 722,00 $" in asked
    await performed(desk.place.db, desk.card.services)
    done = text_of(await desk.auditor.get(PAGE, params={"dossier": desk.number}))
    assert "−100,00 $" in done
    assert "Fait" in done
    assert "Paiement annulé, à vérifier" in done


async def test_a_large_sum_takes_a_second_agent(desk: CardPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small parts of it are one sum; whoever asked first cannot be the second."""

    async def above(_conn: object, _services: object, _number: int, cents: int) -> bool:
        return cents > 500_00

    monkeypatch.setattr(two_people, "takes_two", above)
    form = {"dossier": desk.number, "key": "", "amount": "300,00", "reason": "Payé en double."}
    first = await desk.agent.post(PAGE, data=form)
    second = await desk.agent.post(PAGE, data=form)
    assert [one.headers["location"].partition("note=")[2] for one in (first, second)] == ["fait", "propose"]
    assert (await desk.agent.post(PAGE, data=form)).status_code == 409
    seen = await desk.agent.get(PAGE, params={"dossier": desk.number})
    async with aclosing(await desk.place.staff("boris", Role.AGENT)) as other:
        theirs = await other.get(PAGE, params={"dossier": desk.number})
        done = await other.post(PAGE, data=form | {"reason": "Payé en double.", "amount": "300,00 $"})
    assert_clean(theirs)
    assert "Confirmer ce remboursement" not in seen.text and "Confirmer ce remboursement" in theirs.text
    assert done.headers["location"].endswith("note=fait")
    left = text_of(await desk.agent.get(PAGE, params={"dossier": desk.number}))
    assert "Peut être remboursé : 222,00 $" in left


async def test_a_wrong_form_comes_back_filled_in(desk: CardPlace) -> None:
    for wrong, field in (
        ({"amount": "douze"}, "amount"), ({"amount": "-5"}, "amount"), ({"amount": "1,234"}, "amount"),
        ({"amount": "822,01"}, "amount"), ({"reason": " "}, "reason"), ({"reason": "x" * 501}, "reason"),
    ):  # fmt: skip
        form = {"dossier": desk.number, "amount": "5,00", "reason": "Raison"} | wrong
        page = await desk.agent.post(PAGE, data=form)
        assert page.status_code == 422, wrong
        assert f'href="#{field}"' in page.text, wrong
        assert form["reason"][:100] in page.text


async def test_a_number_of_no_file_says_what_to_do(desk: CardPlace) -> None:
    for number in ("D-0000001-00", "x" * 60, "D-0000099-91"):
        found = await desk.agent.get(PAGE, params={"dossier": number})
        posted = await desk.agent.post(PAGE, data={"dossier": number, "amount": "1,00", "reason": "x"})
        assert (found.status_code, posted.status_code) == (404, 404), number
        assert "Aucun dossier n’a ce numéro" in text_of(found)


async def test_each_role_does_its_own(desk: CardPlace) -> None:
    """An auditor looks and gives nothing back; a clerk sees nothing; nobody without a session does."""
    seen = await desk.auditor.get(PAGE, params={"dossier": desk.number})
    assert "Rembourser ce montant" not in seen.text
    form = {"dossier": desk.number, "amount": "5,00", "reason": "Raison"}
    assert (await desk.auditor.post(PAGE, data=form)).status_code == 403
    async with aclosing(await desk.place.staff("claire", Role.CLERK)) as clerk:
        assert (await clerk.get(PAGE)).status_code == 403
        assert (await clerk.get(f"{PAGE}/rapprochement")).status_code == 403
