"""The room page as an answer, in every state: rendered for one person, for all who are in the same state, or filled.

Tens of thousands ask for two of its states in the same minute. The page of those who hold no number is the same for all
of them; that of those who wait is rendered once a look and filled (`mine.py`).
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from foundation.clock import now_ms, rfc3339
from quota.frozen_rules import name_of
from quota.store import Period
from server.rendering.blanks import Blank
from server.rendering.counted import number as number_words
from server.rendering.durations import duration_words
from server.rendering.page_answers import SharedPages, page_answer
from server.rendering.templating import Render
from server.requests import Answer, Headers, Incoming
from waitingroom import states
from waitingroom.device import Verdict
from waitingroom.feed.position_frames import LastFrames
from waitingroom.line.looks import Look, Looks
from waitingroom.period_summary import summary
from waitingroom.position_reader import Standing
from waitingroom.room_page.mine import Mine, marks, mine_waiting
from waitingroom.states import PageState
from waitingroom.tickets import Ticket

MOST_BLANKS = 100
"""Periods and states whose pages stand ready to be filled."""


class Door(NamedTuple):
    """What the page of a browser without a number depends on."""

    state: PageState
    verdict: Verdict
    pressed: bool = False
    """« Se connecter » was pressed, and no cookie came with it."""
    returning: bool = False
    """It is asked for by a page of somebody who has a number, or an entry."""
    status: int = 200


class _KnownBlank(NamedTuple):
    period: Period
    look: Look
    blank: Blank


class RoomPage:
    """Makes the answers; `programmes` has the French name of each by its id."""

    def __init__(self, render: Render, looks: Looks, programmes: Mapping[str, str]) -> None:
        self._render, self._looks, self._programmes = render, looks, programmes
        self._shared = SharedPages()
        self._blanks: dict[tuple[str, bool, bool, int | None], _KnownBlank] = {}
        self._frames = LastFrames()

    def name(self, period: Period) -> str:
        """What is applied for, in French."""
        return name_of(period, self._programmes)

    def door(self, came: Incoming, period: Period, door: Door, headers: Headers = ()) -> Answer:
        """The page of a browser that holds no number."""
        verdict, shown = door.verdict, door.pressed and door.state is PageState.OPEN
        # All of a verdict that the page shows; its evidence is on none.
        seen = verdict.allowed, verdict.family, verdict.rule
        key = period.id, door.state, shown, door.returning, door.status, seen

        def render() -> str:
            return self._text(
                period, door.state, verdict=verdict, number=None, pressed=shown, returning=door.returning
            )

        basis = period, self._looks.last(period.uid)
        return self._shared.answer(came, key, basis, render, door.status, headers)

    def place(
        self,
        came: Incoming,
        period: Period,
        state: PageState,
        /,
        *,
        status: int = 200,
        headers: Headers = (),
        **more: Any,
    ) -> Answer:
        """The page of one person, in any state; `more` is what the template is told besides what all are."""
        text = self._text(period, state, **more)
        return page_answer(came.headers.get(b"accept-encoding"), text.encode(), status, headers)

    def waiting(self, came: Incoming, standing: Standing, ticket: Ticket) -> Answer:
        """The page of somebody who waits, as the last look has it: what `place` would say, at a tenth of its price."""
        now, (period, look, ahead) = now_ms(), standing
        frames = self._frames.at(period, look, now)
        counted, wait = frames.standing(ticket.number, ahead)
        soon = not frames.paused and states.is_soon(wait, counted)
        blank = self._blank(period, look, soon, ticket.entry > 0, now)
        text = blank.filled(mine_waiting(ticket, ahead, frames, now))
        return page_answer(came.headers.get(b"accept-encoding"), text)

    def _blank(self, period: Period, look: Look, soon: bool, drawn: bool, now: int) -> Blank:
        key = period.uid, soon, drawn, states.refresh_seconds(PageState.WAITING, period, now)
        known = self._blanks.get(key)
        if known is None or known.period is not period or known.look is not look:
            if len(self._blanks) >= MOST_BLANKS:
                self._blanks.clear()
            text = self._text(
                period, PageState.WAITING, number=None, mine=marks(drawn), soon=soon,
                paused=period.paused or period.suspended,
            )  # fmt: skip
            known = self._blanks[key] = _KnownBlank(period, look, Blank(text))
        return known.blank

    def _text(self, period: Period, state: PageState, /, *, number: int | None, **more: Any) -> str:
        now = now_ms()
        context: dict[str, Any] = {
            "me": None, "soon": False, "soon_seconds": states.SOON_SECONDS, "paused": False, "notice": period.notice,
            "mine": Mine(rfc3339(now), number_words(number) if number else ""), "verdict": None, "refused": False,
            "pressed": False, "returning": False,
        }  # fmt: skip
        context |= {
            "period": period, "summary": summary(period, self._looks.last(period.uid), now),
            "name": self.name(period), "state": state,
            "number": number, "now": now, "opens_at": rfc3339(period.opens_at),
            "titles": states.TITLES, "icons": states.ICONS, "devices": states.DEVICES,
            "turns_at": states.turns_at(state, period),
            "refresh": states.refresh_seconds(state, period, now), "duration": duration_words,
        }  # fmt: skip
        return self._render.text("room.html", **(context | more))
