"""What the room page shows of one person, as ready texts; all else on it is the same for everybody in the same state.

So the page of everybody who waits is rendered once a look, with marks where one person's texts go (`marks`), and filled
for each (`Blank`). Nothing of one person's is in what others get: a blank is made of the marks, never of a person.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec
from markupsafe import Markup

from foundation.clock import parse_rfc3339, rfc3339
from server.rendering.blanks import mark
from server.rendering.counted import number as number_words
from server.rendering.durations import duration_words
from server.rendering.templating import clocktime
from server.rendering.typography import unbreakable_span
from waitingroom import states
from waitingroom.feed.position_frames import PositionFrames
from waitingroom.positions import Me
from waitingroom.states import PageState
from waitingroom.tickets import Ticket

LIVING: Final = frozenset({PageState.WAITING, PageState.CALLED, PageState.REDEEMED})
"""On these pages the script goes on from the `me` object that is in the markup."""


class Mine(NamedTuple):
    """What a page shows of one person, as it is written into the markup. An empty text is nothing to show."""

    server_time: str
    """RFC 3339, to the millisecond: where the script's clock begins."""
    number: str = ""
    """« 1 234 »."""
    ahead: str = ""
    wait: str = ""
    """A range of time, or why there is none."""
    as_of: str = ""
    """When the line was looked at, in Montréal."""
    me: str = ""
    """The `me` object as JSON that an attribute in single quotes may hold, without the token: the sign-in page gets
    that itself."""
    entry: str = ""
    """« 1 234 », of who came into the line by the draw."""
    entry_digits: str = ""
    """The same for an address."""
    left: str = ""
    """« 9 min 42 s », of who was called."""
    ends: str = ""
    """When that time ends, in Montréal."""
    receipt: str = ""
    """The id of what was submitted."""


def mine_of(ticket: Ticket, me: Me, state: PageState, now: int) -> Mine:
    """Of somebody with a number."""
    expires_at = parse_rfc3339(me.expires_at) if me.expires_at else None
    shown = msgspec.json.encode(msgspec.structs.replace(me, token=None)) if state in LIVING else b""
    return Mine(
        server_time=rfc3339(now),
        number=number_words(ticket.number),
        ahead=number_words(me.ahead),
        wait=_wait(me.estimated_wait_seconds, me.paused),
        as_of=clocktime(parse_rfc3339(me.as_of)),
        me=Markup(in_attribute(shown).decode()),  # noqa: S704  nothing is left in it that ends the attribute
        entry=number_words(ticket.entry) if ticket.entry else "",
        entry_digits=str(ticket.entry) if ticket.entry else "",
        left=duration_words(expires_at - now) if expires_at else "",
        ends=clocktime(expires_at) if expires_at else "",
        receipt=me.receipt or "",
    )


def mine_waiting(ticket: Ticket, ahead: int, frames: PositionFrames, now: int) -> dict[bytes, bytes]:
    """The same of somebody who waits, from the line's last look, as a `Blank` takes it."""
    ahead, wait = frames.standing(ticket.number, ahead)
    texts = {
        b"server_time": rfc3339(now),
        b"number": number_words(ticket.number),
        b"ahead": number_words(ahead),
        b"wait": _wait(wait, frames.paused),
        b"as_of": _clock(frames.as_of // 1000),
    }
    if ticket.entry:
        texts |= {b"entry": number_words(ticket.entry), b"entry_digits": str(ticket.entry)}
    found = {name: text.encode() for name, text in texts.items()}
    me = frames.position(ticket.number, ahead) + b"}"
    found[b"me"] = (
        in_attribute(me) if frames.notice else me
    )  # all the rest are numbers, instants and our own words
    return found


def _wait(seconds: tuple[int, int] | None, paused: bool) -> str:
    if seconds:
        return unbreakable_span(states.wait_words(*seconds))
    return "arrêtée avec la pause" if paused else "pas encore connue"


@lru_cache(8)
def _clock(instant_s: int) -> str:
    """Everybody who asks within a second sees the same look."""
    return clocktime(instant_s * 1000)


_MEANINGFUL = re.compile(rb"[<>&']")


def in_attribute(json: bytes) -> bytes:
    """JSON without the signs that mean something in markup: they stand in texts only, where JSON may escape them."""
    return _MEANINGFUL.sub(lambda sign: b"\\u%04x" % ord(sign[0]), json)


_PERSONAL = "server_time", "number", "ahead", "wait", "as_of", "me"
_DRAWN = "entry", "entry_digits"


def marks(drawn: bool) -> Mine:
    """The marks in the places of a person's texts; `drawn`: of one who came by the draw."""
    names = _PERSONAL + (_DRAWN if drawn else ())
    return Mine(**{name: Markup(mark(name)) for name in names})  # noqa: S704  ours
