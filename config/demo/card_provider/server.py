"""The provider's server: put together, and at work on a socket of this machine for as long as somebody wants it."""

import contextlib
import secrets
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import msgspec
from aiohttp import web

from config.demo.card_provider.api import SandboxApi
from config.demo.card_provider.bank import Bank
from config.demo.card_provider.books import SandboxBooks
from config.demo.card_provider.deliveries import Deliveries
from config.demo.card_provider.pages import SandboxPages

HOST: Final = "127.0.0.1"


class SandboxSecrets(msgspec.Struct, frozen=True):
    """The key of the API and that of the webhooks' signatures, as the provider gives them to an account."""

    key: str
    webhook_secret: str


def new_secrets() -> SandboxSecrets:
    """Secrets of an account of the sandbox, in the provider's form."""
    return SandboxSecrets(f"sk_test_{secrets.token_hex(16)}", f"whsec_{secrets.token_hex(16)}")


class Sandbox:
    """One provider: its books, its bank, its webhooks and its server."""

    def __init__(
        self, of: SandboxSecrets, api_version: str, webhook_url: str, books_at: Path | None = None
    ) -> None:
        self.books = SandboxBooks(books_at)
        self.deliveries = Deliveries(webhook_url, of.webhook_secret, self.books, api_version)
        self.bank = Bank(self.books, self.deliveries.happened)
        self.api = SandboxApi(self.bank, self.deliveries, of.key, api_version)
        self.pages = SandboxPages(self.bank, self.deliveries)

    @contextlib.asynccontextmanager
    async def serving(self, at: socket.socket) -> AsyncIterator[str]:
        """At work on this socket; gives its address."""
        app = web.Application(client_max_size=256 * 1024)
        app.add_routes([*self.api.routes(), *self.pages.routes()])
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        await runner.setup()
        site = web.SockSite(runner, at)
        await site.start()
        try:
            yield url_of(at)
        finally:
            await self.pages.close()
            await self.deliveries.close()
            await runner.cleanup()
            self.books.close()


def open_socket() -> socket.socket:
    """A free port of this machine, taken before anybody is told of it."""
    taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    taken.bind((HOST, 0))
    return taken


def url_of(taken: socket.socket) -> str:
    """The address of a socket of this machine."""
    return f"http://{HOST}:{taken.getsockname()[1]}"
