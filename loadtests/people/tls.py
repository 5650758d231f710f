"""TLS of the people: whose certificates they believe, and one look at the door before anybody comes."""

import asyncio
import ssl
from urllib.parse import urlsplit

SCHEMES = {"http": 80, "https": 443}
"""What a rehearsal speaks, and the port where an address names none."""

LOOK_SECONDS = 10.0


def trust(url: str, ca: str | None = None) -> ssl.SSLContext | None:
    """For an https address whose authorities are believed: those of the system, with `ca` those of this file besides.

    None for plain HTTP. Raises OSError for a file that cannot be read or has no certificate.
    """
    if urlsplit(url).scheme != "https":
        return None
    context = ssl.create_default_context()
    if ca is not None:
        context.load_verify_locations(cafile=ca)
    context.set_alpn_protocols(["http/1.1"])
    return context


def port_of(url: str) -> int:
    """The port of an address, also where it names none."""
    parts = urlsplit(url)
    return parts.port or SCHEMES.get(parts.scheme, SCHEMES["http"])


async def look(url: str, context: ssl.SSLContext | None) -> None:
    """Connect once, and leave. Raises OSError; for a certificate that is not believed `SSLCertVerificationError`."""
    async with asyncio.timeout(LOOK_SECONDS):
        host = urlsplit(url).hostname or ""
        _, writer = await asyncio.open_connection(host, port_of(url), ssl=context)
        writer.close()
