"""The whole journey in a real browser, against the running service, with a screenshot of each page it passes.

The screenshots are kept in `artifacts/`, at 1280 and at 320 pixels, for whoever wants to see what a person sees.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Page, WebSocketRoute, expect

from foundation.clock import now_ms, rfc3339
from tests.support.browsing import look, page_of, with_changed_script
from tests.support.processes.services import Browser, RunningService, running, verify

pytestmark = pytest.mark.browser

DRAWN = "later(between(0, Math.min(30, Math.max(me.next_poll_seconds, 2 ** tries++))), connect)"

UNDRAWN = DRAWN.replace("between(0, ", "(")
"""How `room_line.js` chooses when to open its socket again, and the same without chance."""

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    data = tmp_path_factory.mktemp("browser") / "data"
    options = ("--web", "2", "--cap", "20", "--accounts", "30", "--calls-per-minute", "600")
    with running(data, *options) as one:
        yield one


async def operator(service: RunningService) -> Browser:
    one = Browser(service.url)
    await one.call("POST", "/api/v1/operator/session", service.ready["operator"])
    return one


@pytest.mark.slow
async def test_from_the_door_to_the_confirmation(service: RunningService) -> None:
    """Home, number, pause, call, announced redirect, sign-in, review, signature, receipt, document."""
    steering = await operator(service)
    async with page_of(service.url) as page:
        await page.goto("/")
        await look(page, "01-home")
        await steering.call("POST", "/api/v1/operator/periods/demo/pause")
        await page.get_by_role("button", name="Se connecter").click()
        await page.wait_for_url("**/periodes/demo")
        await expect(page.get_by_role("heading", level=1)).to_contain_text("file")
        await look(page, "02-waiting-paused")
        await page.reload()
        await steering.call("POST", "/api/v1/operator/periods/demo/resume")
        await expect(page).to_have_title(re.compile("^C’est votre tour"), timeout=20_000)
        await page.wait_for_url("**/connexion", timeout=15_000)
        await page.goto("/periodes/demo")  # whoever comes back from there stays
        await look(page, "03-called")
        await page.get_by_role("link", name="Se connecter à mon compte").click()
        await look(page, "04-sign-in")
        await sign_in(page, service, 1)
        await page.wait_for_url("**/demande")
        await look(page, "05-review")
        await submit(page)
        await page.wait_for_url("**/recus/*")
        await expect(page.locator("main")).to_contain_text("MPQ-")
        await look(page, "06-receipt")
        await confirmation(page)
        await look(page, "08-confirmation")
    await steering.close()


async def sign_in(page: Page, service: RunningService, account: int) -> None:
    known = service.credentials(account)
    await page.get_by_label("Nom d’utilisateur").fill(known["username"])
    await page.get_by_label("Mot de passe", exact=True).fill(known["password"])
    for place, answer in zip(("première", "deuxième"), known["answers"], strict=True):
        await page.get_by_label(f"Réponse à votre {place} question").fill(answer)
    await page.get_by_role("button", name="Se connecter", exact=True).click()


async def submit(page: Page) -> None:
    for box in await page.get_by_role("checkbox").all():
        await box.check()
    await page.get_by_role("radio").first.check()
    await page.get_by_role("button", name=re.compile("^Soumettre")).click()


async def confirmation(page: Page) -> None:
    """The worker files it within a minute."""
    link = page.locator("main").get_by_role("link", name=re.compile("admission dans le quota"))
    async with asyncio.timeout(60):
        while True:
            await page.goto("/documents")
            if await link.count():
                break
            await page.wait_for_timeout(300)
    await look(page, "07-documents")
    await link.first.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("admission dans le quota")


@pytest.mark.slow
async def test_the_journey_without_javascript(service: RunningService) -> None:
    """The page refreshes itself, forms do the rest: the same receipt, on any browser."""
    async with page_of(service.url, java_script_enabled=False) as page:
        await page.goto("/periodes/demo")
        await page.get_by_role("button", name="Se connecter").click()
        await page.wait_for_url("**/periodes/demo")
        refresh = page.locator("meta[http-equiv=refresh]")
        if await refresh.count():
            assert int((await refresh.first.get_attribute("content") or "99").split(";")[0]) < 20
        async with asyncio.timeout(30):
            while not await page.locator("main a[href='/periodes/demo/connexion']").count():
                await page.goto("/periodes/demo")
        await page.goto("/periodes/demo/connexion")
        await sign_in(page, service, 2)
        await page.wait_for_url("**/demande")
        await submit(page)
        await page.wait_for_url("**/recus/*")


async def test_a_phone_is_told_what_to_do(service: RunningService) -> None:
    """What we saw, why, what to do, whom to call; no number is spent (DV-02)."""
    async with page_of(service.url, user_agent=IPHONE, viewport={"width": 390, "height": 800}) as page:
        await page.goto("/periodes/demo")
        await expect(page.locator("main")).to_contain_text(re.compile("ordinateur"))
        await look(page, "09-phone")


async def test_the_operator_steers_the_day(service: RunningService) -> None:
    """Sign in, see the figures and the graph."""
    async with page_of(service.url) as page:
        await page.goto("/operateur")
        await page.get_by_label("Nom d’utilisateur").fill(service.ready["operator"]["username"])
        await page.get_by_label("Mot de passe", exact=True).fill(service.ready["operator"]["password"])
        await page.get_by_role("button", name="Se connecter").click()
        await expect(page.locator("main")).to_contain_text(re.compile("battement", re.I))
        await look(page, "10-operator")


@asynccontextmanager
async def in_line(
    service: RunningService, script: str, changed: tuple[str, str] | None = None
) -> AsyncIterator[tuple[Page, list[WebSocketRoute], dict[str, Any]]]:
    """A page that waits, its sockets held by the test, and what the page was told when it was made.

    `changed` is a piece of the page’s script, and what stands in its place in a twin.
    """
    steering = await operator(service)
    await steering.call("POST", "/api/v1/operator/periods/demo/pause")
    sockets: list[WebSocketRoute] = []
    try:
        async with page_of(service.url) as page:
            await page.goto("/")
            await page.add_init_script(script)
            if changed is not None:
                await with_changed_script(page, changed)
            await page.route_web_socket(re.compile("/live$"), lambda one: sockets.append(one))
            await page.get_by_role("button", name="Se connecter").click()
            await page.wait_for_url("**/periodes/demo")
            async with asyncio.timeout(20):
                while not sockets:
                    await page.wait_for_timeout(50)
            yield page, sockets, json.loads(await page.locator("#room").get_attribute("data-me") or "")
    finally:
        await steering.call("POST", "/api/v1/operator/periods/demo/resume")
        await steering.close()


async def pauses(
    service: RunningService, chance: float, changed: tuple[str, str] | None = None
) -> list[float]:
    """What a page lets pass once its socket was closed, where every draw falls so, as parts of its poll's time."""
    script = f"""Math.random = () => {chance}; window.waits = []; const real = setTimeout;
        window.setTimeout = (work, ms) => {{ waits.push(ms); return real(work, ms); }}"""
    async with in_line(service, script, changed) as (page, sockets, me):
        before = await page.evaluate("waits.length")
        await sockets[0].close(code=1012)
        await page.wait_for_function(f"waits.length > {before}")
        waits = await page.evaluate(f"waits.slice({before})")
        return [ms / 1000 / me["next_poll_seconds"] for ms in waits]


