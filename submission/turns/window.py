"""The ten minutes on other pages: what the pages of a draft show to somebody whose turn it is.

A draft is edited at any hour without the room. While a token of this browser lives, the same pages show the time that
is left and the way back to the review: editing is allowed, and counts inside the window (WR-15). When it has ended they
say so, with the way to a new number: what was saved is kept (P12). Only cookies tell whom to look for, so that a
browser without a ticket costs nothing.
"""

import contextlib
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from typing import Final, NamedTuple

from foundation.clock import now_ms
from foundation.errors import Refusal
from quota.states import TokenState
from server.cookies import HOST_ONLY
from server.requests import Incoming
from submission import review
from submission.review import TimeLeft
from submission.turns.turn import CandidateTurn, Shown, Turns

TICKET: Final = "ticket-"

MOST_TICKETS: Final = 4
"""Of one browser: periods that run at once are few, and what somebody makes up costs no more."""

SAID_MS: Final = 2 * 3_600_000
"""For so long after the call a draft's pages say that the time is over; later it is no news."""


class TurnWindow(NamedTuple):
    """A token of this browser and of this account: of which period, and what is left of it."""

    period: str
    notice: str | None
    clock: TimeLeft

    @property
    def is_over(self) -> bool:
        return self.clock.over

    @property
    def room(self) -> str:
        return f"/periodes/{self.period}"

    @property
    def review(self) -> str:
        """Where the draft is read and signed."""
        return f"{self.room}/demande"


Found = CandidateTurn | BaseException
"""What was found of one turn that was asked for."""

Told = Callable[[TurnWindow | None], None]


class Windows:
    """Asks for the windows of those who look at a draft."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    def ask(self, came: Incoming, programme: str, then: Told) -> None:
        """`then` hears of the window in which this programme's draft is looked at, or None. It fails soft: a draft's
        page is whole without it."""
        periods = periods_of(came)
        if not periods:
            then(None)
            return
        found: list[Found] = []
        waiting = set(periods)

        def heard(period: str, turn: Found) -> None:
            found.append(turn)
            waiting.discard(period)
            if not waiting:
                then(window_among(found, programme))

        for period in periods:
            try:
                self._turns.ask_of(came, period, partial(heard, period))
            except Exception as problem:
                heard(period, problem)

    def shown(self, came: Incoming) -> tuple[Shown, ...]:
        """What this browser shows of the periods whose tickets it has, to be read with something else."""
        found: list[Shown] = []
        for period in periods_of(came):
            with contextlib.suppress(Refusal):
                found.append(self._turns.shown_of(came, period))
        return tuple(found)


def window_among(turns: Iterable[Found], programme: str) -> TurnWindow | None:
    """The window of these turns that this programme's draft is looked at in, rather one that goes on."""
    now, over = now_ms(), None
    for turn in turns:
        window = window_of(turn, programme, now) if isinstance(turn, CandidateTurn) else None
        if window is not None and not window.is_over:
            return window
        over = over or window
    return over


def periods_of(came: Incoming) -> Sequence[str]:
    """The periods of which this browser shows a ticket, by the names of its cookies."""
    return _periods_in(tuple(came.cookies))


@lru_cache(256)
def _periods_in(names: tuple[str, ...]) -> Sequence[str]:
    """The same of cookies with these names, which browsers have in common."""
    bare = (name.removeprefix(HOST_ONLY) for name in names)
    return list(dict.fromkeys(name.removeprefix(TICKET) for name in bare if name.startswith(TICKET)))[
        :MOST_TICKETS
    ]


def window_of(turn: CandidateTurn, programme: str, now: int) -> TurnWindow | None:
    """The window of a turn, if it is this account's, for this programme, and goes on or ended lately. Pure."""
    token = turn.token
    if token is None or not turn.is_theirs or turn.period.programme != programme:
        return None
    ended_lately = token.state is TokenState.LAPSED and now - (token.called_at or 0) < SAID_MS
    if not turn.is_live and not ended_lately:
        return None
    return TurnWindow(turn.period.id, turn.period.notice, review.time_left(turn.period, token, now))
