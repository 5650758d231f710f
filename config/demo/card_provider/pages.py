"""The page to pay on, in French, with buttons instead of a card; and what the demo tells the provider to do."""

import asyncio
from importlib.resources import files
from typing import Any, Final

import jinja2
import msgspec
from aiohttp import web

from config.demo.card_provider.bank import ApiRefusal, Bank, SandboxChoice
from config.demo.card_provider.behaviour import Behaviour
from config.demo.card_provider.books import Shown
from config.demo.card_provider.deliveries import Deliveries
from foundation.money import dollars

CONTROL: Final = "/_bac-a-sable"

GOOD, BAD = "oui", "non"

PAY_BUTTONS: Final = (
    (SandboxChoice.PAY, "Payer", "La carte est acceptée tout de suite."),
    (SandboxChoice.DECLINE, "Refuser", "La banque refuse la carte; on peut essayer de nouveau."),
    (SandboxChoice.THREE_D_SECURE, "3-D Secure", "La banque vous interroge d’abord."),
    (SandboxChoice.SLOW, "Payer lentement", "La banque répond plus tard; le paiement est en vérification."),
)

BANK_BUTTONS: Final = (
    (GOOD, "C’est bien moi", "La banque accepte le paiement."),
    (BAD, "Ce n’est pas moi", "La banque refuse le paiement."),
)


class SandboxPages:
    """The handlers of the pages and of the control."""

    def __init__(self, bank: Bank, deliveries: Deliveries) -> None:
        self.bank, self.deliveries = bank, deliveries
        here = files("config.demo.card_provider")
        environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
        self._template = environment.from_string(here.joinpath("page.html").read_text(encoding="utf-8"))
        self._style = here.joinpath("page.css").read_text(encoding="utf-8")
        self._banks: set[asyncio.Task[None]] = set()

    def routes(self) -> list[web.RouteDef]:
        """Every route of this module."""
        return [
            web.get("/payer/{id}", self.show),
            web.post("/payer/{id}", self.chosen),
            web.get("/payer/{id}/banque", self.show_bank),
            web.post("/payer/{id}/banque", self.answered),
            web.post(f"{CONTROL}/conduite", self.behave),
            web.post(f"{CONTROL}/evenements", self.release),
            web.post(f"{CONTROL}/remboursement", self.refund),
            web.post(f"{CONTROL}/contestation", self.dispute),
            web.get(f"{CONTROL}/pages", self.all_pages),
        ]

    async def show(self, request: web.Request) -> web.StreamResponse:
        """The page, with its buttons while it is open."""
        if self.deliveries.behaviour.is_away:
            return self._page("Le service de paiement ne répond pas", status=503)
        page = self._found(request)
        if page is None:
            return self._page("Cette page de paiement n’existe pas", status=404)
        if page["status"] != "open":
            words = "Cette page de paiement est fermée"
            return self._page(words, page, note="Revenez au site pour voir où en est votre paiement.")
        error = (self.bank.books.find(page["payment_intent"], "payment_intent") or {}).get(
            "last_payment_error"
        )
        note = "La banque a refusé la carte. Vous pouvez essayer de nouveau." if error else ""
        return self._page("Payer par carte", page, note=note, buttons=PAY_BUTTONS)

    async def chosen(self, request: web.Request) -> web.StreamResponse:
        """A pressed button."""
        page, wanted = self._found(request), (await request.post()).get("choix")
        choice = next((one for one in SandboxChoice if one == wanted), None)
        if page is None or choice is None or self.deliveries.behaviour.is_away:
            return await self.show(request)
        self.bank.choose(page, choice)
        if choice is SandboxChoice.SLOW:
            self._later(page)
        if page["status"] == "complete":
            return _to(page["success_url"])
        if choice is SandboxChoice.THREE_D_SECURE:
            return _to(f"/payer/{page['id']}/banque")
        return _to(f"/payer/{page['id']}")

    async def show_bank(self, request: web.Request) -> web.StreamResponse:
        """What the bank asks (3-D Secure)."""
        page = self._found(request)
        if page is None or page["status"] != "open":
            return await self.show(request)
        return self._page("Votre banque demande si c’est bien vous", page, buttons=BANK_BUTTONS)

    async def answered(self, request: web.Request) -> web.StreamResponse:
        """The person's answer to the bank."""
        page = self._found(request)
        if page is None:
            return await self.show(request)
        self.bank.authenticated(page, (await request.post()).get("choix") == GOOD)
        return _to(page["success_url"] if page["status"] == "complete" else f"/payer/{page['id']}")

    async def behave(self, request: web.Request) -> web.StreamResponse:
        """Behave so from now on; what is not said is as it was at the beginning."""
        try:
            self.deliveries.behaviour = msgspec.json.decode(await request.read(), type=Behaviour)
        except msgspec.DecodeError as problem:
            return web.json_response({"error": str(problem)}, status=400)
        return web.json_response(msgspec.to_builtins(self.deliveries.behaviour))

    async def release(self, _request: web.Request) -> web.StreamResponse:
        """Send what was held."""
        self.deliveries.release()
        return web.json_response({})

    async def refund(self, request: web.Request) -> web.StreamResponse:
        """Give a payment back from the provider's own side, or say that a refund failed."""
        return await self._told(request, self.bank.refund_failed, lambda one: self.bank.refund(one, None))

    async def dispute(self, request: web.Request) -> web.StreamResponse:
        """Let a bank dispute a payment, or decide for us."""
        return await self._told(request, self.bank.dispute_won, self.bank.dispute)

    async def all_pages(self, _request: web.Request) -> web.StreamResponse:
        """Every page with its payment, for whoever wants to refund or dispute one."""
        return web.json_response(list(self.bank.books.all("checkout.session")))

    async def _told(self, request: web.Request, of_id: Any, of_payment: Any) -> web.StreamResponse:
        asked = await request.json()
        try:
            act = of_id if "id" in asked else of_payment
            return web.json_response(act(asked.get("id") or asked.get("payment")))
        except ApiRefusal as no:
            return web.json_response({"error": no.code}, status=no.status)

    def _later(self, page: Shown) -> None:
        async def answer() -> None:
            await asyncio.sleep(self.deliveries.behaviour.bank_ms / 1000)
            self.bank.answered(page)

        task = asyncio.create_task(answer())
        self._banks.add(task)
        task.add_done_callback(self._banks.discard)

    async def close(self) -> None:
        """Banks that have not answered never do."""
        for task in list(self._banks):
            task.cancel()
        await asyncio.gather(*self._banks, return_exceptions=True)

    def _found(self, request: web.Request) -> Shown | None:
        try:
            return self.bank.page(request.match_info["id"])
        except ApiRefusal:
            return None

    def _page(
        self,
        title: str,
        page: Shown | None = None,
        note: str = "",
        buttons: tuple[tuple[str, str, str], ...] = (),
        status: int = 200,
    ) -> web.Response:
        shown = [
            {
                "value": str(value),
                "words": words,
                "meaning": meaning,
                "main": value in (SandboxChoice.PAY, GOOD),
            }
            for value, words, meaning in buttons
        ]
        text = self._template.render(
            title=title, page=page, note=note, buttons=shown, style=self._style,
            amount="" if page is None else dollars(page["amount_total"]),
            back="" if page is None else page["cancel_url"],
        )  # fmt: skip
        return web.Response(text=text, status=status, content_type="text/html")


def _to(where: str) -> web.Response:
    return web.Response(status=303, headers={"Location": where})
