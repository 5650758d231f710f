"""The provider as a process of the demo: what it is told, and its life.

It is given a socket that listens already, so that nobody finds it closed while it is started again.
"""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from casework.payments.card.stripe_reading import API_VERSION
from config.demo.card_provider.bank import SandboxChoice
from config.demo.card_provider.server import Sandbox, SandboxSecrets, new_secrets, url_of
from config.processes.procfile import ProcessKind
from config.processes.supervisor import Service

BOOKS: Final = "banque.db"

SECRETS: Final = "banque.json"
"""Below the demo's folder: what it knows, and what it gave us."""


class DemoProvider:
    """The demo's provider, before its process is started: its socket is taken, its secrets are known."""

    def __init__(self, folder: Path, taken: socket.socket, local_url: str) -> None:
        self._folder, self._socket = folder, taken
        self._webhooks = f"{local_url}/webhooks/stripe"
        self.secrets = kept_secrets(folder / SECRETS)
        taken.listen(64)
        taken.set_inheritable(True)

    @property
    def url(self) -> str:
        return url_of(self._socket)

    def environ(self) -> dict[str, str]:
        """What points the service to it."""
        return {
            "CARD_KEY": self.secrets.key,
            "CARD_WEBHOOK_SECRET": self.secrets.webhook_secret,
            "CARD_API_URL": self.url,
            "CARD_PAGES_URL": self.url,
            "CARD_API_VERSION": API_VERSION,
        }

    def service(self, environ: Mapping[str, str]) -> Service:
        """The process, for the supervisor."""
        descriptor = self._socket.fileno()
        told = (str(descriptor), self._webhooks, str(self._folder / BOOKS))
        command = (sys.executable, "-P", "-m", "config.demo.card_provider", *told)
        return Service(
            kind=ProcessKind.BANK, number=1, command=command, environ=environ, inherits=(descriptor,)
        )

    def told(self) -> dict[str, Any]:
        """What the `READY` line says of it: its address, and the buttons of its pages."""
        cards = {
            "ok": SandboxChoice.PAY,
            "declined": SandboxChoice.DECLINE,
            "three_d_secure": SandboxChoice.THREE_D_SECURE,
            "slow": SandboxChoice.SLOW,
        }
        return {"url": self.url, "cards": cards}


def kept_secrets(path: Path) -> SandboxSecrets:
    """The secrets of this folder's demo: made once, readable by its owner only."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_bytes(msgspec.json.encode(new_secrets()))
    return msgspec.json.decode(path.read_bytes(), type=SandboxSecrets)


def main(descriptor: str, webhooks: str, books: str, environ: Mapping[str, str] = os.environ) -> None:
    """Be the provider until SIGTERM or SIGINT. Its secrets come by the environment, never by the command line."""
    given = SandboxSecrets(environ["CARD_KEY"], environ["CARD_WEBHOOK_SECRET"])
    version = environ["CARD_API_VERSION"]
    asyncio.run(_serve(Sandbox(given, version, webhooks, Path(books)), socket.socket(fileno=int(descriptor))))


async def _serve(sandbox: Sandbox, taken: socket.socket) -> None:
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    async with sandbox.serving(taken):
        await ended.wait()
