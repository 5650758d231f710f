"""Webhooks of the sandbox: signed, tried again, and as wild as they are told to be."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from config.demo.card_provider import deliveries
from config.demo.card_provider.bank import SandboxChoice
from config.demo.card_provider.server import open_socket, url_of
from tests.support.processes.card_providers import CardHere, card_here, order


class WebhookAddress:
    """An address for webhooks: what it took, and how often it says no first."""

    def __init__(self, refusals: int = 0) -> None:
        self.refusals, self.bodies, self.headers = refusals, list[bytes](), list[str]()

    async def take(self, request: web.Request) -> web.Response:
        if self.refusals:
            self.refusals -= 1
            return web.Response(status=503)
        self.bodies.append(await request.read())
        self.headers.append(request.headers["Stripe-Signature"])
        return web.Response()

    @property
    def types(self) -> list[str]:
        return [json.loads(body)["type"] for body in self.bodies]


@asynccontextmanager
async def hooked(hook: WebhookAddress) -> AsyncIterator[CardHere]:
    """A sandbox that tells this address."""
    app, socket = web.Application(), open_socket()
    app.router.add_post("/", hook.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.SockSite(runner, socket).start()
    async with card_here(url_of(socket)) as card:
        yield card
    await runner.cleanup()


async def test_an_event_is_signed_so_that_the_library_believes_it() -> None:
    hook = WebhookAddress()
    async with hooked(hook) as card:
        page = await card.provider.open_page(order())
        await card.choose(page.href, SandboxChoice.PAY)
        await card.sandbox.deliveries.quiet()
        heard = [card.provider.event(*pair) for pair in zip(hook.bodies, hook.headers, strict=True)]
    assert {one.type for one in heard} == {"payment_intent.succeeded", "checkout.session.completed"}
    assert {one.reference for one in heard} == {"charge-1"}


async def test_what_was_not_taken_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "FIRST_AGAIN_SECONDS", 0.01)
    hook = WebhookAddress(refusals=3)
    async with hooked(hook) as card:
        page = await card.provider.open_page(order())
        await card.choose(page.href, SandboxChoice.DECLINE)
        await card.sandbox.deliveries.quiet()
    assert hook.types == ["payment_intent.payment_failed"]


async def test_events_come_twice_late_or_not_at_all() -> None:
    hook = WebhookAddress()
    async with hooked(hook) as card:
        card.behave(is_held=True, times=2)
        page = await card.provider.open_page(order())
        await card.choose(page.href, SandboxChoice.PAY)
        await card.sandbox.deliveries.quiet()
        assert hook.types == []
        card.behave(times=2, late_ms=1)
        card.sandbox.deliveries.release()
        await card.sandbox.deliveries.quiet()
    assert sorted(hook.types) == ["checkout.session.completed"] * 2 + ["payment_intent.succeeded"] * 2


async def test_in_any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "SHUFFLED_SECONDS", 0.01)
    hook = WebhookAddress()
    async with hooked(hook) as card:
        card.behave(is_shuffled=True)
        for number in range(10):
            page = await card.provider.open_page(order(f"charge-{number}"))
            await card.choose(page.href, SandboxChoice.PAY)
        await card.sandbox.deliveries.quiet()
    assert len(hook.types) == 20
