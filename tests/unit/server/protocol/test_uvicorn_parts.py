"""Every private part of uvicorn that we lean on: an upgrade that moves one fails here first, and says where to look."""

import ast
import inspect
import textwrap
from importlib.metadata import version

import pytest
from uvicorn import _types, server
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http import httptools_impl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.server import ServerProtocol

HTTP = "server/protocol/http_protocol.py"

UPGRADE = "server/protocol/upgrade.py"

WEBSOCKET = "server/protocol/websocket_protocol.py"

SERVER = "server/protocol/uvicorn_server.py"

GATE = "server/protocol/accept_gate.py"

METHODS = [
    (HttpToolsProtocol, "connection_made", "(self, transport)", HTTP, "the deadline of the first head begins"),
    (HttpToolsProtocol, "connection_lost", "(self, exc)", HTTP, "timers end, reference cycles are broken"),
    (HttpToolsProtocol, "data_received", "(self, data)", HTTP, "bytes of a head are counted"),
    (HttpToolsProtocol, "on_message_begin", "(self)", HTTP, "a later request's deadline"),
    (HttpToolsProtocol, "on_headers_complete", "(self)", HTTP, "the head came in time"),
    (HttpToolsProtocol, "on_message_complete", "(self)", HTTP, "the body is whole: the fast path may take it"),
    (HttpToolsProtocol, "_start_asgi_task", "(self, cycle, app)", HTTP, "held back until the body is there; fast path"),
    (HttpToolsProtocol, "on_response_complete", "(self)", HTTP, "one timer for idle connections, next in line"),
    (HttpToolsProtocol, "_unset_keepalive_if_required", "(self)", HTTP, "the idle timer moves instead of ending"),
    (HttpToolsProtocol, "timeout_keep_alive_handler", "(self)", HTTP, "the idle timer"),
    (HttpToolsProtocol, "pause_writing", "(self)", HTTP, "a reader that takes nothing"),
    (HttpToolsProtocol, "resume_writing", "(self)", HTTP, "a reader that takes something again"),
    (HttpToolsProtocol, "send_400_response", "(self, msg)", HTTP, "what is no HTTP gets an id too"),
    (HttpToolsProtocol, "handle_websocket_upgrade", "(self)", UPGRADE, "a handshake that was parsed is handed on"),
    (RequestResponseCycle, "run_asgi", "(self, app)", HTTP, "the task of a request that the fast path left"),
    (RequestResponseCycle, "send", "(self, message)", HTTP, "`answer_at_once` does what its two messages do"),
    (WebSocketsSansIOProtocol, "data_received", "(self, data)", WEBSOCKET, "pongs, handshakes given up"),
    (WebSocketsSansIOProtocol, "handle_connect", "(self, event)", WEBSOCKET, "the wire in the scope"),
    (WebSocketsSansIOProtocol, "__init__", "(self, config, server_state, app_state, _loop)", WEBSOCKET, "made late"),
    (WebSocketsSansIOProtocol, "connection_lost", "(self, exc)", WEBSOCKET, "with what the class has"),
    (WebSocketsSansIOProtocol, "send_receive_event_to_app", "(self)", WEBSOCKET, "heard without a task: read on"),
    (WebSocketsSansIOProtocol, "handle_pong", "(self, event)", WEBSOCKET, "a sign of life"),
    (WebSocketsSansIOProtocol, "send", "(self, message)", WEBSOCKET, "the handshake is forgotten when it is done"),
    (WebSocketsSansIOProtocol, "shutdown", "(self)", SERVER, "feeds are sent away with 1012"),
    (ServerProtocol, "accept", "(self, request)", WEBSOCKET, "judges a handshake that was parsed by others"),
    (ServerProtocol, "receive_data", "(self, data)", WEBSOCKET, "a head of our own, so that frames come next"),
    (ServerProtocol, "events_received", "(self)", WEBSOCKET, "which is thrown away"),
    (ServerProtocol, "send_close", "(self, code, reason)", WEBSOCKET, "one that was written without it"),
    (ServerProtocol, "send_response", "(self, response)", WEBSOCKET, "the answer to a handshake"),
    (ServerProtocol, "data_to_send", "(self)", WEBSOCKET, "as bytes"),
    (server.Server, "startup", "(self, sockets)", SERVER, "serving is told; shared listeners get a gate"),
    (server.Server, "on_tick", "(self, counter)", SERVER, "ten times a second: gate, garbage collector, pace"),
    (server.Server, "shutdown", "(self, sockets)", SERVER, "feeds are closed little by little"),
]  # fmt: skip
"""Whose, name, parameters, where we lean on it, what for."""

