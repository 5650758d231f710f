"""A real browser for tests, and what every page of ours must hold in it."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from config.assets import BUNDLES, STATIC
from tests.conftest import chromium_path

ARTIFACTS: Final = Path(__file__).parents[2] / "artifacts"
"""Pictures of pages, at 320 and at 1280 pixels, for whoever wants to see what a person sees."""

WIDTHS: Final = (320, 1280)

NETWORK: Final = re.compile(r"^(Failed to load resource|WebSocket connection to)")
"""What a browser writes of the network by itself: what comes of it is for the test to look at."""

TOO_WIDE: Final = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """As root it needs to be without its sandbox; and it must not speak to anybody by itself."""
    async with async_playwright() as play:
        browser = await play.chromium.launch(
            executable_path=chromium_path(), args=["--no-sandbox", "--disable-background-networking"]
        )
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def page_in(browser: Browser, url: str, **options: Any) -> AsyncIterator[Page]:
    """A page of somebody who was never here; nothing may go wrong in its scripts (`faults_in`)."""
    context = await browser.new_context(base_url=url, locale="fr-CA", **options)
    faults = faults_in(context)
    try:
        yield await context.new_page()
        assert not faults, faults
    finally:
        await context.close()


def faults_in(context: BrowserContext) -> list[str]:
    """What goes wrong from here on in any page of this browser, filled as it happens: an exception that nobody caught,
    an error that a script or the page's own policy wrote, a static file that is not there."""
    faults: list[str] = []
    context.on("weberror", lambda fault: faults.append(str(fault.error)))
    context.on(
        "console",
        lambda said: (
            faults.append(said.text) if said.type == "error" and not NETWORK.match(said.text) else None
        ),
    )
    context.on(
        "response",
        lambda got: (
            faults.append(f"{got.status} {got.url}") if "/static/" in got.url and got.status >= 400 else None
        ),
    )
    return faults


async def another_page(page: Page) -> Page:
    """A second window of the same browser, watched like the first."""
    return await page.context.new_page()


@asynccontextmanager
async def page_of(url: str, **options: Any) -> AsyncIterator[Page]:
    """The same in a browser of its own."""
    async with chromium() as browser, page_in(browser, url, **options) as page:
        yield page


REFRESH = re.compile(r'<meta http-equiv="refresh"[^>]*>')


async def look(page: Page, name: str = "") -> None:
    """Wide and narrow: it fits, and axe finds nothing. With a name, what a person sees is kept."""
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        if name:
            ARTIFACTS.mkdir(exist_ok=True)
            await page.screenshot(path=ARTIFACTS / f"{name}-{width}.png", full_page=True)
        assert await page.evaluate(TOO_WIDE) <= 0, f"{name} is wider than {width} pixels"
        found = await Axe().run(page)
        assert found.violations_count == 0, f"{name} at {width}: {found.generate_report()}"


async def look_without_scripts(page: Page, *, refreshes: bool = False) -> None:
    """The same of a page whose browser runs no scripts, where axe cannot run either: what that browser shows, with the
    contents of `<noscript>`, stands in a page that does, without the scripts of its own. `refreshes`: the page opens
    itself again, which axe counts in every page that does so soon; all else of it is looked at."""
    shown = re.sub(r"<script\b[^>]*>.*?</script>", "", await page.content(), flags=re.DOTALL)
    if refreshes:
        shown, found = REFRESH.subn("", shown)
        assert found == 1, "the page does not open itself again"
    shown = re.sub(r"<(/?)noscript\b[^>]*>", r"<\1div>", shown)
    address = page.url.partition("#")[0]
    assert page.context.browser
    context = await page.context.browser.new_context(locale="fr-CA")
    try:
        twin = await context.new_page()
        await twin.route(
            lambda url: url == address,
            lambda asked: asked.fulfill(body=shown, content_type="text/html; charset=utf-8"),
        )
        await twin.goto(address)
        await look(twin)
    finally:
        await context.close()


async def with_changed_script(page: Page, *changes: tuple[str, str]) -> None:
    """From here on the room page's script is one in which these pieces are replaced: what a twin lacks."""
    text = "\n".join(STATIC.path(part).read_text(encoding="utf-8") for part in BUNDLES["room-page.js"])
    for piece, instead in changes:
        assert piece in text, piece
        text = text.replace(piece, instead)
    await page.route(
        re.compile(r"/static/room-page\."),
        lambda asked: asked.fulfill(body=text, content_type="text/javascript"),
    )
