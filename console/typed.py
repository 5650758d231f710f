"""What operators type, read as values. Every wrong input is Refusal invalid, which names its field; all pure."""

from collections.abc import Callable

from console.bodies import ModeChange, PeriodCorrection, PeriodDraft
from foundation.errors import Code, Refusal
from quota.draw import Rule
from quota.period_bounds import DraftChange
from quota.periods import day_alone, read_closing, read_instant, read_opening
from quota.programmes import WindowRules

MOST_PAGES = 10_000
"""Of a list: what is behind is searched for."""


def page_of(text: str) -> int:
    """The page that is asked for; the first where none is."""
    return (
        min(int(text), MOST_PAGES)
        if text.isascii() and text.isdecimal() and 0 < len(text) < 8 and int(text)
        else 1
    )


def typed_instant(name: str, text: str) -> int:
    """An instant as it was typed into this field. Refusal invalid."""
    return _read(name, lambda: read_instant(text))


def typed_opening(text: str, window: WindowRules) -> int:
    """An opening as it was typed; a date alone is the programme's opening hour. Refusal invalid."""
    return _read("opens_at", lambda: read_opening(text, window))


def typed_closing(text: str | None, opens_at: int, window: WindowRules) -> int:
    """A closing as it was typed; a date alone is the programme's closing hour, and nothing its last day. Refusal
    invalid."""
    if text is not None:
        return _read("closes_at", lambda: read_closing(text, window))
    try:
        return window.closes_after(opens_at)
    except (ValueError, OverflowError):
        reason = "doit être donné : l’heure du programme n’existe pas une seule fois ce jour-là"
        raise wrong_field("closes_at", reason) from None


def typed_rule(body: PeriodDraft | PeriodCorrection | ModeChange) -> Rule:
    """What a body says of who is first. Refusal invalid for what is no instant."""
    text = body.entries_from
    if text is not None and day_alone(text) is not None:
        raise wrong_field("entries_from", "doit dire l’heure, pas seulement le jour")
    entries_from = None if text is None else typed_instant("entries_from", text)
    return Rule(mode=body.mode, entries_from=entries_from, value_is=body.value_is)


def change_of(body: PeriodCorrection, window: WindowRules) -> DraftChange:
    """What a body corrects in a draft. Refusal invalid for what is no instant."""
    opens_at = None if body.opens_at is None else typed_opening(body.opens_at, window)
    closes_at = None if body.closes_at is None else typed_closing(body.closes_at, 0, window)
    return DraftChange(
        opens_at=opens_at, closes_at=closes_at, cap=body.cap, calls_per_minute=body.calls_per_minute,
        most_live_tokens=body.most_live_tokens, token_seconds=body.token_seconds, rule=typed_rule(body),
    )  # fmt: skip


def _read(name: str, read: Callable[[], int]) -> int:
    try:
        return read()
    except (ValueError, OverflowError):
        reason = (
            "doit être un instant, tel que 2026-06-13T08:30:00-04:00, qui existe une seule fois à Montréal"
        )
        raise wrong_field(name, reason) from None


def wrong_field(name: str, reason: str) -> Refusal:
    """Refusal invalid that names one field, with the reason in French."""
    return Refusal(Code.INVALID, fields=[{"name": name, "reason": reason}])
