"""Agents for tests: one who is signed in, and files that are open."""

import httpx

from accounts.roles import Role
from tests.integration.console.conftest import ConsolePlace

ANSWERS = {
    "purpose": "telephone", "method": "answers", "reason": "Appel de la personne.", "family_name": "ROY",
    "given_name": "anne", "birth_date": "1985-04-02", "passport": "ab 12-34",
}  # fmt: skip
"""What Anne says on the telephone; her account is made with `IDENTITY`."""

WORK = {"purpose": "work", "method": "none", "reason": "Vérification d’une preuve."}


async def agent(place: ConsolePlace, name: str = "lucie") -> httpx.AsyncClient:
    """A browser at which an agent is signed in."""
    return await place.staff(name, Role.AGENT)


async def opened(browser: httpx.AsyncClient, account: int, **form: str) -> httpx.Response:
    """The answer to opening a file, by what Anne says unless something else is typed."""
    return await browser.post(f"/agent/dossiers/{account}/ouvrir", data=form or ANSWERS)
