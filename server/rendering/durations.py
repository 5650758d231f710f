"""Spans of time as French text; `server/static/live_page.js` says countdowns in the same words. Pure."""

from functools import lru_cache

from server.rendering.counted import counted


def duration_words(milliseconds: int) -> str:
    """A countdown as text: « 3 jours 4 h », « 2 h 05 min », « 9 min 42 s »; nothing below zero."""
    return _countdown(max(0, milliseconds // 1000))


@lru_cache(4_096)
def _countdown(seconds: int) -> str:
    """The same of whole seconds: all whose turn it is have some of the same ten minutes left."""
    days, seconds = divmod(seconds, 86_400)
    hours, seconds = divmod(seconds, 3_600)
    minutes, seconds = divmod(seconds, 60)
    if days:
        return f"{counted(days, 'jour')} {hours} h"
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s"


def time_words(seconds: int) -> str:
    """A span that a rule gives, in whole words: « 10 minutes », « 1 minute 30 secondes », « 45 secondes »."""
    minutes, rest = divmod(max(0, seconds), 60)
    words = [counted(minutes, "minute")] * (minutes > 0) + [counted(rest, "seconde")] * (
        rest > 0 or not minutes
    )
    return " ".join(words)
