"""The demo's mail server: real SMTP on loopback (aiosmtpd), which sends nothing on and keeps what it took."""

import asyncio
import contextlib
import email
import email.policy
import logging
import socket
from collections.abc import AsyncIterator
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from config.demo.mailbox.kept_mail import KeptMail, KeptMessage
from foundation.clock import now_ms

HOST = "127.0.0.1"

FOLDER = "courriels"
"""Below the demo's folder."""

LONGEST_BYTES = 256 * 1024
"""Of one message: ours have some kilobytes."""


class Keeper:
    """Takes every message; the method's name is aiosmtpd's."""

    def __init__(self, kept: KeptMail) -> None:
        self._kept = kept

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        raw = content.encode() if isinstance(content, str) else content or b""
        read = email.message_from_bytes(raw, policy=email.policy.default)
        body = read.get_body(("plain",))
        text = body.get_content() if body is not None else ""
        for to in envelope.rcpt_tos:
            message = KeptMessage(
                to=to,
                sender=str(read["From"] or ""),
                subject=str(read["Subject"] or ""),
                text=text.replace("\r\n", "\n"),
                message_id=str(read["Message-ID"] or ""),
                at=now_ms(),
            )
            await asyncio.to_thread(self._kept.keep, message)
        return "250 2.0.0 kept"


def open_socket() -> socket.socket:
    """A free port of this machine, taken before anybody is told of it."""
    taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    taken.bind((HOST, 0))
    return taken


def url_of(taken: socket.socket) -> str:
    """How mail is handed to it."""
    return f"smtp://{HOST}:{taken.getsockname()[1]}"


@contextlib.asynccontextmanager
async def serving(taken: socket.socket, folder: Path) -> AsyncIterator[None]:
    """The mail server at work on this socket; what it takes is in the folder."""
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    loop, keeper = asyncio.get_running_loop(), Keeper(KeptMail(folder))

    def talk() -> SMTP:
        return SMTP(
            keeper, loop=loop, hostname="localhost", enable_SMTPUTF8=True, data_size_limit=LONGEST_BYTES
        )

    server = await loop.create_server(talk, sock=taken)
    try:
        yield
    finally:
        server.close()
