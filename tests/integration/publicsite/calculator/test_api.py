"""`GET /api/v1/deadlines`: the same answer for programs."""

import httpx
import pytest

from tests.integration.publicsite.calculator.test_pages import browser

__all__ = ["browser"]

ADDRESS = "/api/v1/deadlines"


async def test_a_deadline_is_told_with_its_steps(browser: httpx.AsyncClient) -> None:
    """Days as dates, the end as an instant."""
    answer = await browser.get(ADDRESS, params={"start": "2026-11-24", "amount": "30"})
    told = answer.json()
    assert answer.status_code == 200
    assert (told["last_day"], told["ends_at"], told["counted_to"]) == (
        "2026-12-29", "2026-12-30T04:59:59.000Z", "2026-12-24",
    )  # fmt: skip
    assert told["moved_over"][1] == {"day": "2026-12-25", "reason": "Noël"}
    assert (told["unit"], told["calendar"], told["passed"]) == ("calendar_days", "public_service", [])
    assert len(told["steps"]) == 4


@pytest.mark.parametrize(
    ("calendar", "last"),
    [("interpretation_act", "2026-12-26"), ("labour_standards_good_friday", "2026-12-24")],
)
async def test_each_calendar_has_its_own_days(browser: httpx.AsyncClient, calendar: str, last: str) -> None:
    """24 December is a day as any other for both; the act works on Saturdays."""
    start = "2026-11-26" if calendar == "interpretation_act" else "2026-11-24"
    answer = await browser.get(ADDRESS, params={"start": start, "amount": "30", "calendar": calendar})
    assert answer.json()["last_day"] == last


async def test_what_is_wrong_is_named(browser: httpx.AsyncClient) -> None:
    """As a problem, with its fields (RFC 9457)."""
    answer = await browser.get(ADDRESS, params={"start": "2026-02-30"})
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    told = answer.json()
    assert [one["name"] for one in told["fields"]] == ["start", "amount"]
