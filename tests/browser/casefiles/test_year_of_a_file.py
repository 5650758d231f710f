"""The year of one file, from its receipt to its decision, as the candidate, the clerk and the agents see it.

Everything is real (web, worker, ticker, mail server, provider of cards, Redis, SQL) and stays as it is; only the time
of day is set by the test, so that weeks pass between two pages. `docs/year-of-a-file.md` shows the pictures: each is
kept with the words of its page, and `make guides` takes them anew.
"""

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Page, expect

from casework.files import numbers
from tests.support.browsing import chromium, look, page_in
from tests.support.casework.letters import failures
from tests.support.drivers.albums import WORDS, Album
from tests.support.people.file_people import FilePeople
from tests.support.places import ROOT
from tests.support.processes.injected_clock import InjectedClock
from tests.support.processes.services import RunningService, candidate, running, until, verify

pytestmark = pytest.mark.browser

PAGE = ROOT / "docs" / "year-of-a-file.md"

PICTURES = ROOT / "docs" / "year-of-a-file"

OPENING = "2027-06-07 08:29:55"
"""A Monday. All dates of this year follow from it."""

NARROW = frozenset({"reminder", "checklist", "decided"})
"""Pictures that are taken at 320 pixels: what a person reads on a telephone."""


class YearOfAFile:
    """One file, who meets in it, and the time of day."""

    def __init__(
        self, service: RunningService, clock: InjectedClock, people: FilePeople, album: Album, folder: Path
    ) -> None:
        self.service, self.clock, self.people, self.album, self.folder = service, clock, people, album, folder
        self.receipt = self.number = ""

    @property
    def file(self) -> str:
        return f"/dossiers/{self.number}"

    @property
    def case(self) -> str:
        return f"/agent/etude/{self.number}"

    async def see(self, page: Page, shows: str, picture: str = "") -> None:
        """It says this; it fits at 320 and 1280 pixels, and axe finds nothing; with a name, it is in the album."""
        await expect(page.locator("main")).to_contain_text(shows)
        await look(page)
        if picture:
            await self.album.keep(page, picture)

    async def mails(self) -> list[str]:
        """Titles of what the mail server took for the candidate, the newest first."""
        async with aiohttp.ClientSession(self.service.url) as session:
            async with session.get("/demo/courriels.json", params={"to": ADDRESS}) as answer:
                return [mail["subject"] for mail in await answer.json()]

    async def is_mailed(self, title: str, count: int = 1) -> None:
        """So many mails with this title have come."""

        async def come() -> bool:
            return sum(title in one for one in await self.mails()) >= count

        await until(come, 60, f"{count} mails say « {title} »", every=0.3)

    async def receives(self) -> None:
        """From the line to the receipt, as any candidate; then what the account shows of it."""
        accepted = await candidate(self.service, 1)
        assert accepted["state"] == "accepted", accepted
        self.receipt = accepted["receipt"]
        page = await self.people.signs_in(f"/recus/{self.receipt}")
        found = re.search(numbers.PATTERN, await page.inner_text("main"))
        assert found is not None
        self.number = found[0]
        await self.see(page, "admise dans le quota", "receipt")
        await page.goto(self.file)
        await self.see(page, "7 juillet 2027", "unpaid")
        answer = await page.goto(f"{self.file}/sommaire")
        assert answer is not None
        assert answer.status == 403
        await self.see(page, "ne peut pas encore être imprimée")

    async def is_reminded(self) -> None:
        """Fourteen days and three days before the last one: a message, and a mail that says there is one."""
        for day, count in (("2027-06-23 09:00:05", 1), ("2027-07-04 09:00:05", 2)):
            self.clock.set(day)
            await self.is_mailed("Rappel : frais à payer", count)
        page = await self.people.signs_in("/messages")
        await expect(page.get_by_role("link", name="Rappel : frais à payer")).to_have_count(2)
        await self.see(page, "Rappel : frais à payer")
        await page.get_by_role("link", name="Rappel : frais à payer").first.click()
        await self.see(page, "dans 3 jours", "reminder")
        await page.goto(f"/demo/courriels?to={ADDRESS}")
        await self.see(page, "Rappel : frais à payer", "mail")

    async def pays(self) -> None:
        """By card, with a bank that takes its time."""
        self.clock.set("2027-07-05 10:12:00")
        page = await self.people.signs_in(f"{self.file}/paiement")
        await self.see(page, "7 juillet 2027")
        await page.get_by_role("button", name=re.compile("Payer .* par carte")).click()
        await page.get_by_role("button", name="Payer lentement").click()
        await self.see(page, "Ne payez pas de nouveau", "payment-pending")
        await expect(page.get_by_role("heading", name="Frais payés")).to_be_visible()
        await self.see(page, "Frais payés")
        await page.goto(self.file)
        await self.see(page, "Payée, dossier ouvert")

    async def finds_the_letters(self) -> None:
        """Three letters in « Consultation des documents », as pages and as PDF; the summary may be printed now."""
        page = await self.people.signs_in("/documents")

        async def filed() -> int:
            await page.reload()
            return await page.get_by_role("link", name="Lettre d’ouverture de dossier").count()

        await until(filed, 60, "the file is opened by its letter", every=0.3)
        await self.see(page, "Lettre d’ouverture de dossier", "documents")
        for title in (
            "Confirmation d’admission",
            "Confirmation de paiement",
            "Lettre d’ouverture de dossier",
        ):
            await page.goto("/documents")
            await page.get_by_role("link", name=title).first.click()
            await expect(page.locator("h1")).to_contain_text(title)
            await look(page)
            pdf = await page.context.request.get(f"{page.url}.pdf")
            assert pdf.ok
            assert failures(await pdf.body(), self.folder) == []
        await self.album.keep(page, "opening-letter")
        await page.goto(f"{self.file}/sommaire")
        await self.see(page, "Identité")

    async def is_asked_for_documents(self) -> None:
        """An agent looks at the list that the rules make, and sends it; the candidate has ninety days,
        of which the last is a Sunday before a holiday."""
        self.clock.set("2027-07-12 09:30:00")
        desk = await self.people.works("agente", f"{self.case}/liste")
        await self.see(desk, "Attestation d’emploi", "list-prepared")
        await desk.get_by_role("button", name="Envoyer cette liste").click()
        await expect(desk.get_by_role("status")).to_contain_text("La liste est partie")
        page = await self.people.signs_in(self.file)
        await self.see(page, "12 octobre 2027", "checklist")

    async def switches_on(self) -> None:
        """Two operators put the change of address into service, for the first of September."""
        desk = await self.people.works("operateur", "/personnel/fonctions")
        await desk.locator("#plan-name").select_option("changement_adresse")
        await desk.locator("#plan-programme").select_option("demo")
        await desk.locator("#plan-on_at").fill("2027-09-01T09:00")
        await desk.get_by_role("button", name="Planifier").click()
        desk = await self.people.works("operatrice", "/personnel/fonctions")
        await desk.get_by_role("button", name="Approuver").click()
        await self.see(desk, "Approuvé et publié")

    async def posts_documents(self) -> None:
        """A clerk enters what came: shown first, then confirmed."""
        self.clock.set("2027-08-20 10:05:00")
        desk = await self.people.works("commis", "/personnel/courrier")
        await enters(desk, self.number, "1-3")
        await self.see(desk, "Encore attendus : 1", "mail-preview")
        await desk.keyboard.press("Enter")
        await self.see(desk, "inscrite")

    async def posts_a_copy(self) -> None:
        """A document in a format that is not taken goes back, with its letter."""
        self.clock.set("2027-08-27 10:05:00")
        desk = await self.people.works("commis", "/personnel/courrier")
        await enters(desk, self.number, "4")
        await desk.get_by_text("La pièce ne convient pas").click()
        await desk.get_by_label("Pourquoi elle est retournée").fill("Une copie, et non l’original signé.")
        await desk.get_by_role("button", name="Voir le retour").click()
        await self.see(desk, "Une copie, et non l’original signé.", "mail-return")
        await desk.get_by_role("button", name="Inscrire").click()
        await expect(desk.locator(".panel--success")).to_contain_text("à retourner")
        await desk.locator(".panel--success a").click()
        href = await desk.get_by_role("link", name="Lettre à joindre").get_attribute("href")
        pdf = await desk.context.request.get(href or "")
        assert failures(await pdf.body(), self.folder) == []
        await desk.locator("#retourner-tracking").fill("RN 123 456 789 CA")
        await desk.locator("#retourner-sent_on").fill("2027-08-27")
        await desk.get_by_role("button", name="Inscrire le retour").click()
        await self.is_mailed("Retour de votre envoi")
        page = await self.people.signs_in("/messages")
        await page.get_by_role("link", name="Retour de votre envoi").click()
        await self.see(page, "RN 123 456 789 CA")

    async def is_complete(self) -> None:
        """What came back comes again as it should, and the examination begins."""
        self.clock.set("2027-09-17 09:40:00")
        desk = await self.people.works("commis", "/personnel/courrier")
        await enters(desk, self.number, "4")
        await expect(desk.locator("main")).to_contain_text("Tous les documents sont là")
        await desk.keyboard.press("Enter")
        await expect(desk.locator(".panel--success")).to_contain_text("inscrite")
        page = await self.people.signs_in(self.file)
        await self.see(page, "demande à l’étude")

    async def moves_house(self) -> None:
        """The new function was announced on its day; the candidate uses it, and an agent sees the difference."""
        await self.is_mailed("Mettez vos coordonnées à jour")
        self.clock.set("2027-11-08 19:15:00")
        page = await self.people.signs_in(f"{self.file}/modifications")
        await page.get_by_role("link", name="Changement d’adresse").click()
        for part, text in (("day", "2"), ("month", "11"), ("year", "2027")):
            await page.locator(f"[id='on_day.{part}']").fill(text)
        await page.locator("[id='contact.address']").fill("4, quai du Sud")
        await page.get_by_role("button", name="Vérifier avant d’envoyer").click()
        await self.see(page, "Rien n’est encore envoyé")
        await page.get_by_role("button", name="Envoyer la modification").click()
        await expect(page.locator(".panel--success")).to_contain_text("reçue")
        desk = await self.people.works("agente", "/agent/modifications")
        await desk.get_by_role("link", name=self.number).click()
        await self.see(desk, "4, quai du Sud", "amendment-read")
        await desk.get_by_role("button", name="Prendre en compte").click()

    async def is_decided(self) -> None:
        """One agent proposes, another one decides; the candidate reads why, and what can be done about it."""
        self.clock.set("2028-03-14 13:45:00")
        desk = await self.people.works("agente", self.case)
        await desk.get_by_label("Refusée").check()
        await desk.get_by_label("Motif, tel que la personne le lira dans la lettre").fill(REASON)
        await desk.get_by_role("button", name="Décider ou proposer").click()
        await expect(desk.get_by_role("status")).to_contain_text("proposée")
        desk = await self.people.works("agent", self.case)
        await self.see(desk, REASON, "decision-proposed")
        await desk.get_by_role("button", name="Rendre la décision").click()
        await expect(desk.get_by_role("status")).to_contain_text("La décision est rendue")
        await self.is_mailed("écision")
        page = await self.people.signs_in(self.file)
        await self.see(page, "Décision rendue", "decided")
        await page.get_by_role("link", name="Lisez la lettre de décision").click()
        await self.see(page, "Réexamen administratif", "decision-letter")
        await expect(page.locator("main")).to_contain_text(REASON)

    async def looks_back(self) -> None:
        """Everything that happened, in order; all documents in one archive; every promise recounted."""
        page = await self.people.signs_in("/compte/suivi")
        instants = await page.locator("main time").evaluate_all("(all) => all.map((one) => one.dateTime)")
        assert instants == sorted(instants, reverse=True)
        assert len(instants) >= 15
        await self.see(page, "Décision rendue", "timeline")
        archive = await page.context.request.get("/documents/archive.zip")
        assert archive.ok
        await verify(self.service)


