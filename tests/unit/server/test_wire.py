"""Every socket that the feed writes to has the whole of the protocol."""

import inspect

import pytest

from server.protocol.websocket_protocol import WebSocketProtocol
from server.wire import WireProtocol
from tests.support.rooms import RecordingWire
from waitingroom.feed.endpoint import AsgiWire

METHODS = [name for name in vars(WireProtocol) if not name.startswith("_")]


@pytest.mark.parametrize("kind", [WebSocketProtocol, AsgiWire, RecordingWire])
@pytest.mark.parametrize("name", METHODS)
def test_a_wire_has_each_method_with_its_parameters(kind: type, name: str) -> None:
    """The server offers itself through the scope, where no type checker looks."""
    wanted = list(inspect.signature(getattr(WireProtocol, name)).parameters)
    assert list(inspect.signature(getattr(kind, name)).parameters) == wanted
