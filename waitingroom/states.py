"""The states of a person and of the room page, with their French; and the words that depend on figures. Pure.

Templates, titles and favicons go by the names of the states.
"""

from enum import StrEnum
from typing import Final

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

NEAR_OPENING_MS = 15 * MINUTE * 1000
"""Days before the opening end here."""

NOT_OPEN = frozenset({PeriodState.ANNOUNCED, PeriodState.ARMED})


class PersonState(StrEnum):
    """Where one ticket stands: `state` of the `me` object (`docs/contract.md`)."""

    WAITING = "waiting"
    """In the line, present or parked."""
    CALLED = "called"
    """Its token lives, and no account has signed in with it."""
    REDEEMED = "redeemed"
    """Its token lives, bound to an account."""
    SUBMITTED = "submitted"
    """Its place was taken by a submission."""
    LAPSED = "lapsed"
    """Its token ended unused."""
    LEFT = "left"
    """Given up while waiting, or given back after the call."""
    DRAINED = "drained"
    """Never called, and nobody is called any more (QU-04)."""
    ENTERED = "entered"
    """An entry in the draw, without a number yet."""
    ANNULLED = "annulled"
    """The whole period was taken back, whatever this number had come to."""
    LATE = "late"
    """An entry that owed its proof when entries ended: it is not drawn."""


class PageState(StrEnum):
    """What the room page shows; templates, titles and favicons go by these names."""

    ANNOUNCED = "announced"
    """Before the opening."""
    DELAYED = "delayed"
    """The instant has come, and the period is not open: late, never open by accident (P10)."""
    DRAW_SOON = "draw_soon"
    """Before entries for the draw are taken."""
    ENTRIES = "entries"
    """Entries are taken, and this browser has none."""
    ENTERED = "entered"
    """This browser has an entry."""
    OPEN = "open"
    """Numbers are given, and this browser has none."""
    COOKIES_REFUSED = "cookies_refused"
    """The browser does not send the visitor cookie back: it could keep no number."""
    DEVICE_REFUSED = "device_refused"
    """Not a personal computer (DV-01)."""
    UNRECOGNISED = "unrecognised"
    """It shows a ticket that is none of this period."""
    FORGOTTEN = "forgotten"
    """It comes from a page of somebody with a number, and shows no ticket: its cookies were cleared, or it had none."""
    UNPROVED = "unproved"
    """Its number or entry owes a proof of work (ADR 0012)."""
    WAITING = "waiting"
    """In the line."""
    SOON = "soon"
    """In the line, with about two minutes of calls ahead; a title and an icon of `waiting`."""
    PAUSED = "paused"
    """In the line while calls stand still; a title and an icon of `waiting`."""
    CALLED = "called"
    """Its turn: to the sign-in."""
    REDEEMED = "redeemed"
    """Its turn, and somebody is signed in."""
    SUBMITTED = "submitted"
    """Done."""
    LAPSED = "lapsed"
    """The ten minutes are over."""
    LEFT = "left"
    """Given up."""
    QUOTA_REACHED = "quota_reached"
    """Every place is taken."""
    CLOSED = "closed"
    """The period has ended."""
    ANNULLED = "annulled"
    """The period was taken back."""
    DOWN = "down"
    """Neither store answers: the page says that the number is kept."""


REFRESHED = frozenset(
    {
        PageState.ANNOUNCED,
        PageState.DELAYED,
        PageState.UNPROVED,
        PageState.WAITING,
        PageState.REDEEMED,
        PageState.DOWN,
    }
)

TITLES: Final[dict[PageState, str]] = {
    PageState.ANNOUNCED: "Ouverture à venir",
    PageState.DELAYED: "Ouverture retardée",
    PageState.DRAW_SOON: "Tirage à venir",
    PageState.ENTRIES: "Tirage : s’inscrire",
    PageState.ENTERED: "Inscription au tirage",
    PageState.OPEN: "Ouvert : se connecter",
    PageState.COOKIES_REFUSED: "Témoins refusés",
    PageState.DEVICE_REFUSED: "Appareil refusé",
    PageState.UNRECOGNISED: "Place non reconnue",
    PageState.FORGOTTEN: "Numéro introuvable",
    PageState.UNPROVED: "Vérification en cours",
    PageState.WAITING: "En attente",
    PageState.SOON: "Bientôt votre tour",
    PageState.PAUSED: "File en pause",
    PageState.CALLED: "C’est votre tour",
    PageState.REDEEMED: "Votre tour : demande en cours",
    PageState.SUBMITTED: "Demande soumise",
    PageState.LAPSED: "Délai dépassé",
    PageState.LEFT: "File quittée",
    PageState.QUOTA_REACHED: "Nombre maximal atteint",
    PageState.CLOSED: "Période terminée",
    PageState.ANNULLED: "Période annulée",
    PageState.DOWN: "Service interrompu",
}

