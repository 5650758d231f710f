"""A handshake is handed on as it was parsed, where the socket's protocol takes it."""

import asyncio
from typing import Any

import pytest
from uvicorn.config import Config
from uvicorn.server import ServerState

from server.protocol.upgrade import UpgradingProtocol


class Transport(asyncio.Transport):
    """Remembers which protocol it has."""

    def __init__(self) -> None:
        super().__init__()
        self.protocol: object = None

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol


class TakingSocket:
    """The socket's protocol; `takes` a handshake or has it written out again."""

    takes = True

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any]) -> None:
        self.connections = server_state.connections
        self.given: list[object] = []

    def connection_made(self, transport: asyncio.Transport) -> None:
        self.connections.add(self)  # type: ignore[arg-type]

    def take(
        self, before: UpgradingProtocol, method: str, target: bytes, headers: list[tuple[bytes, bytes]]
    ) -> bool:
        self.connections.add(self)  # type: ignore[arg-type]
        self.given += [method, target, headers]
        return self.takes

    def data_received(self, data: bytes) -> None:
        self.given.append(data)


@pytest.mark.parametrize("takes", [True, False])
async def test_an_ordinary_handshake_is_not_written_out_again(
    monkeypatch: pytest.MonkeyPatch, takes: bool
) -> None:
    """Twin: what the socket's protocol does not take goes uvicorn's own way, as bytes."""
    monkeypatch.setattr(TakingSocket, "takes", takes)

    async def app(scope: object, receive: object, send: object) -> None: ...

    config, state = Config(app, ws=TakingSocket, log_config=None, lifespan="off"), ServerState()  # type: ignore[arg-type]
    config.load()
    protocol = UpgradingProtocol(
        config=config, server_state=state, app_state={}, _loop=asyncio.get_running_loop()
    )
    protocol.transport = transport = Transport()
    state.connections.add(protocol)
    headers = [(b"host", b"guichet.test"), (b"upgrade", b"websocket")]
    protocol.scope, protocol.url, protocol.headers = {"method": "GET", "headers": headers}, b"/live", headers  # type: ignore[typeddict-item]
    protocol.handle_websocket_upgrade()
    assert isinstance(transport.protocol, TakingSocket)
    assert protocol not in state.connections
    assert (
        protocol.parser is None
    ) is takes  # nothing of it is a circle that only the garbage collector finds
    assert transport.protocol.given[:3] == (
        ["GET", b"/live", headers] if takes else transport.protocol.given[:3]
    )
    assert any(isinstance(one, bytes) and b"HTTP/1.1" in one for one in transport.protocol.given) is not takes
