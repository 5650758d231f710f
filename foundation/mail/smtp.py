"""The mail server that mail is handed to, over SMTP (aiosmtplib). Fails soft: what it does not take is tried again.

One mail and one connection at a time: one address with an accent and no SMTPUTF8 would stop the whole message for the
others too. After a silence the server is left alone for a while, so that a worker has time for its other tasks.
"""

import re
import time
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

import aiosmtplib
import msgspec
from aiosmtplib import (
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from foundation.mail.messages import Letter, Sender, mailbox, message
from foundation.mail.states import NO_SMTPUTF8, SILENCE, ServerWord, Step

PORTS = {"smtp": 25, "smtps": 465}

HERE = frozenset({"localhost", "127.0.0.1", "::1"})
"""To this machine mail may go without TLS."""

QUIET_SECONDS = 15.0
"""A server that said nothing is not asked again for so long by the same process."""

_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


class MailServer(msgspec.Struct, frozen=True, kw_only=True):
    """Where the mail server is, and how to talk to it."""

    host: str
    port: int
    tls: bool
    """From the first byte on."""
    starttls: bool
    """TLS begins inside the connection, or nothing is sent."""
    username: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        return f"MailServer({self.host}:{self.port})"


def server_of(url: str) -> MailServer:
    """`smtps://user:password@host`, or `smtp://`, which demands STARTTLS but from this machine and with
    `?starttls=no`. Raises ValueError with the end of a sentence, without the password."""
    parts = urlsplit(url)
    options: Mapping[str, str] = dict(parse_qsl(parts.query))
    if parts.scheme not in PORTS:
        raise ValueError("must begin with smtp:// or smtps://")
    try:
        host, port = parts.hostname, parts.port or PORTS[parts.scheme]
    except ValueError:
        host, port = None, 0
    if not host or parts.path.strip("/") or set(options) - {"starttls"}:
        raise ValueError("must be smtp:// or smtps://, a host, and no more than a port and `?starttls=no`")
    tls, wanted = parts.scheme == "smtps", options.get("starttls", "no" if host in HERE else "yes")
    if wanted not in ("yes", "no"):
        raise ValueError("must say `?starttls=` yes or no")
    username = None if parts.username is None else unquote(parts.username)
    password = None if parts.password is None else unquote(parts.password)
    starttls = not tls and wanted == "yes"
    if (username is None) != (password is None):
        raise ValueError("must name a user and a password, or neither")
    if username is not None and not (tls or starttls or host in HERE):
        raise ValueError("must not send a password without TLS")
    return MailServer(host=host, port=port, tls=tls, starttls=starttls, username=username, password=password)


class MailTransport(Protocol):
    """What takes mail."""

    async def send(self, letter: Letter) -> ServerWord:
        """Hand one mail over; what was said to it. Raises nothing but ValueError, for no address."""
        ...  # pragma: no cover - a protocol has no body


class Smtp:
    """A `MailTransport` over SMTP."""

    def __init__(self, server: MailServer, sender: Sender, timeout_seconds: float) -> None:
        self._server, self._sender, self._timeout = server, sender, timeout_seconds
        self._quiet_until = 0.0

    async def send(self, letter: Letter) -> ServerWord:
        to, whole = mailbox(letter.to), message(letter, self._sender)
        if time.monotonic() < self._quiet_until:
            return SILENCE
        word = await self._sent(to, whole)
        if word.code == 0:
            self._quiet_until = time.monotonic() + QUIET_SECONDS
        return word

    async def _sent(self, to: str, whole: bytes) -> ServerWord:
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.tls,
            start_tls=False,
            timeout=self._timeout,
            # By itself the library asks the resolver for this host's name, and waits for the answer.
            local_hostname=self._sender.host,
        )
        options = () if to.isascii() else ("SMTPUTF8",)
        try:
            async with client:
                if server.starttls:
                    await client.starttls()
                if server.username is not None and server.password is not None:
                    await client.login(server.username, server.password)
                _, said = await client.sendmail(self._sender.address, [to], whole, mail_options=options)
            return ServerWord(Step.CONTENT, 250, _status(said))
        except SMTPRecipientsRefused as refused:
            (one,) = refused.recipients
            return ServerWord(Step.RECIPIENT, one.code, _status(one.message))
        except SMTPDataError as refused:
            return ServerWord(Step.CONTENT, refused.code, _status(refused.message))
        except SMTPResponseException as refused:
            return ServerWord(Step.TALK, refused.code, _status(refused.message))
        except SMTPNotSupported:
            return SILENCE if to.isascii() else NO_SMTPUTF8
        except (SMTPException, OSError):
            return SILENCE


def _status(said: str) -> str:
    """The enhanced status of a reply. The rest of it may quote the address."""
    found = _STATUS.search(said)
    return found[1] if found else ""
