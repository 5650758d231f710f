"""The embedded Valkey keeps what it acknowledged."""

from config.processes.embedded import Valkey
from config.settings import refuse_evicting
from tests.integration.config.test_settings import policy


async def test_the_embedded_valkey_keeps_every_key_and_every_write(session_valkey: Valkey) -> None:
    """The Valkey we start ourselves passes our own rule and syncs every write."""
    async with policy(session_valkey, "noeviction") as client:
        await refuse_evicting(client)
        shown = await client.config_get("appendonly", "appendfsync", "port")
        values = {str(k, "ascii") if isinstance(k, bytes) else k: v for k, v in shown.items()}
        assert {k: str(v, "ascii") if isinstance(v, bytes) else v for k, v in values.items()} == {
            "appendonly": "yes",
            "appendfsync": "always",
            "port": "0",
        }
