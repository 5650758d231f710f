"""How a posted mail gets out: the outside call of its task, and what is written of it.

It goes out at least once: a worker killed between the server's word and ours sends it again, with the same Message-ID,
by which mail programs show one.

A mail that may go out with others waits a little for them, from the moment at which it was posted: its task is done
later, so whoever dies meanwhile loses nothing, and no other mail waits.
"""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.events import Events
from foundation.mail import folding
from foundation.mail.folding import Together, one_after_another
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
    together: Together = one_after_another,
    hold_seconds: float = 0,
) -> OutsideEffect:
    """What the task of a mail does; without a transport it waits, looked at again after as long as it has waited: a
    hundred thousand that wait for a server would else be all that workers do. To an address that fails nothing is
    sent. Those that wait for the same person go out as one, made by `together`; the first of them waits for the others
    for `hold_seconds`."""

    async def call(db: Database, subject: Subject, now: int) -> OutsideOutcome:
        waiting = await db.read(lambda conn: _read(conn, subject.number, gate))
        if waiting is None:  # taken back, or settled by hand
            return OutsideOutcome(_nothing)
        if transport is None:
            return OutsideOutcome(_nothing, again_at=again_at(waiting.letter.at, now))
        letter = waiting.letter
        if (held := held_until(waiting, round(hold_seconds * 1000), now)) is not None:
            return OutsideOutcome(_nothing, again_at=held)
        if waiting.goes_together:
            taken = await db.write(lambda conn: folding.take_up(conn, subject.number))
            if taken is None:  # it goes out with another one, whose task it is
                return OutsideOutcome(_nothing)
            letter = together(taken) if len(taken) > 1 else letter
        try:
            failing = ServerWord(Step.RECIPIENT, 550, waiting.failing)
            word = failing if waiting.failing else await transport.send(letter)
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

    if state is MailState.SET_ASIDE:
        values["folded_into"] = None  # each is a person's to look at, and goes out anew by itself

    async def record(conn: AsyncConnection, _subject: Subject, _now: int) -> None:
        await conn.execute(sa.update(m).where(folding.same_fate(id)).values(values))

    return OutsideOutcome(record, again_at(tried_since, now) if state is MailState.STAGED else None)


async def _nothing(_conn: AsyncConnection, _subject: Subject, _now: int) -> None:
    """Nothing is written."""


class WaitingMail(NamedTuple):
    """A mail to send, and the instant of its first try, if there was one."""

    letter: Letter
    tried_at: int | None
    failing: str
    """The status with which its address is known to fail."""
    goes_together: bool
    """Whether others may go out in it, or it in another."""


def held_until(waiting: WaitingMail, hold_ms: int, now: int) -> int | None:
    """The instant up to which a mail waits for others to go out with it; None for one that goes out now: by itself,
    tried before, or posted by a clock that is ahead of ours. Pure."""
    if not waiting.goes_together or waiting.tried_at is not None:
        return None
    return waiting.letter.at + hold_ms if 0 <= now - waiting.letter.at < hold_ms else None


async def _read(conn: AsyncConnection, id: int, gate: Gate) -> WaitingMail | None:
    """The mail to send; None when there is none any more. What none of our keys can read has no address."""
    waits = (m.c.id == id, m.c.state == MailState.STAGED)
    row = (await conn.execute(sa.select(m).where(*waits))).one_or_none()
    if row is None:
        return None
    letter = folding.letter_of(row)
    failing = await gate(conn, Subject(row.subject_kind, row.subject_id), letter.to)
    return WaitingMail(letter, row.tried_at, failing, row.together is not None)


async def bounced(conn: AsyncConnection, message_id: str, status: str, now: int) -> bool:
    """Record that a mail which was sent came back; whether there was one with this left part of its Message-ID."""
    may_come_back = [state for state, to in MOVES.items() if MailState.REFUSED in to]
    sent = sa.select(m.c.id).where(m.c.message_id == message_id, m.c.state.in_(may_come_back))
    id = (await conn.execute(sent)).scalar_one_or_none()
    if id is None:
        return False
    values = {"state": MailState.REFUSED, "settled_at": now, "reply_status": status, "text": None}
    theirs = (folding.same_fate(id), m.c.state.in_(may_come_back))
    return (await conn.execute(sa.update(m).where(*theirs).values(values))).rowcount > 0
