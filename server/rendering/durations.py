"""Spans of time as French text."""


def duration_words(milliseconds: int) -> str:
    """A countdown as text: « 3 jours 4 h », « 2 h 05 min », « 9 min 42 s »; nothing below zero."""
    seconds = max(0, milliseconds // 1000)
    days, seconds = divmod(seconds, 86_400)
    hours, seconds = divmod(seconds, 3_600)
    minutes, seconds = divmod(seconds, 60)
    if days:
        return f"{days} {'jours' if days > 1 else 'jour'} {hours} h"
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s"
