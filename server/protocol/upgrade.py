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
            if take(protocol, self, self.scope["method"], self.url, self.scope["headers"]):
                self.connections.discard(self)
                self.transport.set_protocol(protocol)
                self._forget()
                return
            self.connections.discard(protocol)
        super().handle_websocket_upgrade()

    def _forget(self) -> None:
        """What knew this connection and is known by it: it would stay until a look at all objects finds the circle."""
        self._unset_keepalive_if_required()
        self.parser = self.cycle = None  # type: ignore[assignment]  # as uvicorn when a connection is lost
