"""What the pages of the ten minutes show: the time left, and where a refusal leads. Pure; no markup, no I/O."""

from typing import NamedTuple

import msgspec

from foundation.errors import Code, Refusal, RefusalCause
from quota.ledger import Token, expires_at
from quota.states import TokenState
from quota.store import Period
from server.rendering.blanks import mark
from server.rendering.durations import duration_words
from server.rendering.forms import WayOn
from server.rendering.templating import clocktime
from server.rendering.typography import unbreakable_span

WARNINGS = ((60_000, "1 minute"), (120_000, "2 minutes"))
"""Under so many milliseconds the page warns; the shorter one first (SW-01)."""


class TimeLeft(msgspec.Struct, frozen=True):
    """What is left of a token: milliseconds, the instant of its end as it stands now, and the words for both."""

    left_ms: int
    ends_at: int
    paused: bool

    @property
    def text(self) -> str:
        return duration_words(self.left_ms)

    @property
    def ends(self) -> str:
        """« 8 h 30 min 05 s », in Montréal."""
        return clocktime(self.ends_at)

    @property
    def over(self) -> bool:
        return self.left_ms <= 0

    @property
    def warning(self) -> str:
        """« 2 minutes » or « 1 minute » when less than that is left, else nothing."""
        if self.over or self.paused:
            return ""
        return next((words for limit_ms, words in WARNINGS if self.left_ms <= limit_ms), "")


class MarkedTime(NamedTuple):
    """A `TimeLeft` with marks in the places of what runs, for a page that is filled (`server/rendering/blanks.py`)."""

    paused: bool
    over: bool
    warning: str
    left_ms: str = mark("left_ms")
    text: str = mark("text")
    ends: str = mark("ends")


def marked(clock: TimeLeft) -> MarkedTime:
    """What everybody sees of a time that runs."""
    return MarkedTime(clock.paused, clock.over, clock.warning)


def running_texts(clock: TimeLeft) -> dict[bytes, bytes]:
    """What goes into its marks, as it would stand on a page that is rendered for one."""
    text, ends = unbreakable_span(clock.text), unbreakable_span(clock.ends)
    return {b"left_ms": b"%d" % clock.left_ms, b"text": text.encode(), b"ends": ends.encode()}


def time_left(period: Period, token: Token, now: int) -> TimeLeft:
    """The time left of a live token; nothing of any other."""
    ends_at = expires_at(period, token, now)
    paused = period.paused or period.suspended
    left = (token.ends or 0) - period.clock if paused else ends_at - now
    return TimeLeft(max(0, left) if token.state == TokenState.LIVE else 0, ends_at, paused)


def way_on(refusal: Refusal, period_id: str) -> WayOn:
    """Where a refusal in the ten minutes leads, when the form is not the place to go on."""
    code = refusal.code
    if code in {Code.TOKEN_USED, Code.DUPLICATE_ACCOUNT} and "receipt" in refusal.fields:
        receipt = refusal.fields["receipt"]
        return WayOn(f"/connexion?suite=/recus/{receipt}", "Voir l’accusé de réception dans votre compte")
    cause = refusal.fields.get("cause")
    if cause in {RefusalCause.SESSION_OF_ANOTHER, RefusalCause.BOUND_TO_ANOTHER}:
        return WayOn()  # this form is: it is the sign-in
    if code in {Code.NO_TICKET, Code.NO_TOKEN, Code.TOKEN_EXPIRED, Code.TOKEN_USED, Code.TOKEN_OTHER_BROWSER}:
        return WayOn(f"/periodes/{period_id}", "Retourner à la page d’attente")
    if code is Code.ACCOUNT_HAS_LIVE_TOKEN:
        return WayOn(f"/periodes/{period_id}/quitter", "Quitter la file et rendre cette place")
    if code in {Code.QUOTA_REACHED, Code.PERIOD_CLOSED, Code.ANNULLED, Code.ACCOUNT_TOO_RECENT}:
        return WayOn("/", "Voir les périodes de réception")
    return WayOn()
