"""Caches that keep more or less than they should, and what comes through one."""

from collections.abc import Mapping
from enum import StrEnum
from http.client import HTTPResponse
from socket import socket
from typing import Final, NamedTuple

from server.rendering.compression import Coding
from tests.unit.server.rendering.test_compression import read


class Keeping(StrEnum):
    """What a cache keeps."""

    STATIC = "static"
    """As the files of `docs/deploy/` say."""
    ALLOWED = "allowed"
    """Whatever its answer allows, wherever it is asked for: a cache that somebody else has set up."""
    ANYTHING = "anything"
    """Whatever comes, and what an answer says of it counts for nothing."""
    ONE_COPY = "one copy"
    """Of each file: whatever stands behind the `?`, and in whichever coding it came first."""


EVERYWHERE: Final = "location / {\n\t\t\tproxy_cache guichet;\n\t\t\tproxy_cache_key $host$request_uri;\n"

CARELESS: Final = (
    "proxy_cache_valid any 5m;\n\t\t\tproxy_cache_methods GET HEAD POST;\n"
    "\t\t\tproxy_ignore_headers Cache-Control Expires Set-Cookie Vary;\n"
)

IMMUTABLE: Final = 'if (beresp.http.Cache-Control !~ "\\bimmutable\\b") {'

ANYWHERE_IN_VARNISH: Final = {'|| req.url !~ "^/static/"': "", "unset req.http.": "# "}

BY_PATH: Final = 'sub vcl_hash {\n\thash_data(regsub(req.url, "\\?.*", ""));\n\treturn (lookup);\n}\n'

CHANGES: Final[Mapping[tuple[str, Keeping], Mapping[str, str]]] = {
    ("nginx", Keeping.STATIC): {},
    ("nginx", Keeping.ALLOWED): {"location / {\n": EVERYWHERE},
    ("nginx", Keeping.ANYTHING): {"location / {\n": EVERYWHERE + CARELESS},
    ("nginx", Keeping.ONE_COPY): {"$host$request_uri;": "$host$uri;\n\t\t\tproxy_ignore_headers Vary;"},
    ("varnishd", Keeping.STATIC): {},
    ("varnishd", Keeping.ALLOWED): ANYWHERE_IN_VARNISH | {IMMUTABLE: "if (false) {"},
    ("varnishd", Keeping.ANYTHING): ANYWHERE_IN_VARNISH
    | {IMMUTABLE: "set beresp.ttl = 5m;\n\treturn (deliver);\n\tif (false) {"},
    ("varnishd", Keeping.ONE_COPY): {
        "sub vcl_pipe": f"{BY_PATH}\nsub vcl_pipe",
        "sub vcl_backend_response {": "sub vcl_backend_response {\n\tunset beresp.http.Vary;",
    },
}  # fmt: skip
"""What is changed in the file of `docs/deploy/` for such a cache."""


class CachedReply(NamedTuple):
    """What came through a cache; header names in lower case, cookies as `name=value`."""

    status: int
    headers: dict[str, str]
    cookies: list[str]
    body: bytes

    @property
    def made(self) -> str:
        """The id of the request that it was made for: a copy has that of another one."""
        return self.headers["x-request-id"]

    @property
    def text(self) -> bytes:
        return read(self.body, Coding(self.headers.get("content-encoding", "identity")))


def reply_on(
    line: socket, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
) -> CachedReply:
    """One request on this connection."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    line.sendall(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body)
    response = HTTPResponse(line, method=method)
    response.begin()
    named = {name.lower(): value for name, value in response.getheaders()}
    cookies = [value.partition(";")[0] for value in response.headers.get_all("set-cookie", [])]
    return CachedReply(response.status, named, cookies, response.read())
