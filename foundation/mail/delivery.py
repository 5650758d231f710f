"""How a posted mail gets out: the outside call of its task, and what is written of it.

It goes out at least once: a worker killed between the server's word and ours sends it again, with the same Message-ID,
by which mail programs show one.
"""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.events import Events
from foundation.mail import sealing
from foundation.mail.messages import Letter
from foundation.mail.smtp import MailTransport
from foundation.mail.states import MOVES, MailState, ServerWord, Step, again_at, state_after
from foundation.mail.store import mail
from foundation.outbox import OutsideEffect, OutsideOutcome
from foundation.sql.database import Database
from foundation.subjects import Subject

log = structlog.get_logger()

m = mail

LEEWAY = 4
"""A conversation is some steps, each of which may take the timeout: greeting, TLS, address, message."""

Gate = Callable[[AsyncConnection, Subject, str], Awaitable[str]]
"""Says of a mail, by what it is about and its address, with which status the address is known to fail; empty if not."""

NO_ADDRESS = ServerWord(Step.RECIPIENT, 553, "5.1.3")
"""What was given is no e-mail address at all, or none of our keys can read it: said by ourselves."""


async def _always(_conn: AsyncConnection, _about: Subject, _to: str) -> str:
    """No address is known to fail."""
    return ""


def sending(
    transport: MailTransport | None,
    timeout_seconds: float,
    events: Events | None = None,
    gate: Gate = _always,
) -> OutsideEffect:
    """What the task of a mail does; without a transport it waits, looked at again after as long as it has waited: a
    hundred thousand that wait for a server would else be all that workers do. To an address that fails nothing is
    sent."""

    async def call(db: Database, subject: Subject, now: int) -> OutsideOutcome:
        waiting = await db.read(lambda conn: _read(conn, subject.number, gate))
        if waiting is None:  # taken back, or settled by hand
            return OutsideOutcome(_nothing)
        if transport is None:
            return OutsideOutcome(_nothing, again_at=again_at(waiting.letter.at, now))
        try:
            failing = ServerWord(Step.RECIPIENT, 550, waiting.failing)
            word = failing if waiting.failing else await transport.send(waiting.letter)
        except ValueError:
            word = NO_ADDRESS
        tried_since = waiting.tried_at or now
        _tell(word, state_after(word, tried_since, now), events)
        return _settled(subject.number, word, tried_since, now)

    return OutsideEffect(call, within_ms=round(timeout_seconds * LEEWAY * 1000))


def _tell(word: ServerWord, state: MailState, events: Events | None) -> None:
    (events or Events()).count("mails", state=state)
    if word.step is Step.TALK and state is not MailState.SENT:
        log.warning("mail_server_refuses" if word.code else "mail_server_silent", status=word.code)
    elif state is not MailState.SENT:
        log.info("mail_not_taken", status=word.code, state=state)


def _settled(id: int, word: ServerWord, tried_since: int, now: int) -> OutsideOutcome:
    """What is written of a server's word, and when it is tried again if it is."""
    state = state_after(word, tried_since, now)
    values: dict[str, object] = {
        "state": state,
        "tried_at": tried_since,
        "tries": m.c.tries + 1,
        "reply_code": word.code,
        "reply_status": word.status,
    }
    if state is not MailState.STAGED:
        values["settled_at"] = now
    if state in (MailState.SENT, MailState.REFUSED):
        values["text"] = None
    if state is MailState.SENT:
        values["recipient"] = None

    async def record(conn: AsyncConnection, _subject: Subject, _now: int) -> None:
        await conn.execute(sa.update(m).where(m.c.id == id).values(values))

    return OutsideOutcome(record, again_at(tried_since, now) if state is MailState.STAGED else None)


async def _nothing(_conn: AsyncConnection, _subject: Subject, _now: int) -> None:
    """Nothing is written."""


class WaitingMail(NamedTuple):
    """A mail to send, and the instant of its first try, if there was one."""

    letter: Letter
    tried_at: int | None
    failing: str
    """The status with which its address is known to fail."""


async def _read(conn: AsyncConnection, id: int, gate: Gate) -> WaitingMail | None:
    """The mail to send; None when there is none any more. What none of our keys can read has no address."""
    waits = (m.c.id == id, m.c.state == MailState.STAGED)
    row = (await conn.execute(sa.select(m).where(*waits))).one_or_none()
    if row is None:
        return None
    cipher = sealing.cipher()
    to = cipher.decrypt(row.recipient, sealing.field(row.key, "recipient"))
    text = cipher.decrypt(row.text, sealing.field(row.key, "text"))
    readable = "" if to is None or text is None else to
    letter = Letter(to=readable, title=row.title, text=text or "", id=row.message_id, at=row.staged_at)
    failing = await gate(conn, Subject(row.subject_kind, row.subject_id), readable)
    return WaitingMail(letter, row.tried_at, failing)


async def bounced(conn: AsyncConnection, message_id: str, status: str, now: int) -> bool:
    """Record that a mail which was sent came back; whether there was one with this left part of its Message-ID."""
    may_come_back = [state for state, to in MOVES.items() if MailState.REFUSED in to]
    sent = (m.c.message_id == message_id, m.c.state.in_(may_come_back))
    values = {"state": MailState.REFUSED, "settled_at": now, "reply_status": status, "text": None}
    return (await conn.execute(sa.update(m).where(*sent).values(values))).rowcount > 0
