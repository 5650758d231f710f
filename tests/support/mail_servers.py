"""A real SMTP server on loopback for tests (aiosmtpd), which keeps what it took and refuses what it is told to."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from foundation.mail.messages import Sender
from foundation.mail.smtp import Smtp, server_of

FROM = Sender("guichet@exemple.invalid", "Guichet d’essai")


class TakenMail:
    """What the server took, and what it says: a reply for `RCPT` or `DATA` in place of its own."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.says: dict[str, str] = {}
        self.port = 0
        self.taken = asyncio.Event()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "RCPT" in self.says:
            return self.says["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if "DATA" in self.says:
            return self.says["DATA"]
        content = envelope.content
        assert isinstance(content, bytes)
        read = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(read, EmailMessage)
        self.messages.append(read)
        self.recipients.append(list(envelope.rcpt_tos))
        self.taken.set()
        return "250 2.0.0 taken"

    def transport(self, timeout_seconds: float = 5.0) -> Smtp:
        """What sends to this server."""
        return Smtp(server_of(f"smtp://127.0.0.1:{self.port}"), FROM, timeout_seconds)


@asynccontextmanager
async def mail_server(**options: Any) -> AsyncIterator[TakenMail]:
    """A server on a free port; `options` are aiosmtpd's."""
    kept, loop = TakenMail(), asyncio.get_running_loop()
    settings: dict[str, Any] = {"hostname": "localhost", "enable_SMTPUTF8": True} | options
    talks: list[SMTP] = []

    def talk() -> SMTP:
        talks.append(SMTP(kept, loop=loop, **settings))
        return talks[-1]

    server = await loop.create_server(talk, "127.0.0.1", 0)
    kept.port = server.sockets[0].getsockname()[1]
    try:
        yield kept
    finally:
        server.close()
        await server.wait_closed()
        for one in talks:
            if one.transport is not None:
                one.transport.close()
        await asyncio.sleep(0)
