"""A script that fails fails the test: every page that a browser test opens is watched (`tests/support/browsing.py`)."""

import re

import pytest
from playwright.async_api import Page

from tests.support.browsing import chromium, page_in
from tests.support.places import ROOT

pytestmark = pytest.mark.browser

BLANK = "data:text/html,<title>Essai</title>"


@pytest.mark.parametrize(
    "fault",
    [
        "setTimeout(() => { throw new TypeError('Assignment to constant variable.'); })",
        "Promise.reject(new Error('nobody waits for this'))",
        "console.error('what a page says is wrong')",
    ],
)
async def test_what_goes_wrong_in_a_script_fails_the_test(fault: str) -> None:
    """An exception, a promise that nobody waits for, an error that was written: each is seen."""
    async with chromium() as browser:
        with pytest.raises(AssertionError):
            async with page_in(browser, "http://127.0.0.1") as page:
                await go(page, f"(() => {{ {fault}; }})()")
        async with page_in(browser, "http://127.0.0.1") as page:
            await go(page, "1")


async def go(page: Page, script: str) -> None:
    await page.goto(BLANK)
    await page.evaluate(script)
    await page.wait_for_timeout(200)


def test_no_test_opens_a_page_that_nobody_watches() -> None:
    """Browsers' contexts are made in one place alone."""
    made = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests").rglob("*.py")
        if re.search(r"\.new_(?:context|page)\(", path.read_text("utf-8"))
    }
    assert made == {"tests/support/browsing.py"}
