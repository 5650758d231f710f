"""Who meets in a file, in browsers of their own: the candidate, and the staff, one after the other at one desk.

Weeks pass between what they do, so each signs in again each time, as people do.
"""

from urllib.parse import urlsplit

from playwright.async_api import Page, expect

from tests.support.processes.services import RunningService


class FilePeople:
    """The pages of the candidate of account 1 and of the staff's desk."""

    def __init__(self, service: RunningService, candidate: Page, desk: Page) -> None:
        self.service, self.candidate, self.desk = service, candidate, desk

    async def signs_in(self, path: str) -> Page:
        """The candidate, who was not here for weeks, at this page of theirs."""
        page, known = self.candidate, self.service.credentials(1)
        await page.context.clear_cookies()
        await page.goto(f"/connexion?suite={path}")
        await page.locator("#username").fill(known["username"])
        await page.locator("#password").fill(known["password"])
        for place, answer in enumerate(known["answers"], 1):
            await page.locator(f"#answer-{place}").fill(answer)
        await page.keyboard.press("Enter")
        await page.wait_for_url(lambda url: urlsplit(url).path == path, wait_until="load")
        return page

    async def works(self, name: str, path: str) -> Page:
        """Somebody of the staff at the desk, at this page."""
        page, known = self.desk, {one["username"]: one["password"] for one in self.service.ready["staff"]}
        await page.context.clear_cookies()
        await page.goto(path)
        await page.locator("#username").fill(name)
        await page.locator("#password").fill(known[name])
        await page.keyboard.press("Enter")
        await expect(page.locator("#password")).to_have_count(0)
        return page