ATTRIBUTES = [
    (HttpToolsProtocol, "pipeline", HTTP), (HttpToolsProtocol, "cycle", HTTP), (HttpToolsProtocol, "flow", HTTP),
    (HttpToolsProtocol, "tasks", HTTP), (HttpToolsProtocol, "connections", HTTP), (HttpToolsProtocol, "loop", HTTP),
    (HttpToolsProtocol, "server_state", HTTP), (HttpToolsProtocol, "timeout_keep_alive", HTTP),
    (HttpToolsProtocol, "timeout_keep_alive_task", HTTP), (HttpToolsProtocol, "transport", HTTP),
    (RequestResponseCycle, "disconnected", HTTP), (RequestResponseCycle, "response_started", HTTP),
    (RequestResponseCycle, "response_complete", HTTP), (RequestResponseCycle, "more_body", HTTP),
    (RequestResponseCycle, "body", HTTP), (RequestResponseCycle, "keep_alive", HTTP),
    (RequestResponseCycle, "default_headers", HTTP), (RequestResponseCycle, "message_event", HTTP),
    (RequestResponseCycle, "on_response", HTTP), (RequestResponseCycle, "waiting_for_100_continue", HTTP),
    (RequestResponseCycle, "flow", HTTP), (RequestResponseCycle, "scope", HTTP),
    (HttpToolsProtocol, "ws_protocol_class", UPGRADE), (HttpToolsProtocol, "config", UPGRADE),
    (HttpToolsProtocol, "app_state", UPGRADE), (HttpToolsProtocol, "url", UPGRADE),
    (HttpToolsProtocol, "scope", UPGRADE), (HttpToolsProtocol, "parser", UPGRADE),
    (HttpToolsProtocol, "server", WEBSOCKET), (HttpToolsProtocol, "client", WEBSOCKET),
    (HttpToolsProtocol, "scheme", WEBSOCKET),
    (WebSocketsSansIOProtocol, "conn", WEBSOCKET), (WebSocketsSansIOProtocol, "queue", WEBSOCKET),
    (WebSocketsSansIOProtocol, "writable", WEBSOCKET), (WebSocketsSansIOProtocol, "config", WEBSOCKET),
    (WebSocketsSansIOProtocol, "connections", WEBSOCKET), (WebSocketsSansIOProtocol, "logger", WEBSOCKET),
    (WebSocketsSansIOProtocol, "ping_timer", WEBSOCKET), (WebSocketsSansIOProtocol, "pong_timer", WEBSOCKET),
    (WebSocketsSansIOProtocol, "scheme", WEBSOCKET),
    (WebSocketsSansIOProtocol, "server", WEBSOCKET), (WebSocketsSansIOProtocol, "client", WEBSOCKET),
    (WebSocketsSansIOProtocol, "response", WEBSOCKET), (WebSocketsSansIOProtocol, "request", WEBSOCKET),
    (WebSocketsSansIOProtocol, "handshake_initiated", WEBSOCKET),
    (WebSocketsSansIOProtocol, "handshake_complete", WEBSOCKET),
    (WebSocketsSansIOProtocol, "close_sent", WEBSOCKET), (WebSocketsSansIOProtocol, "disconnected", WEBSOCKET),
    (WebSocketsSansIOProtocol, "read_paused", WEBSOCKET), (WebSocketsSansIOProtocol, "close_timer", WEBSOCKET),
    (WebSocketsSansIOProtocol, "close_timeout", WEBSOCKET), (WebSocketsSansIOProtocol, "transport", WEBSOCKET),
    (server.ServerState, "connections", SERVER), (server.ServerState, "total_requests", HTTP),
    (server.ServerState, "default_headers", HTTP), (server.Server, "servers", GATE),
    (server.Server, "force_exit", SERVER),
]  # fmt: skip
"""Whose, name, where: each is set by its constructor, or when a server starts."""


def test_the_version_is_the_one_that_was_read() -> None:
    """The bound in `pyproject.toml` lets no other minor version in: read its changes, run this, then raise both."""
    assert version("uvicorn").startswith("0.54.")


@pytest.mark.parametrize(("owner", "name", "parameters", "where", "why"), METHODS)
def test_a_method_we_override_or_call_is_there(
    owner: type, name: str, parameters: str, where: str, why: str
) -> None:
    """With the parameters that we give or take."""
    method = getattr(owner, name, None)
    assert method is not None, f"{owner.__name__}.{name} is gone: look at {where} ({why})"
    found = f"({', '.join(inspect.signature(method).parameters)})"
    assert found == parameters, f"{owner.__name__}.{name} takes {found} now: look at {where} ({why})"


@pytest.mark.parametrize(("owner", "name", "where"), ATTRIBUTES)
def test_an_attribute_we_read_or_set_is_there(owner: type, name: str, where: str) -> None:
    """Each is assigned somewhere in the class itself."""
    assigned = {
        node.attr
        for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(owner))))
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    }
    assert name in assigned, f"{owner.__name__}.{name} is no longer set: look at {where}"


def test_what_stands_beside_the_classes_is_there() -> None:
    """Status lines, types and the reading of forwarded headers."""
    assert httptools_impl.STATUS_LINE[200].startswith(b"HTTP/1.1 200"), HTTP
    assert {"HTTPScope", "ASGISendEvent"} <= vars(_types).keys(), f"{HTTP}, {WEBSOCKET}"
    assert list(inspect.signature(ProxyHeadersMiddleware).parameters) == ["app", "trusted_hosts"], HTTP
