"""How `REDIS_URL` names its servers: one of them, three Sentinels that know which one, or a Cluster. Pure.

    redis://host:port/db           one server; rediss:// with TLS, unix:///path for a socket
    redis+sentinel://a:26379,b:26379,c:26379/service/db     the primary that these Sentinels call `service`
    redis+cluster://a:6379,b:6379,c:6379                    a Cluster, found through any of these

`rediss+sentinel` and `rediss+cluster` speak TLS. User, password and redis-py's own options stand where they always do;
`sentinel_username` and `sentinel_password` are options for the Sentinels themselves.
"""

import re
from enum import StrEnum
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import msgspec


class Servers(StrEnum):
    """What an address stands for."""

    ONE = "one"
    """One server."""
    SENTINEL = "sentinel"
    """The primary that Sentinels name."""
    CLUSTER = "cluster"
    """A Cluster, found through any of its servers."""


ONE = ("redis", "rediss", "unix")

MANY = ("redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster")

PORTS = {Servers.SENTINEL: 26379, Servers.CLUSTER: 6379}
"""Where each listens when the address does not say."""

_SERVER = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9._-]+))(?::(?P<port>[0-9]{1,5}))?")


class Topology(msgspec.Struct, frozen=True):
    """What an address says. `url` is for redis-py: the one server, or what each connection has in common."""

    kind: Servers
    url: str
    servers: tuple[tuple[str, int], ...] = ()
    service: str = ""
    sentinel: dict[str, str] = {}

    @property
    def tls(self) -> bool:
        return self.url.startswith("rediss:")


def topology(address: str) -> Topology:
    """Read an address. ValueError says what it must look like."""
    parts = urlsplit(address)
    if parts.scheme in ONE:
        return Topology(Servers.ONE, address)
    if parts.scheme not in MANY:
        known = " or ".join(f"{scheme}://" for scheme in ONE + MANY[::2])
        raise ValueError(f"must begin with {known}")
    scheme, _, named_kind = parts.scheme.partition("+")
    kind = Servers(named_kind)
    secret, _, named = parts.netloc.rpartition("@")
    servers = tuple(_server(one, PORTS[kind]) for one in named.split(","))
    path = unquote(parts.path).strip("/").split("/")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    own = {
        name: options.pop(f"sentinel_{name}")
        for name in ("username", "password")
        if f"sentinel_{name}" in options
    }
    common = f"{scheme}://{secret + '@' if secret else ''}server"
    query = f"?{urlencode(options)}" if options else ""
    if kind is Servers.CLUSTER:
        if path != [""]:
            raise ValueError("must end after the servers: a Cluster has no databases")
        return Topology(Servers.CLUSTER, f"{common}{query}", servers)
    if not path[0] or len(path) > 2 or not re.fullmatch(r"[0-9]*", path[1] if len(path) == 2 else ""):
        raise ValueError(
            "must name the service after the Sentinels: redis+sentinel://host:port,host:port/service/db"
        )
    database = f"/{path[1]}" if len(path) == 2 and path[1] else ""
    return Topology(Servers.SENTINEL, f"{common}{database}{query}", servers, path[0], own)


def _server(text: str, port: int) -> tuple[str, int]:
    found = _SERVER.fullmatch(text.strip())
    if found is None or not 0 < int(found["port"] or port) < 65536:
        raise ValueError("must name its servers as host:port, separated by commas")
    return found["six"] or found["host"], int(found["port"] or port)


def line_address(value: str) -> str:
    """For `REDIS_URL`: any of them. Raises ValueError."""
    topology(value)
    return value.rstrip("/")


def queue_address(value: str) -> str:
    """For `QUEUE_REDIS_URL`: RQ's scripts and pipelines name keys of several slots. Raises ValueError."""
    if topology(value).kind is Servers.CLUSTER:
        raise ValueError("must not be a Cluster, where RQ does not run")
    return value.rstrip("/")