ADDRESS = "demo-00001@exemple.invalid"

REASON = "L’expérience de travail déclarée n’a pas pu être confirmée auprès de l’employeur."


async def enters(desk: Page, number: str, parts: str) -> None:
    """Documents of the list as a clerk types them, up to what they trigger."""
    await desk.locator("#number").fill(number)
    await desk.locator("#kind").select_option("checklist")
    if not await desk.locator("#parts").is_visible():
        await desk.get_by_text("D’une autre pièce, ou sans dossier connu").click()
    await desk.locator("#parts").fill(parts)
    await desk.locator("#parts").press("Enter")
    await expect(desk.locator("h1")).to_have_text("Comparez avec le papier")


@pytest.fixture
def clock(tmp_path: Path) -> InjectedClock:
    return InjectedClock(tmp_path, OPENING)


@pytest.fixture
def service(tmp_path: Path, clock: InjectedClock) -> Iterator[RunningService]:
    options = ("--web", "1", "--cap", "20", "--accounts", "2", "--calls-per-minute", "600")
    with running(
        tmp_path / "data", *options, environment=clock.environment | {"NOTICE_HOLD_SECONDS": "0"}
    ) as one:
        yield one


@asynccontextmanager
async def people(service: RunningService) -> AsyncIterator[FilePeople]:
    """Two browsers: one of the candidate, one of the staff."""
    async with chromium() as browser:
        async with page_in(browser, service.url) as one, page_in(browser, service.url) as other:
            yield FilePeople(service, one, other)


