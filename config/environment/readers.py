"""How the text of an environment variable is read: one function a kind of value.

Each raises ValueError with the end of a sentence that begins with the variable's name.
"""

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from foundation.mail.messages import mailbox
from foundation.mail.smtp import server_of
from foundation.sql import postgresql


def text(value: str) -> str:
    return value


def words(longest: int) -> Callable[[str], str]:
    """A text that pages show, on one line."""

    def read(value: str) -> str:
        if len(value) > longest or re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", value):
            raise ValueError(f"must be a text of {longest} characters at most, on one line")
        return value

    return read


def yes_or_no(value: str) -> bool:
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off"}:
        return False
    raise ValueError("must be yes or no")


def whole(low: int, high: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", value) or not low <= int(value) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(value)

    return read


def seconds(low: float, high: float) -> Callable[[str], float]:
    def read(value: str) -> float:
        if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", value) or not low <= float(value) <= high:
            raise ValueError(f"must be a number of seconds from {low:g} to {high:g}")
        return float(value)

    return read


def one_of(*known: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value.lower() not in known:
            raise ValueError(f"must be one of {', '.join(known)}")
        return value.lower()

    return read


def address(*schemes: str) -> Callable[[str], str]:
    """A URL with one of these schemes, without a slash at its end, so that paths can be added."""

    def read(value: str) -> str:
        if urlsplit(value).scheme not in schemes:
            raise ValueError(f"must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        if value in {"sqlite://", "sqlite:///", "sqlite:///:memory:"}:
            raise ValueError("must name a file, which all processes share")
        return value.rstrip("/")

    return read


def sql_address(value: str) -> str:
    """SQLite's, or PostgreSQL's in any of the forms that are about."""
    if value.partition("+")[0].partition(":")[0] in postgresql.SCHEMES:
        return postgresql.canonical(value)
    return address("sqlite", "postgresql")(value)


def public_address(value: str) -> str:
    """Scheme and host of the address that browsers use, as browsers send them. Nothing can be below a path."""
    parts = urlsplit(value)
    try:
        host, port = (parts.hostname or "").encode("idna").decode("ascii"), parts.port
    except ValueError:
        host, port = "", None
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError("must begin with http:// or https:// and name a host")
    if parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("must be a scheme and a host alone, such as https://guichet.example.ca")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{'' if port is None else f':{port}'}"


def listening_address(value: str) -> tuple[str, int]:
    """Host and port; loopback where only a port is named."""
    host, _, port = value.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") or "127.0.0.1"
    if (
        not re.fullmatch(r"[0-9]{1,5}", port)
        or not 0 < int(port) < 65_536
        or not re.fullmatch(r"[\w.:-]+", host)
    ):
        raise ValueError("must be a port, or a host and a port such as 127.0.0.1:9100")
    return host, int(port)


def mail_server(value: str) -> str:
    """The address of a mail server; `foundation/mail/smtp.py` says what each means."""
    server_of(value)
    return value


def mail_sender(value: str) -> str:
    """One e-mail address in ASCII, without a name: that is `SERVICE_NAME`'s."""
    address = mailbox(value)
    if not address.isascii():
        raise ValueError("must be in ASCII")
    return address


def demo(value: str) -> bool:
    """The demo names itself to its own processes: `demo-` and the number of its process."""
    return re.fullmatch(r"demo-[0-9]+", value) is not None or yes_or_no(value)


def keys(value: str) -> tuple[str, ...]:
    return tuple(key.strip() for key in value.split(",") if key.strip())


WIDEST_NETWORK = {4: 8, 6: 7}
"""Bits that a network must name: 10.0.0.0/8 and fc00::/7 are the widest private ones. Fewer name half the world."""


def networks(value: str) -> tuple[str, ...]:
    """Networks; an address is one of its own. `*` and 0.0.0.0/0 are refused: with them anybody could claim anything."""
    parts = [part.strip() for part in value.split(",") if part.strip()]
    try:
        # As a network is written: the server takes 10.0.0.1/8 for no network at all.
        found = [ipaddress.ip_network(part, strict=False) for part in parts]
    except ValueError:
        raise ValueError("must be addresses or networks such as 10.0.0.0/8, separated by commas") from None
    if any(one.prefixlen < WIDEST_NETWORK[one.version] for one in found):
        raise ValueError("must not name half the world: the widest networks are 10.0.0.0/8 and fc00::/7")
    return tuple(map(str, found))


def folder(value: str) -> Path:
    path = Path(value)
    if not path.is_dir():
        raise ValueError("must be a folder that exists")
    return path