ICONS: Final[dict[PageState, str]] = {
    PageState.ANNOUNCED: "clock",
    PageState.DELAYED: "paused",
    PageState.DRAW_SOON: "clock",
    PageState.ENTRIES: "open",
    PageState.ENTERED: "clock",
    PageState.OPEN: "open",
    PageState.COOKIES_REFUSED: "lost",
    PageState.DEVICE_REFUSED: "lost",
    PageState.UNRECOGNISED: "lost",
    PageState.FORGOTTEN: "lost",
    PageState.UNPROVED: "clock",
    PageState.WAITING: "waiting",
    PageState.SOON: "soon",
    PageState.PAUSED: "paused",
    PageState.CALLED: "called",
    PageState.REDEEMED: "called",
    PageState.SUBMITTED: "done",
    PageState.LAPSED: "over",
    PageState.LEFT: "over",
    PageState.QUOTA_REACHED: "over",
    PageState.CLOSED: "over",
    PageState.ANNULLED: "over",
    PageState.DOWN: "lost",
}
"""State of the page -> shape of its favicon (`icon-{shape}.svg`): never by colour alone."""

DEVICES = {
    "windows": "un ordinateur (Windows)",
    "macos": "un ordinateur (macOS)",
    "linux": "un ordinateur (Linux)",
    "chromeos": "un ordinateur (ChromeOS)",
    "harmonyos": "un ordinateur (HarmonyOS)",
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


def before_ticket(period: Period, now_ms: int) -> PageState:
    """The page of somebody who holds no number. Past its instant a period that is not armed is late, never open.

    In mode draw numbers are given from the opening on, behind those of the entries, also while the draw is waited for.
    """
    stand = phase(period, now_ms)
    if stand in NOT_OPEN:
        if period.mode == Mode.DRAW and (period.entries is not None or now_ms < period.opens_at):
            return _before_draw(period, stand, now_ms)
        return PageState.ANNOUNCED if now_ms < period.opens_at else PageState.DELAYED
    return PageState.QUOTA_REACHED if stand == PeriodState.CAP_REACHED else PageState(stand)


def _before_draw(period: Period, stand: PeriodState, now_ms: int) -> PageState:
    if period.entries is not None:
        return PageState.OPEN
    taken = stand == PeriodState.ARMED and now_ms >= (period.entries_from or 0)
    return PageState.ENTRIES if taken else PageState.DRAW_SOON


def with_ticket(period: Period, person: PersonState, now_ms: int) -> PageState:
    """The page of somebody who holds a number, from the state of the `me` object."""
    if person is PersonState.DRAINED:
        closed = phase(period, now_ms) == PeriodState.CLOSED
        return PageState.CLOSED if closed else PageState.QUOTA_REACHED
    return PageState.UNPROVED if person is PersonState.LATE else PageState(person)


def refresh_seconds(state: PageState, period: Period, now_ms: int) -> int | None:
    """How soon a browser without scripts asks again; None where nothing moves or the next step is the person's."""
    if state is PageState.CALLED:
        return CALLED_REFRESH_SECONDS
    if state is PageState.ANNOUNCED and period.opens_at - now_ms > NEAR_OPENING_MS:
        return PREPARATION_REFRESH_SECONDS
    return REFRESH_SECONDS if state in REFRESHED else None


def turns_at(state: PageState, period: Period) -> int | None:
    """The instant that a page before a draw counts down to: the first entry, or the opening. None on other pages."""
    if state is PageState.DRAW_SOON:
        return period.entries_from
    return period.opens_at if state in {PageState.ENTRIES, PageState.ENTERED} else None


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
