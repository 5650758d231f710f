"""Which state of the room page a person is in, and the words that depend on figures. Pure; no markup, no I/O.

Templates, titles and favicons go by the names of the states.
"""

from quota.periods import phase
from quota.states import Mode, PeriodState
from quota.store import Period

MINUTE = 60

SOON_SECONDS = 2 * MINUTE
"""With about two minutes of calls before them, people are asked to have everything at hand."""

REFRESH_SECONDS = 15
"""Without scripts a page that moves asks again this often: under the 20 s after which a poll is late."""

CALLED_REFRESH_SECONDS = 10
"""Without scripts the announced redirect to the sign-in page comes this long after the page that announces it."""

PREPARATION_REFRESH_SECONDS = 300
"""Days before the opening there is no hurry."""

REFRESHED = frozenset({"announced", "delayed", "unproved", "waiting", "redeemed", "down"})

TITLES = {
    "announced": "Ouverture à venir",
    "delayed": "Ouverture retardée",
    "draw_soon": "Tirage à venir",
    "entries": "Tirage : s’inscrire",
    "entered": "Inscription au tirage",
    "open": "Ouvert : se connecter",
    "cookies_refused": "Témoins refusés",
    "device_refused": "Appareil refusé",
    "unrecognised": "Place non reconnue",
    "unproved": "Vérification en cours",
    "waiting": "En attente",
    "soon": "Bientôt votre tour",
    "paused": "File en pause",
    "called": "C’est votre tour",
    "redeemed": "Votre tour : demande en cours",
    "submitted": "Demande soumise",
    "lapsed": "Délai dépassé",
    "left": "File quittée",
    "quota_reached": "Nombre maximal atteint",
    "closed": "Période terminée",
    "down": "Service interrompu",
}

ICONS = {
    "announced": "clock", "delayed": "paused", "draw_soon": "clock", "entries": "open", "entered": "clock",
    "open": "open", "cookies_refused": "lost", "device_refused": "lost", "unrecognised": "lost", "unproved": "clock",
    "waiting": "waiting", "soon": "soon", "paused": "paused", "called": "called", "redeemed": "called",
    "submitted": "done", "lapsed": "over", "left": "over", "quota_reached": "over", "closed": "over", "down": "lost",
}  # fmt: skip
"""State of the page -> shape of its favicon (`icon-{shape}.svg`): never by colour alone."""

DEVICES = {
    "windows": "un ordinateur (Windows)",
    "macos": "un ordinateur (macOS)",
    "linux": "un ordinateur (Linux)",
    "chromeos": "un ordinateur (ChromeOS)",
    "phone": "un téléphone",
    "tablet": "une tablette",
    "tv": "un téléviseur",
    "console": "une console de jeu",
    "ereader": "une liseuse",
    "watch": "une montre",
    "headset": "un casque de réalité virtuelle",
    "appliance": "un appareil connecté",
    "bot": "un programme automatique",
    "unknown": "un appareil que nous ne reconnaissons pas",
}
"""Family of a device verdict -> what we say we saw (DV-01, DV-02)."""


def before_ticket(period: Period, now_ms: int) -> str:
    """The state of somebody who holds no number. Past its instant a period that is not armed is late, never open.

    In mode draw numbers are given from the opening on, behind those of the entries, also while the draw is waited for.
    """
    stand = phase(period, now_ms)
    if period.mode == Mode.DRAW and stand in {PeriodState.ANNOUNCED, PeriodState.ARMED}:
        if period.entries is not None:
            return "open"
        if now_ms < period.opens_at:
            return (
                "entries"
                if stand == PeriodState.ARMED and now_ms >= (period.entries_from or 0)
                else "draw_soon"
            )
    if stand in {PeriodState.ANNOUNCED, PeriodState.ARMED}:
        return "announced" if now_ms < period.opens_at else "delayed"
    return "quota_reached" if stand == PeriodState.CAP_REACHED else stand


def with_ticket(period: Period, ticket_state: str, now_ms: int) -> str:
    """The state of somebody who holds a number, from the state of the `me` object."""
    if ticket_state == "drained":
        return "closed" if phase(period, now_ms) == "closed" else "quota_reached"
    return ticket_state


def refresh_seconds(state: str, period: Period, now_ms: int) -> int | None:
    """How soon a browser without scripts asks again; None where nothing moves or the next step is the person's."""
    if state == "called":
        return CALLED_REFRESH_SECONDS
    if state == "announced" and period.opens_at - now_ms > 15 * MINUTE * 1000:
        return PREPARATION_REFRESH_SECONDS
    return REFRESH_SECONDS if state in REFRESHED else None


def turns_at(state: str, period: Period) -> int | None:
    """The instant that a page before a draw counts down to: the first entry, or the opening. None on other pages."""
    if state == "draw_soon":
        return period.entries_from
    return period.opens_at if state in {"entries", "entered"} else None


def is_soon(estimated_wait_seconds: tuple[int, int] | None, ahead: int) -> bool:
    """Close enough to the call to get ready; the last in an idle room is too."""
    if estimated_wait_seconds is None:
        return ahead == 0
    return estimated_wait_seconds[1] <= SOON_SECONDS


def wait_words(low_seconds: int, high_seconds: int) -> str:
    """A range of time as people say it: « entre 12 et 18 minutes », « entre 50 min et 1 h 15 ». Rounded outwards."""
    low, high = low_seconds // MINUTE, -(-high_seconds // MINUTE)
    if high > 60:
        low, high = low - low % 5, high + -high % 5
    if high <= 1:
        return "moins d’une minute"
    if low < 1:
        return f"moins de {_span(high)}"
    if low == high:
        return f"environ {_span(low)}"
    if high < 60:
        return f"entre {low} et {high} minutes"
    return f"entre {_span(low)} et {_span(high)}"


def _span(minutes: int) -> str:
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest:02d}" if rest else f"{hours} h"
