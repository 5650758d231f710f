"""The provider as a process of its own."""

import asyncio
import os
import signal
import subprocess
from pathlib import Path

from casework.payments.card.states import ChargeState
from casework.payments.card.stripe_provider import StripeAccount, StripeProvider
from casework.payments.card.stripe_reading import API_VERSION
from config.demo.card_provider.process import DemoProvider, kept_secrets
from config.demo.card_provider.server import open_socket
from tests.support.processes.card_providers import order


async def test_it_serves_and_ends_when_told(tmp_path: Path) -> None:
    """Its socket listens before it does, and its secrets outlive it."""
    with open_socket() as taken:
        demo = DemoProvider(tmp_path, taken, "http://127.0.0.1:9")
        service = demo.service({**os.environ, **demo.environ()})
        account = StripeAccount(
            key=demo.secrets.key,
            webhook_secret=demo.secrets.webhook_secret,
            api_version=API_VERSION,
            base=demo.url,
        )
        process = subprocess.Popen(service.command, env=service.environ, pass_fds=service.inherits)
        provider = StripeProvider(account)
        page = await provider.open_page(order())
        assert page.href.startswith(demo.url)
        assert (await provider.read(page.session)).state is ChargeState.OPEN
        assert not any("sk_test" in part for part in service.command)
        assert set(demo.told()["cards"].values()) == {"payer", "refuser", "3ds", "lent"}
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 10) == 0
    assert kept_secrets(tmp_path / "banque.json") == demo.secrets
