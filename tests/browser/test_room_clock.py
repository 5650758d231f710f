"""The clocks of the room page in a real browser: a computer that sleeps, and one whose clock is set."""

import asyncio
import re

import pytest
from playwright.async_api import Page, expect

from foundation.clock import now_ms
from tests.browser.conftest import HERE, RoomStage
from tests.support.browsing import with_changed_script

pytestmark = pytest.mark.browser

DAY_MS = 86_400_000

ADDRESS_AFTER_A_CALL = re.compile(r"/connexion$")

SLEEP = """(() => {
    const real = performance.now.bind(performance);
    let since = 0, lost = 0;
    performance.now = () => (since || real()) - lost;
    window.sleep = () => { since = real(); };
    window.wake = () => { lost += real() - since; since = 0; };
})()"""
"""A clock that stands still while the computer sleeps, as Chromium's does."""

SET_CLOCK = """(() => {
    const real = Date.now.bind(Date);
    window.off = 0;
    Date.now = () => real() + window.off;
})()"""
"""A computer's clock that somebody sets."""


async def asleep(page: Page, seconds: float) -> None:
    """The computer sleeps: nothing of the page runs, and its steady clock stands still."""
    session = await page.context.new_cdp_session(page)
    await page.evaluate("sleep()")
    await session.send("Page.setWebLifecycleState", {"state": "frozen"})
    await asyncio.sleep(seconds)
    await session.send("Page.setWebLifecycleState", {"state": "active"})
    await page.evaluate("wake()")
    await session.detach()


async def left_on(page: Page) -> int:
    """Seconds that the page says are left."""
    words = await page.locator("[data-text=left]:visible, [data-countdown]:visible").first.inner_text()
    found = re.fullmatch(r"(?:(\d+)\smin\s)?(\d+)\ss", words)
    assert found, words
    return int(found[1] or 0) * 60 + int(found[2])


@pytest.mark.slow
@pytest.mark.parametrize("slept", [True, pytest.param(False, marks=pytest.mark.slow)])
async def test_the_button_comes_at_the_opening_after_a_sleep(stage: RoomStage, slept: bool) -> None:
    """Within a second of the instant, also when the computer slept before it; never before."""
    opens = now_ms() + 22_000
    await stage.period(state="armed", paused=False, opens_at=opens, closes_at=opens + DAY_MS)
    async with stage.page(SLEEP) as page:
        await page.goto(HERE)
        await expect(page.get_by_role("button", name="Se connecter")).to_be_disabled()
        if slept:
            await asleep(page, 12)
        button = await page.wait_for_selector("[data-show=door-open] button")
        assert -100 < now_ms() - opens < 1_500
        assert button and await button.is_enabled()


@pytest.mark.parametrize("says", [True, False])
async def test_near_an_opening_the_page_asks_only_where_its_browser_does_not_say_when_it_came(
    stage: RoomStage, says: bool
) -> None:
    """Sixty thousand who reload would ask as many questions more. The clock is right by the page's first byte alone:
    the button comes within a second of the opening, never before. Twin: a browser of 2017 asks, and is as right."""
    opens = now_ms() + 4_000
    await stage.period(state="armed", paused=False, opens_at=opens, closes_at=opens + DAY_MS)
    async with stage.page() as page:
        asked = list[str]()
        page.on("request", lambda request: asked.append(request.url))
        if not says:
            await with_changed_script(page, ('performance.getEntriesByType("navigation")', "[]"))
        await page.goto(HERE)
        await page.wait_for_selector("[data-show=door-open] button")
        assert -100 < now_ms() - opens < 1_000
        assert any("/api/v1/periods/" in url for url in asked) is not says


@pytest.mark.slow
@pytest.mark.parametrize("days", [40, -40])
async def test_a_clock_that_is_set_changes_no_countdown(stage: RoomStage, days: int) -> None:
    """40 days ahead or back: the time left is the server's within a second, nobody is warned, and the page stays."""
    async with stage.waiting(SET_CLOCK) as page:
        await stage.call()
        await expect(page).to_have_title(re.compile("^C’est votre tour"))
        await page.get_by_role("button", name="Rester sur cette page").click()
        ends = now_ms() + 1000 * await left_on(page)
        await page.evaluate(f"window.off = {days * DAY_MS}")
        await page.wait_for_timeout(6_000)
        assert abs(await left_on(page) - (ends - now_ms()) / 1000) <= 2
        await expect(page.locator("[data-text=alert]")).not_to_contain_text("Il reste")


@pytest.mark.slow
async def test_the_time_left_is_true_after_a_sleep(stage: RoomStage) -> None:
    """The sleep is no time that anybody has got back."""
    async with stage.waiting(SLEEP) as page:
        await stage.call()
        await expect(page).to_have_title(re.compile("^C’est votre tour"))
        await page.get_by_role("button", name="Rester sur cette page").click()
        ends = now_ms() + 1000 * await left_on(page)
        await asleep(page, 15)
        await page.wait_for_timeout(1_500)
        assert abs(await left_on(page) - (ends - now_ms()) / 1000) <= 2


@pytest.mark.slow
async def test_by_its_steady_clock_alone_a_page_would_give_the_sleep_back(stage: RoomStage) -> None:
    """Twin: a page that neither compares the computer's clocks nor hears the server's."""
    async with stage.waiting(SLEEP) as page:
        await with_changed_script(
            page,
            ("Math.abs(walled() - steadily()) > DOUBT_MS", "false"),
            ("        set(doubtful()", "        Number(doubtful()"),
            ("set(Math.max(ms", "Number(Math.max(ms"),
        )
        await page.reload()
        await stage.call()
        await expect(page).to_have_title(re.compile("^C’est votre tour"))
        await page.get_by_role("button", name="Rester sur cette page").click()
        ends = now_ms() + 1000 * await left_on(page)
        await asleep(page, 15)
        await page.wait_for_timeout(1_500)
        assert await left_on(page) - (ends - now_ms()) / 1000 > 10


@pytest.mark.slow
async def test_after_a_resume_the_sign_in_says_so_at_once(stage: RoomStage) -> None:
    """While time stands still the page asks each two seconds, so that it says when it runs again."""
    async with stage.waiting() as page:
        await stage.call()
        await page.wait_for_url(ADDRESS_AFTER_A_CALL)
        await stage.set(paused=True)
        await expect(page.locator("[data-end]")).to_contain_text("en pause", timeout=8_000)
        await stage.set(paused=False)
        await expect(page.locator("[data-end]")).to_contain_text("jusqu’à", timeout=5_000)
