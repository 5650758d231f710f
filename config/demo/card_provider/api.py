"""The provider's API, as much of it as our adapter asks: `/v1/...`, with a key, a version and idempotency keys."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from aiohttp import web

from config.demo.card_provider.bank import ApiRefusal, Bank
from config.demo.card_provider.books import Shown
from config.demo.card_provider.deliveries import Deliveries
from config.demo.card_provider.forms import nested
from config.demo.card_provider.idempotency import IdempotencyKeys

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

MOST_ROWS: Final = 100


class SandboxApi:
    """The handlers of `/v1`. `key` and `version` are the only ones that are taken."""

    def __init__(self, bank: Bank, deliveries: Deliveries, key: str, version: str) -> None:
        self.bank, self.books, self.deliveries = bank, bank.books, deliveries
        self._key, self._version = key, version
        self._keys = IdempotencyKeys(bank.books)
        self.asked = 0

    def routes(self) -> list[web.RouteDef]:
        """Every route of this module."""
        return [
            web.post("/v1/checkout/sessions", self._guarded(self.order)),
            web.get("/v1/checkout/sessions/{id}", self._guarded(self.page)),
            web.post("/v1/checkout/sessions/{id}/expire", self._guarded(self.expire)),
            web.post("/v1/refunds", self._guarded(self.refund)),
            web.get("/v1/refunds", self._guarded(self.refunds)),
            web.get("/v1/disputes", self._guarded(self.disputes)),
            web.get("/v1/balance_transactions", self._guarded(self.balance)),
        ]

    def _guarded(self, answer: Handler) -> Handler:
        """The same, with what every call of the API has: a key, a version, its time, and its refusals as JSON."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            self.asked += 1
            behaviour = self.deliveries.behaviour
            if behaviour.answer_ms:
                await asyncio.sleep(behaviour.answer_ms / 1000)
            if behaviour.is_away:
                return away()
            if request.headers.get("Authorization") != f"Bearer {self._key}":
                return refused(ApiRefusal("api_key_invalid", 401))
            if request.headers.get("Stripe-Version") != self._version:
                return refused(ApiRefusal("api_version_invalid", 400, "Stripe-Version"))
            try:
                return await answer(request)
            except ApiRefusal as no:
                return refused(no)
            except (ValueError, TypeError, AttributeError):
                return refused(ApiRefusal("parameter_unknown"))

        return guarded

    async def order(self, request: web.Request) -> web.StreamResponse:
        """A page to be paid on. An answer may be lost on its way, where that is told."""
        pages = f"{request.scheme}://{request.host}"
        response = await self._once(request, lambda asked: self.bank.order(asked, pages))
        behaviour = self.deliveries.behaviour
        if behaviour.loses_answers:
            left = behaviour.loses_answers - 1
            self.deliveries.behaviour = msgspec.structs.replace(behaviour, loses_answers=left)
            if request.transport is not None:
                request.transport.abort()
        return response

    async def page(self, request: web.Request) -> web.StreamResponse:
        """A page, with its payment and charge in it where that is asked for."""
        page = dict(self.bank.page(request.match_info["id"]))
        if "payment_intent.latest_charge" in request.query.getall("expand[0]", []):
            page["payment_intent"] = self._opened(page["payment_intent"])
        here = (
            f"{request.scheme}://{request.host}/payer/{page['id']}"  # after a restart it may be another port
        )
        page["url"] = here if page["status"] == "open" else None
        return web.json_response(page)

    async def expire(self, request: web.Request) -> web.StreamResponse:
        """Close a page."""
        return await self._once(request, lambda _asked: self.bank.expire(request.match_info["id"]))

    async def refund(self, request: web.Request) -> web.StreamResponse:
        """Give money back, unless that is held."""
        if self.deliveries.behaviour.holds_refunds:
            return away()

        def give(asked: dict[str, Any]) -> Shown:
            amount = int(asked["amount"]) if "amount" in asked else None
            return self.bank.refund(asked.get("payment_intent"), amount, asked.get("metadata"))

        return await self._once(request, give)

    async def refunds(self, request: web.Request) -> web.StreamResponse:
        """What was given back of a payment."""
        found = []
        for shown in self.books.all("refund", payment_intent=request.query.get("payment_intent")):
            line = self.books.find(shown.get("failure_balance_transaction"), "balance_transaction")
            found.append(shown | ({"failure_balance_transaction": line} if line else {}))
        return listing(request, found)

    async def disputes(self, request: web.Request) -> web.StreamResponse:
        """What was disputed of a payment."""
        where = {"payment_intent": request.query.get("payment_intent")}
        return listing(request, list(self.books.all("dispute", **where)))

    async def balance(self, request: web.Request) -> web.StreamResponse:
        """The lines of the balance of some hours, with their sources in them."""
        since, until = (
            int(request.query.get("created[gte]", 0)),
            int(request.query.get("created[lt]", 1 << 60)),
        )
        lines = [
            line | {"source": self._source(line["source"])}
            for line in self.books.all("balance_transaction")
            if since <= line["created"] < until
        ]
        return listing(request, lines)

    async def _once(self, request: web.Request, act: Callable[[dict[str, Any]], Shown]) -> web.StreamResponse:
        raw = await request.read()
        asked = nested(parse_qsl(raw.decode(), keep_blank_values=True))

        async def work() -> str:
            return json.dumps(act(asked))

        question = f"{request.method} {request.path}\n".encode() + raw
        body = await self._keys.once(request.headers.get("Idempotency-Key"), question, work)
        return web.Response(text=body, content_type="application/json")

    def _opened(self, id: object) -> Shown | None:
        intent = self.books.find(id, "payment_intent")
        return (
            None
            if intent is None
            else intent | {"latest_charge": self.books.find(intent["latest_charge"], "charge")}
        )

    def _source(self, id: str) -> Shown | str:
        found = [self.books.find(id, kind) for kind in ("charge", "refund", "dispute")]
        return next((one for one in found if one is not None), id)


def listing(request: web.Request, rows: list[Shown]) -> web.Response:
    """One page of a list, after the row that was named."""
    after, limit = request.query.get("starting_after"), min(int(request.query.get("limit", 10)), MOST_ROWS)
    if after is not None:
        ids = [row["id"] for row in rows]
        rows = rows[ids.index(after) + 1 :] if after in ids else []
    return web.json_response({"object": "list", "data": rows[:limit], "has_more": len(rows) > limit})


def away() -> web.Response:
    """The answer of a provider that is away: whoever asks comes again."""
    return web.json_response({"error": {"type": "api_error", "message": "away"}}, status=503)


def refused(no: ApiRefusal) -> web.Response:
    """A refusal as the API words it."""
    kind = "idempotency_error" if no.code.startswith("idempotency_") else "invalid_request_error"
    error = {"type": kind, "code": no.code, "message": no.code, "param": no.param}
    return web.json_response({"error": error}, status=no.status)
