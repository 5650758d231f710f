"""The operators' day page at one instant: what it shows of a period, put together from rows. Pure."""

from collections.abc import Sequence

import msgspec

from console.chart import Chart, chart
from console.record.words import EntryWords
from evidence.figures import DayFigures
from foundation.clock import montreal
from foundation.errors import Refusal
from quota.periods import Flags, effective, move, stopped
from quota.states import BY_OPERATORS, Action, PeriodState, Stand
from quota.store import Period
from waitingroom.line.restorations import Restoration

SPANS = {"15": (15 * 60_000, 4_000), "60": (3_600_000, 16_000), "240": (4 * 3_600_000, 60_000)}
"""What the graphs may show, by the minutes in the address: how long, and one point each so many milliseconds."""

SILENT_MS = 5_000
"""Ten beats of a ticker that was not heard: the page says so."""

TABLE_ROWS = 15
"""Rows of the table that stands for the graphs."""


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """The time that the graphs show. `minutes` is the word in the address; instants and lengths in milliseconds."""

    minutes: str
    since: int
    until: int
    step_ms: int


class DayPage(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows of one period at one instant. `span` is the minutes of the graphs, as in the address."""

    now: int
    period: Period
    stand: Stand
    allowed: list[Action]
    beat_seconds: int | None
    is_silent: bool
    is_stoppable: bool
    latest: DayFigures
    charts: dict[str, Chart]
    table: list[DayFigures]
    lines: list[EntryWords]
    span: str
    times: list[str]
    remarks: list[str] = []
    """What is out of the ordinary, in sentences."""
    counted: int = 0
    """How many of the accepted are paid in time, and so are counted (QU-05)."""
    restorations: list[Restoration] = []
    """What copies of SQL have lost, as far as nobody has said that they know."""


def day_page(
    period: Period,
    span: Span,
    figures: list[DayFigures],
    latest: DayFigures,
    lines: list[EntryWords],
    notice_hours: int,
    now: int,
    restorations: Sequence[Restoration] = (),
    around: "Surrounding | None" = None,
    counted: int = 0,
) -> DayPage:
    """The page of a period. `figures` are those of the span, oldest first; `lines` the newest of the audit."""
    flags = effective(period, now)
    beat_seconds, is_silent = heard(period, flags.state, now)
    return DayPage(
        now=now,
        period=period,
        stand=flags.stand,
        allowed=allowed(flags, now, period.opens_at, notice_hours),
        beat_seconds=beat_seconds,
        is_silent=is_silent,
        is_stoppable=is_stoppable(period, now),
        latest=latest,
        charts=charts(period, figures, span),
        table=spread(figures, TABLE_ROWS),
        lines=lines,
        span=span.minutes,
        times=[hour_words(at) for at in (span.since, (span.since + span.until) // 2, span.until)],
        counted=counted,
        restorations=list(restorations),
        remarks=[] if around is None else remarks(period, flags.stand, around),
    )


class Surrounding(msgspec.Struct, frozen=True, kw_only=True):
    """What is known around a period: how old the last look at its line is in seconds (None where there is no line, or
    none was ever taken), who asked for its annulment, and whether a stop waits in Redis to be recorded."""

    line_expected: bool = False
    line_age: float | None = None
    annulment_asked_by: str | None = None
    has_stop_mark: bool = False


def remarks(period: Period, stand: Stand, around: Surrounding) -> list[str]:
    """What is out of the ordinary about a period at this moment, for whoever steers it."""
    found = []
    if around.has_stop_mark:
        found.append(
            "Un arrêt d’urgence est gardé dans Redis et n’est pas encore inscrit dans la base de données : personne "
            "n’est appelé et personne ne peut soumettre."
        )
    if around.line_expected and (around.line_age is None or around.line_age > SILENT_MS / 1000):
        age = "" if around.line_age is None else f" Les chiffres de la file ont {round(around.line_age)} s."
        found.append(
            f"Redis ne répond pas : personne n’est appelé, aucun nouveau numéro n’est donné.{age} Les places et les "
            "numéros sont conservés."
        )
    if stand is Stand.ANNOUNCED and period.announced_by is not None:
        found.append(
            f"Annoncée par {period.announced_by}. Une deuxième personne doit l’armer avant l’ouverture, sinon elle ne "
            "s’ouvrira pas."
        )
    if around.annulment_asked_by is not None:
        found.append(
            f"Annulation demandée par {around.annulment_asked_by} : elle attend une deuxième personne."
        )
    return found


def span_of(minutes: str, period: Period, now: int) -> Span:
    """What the graphs show when these minutes are asked for: up to now or the period's end, not before its opening.

    An unknown word is the shortest span.
    """
    minutes = minutes if minutes in SPANS else next(iter(SPANS))
    length_ms, step_ms = SPANS[minutes]
    until = min(now, period.ended_at or now)
    since = max(until - length_ms, min(period.opens_at, until - 60_000))
    return Span(minutes=minutes, since=since, until=until, step_ms=step_ms)


def heard(period: Period, state: PeriodState, now: int) -> tuple[int | None, bool]:
    """Seconds since the ticker's last beat (None where none is expected), and whether it counts as silent."""
    beating = state in (PeriodState.ARMED, PeriodState.OPEN) and period.ticked_at > 0
    silent_ms = max(0, now - period.ticked_at)
    never = state == PeriodState.OPEN and not period.ticked_at
    return silent_ms // 1000 if beating else None, (beating and silent_ms > SILENT_MS) or never


def as_it_stands(
    period: Period, figures: list[DayFigures], line: tuple[int, int] | None, now: int
) -> DayFigures:
    """The last row, with what the period's row and the line know better. `line`: who waits, present and parked."""
    last = figures[-1] if figures else DayFigures(at=now)
    last = msgspec.structs.replace(last, live_tokens=period.live_tokens, accepted=period.accepted)
    if line is None:
        return last
    waiting, parked = line
    return msgspec.structs.replace(last, waiting=waiting, parked=parked)


def allowed(flags: Flags, now: int, opens_at: int, notice_hours: int) -> list[Action]:
    """The operators' moves that would be made if they were pressed now."""
    return [action for action in BY_OPERATORS if would_move(flags, action, now, opens_at, notice_hours)]


def is_stoppable(period: Period, now: int) -> bool:
    """Whether the kill switch would change anything: something may be called, submitted, or about to open."""
    flags = effective(period, now)
    return stopped(flags, period.live_tokens, now) != flags


def would_move(flags: Flags, action: Action, now: int, opens_at: int, notice_hours: int) -> bool:
    """Whether the life cycle lets this move be made now."""
    try:
        move(flags, action, now, opens_at, notice_hours)
    except Refusal:
        return False
    return True


NEED = (
    PeriodState.OPEN, PeriodState.ARMED, PeriodState.ANNOUNCED, PeriodState.DRAFT, PeriodState.CAP_REACHED,
    PeriodState.CLOSED, PeriodState.ANNULLED,
)  # fmt: skip
"""Which period needs an operator most, first."""


def chosen(periods: list[Period], period_id: str | None, now: int) -> Period | None:
    """The period of this name, or else the one that needs an operator most; None where there is no period."""
    named = [period for period in periods if period.id == period_id]
    by_need = sorted(periods, key=lambda period: NEED.index(effective(period, now).state))
    return next(iter(named or by_need), None)


def charts(period: Period, figures: list[DayFigures], span: Span) -> dict[str, Chart]:
    """The three curves of the page. Four steps without a row are a gap."""
    limits = {"waiting": None, "live_tokens": period.most_live_tokens, "accepted": period.cap}
    return {
        name: chart(
            [(row.at, getattr(row, name)) for row in figures], span.since, span.until, 4 * span.step_ms, limit
        )
        for name, limit in limits.items()
    }


def spread(rows: list[DayFigures], most: int) -> list[DayFigures]:
    """At most so many of the rows, evenly, the newest first and always among them."""
    step = -(-len(rows) // most) or 1
    return rows[::-1][::step]


def hour_words(at: int) -> str:
    """`8 h 30`, in Montréal (WR-14)."""
    moment = montreal(at)
    return f"{moment.hour}\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}{moment:%M}"
