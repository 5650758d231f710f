"""A handshake is parsed once: uvicorn writes it out again for another parser."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class UpgradingProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, which hands an ordinary handshake to the socket's protocol as it was parsed."""

    def handle_websocket_upgrade(self) -> None:
        """As uvicorn's, where the other protocol does not `take` it."""
        kind = self.ws_protocol_class
        take = getattr(kind, "take", None)
        if kind is not None and take is not None:
            protocol = kind(config=self.config, server_state=self.server_state, app_state=self.app_state)  # type: ignore[call-arg]
            protocol.connection_made(self.transport)
            if take(protocol, self.scope["method"], self.url, self.scope["headers"]):
                self.connections.discard(self)
                self.transport.set_protocol(protocol)
                return
            self.connections.discard(protocol)
        super().handle_websocket_upgrade()
