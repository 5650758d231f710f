"""The calculator's page: whole without scripts, its answer in its address."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from config.assets import renderer
from foundation.sql.database import Database
from publicsite.calculator.api import CalculatorApi
from publicsite.calculator.pages import CalculatorPages
from server.problems import Problems
from tests.support.candidates.page_checks import assert_sound, text_of

HERE = "/calcul-de-delai"


@pytest.fixture
async def browser(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """The page and the call, and nothing else."""
    problems = Problems("http://guichet.test", renderer())
    pages = CalculatorPages(database, renderer(), problems.tell)
    routes = [*pages.routes(), *CalculatorApi(database).routes()]
    app = Starlette(routes=routes, exception_handlers=problems.handlers())
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://guichet.test"
    ) as client:
        yield client


async def test_it_answers_with_every_step(browser: httpx.AsyncClient) -> None:
    """And shows the holidays of both years; those to be confirmed say so."""
    empty = await browser.get(HERE)
    assert_sound(empty)
    assert "Dernier jour" not in text_of(empty).split("Comment un délai")[0].split("Le dernier jour d’un")[0]
    answer = await browser.get(HERE, params={"start": "2026-11-24", "amount": "30"})
    assert_sound(answer)
    shown = text_of(answer)
    assert "mardi 29 décembre 2026" in shown
    assert "le 25 décembre 2026 (Noël)" in shown
    assert "Jours fériés de 2026" in shown
    years = text_of(
        await browser.get(HERE, params={"start": "2027-12-01", "amount": "7", "unit": "calendar_months"})
    )
    assert "Jours fériés de 2027" in years
    assert "vendredi 23 juin 2028 la fête nationale du Québec, jour reporté à confirmer" in " ".join(
        years.split()
    )


async def test_what_is_wrong_stays_in_its_field(browser: httpx.AsyncClient) -> None:
    """With its reason, in the page and in its title (422)."""
    asked = {"start": "2026-02-30", "amount": "9" * 30, "unit": "lustres"}
    answer = await browser.get(HERE, params=asked)
    assert answer.status_code == 422
    assert_sound(answer)
    shown = text_of(answer)
    for said in ("Le 30 février 2026 n’existe pas", "Entrez un nombre entier", "Choisissez dans la liste"):
        assert said in shown
    assert 'value="2026-02-30"' in answer.text
    assert "<title>Erreur" in answer.text
