"""States of an outgoing mail, and what a mail server's word makes of it. Pure."""

from enum import StrEnum

import msgspec


class MailState(StrEnum):
    """Where an outgoing mail is."""

    STAGED = "staged"
    """Waits to be sent, or to be tried again."""
    SENT = "sent"
    """A mail server has taken it; its text is erased."""
    REFUSED = "refused"
    """The server will never take it for this address, or it came back later."""
    SET_ASIDE = "set_aside"
    """No server took it in four days; it needs a person's look."""


MOVES = {
    MailState.STAGED: frozenset({MailState.SENT, MailState.REFUSED, MailState.SET_ASIDE}),
    MailState.SENT: frozenset({MailState.REFUSED}),
    MailState.REFUSED: frozenset[MailState](),
    MailState.SET_ASIDE: frozenset({MailState.STAGED}),
}
"""What may become of a mail: one that was sent may still come back (a bounce), one that was set aside is tried again
for four days more when an operator says so."""


class Step(StrEnum):
    """In which step of SMTP a server gave its word."""

    TALK = "talk"
    """Before this mail: greeting, TLS, signing in, our own address. Whatever is wrong there is not the mail's fault."""
    RECIPIENT = "recipient"
    """The address of the person."""
    CONTENT = "content"
    """The message, and with it the whole."""


class ServerWord(msgspec.Struct, frozen=True):
    """What a server said in a step: its reply code, 0 where it said nothing, and its enhanced status if it has one."""

    step: Step
    code: int
    status: str = ""


NO_SMTPUTF8 = ServerWord(Step.RECIPIENT, 553, "5.6.7")
"""An address whose first part has an accent, and a server that cannot take one (RFC 6531): said by ourselves."""

SILENCE = ServerWord(Step.TALK, 0)
"""The server cannot be reached, or broke off."""

MINUTE_MS = 60_000

FIRST_WAIT_MS, LONGEST_WAIT_MS = MINUTE_MS, 60 * MINUTE_MS
"""A mail is tried again after a minute, then after as long as it has waited, and each hour in the end (RFC 5321,
4.5.4.1, asks for half an hour at least with a server of somebody else; ours is a relay that is our own)."""

TRIED_FOR_MS = 4 * 24 * 60 * MINUTE_MS
"""RFC 5321, 4.5.4.1: « at least 4-5 days »."""


def state_after(word: ServerWord, tried_since: int, now: int) -> MailState:
    """What a mail is after a server's word; `staged` is to be tried again. `tried_since`, `now`: instants. Pure."""
    if word.step is Step.CONTENT and 200 <= word.code < 300:
        return MailState.SENT
    if word.step is not Step.TALK and word.code >= 500:
        return MailState.REFUSED
    return MailState.SET_ASIDE if now - tried_since >= TRIED_FOR_MS else MailState.STAGED


def again_at(tried_since: int, now: int) -> int:
    """The instant of the next try: after as long as it was tried so far. Pure."""
    return now + min(max(now - tried_since, FIRST_WAIT_MS), LONGEST_WAIT_MS)
