"""From the registration to the receipt on the running service, as people come: by keyboard alone, on a narrow screen,
without scripts, over a slow line."""

from collections.abc import Iterator

import pytest
from playwright.async_api import Page

from tests.support.browsing import look, look_without_scripts, page_of
from tests.support.drivers.hands import KeyboardHands, MouseHands
from tests.support.people.new_applicants import NewApplicant
from tests.support.processes.services import RunningService, running
from tests.support.slow_lines import throttle

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIVE_MINUTES = 300.0
"""From the number to the receipt over 56 kbit/s, with whoever types at once: half of the time that a person has."""

PATIENCE_MS = 90_000.0

NARROW = {"width": 320, "height": 640}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    data = tmp_path_factory.mktemp("journeys") / "data"
    with running(data, "--web", "1", "--cap", "20", "--accounts", "2", "--calls-per-minute", "600") as one:
        yield one


async def test_by_keyboard_alone(service: RunningService) -> None:
    """Tab, Space, Enter, arrows and letters lead through every page and every control, and the focus is always seen."""
    async with page_of(service.url) as page:
        page.set_default_timeout(PATIENCE_MS)
        await NewApplicant(service, page, KeyboardHands(), "Dominique").whole_way()


async def test_on_a_screen_of_320_pixels(service: RunningService) -> None:
    """Nothing is cut off and axe finds nothing, on every page of the way."""

    async def see(page: Page) -> None:
        await look(page)
        await page.set_viewport_size({"width": 320, "height": 640})

    async with page_of(service.url, viewport=NARROW) as page:
        page.set_default_timeout(PATIENCE_MS)
        await NewApplicant(service, page, MouseHands(), "Maxime", see).whole_way()


async def test_without_scripts(service: RunningService) -> None:
    """Links and forms alone lead to the same receipt; each page on the way is clean for axe, with its `<noscript>`."""
    async with page_of(service.url, java_script_enabled=False) as page:
        page.set_default_timeout(PATIENCE_MS)
        await NewApplicant(service, page, MouseHands(), "Claude", look_without_scripts).whole_way()


async def test_over_a_slow_line(service: RunningService) -> None:
    """56 kbit/s each way and 600 ms a question from the first page on; from the number to the receipt in less than five
    of the ten minutes."""
    async with page_of(service.url) as page:
        page.set_default_timeout(PATIENCE_MS)
        await throttle(page)
        took = await NewApplicant(service, page, MouseHands(), "Sacha").whole_way()
    print(f"from the number to the receipt over a slow line: {took:.1f} s")
    assert took < FIVE_MINUTES