@pytest.mark.slow
async def test_a_restart_is_no_second_stampede(service: RunningService) -> None:
    """Whoever's socket was closed comes back after any part of its poll's time: the nearer, the sooner."""
    for chance in (0.25, 0.75):
        assert chance in await pauses(service, chance)


@pytest.mark.slow
async def test_without_a_draw_all_would_come_back_in_one_moment(service: RunningService) -> None:
    """Twin: a page that lets its poll's whole time pass, as every other one does."""
    told = [await pauses(service, chance, (DRAWN, UNDRAWN)) for chance in (0.25, 0.75)]
    assert [1.0 in waits for waits in told] == [True, True]
    assert 0.25 not in told[0]
    assert 0.75 not in told[1]


@pytest.mark.slow
async def test_a_tab_that_nobody_sees_draws_less_and_still_rings_at_once(service: RunningService) -> None:
    """Positions wait for up to ten seconds there; the call does not."""
    script = """window.away = false; Object.defineProperty(document, "hidden", { get: () => away });"""
    async with in_line(service, script) as (page, sockets, me):

        async def tell(**values: Any) -> None:
            at = rfc3339(now_ms())
            told = me | {"type": "position", "paused": False, "server_time": at, "as_of": at}
            sockets[0].send(json.dumps(told | values))

        await tell(ahead=700)
        await expect(page).to_have_title(re.compile("^700"))
        await page.evaluate("away = true")
        await tell(ahead=600)
        await page.evaluate("new Promise((done) => setTimeout(done, 0))")
        await expect(page).to_have_title(re.compile("^700"))
        await tell(state="called", type="called", ahead=0, expires_at=rfc3339(now_ms() + 600_000))
        await expect(page).to_have_title(re.compile("^C’est votre tour"))


@pytest.mark.slow
async def test_a_tab_that_nobody_sees_says_so(service: RunningService) -> None:
    """And says when it is seen again, once each."""
    script = """window.away = false; Object.defineProperty(document, "hidden", { get: () => away });"""
    async with in_line(service, script) as (page, sockets, me):
        said: list[str | bytes] = []
        sockets[0].on_message(lambda text: said.append(text))
        sockets[0].send(json.dumps(me | {"type": "position"}))
        for away, told in ((True, ["hidden"]), (False, ["hidden", "visible"])):
            await page.evaluate(
                f"away = {str(away).lower()}; document.dispatchEvent(new Event('visibilitychange'))"
            )
            async with asyncio.timeout(20):
                while len(said) < len(told):
                    await page.wait_for_timeout(50)
            assert said == told


async def test_the_demo_kept_its_promises(service: RunningService) -> None:
    """After the journeys everything is recounted."""
    await verify(service)
