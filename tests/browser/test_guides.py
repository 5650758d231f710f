"""The pictures of the guides show the pages as they are: taken from the running service, and compared with it (LG-02).

A picture goes stale when its page says something else. So each is kept with the words of its page (without numbers and
dates); the test walks the whole way again and compares. `make guides` takes them anew.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Page

from publicsite.guidance import texts
from tests.support.browsing import page_of
from tests.support.drivers.albums import told
from tests.support.places import ROOT
from tests.support.processes.services import RunningService, running

pytestmark = pytest.mark.browser

STATIC = ROOT / "publicsite" / "static"

WORDS = ROOT / "publicsite" / "guidance" / "pictures.json"

PASSWORD = "quatre bouleaux sur la colline"

ANSWERS = ("Le Petit Prince", "rue des Érables", "Mistigri")

EMAIL = "camille.exemple@exemple.test"

TALL = 1100
"""Pixels of a page that a picture shows at most: the reader sees where they are, not all that is below."""

Shoot = Callable[[Page, str], Awaitable[None]]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    data = tmp_path_factory.mktemp("guides") / "data"
    with running(data, "--web", "1", "--cap", "20", "--accounts", "2", "--calls-per-minute", "600") as one:
        yield one


async def register(page: Page, service: RunningService, shoot: Shoot) -> None:
    """Ask for an account, confirm the address by the button behind the link of the message."""
    await page.goto("/inscription/demo")
    await page.fill("[name=username]", "camille-exemple")
    await page.fill("[name=email]", EMAIL)
    await page.fill("[name=password]", PASSWORD)
    await shoot(page, "guide-inscription")
    for place, answer in enumerate(ANSWERS, 1):
        await page.fill(f"[name=question-{place}]", f"Ma question de sécurité, numéro {place} ?")
        await page.fill(f"[name=answer-{place}]", answer)
    for field, text in (
        ("family_name", "Exemple"), ("given_name", "Camille"), ("birth_date", "1990-02-03"),
        ("passport", "AB123456"), ("address", "1, rue des Exemples\nMontréal"),
    ):  # fmt: skip
        await page.fill(f"[name={field}]", text)
    for field in ("birth_country", "country"):
        await page.select_option(f"[name={field}]", "CA")
    await page.check("[name=terms]")
    await page.get_by_role("button", name="Créer mon compte").click()
    await page.wait_for_url("**/inscription/confirmation**")
    await page.goto(await link_in_the_mail(service))
    await shoot(page, "guide-confirmation")
    await page.get_by_role("button", name="Confirmer").first.click()
    await page.wait_for_load_state()


async def link_in_the_mail(service: RunningService) -> str:
    """The link of the message that came, as soon as it has come."""
    async with aiohttp.ClientSession() as session:
        for _ in range(600):
            async with session.get(f"{service.url}/demo/courriels.json", params={"to": EMAIL}) as answer:
                mails: list[dict[str, Any]] = await answer.json()
            if mails and mails[0]["links"]:
                link: str = mails[0]["links"][0]
                return link
            await asyncio.sleep(0.1)
    raise AssertionError("no message came")


async def sign_in(page: Page, username: str, password: str, answers: tuple[str, ...]) -> None:
    await page.get_by_label("Nom d’utilisateur").fill(username)
    await page.get_by_label("Mot de passe", exact=True).fill(password)
    for place, answer in enumerate(answers, 1):
        await page.fill(f"[name=answer-{place}]", answer)
    await page.get_by_role("button", name="Se connecter").click()


async def fill_in(page: Page, shoot: Shoot) -> None:
    """The draft and one of its sections, on the account that was just made."""
    await page.goto("/connexion")
    await sign_in(page, "camille-exemple", PASSWORD, ANSWERS)
    await page.wait_for_url("**/compte")
    await page.goto("/compte/renseignements")
    await shoot(page, "guide-mon-compte")
    await page.goto("/demande/demo")
    section = page.locator("main a[href^='/demande/demo/']").first
    await section.click()
    await page.wait_for_url("**/demande/demo/**")
    await shoot(page, "guide-section")
    await page.goto("/demande/demo")
    await shoot(page, "guide-brouillon")


async def review(page: Page, service: RunningService, shoot: Shoot) -> None:
    """The ten minutes of somebody whose draft is complete, up to the signature."""
    await page.goto("/")
    await page.get_by_role("button", name="Se connecter").click()
    await page.wait_for_url("**/connexion", timeout=60_000)
    ready = service.ready["accounts"]
    await sign_in(page, ready["username"] % 1, ready["password"], tuple(ready["answers"]))
    await page.wait_for_url("**/periodes/demo/demande")
    await shoot(page, "guide-revision")


async def walked(service: RunningService, take: Path | None) -> dict[str, str]:
    """The words of each page on the way; the pictures too, where they are to be taken."""
    seen: dict[str, str] = {}

    async def shoot(page: Page, name: str) -> None:
        seen[f"{name}.png"] = told(await page.inner_text("main"))
        if take is not None:
            box = await page.locator("main").bounding_box()
            assert box is not None
            clip = {"x": 0, "y": box["y"], "width": 900, "height": min(box["height"], TALL)}
            await page.screenshot(path=take / f"{name}.png", clip=clip, full_page=True)  # type: ignore[arg-type]

    async with page_of(service.url, viewport={"width": 900, "height": 900}) as page:
        await register(page, service, shoot)
        await fill_in(page, shoot)
    async with page_of(service.url, viewport={"width": 900, "height": 900}) as page:
        await review(page, service, shoot)
    return seen


@pytest.mark.slow
async def test_the_pictures_of_the_guides_are_of_today(
    service: RunningService, request: pytest.FixtureRequest
) -> None:
    """Each page on the way still says what it said when its picture was taken; `make guides` takes them anew."""
    takes = request.config.getoption("--take-pictures")
    seen = await walked(service, STATIC if takes else None)
    if takes:
        WORDS.write_text(json.dumps(seen, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    kept = json.loads(WORDS.read_text(encoding="utf-8"))
    assert seen == kept, "a page of the guides changed: look at it, then run `make guides`"


def test_every_picture_of_a_guide_is_one_that_is_taken() -> None:
    """No guide shows a picture that nobody compares, and none is taken that no guide shows."""
    shown = {step.picture for guide in texts.guides() for step in guide.steps if step.picture}
    assert shown == set(json.loads(WORDS.read_text(encoding="utf-8")))
    assert all((STATIC / name).stat().st_size < 150_000 for name in shown)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Le 3 mai 2026 à 8 h 05", "Le 1er juin 2027 à 18 h 45", True),
        ("Il reste 9 min 58 s", "Il reste 10 min", True),
        ("Enregistrer", "Sauvegarder", False),
    ],
    ids=["dates", "time-left", "words"],
)
def test_what_differs_from_run_to_run_is_not_compared(one: str, other: str, same: bool) -> None:
    """Dates and times left may differ, words may not."""
    assert (told(one) == told(other)) is same