def test_the_page_shows_every_picture_that_is_taken() -> None:
    """And none that nobody compares; each is small, and says in words what is to be seen."""
    shown = dict(re.findall(r"!\[([^\]]+)\]\(year-of-a-file/([^)]+)\)", PAGE.read_text(encoding="utf-8")))
    kept = set(json.loads((PICTURES / WORDS).read_text(encoding="utf-8")))
    assert set(shown.values()) == kept == {one.name for one in PICTURES.glob("*.png")}
    assert all((PICTURES / name).stat().st_size < 60_000 for name in kept)


@pytest.mark.slow
async def test_the_year_of_a_file(
    service: RunningService, clock: InjectedClock, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Receipt, reminders, payment, letters, list, mailroom, return, examination, amendment, decision."""
    album = Album(PICTURES, NARROW, takes=request.config.getoption("--take-pictures"))
    async with people(service) as met:
        year = YearOfAFile(service, clock, met, album, tmp_path)
        await year.receives()
        await year.is_reminded()
        await year.pays()
        await year.finds_the_letters()
        await year.is_asked_for_documents()
        await year.switches_on()
        await year.posts_documents()
        await year.posts_a_copy()
        await year.is_complete()
        await year.moves_house()
        await year.is_decided()
        await year.looks_back()
    album.compare()
