"""axe over every page that people reach, with scripts and without, at 320 and 1280 pixels; empty forms sent too."""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from config.app import STAFF_ADDRESSES, create_app
from config.settings import Settings
from tests.support.browsing import look, look_without_scripts, page_of
from tests.support.drivers.hands import MouseHands
from tests.support.people.new_applicants import NewApplicant
from tests.support.processes.services import RunningService, candidate, running, until
from tests.support.processes.serving import serving
from tests.support.rooms import KEYS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NO_PAGES = (
    *STAFF_ADDRESSES, "/api/", "/static/", "/.well-known/", "/openapi.json", "/metrics", "/healthz", "/readyz",
    "/demo/courriels.json", "/favicon.ico", "/robots.txt",
)  # fmt: skip
"""Below these there is nothing for candidates to read; the pages of staff have sweeps of their own."""

ELSEWHERE = {
    "/periodes/{id}/connexion", "/periodes/{id}/demande", "/periodes/{id}/quitter",
    "/compte/representant/procuration", "/compte/representant/revocation", "/volets/{programme}/{stream}/demande",
    "/dossiers/{number}/paiement/retour", "/dossiers/{number}/sommaire", "/dossiers/{number}/explications/{item}",
    "/dossiers/{number}/modifications", "/dossiers/{number}/modifications/{kind}",
    "/dossiers/{number}/modifications/{serial}/abandon",
}  # fmt: skip
"""For whoever has a number, a representative, an accepted claim or a paid file; these accounts have none of them. The
pages of a paid file are looked at in `casefiles`, `documents`, `staff` and beside this."""

FILES = (".pdf", ".zip")
"""What is kept and not read here."""

STARTS = (
    "/compte", "/", "/connexion?compte=autre", "/inscription", "/inscription/confirmation?code=ABCDE-FGHJK",
    "/recuperation/lien?code=ABCDE-FGHJK", "/courriel/confirmation?code=ABCDE", "/courriel/annulation?code=ABCDE",
    "/invitation?code=ABCDE", "/compte/supprimer", "/compte/consultations", "/compte/identite", "/periodes/demo",
    "/periodes/demo/quitter", "/periodes/demo/tirage", "/documents-utiles/procuration", "/demo/courriels",
    "/refus/not_found", "/nulle-part", "/compte/textes",
)  # fmt: skip
"""Where somebody comes in: the rest is found by the links of these."""

OF_AN_ACCOUNT = re.compile(r"/(compte|documents|recus|volets|demande|dossiers|messages)(/.*)?")

EMPTY_FORM = "main form[novalidate]:not([data-draft]):not([action='/deconnexion']) button:not([type=button])"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    data = tmp_path_factory.mktemp("swept") / "data"
    with running(data, "--web", "1", "--cap", "20", "--accounts", "4", "--calls-per-minute", "600") as one:
        yield one


class Sweep:
    """One browser that goes to every page that it finds a link to, once."""

    def __init__(self, page: Page, scripts: bool) -> None:
        self.page, self.scripts = page, scripts
        self.paths: set[str] = set()
        self.wrong: list[str] = []

    async def see(self, what: str) -> None:
        try:
            await (look(self.page) if self.scripts else look_without_scripts(self.page))
        except AssertionError as found:
            self.wrong.append(f"{what}: {found}")

    async def over(self, starts: Iterable[str], within: re.Pattern[str]) -> None:
        """From these addresses on, over whatever they lead to within this pattern."""
        left, asked = deque(starts), set[str]()
        while left:
            if (address := left.popleft()) in asked:
                continue
            asked.add(address)
            await self.page.goto(address)
            if (path := urlsplit(self.page.url).path) in self.paths:
                continue
            self.paths.add(path)
            await self.see(path)
            links = self.page.locator("a[href^='/']:not([download])")
            for href in await links.evaluate_all("all => all.map((one) => one.getAttribute('href'))"):
                to = urlsplit(href).path
                if not to.startswith(NO_PAGES) and not to.endswith(FILES) and within.fullmatch(to):
                    left.append(to)
            await self.send_an_empty_form(path)

    async def send_an_empty_form(self, path: str) -> None:
        """What a page says to somebody who forgot everything."""
        if await (button := self.page.locator(EMPTY_FORM).first).count():
            main = self.page.locator("main")
            await main.evaluate("(main) => main.setAttribute('data-before', '')")
            await button.click()
            await expect(self.page.locator("main[data-before]")).to_have_count(0)
            await self.page.wait_for_load_state()
            await self.see(f"{path}, sent empty")


def page_routes(app: Any) -> set[str]:
    """The routes of pages that candidates may read."""
    while not isinstance(app, Starlette):
        app = app.app
    routes = [r for route in app.routes for r in (route.routes if isinstance(route, Mount) else [route])]
    return {
        route.path
        for route in routes
        if isinstance(route, Route)
        and "GET" in (route.methods or set())
        and not route.path.startswith(NO_PAGES)
        and not route.path.endswith(FILES)
    }


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
async def test_axe_finds_nothing_on_any_page(
    service: RunningService, scripts: bool, sqlite_url: str, redis_url: str
) -> None:
    """Of strangers, of a new account, of one whose application is submitted; every route of a page is among them."""
    paths: set[str] = set()
    wrong: list[str] = []
    async with page_of(service.url, java_script_enabled=scripts) as page:
        name = "Andrea" if scripts else "Camille"
        one, sweep = NewApplicant(service, page, MouseHands(), name), Sweep(page, scripts)
        await one.register()
        await one.sign_in("**/compte")
        await sweep.over(STARTS, re.compile("/.*"))
        paths, wrong = paths | sweep.paths, wrong + sweep.wrong
    account = 1 if scripts else 2
    accepted = await candidate(service, account)
    async with page_of(service.url, java_script_enabled=scripts) as page:
        sweep = Sweep(page, scripts)
        await sign_in(service, page, account)
        await until(lambda: has_a_document(page), 60, "the confirmation is filed")
        await sweep.over(("/compte", f"/recus/{accepted['receipt']}"), OF_AN_ACCOUNT)
        paths, wrong = paths | sweep.paths, wrong + sweep.wrong
    assert wrong == []
    settings = Settings(
        database_url=sqlite_url, redis_url=redis_url, queue_redis_url=redis_url, secret_keys=KEYS,
        public_url="http://guichet.test", demo=True, limits=False,
    )  # fmt: skip
    app = create_app(settings)
    with serving(app, lifespan=True):
        routes = page_routes(app) - ELSEWHERE
    never = {
        route
        for route in routes
        if not any(re.fullmatch(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(route)), path) for path in paths)
    }
    assert never == set(), "a page that this sweep does not reach: link to it, or add it to STARTS"


async def sign_in(service: RunningService, page: Page, account: int) -> None:
    await page.goto("/connexion")
    secrets = service.credentials(account)
    known = {"username": secrets["username"], "password": secrets["password"], "answer-3": ""}
    known |= {f"answer-{n}": text for n, text in enumerate(secrets["answers"], 1)}
    await MouseHands().fill(page, "main form[method=post]", known)
    await MouseHands().press(page, "Se connecter")
    await page.wait_for_url("**/compte")


async def has_a_document(page: Page) -> bool:
    await page.goto("/documents")
    return await page.locator("main a[href^='/documents/']").count() > 0
