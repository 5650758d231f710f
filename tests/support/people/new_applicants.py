"""Somebody who has no account yet, in a real browser: from the registration to the receipt."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from playwright.async_api import Page, expect

from tests.support.drivers.hands import Hands
from tests.support.processes.services import RunningService, until

PASSWORD = "quatre bouleaux sur la colline"

ANSWERS = ("Le Petit Prince", "rue des Érables", "Mistigri")

DRAFT = "/demande/demo"

GAPS = ".draft-gaps a"

PROGRAMME = "Programme de démonstration"

MOST_PAGES = 40
"""Sections that are shown to somebody who fills in the form, again where an answer asks for more."""

See = Callable[[Page], Awaitable[None]]


async def see_nothing(_page: Page) -> None:
    """For whoever only passes."""


class NewApplicant:
    """One person who does not exist, with their page. `see` looks at each page on the way."""

    def __init__(
        self, service: RunningService, page: Page, hands: Hands, name: str, see: See = see_nothing
    ) -> None:
        self.service, self.page, self.hands, self.see = service, page, hands, see
        self.username, self.email = f"{name.lower()}-exemple", f"{name.lower()}@exemple.test"
        letters = name.upper()
        self.known = {
            "username": self.username, "email": self.email, "password": PASSWORD,
            **{f"question-{n}": f"Ma question de sécurité, numéro {n} ?" for n in (1, 2, 3)},
            **{f"answer-{n}": answer for n, answer in enumerate(ANSWERS, 1)},
            "family_name": f"{name}-Exemple", "given_name": name, "passport": f"{letters}-0001",
            "birth_date": f"1990-{1 + ord(letters[0]) % 12:02}-{1 + ord(letters[1]) % 28:02}",
            "birth_country": "CA", "country": "CA", "address": f"1, rue {name}\nMontréal",
        }  # fmt: skip

    async def goes(self, what: Awaitable[None], address: str) -> None:
        """Until what is done has led to this address, which is looked at."""
        await what
        await self.page.wait_for_url(address, wait_until="load")
        await self.see(self.page)

    async def register(self) -> None:
        """From the home page; the address is confirmed by the button behind the link of the message."""
        hands, page = self.hands, self.page
        await page.goto("/")
        await self.see(page)
        await self.goes(hands.follow(page, "voir quand en créer un"), "**/inscription")
        await self.goes(hands.follow(page, f"Créer mon compte : {PROGRAMME}"), "**/inscription/demo")
        await hands.fill(page, "main form[method=post]", self.known)
        await self.goes(hands.press(page, "Créer mon compte"), "**/inscription/confirmation**")
        await page.goto(await self.link_in_the_mail())
        await self.see(page)
        await self.goes(hands.press(page, "Confirmer mon adresse"), "**/connexion**")
        await expect(page.locator("main")).to_contain_text("votre compte est ouvert")

    async def link_in_the_mail(self) -> str:
        """Of the newest message to this person, as soon as it has come."""
        async with aiohttp.ClientSession(self.service.url) as session:

            async def came() -> list[dict[str, Any]]:
                async with session.get("/demo/courriels.json", params={"to": self.email}) as answer:
                    return [mail for mail in await answer.json() if mail["links"]]

            mails = await until(came, 60, "the message of the registration came")
        return str(mails[0]["links"][0])

    async def sign_in(self, address: str) -> None:
        """User name, password and answers, on the page that asks for them."""
        secrets = {
            name: text
            for name, text in self.known.items()
            if name in ("username", "password") or name.startswith("answer-")
        }
        await self.hands.fill(self.page, "main form[method=post]", secrets)
        await self.goes(self.hands.press(self.page, "Se connecter"), address)

    async def fill_in(self) -> None:
        """From the account's home through every section, then whatever is missing."""
        page, known = self.page, {"identity.birth_date.year": "1990"}
        await self.goes(self.hands.follow(page, f"Commencer ma demande : {PROGRAMME}"), f"**{DRAFT}")
        await self.goes(self.first_link(f"main a[href^='{DRAFT}/']"), f"**{DRAFT}/**")
        for _ in range(MOST_PAGES):
            if page.url.endswith(DRAFT):
                if not await page.locator(GAPS).count():
                    break
                await self.goes(self.first_link(GAPS), f"**{DRAFT}/**")
            before = page.url
            await self.hands.fill(page, "form[data-draft]", known)
            await self.hands.press(page, "Enregistrer et continuer")
            await page.wait_for_url(lambda url, before=before: url != before, wait_until="load")  # type: ignore[misc]
            await self.see(page)
        await expect(page.locator("main")).to_contain_text("Votre brouillon est complet")

    async def first_link(self, of: str) -> None:
        """The first link of those, by its name."""
        words = await self.page.locator(of).first.inner_text()
        await self.hands.follow(self.page, " ".join(words.split()))

    async def submit(self) -> float:
        """A number, the call, the sign-in with everything again, the signature, the receipt: so many seconds."""
        page, hands = self.page, self.hands
        await self.goes(hands.follow(page, "période de réception"), f"{self.service.url}/")
        began = time.monotonic()
        await self.goes(hands.press(page, "Se connecter"), "**/periodes/demo/connexion")
        await self.sign_in("**/periodes/demo/demande")
        await expect(page.locator("main")).to_contain_text("Votre demande est complète")
        await hands.fill(page, "main form[method=post]", {"capacity": "candidate"})
        await self.goes(hands.press(page, "Soumettre la demande"), "**/recus/MPQ-*")
        await expect(page.locator("main")).to_contain_text("MPQ-")
        took = time.monotonic() - began
        await self.goes(hands.follow(page, "Relire la demande soumise"), "**/recus/MPQ-*/demande")
        await expect(page.get_by_role("heading", level=1)).to_contain_text("telle qu’elle a été soumise")
        return took

    async def whole_way(self) -> float:
        """From the registration to the receipt; seconds from the number on."""
        await self.register()
        await self.sign_in("**/compte")
        await self.fill_in()
        return await self.submit()
