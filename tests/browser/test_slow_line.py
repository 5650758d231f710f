"""The room over a line of 56 kbit/s on which every question takes 600 ms: how soon somebody has a number."""

import secrets

import pytest

from tests.browser.conftest import HERE, RoomStage
from tests.support.slow_lines import MOST_SECONDS, arrive, throttle

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HEAVY = 40_000
"""Characters of a notice that no compression makes much smaller."""


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_number_is_on_the_screen_in_time(stage: RoomStage, scripts: bool) -> None:
    """From the address typed, the button pressed as soon as it is there; with scripts and without."""
    await stage.period()
    async with stage.page(java_script_enabled=scripts) as page:
        await throttle(page)
        assert await arrive(page, HERE) < MOST_SECONDS


async def test_a_heavy_page_would_take_too_long(stage: RoomStage) -> None:
    """Twin: the same page with more on its way to the button. The measure sees what weighs."""
    await stage.period(notice=secrets.token_urlsafe(HEAVY))
    async with stage.page() as page:
        await throttle(page)
        assert await arrive(page, HERE) > MOST_SECONDS
