"""The pages of the waiting room: the room in all its states, leaving, the draw.

Every page is whole without scripts (`static/room.js` only moves what is there). A page never refuses where it can
say instead how things stand: what a person cannot have yet, or no longer, is a state of the page.
"""

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache, partial
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from accounts.normalisation import folded
from foundation.clock import now_ms
from foundation.errors import Code, Refusal, Unavailable
from quota.frozen_rules import devices_of
from quota.states import Mode
from quota.store import Period
from server.cookies import cookie, cookie_of
from server.fast_path import FastRoute
from server.rendering.templating import Render
from server.requests import (
    Answer,
    Headers,
    Incoming,
    Respond,
    Work,
    fields_in,
    incoming,
    refuse_other_encodings,
    see_other,
    when_done,
)
from waitingroom import states
from waitingroom.device import DEFAULT, Allowed, Verdict
from waitingroom.device_evidence import device_of, probe_of
from waitingroom.joins.endpoint import LONGEST_BODY, REMEMBERED_BODIES, JoinBody, JoinEndpoint
from waitingroom.joins.joins import Joined
from waitingroom.joins.proof_of_work import WAIT_MS
from waitingroom.joins.rules import JoinRequest
from waitingroom.parts import WaitingRoom
from waitingroom.position_reader import Standing
from waitingroom.positions import Entered, Me
from waitingroom.room_page.mine import mine_of
from waitingroom.room_page.page import Door, RoomPage
from waitingroom.states import PageState, PersonState
from waitingroom.tickets import COOKIE_SECONDS, Ticket, Tickets

KINDER: Final[dict[Code, PageState | None]] = {
    Code.QUOTA_REACHED: PageState.QUOTA_REACHED,
    Code.PERIOD_CLOSED: PageState.CLOSED,
    Code.ANNULLED: PageState.ANNULLED,
    Code.ROOM_NOT_OPEN: None,
}
"""Refusals of a join that the room page says better than a page of refusal; the one without a state depends on the
clock."""

HELD: Final = frozenset({PersonState.WAITING, PersonState.CALLED, PersonState.REDEEMED})
"""Whoever is in one of these has something to give up."""

ENTERING: Final = "entree"
"""In the query of the room page: the button was pressed, and no cookie came with it."""

RETURNING: Final = "retour"
"""In the query of the room page: it is asked for by a page of somebody who has a number, or an entry."""


FIRST_MS: Final = 50
"""So long a first page is given to all browsers that look alike."""

MOST_FIRSTS, LONGEST_FIRST = 500, 1024
"""First pages that are remembered, and the bytes of what tells them apart: a crowd has few browsers."""


class _KnownFirst(NamedTuple):
    period: Period
    stands: tuple[bool, bool]
    """Whether it was before the opening, and before the end."""
    until: int
    page: Answer


UnknownPeriod = Callable[[Incoming], Awaitable[Answer]]
"""The page for an address that names no period."""


class RoomPages:
    """The handlers; each reads a request, asks how things stand, and makes one page.

    By programme id, `programmes` has its French name and `devices` what it allows; `secure` marks cookies behind TLS.
    """

    def __init__(
        self,
        room: WaitingRoom,
        joins: JoinEndpoint,
        render: Render,
        programmes: Mapping[str, str],
        devices: Allowed,
        secure: bool,
        unknown_period: UnknownPeriod,
    ) -> None:
        self.periods, self.looks, self.tickets = room.periods, room.looks, room.tickets
        self.positions, self.leaves = room.positions, room.leaves
        self.joins, self.unknown_period = joins, unknown_period
        self.render = render
        self.page = RoomPage(render, room.looks, programmes)
        self.devices, self.secure = devices, secure
        self._firsts: dict[tuple[object, ...], _KnownFirst] = {}

    def fast_routes(self) -> list[FastRoute]:
        """What the stampede asks for."""
        return [
            FastRoute("GET", "/periodes/{id}", self.show),
            FastRoute("POST", "/periodes/{id}/joindre", self.join),
        ]

    def routes(self) -> list[BaseRoute]:
        """The other routes."""
        return [
            Route("/periodes/{id}/quitter", self.confirm_leave, methods=["GET"]),
            Route("/periodes/{id}/quitter", self.leave, methods=["POST"]),
            Route("/periodes/{id}/tirage", self.draw, methods=["GET"]),
        ]

    # -- the room page -------------------------------------------------------------------------------------------------

    def show(self, came: Incoming, respond: Respond) -> Work | None:
        """The room page: the state this browser is in, as the server knows it now.

        Answered without a task where nothing has to be asked, or only whether the number still waits.
        """
        period = self.positions.known(came.parameters["id"])
        if period is None:
            return partial(self._show, came)
        if b"cookie" not in came.headers and b"authorization" not in came.headers:
            respond(self._first(came, period))
            return None
        ticket = self.tickets.ticket_of(came, period)
        if ticket is None:
            respond(self._door(came, period))
            return None
        try:
            asked = self.positions.ask(period, ticket, partial(self._stands, came, period, ticket, respond))
        except Unavailable as refusal:
            respond(self._down(came, period, ticket, refusal))
            return None
        return None if asked else partial(self._show, came)

    def _stands(
        self, came: Incoming, period: Period, ticket: Ticket, respond: Respond, standing: Standing | None
    ) -> None:
        if standing is not None:
            respond(self.page.waiting(came, standing, ticket))
        else:
            when_done(self._placed(came, period, ticket), respond)

    async def _show(self, came: Incoming) -> Answer:
        """The same with all that may have to be asked."""
        try:
            period = await self.periods.find(came.parameters["id"])
        except Refusal as refusal:
            if refusal.code != Code.NOT_FOUND:
                raise
            return await self.unknown_period(came)
        ticket = self.tickets.ticket_of(came, period)
        if ticket is None:
            await self.looks.look(period)
            return self._door(came, period)
        standing = await self.positions.asked(period, ticket)
        if standing is not None:
            return self.page.waiting(came, standing, ticket)
        return await self._placed(came, period, ticket)

    async def _placed(self, came: Incoming, period: Period, ticket: Ticket) -> Answer:
        """The page of a browser that holds a number or an entry."""
        try:
            me = await self.positions.standing(period, ticket)
        except Unavailable as refusal:
            return self._down(came, period, ticket, refusal)
        if me.proof:
            return self._unproved(came, period, ticket, me)
        state = states.with_ticket(period, me.state, now_ms())
        if isinstance(me, Entered):  # after an end without a draw, the page of everybody
            return self.page.place(came, period, state, number=None, me=me)
        return self.page.place(
            came, period, state, number=ticket.number, mine=mine_of(ticket, me, state, now_ms()),
            paused=me.paused, notice=me.notice,
            soon=state is PageState.WAITING and not me.paused and states.is_soon(me.estimated_wait_seconds, me.ahead),
        )  # fmt: skip

    def _down(self, came: Incoming, period: Period, ticket: Ticket, refusal: Refusal) -> Answer:
        """Fails soft: the number is in the ticket itself, so the page can still say that it is kept."""
        again = str(refusal.fields.get("retry_after", 2)).encode()
        return self.page.place(
            came, period, PageState.DOWN, status=503, headers=((b"retry-after", again),), number=ticket.number
        )

    def _first(self, came: Incoming, period: Period) -> Answer:
        """The page of a browser that brings nothing: the same for all that look alike, but for the visitor cookie."""
        got, now = came.headers.get, now_ms()
        alike = (
            period.id, came.query, got(b"accept-encoding"), got(b"user-agent"), got(b"sec-ch-ua-mobile"),
            got(b"sec-ch-ua-platform"),
        )  # fmt: skip
        stands = now < period.opens_at, now < period.closes_at
        known = self._firsts.get(alike)
        if known is None or known.stands != stands or known.period is not period or now >= known.until:
            if len(self._firsts) >= MOST_FIRSTS:
                self._firsts.clear()
            known = _KnownFirst(period, stands, now + FIRST_MS, self._door(came, period))
            if len(came.query) + len(got(b"user-agent", b"")) < LONGEST_FIRST:
                self._firsts[alike] = known
        page = known.page
        visitor = cookie("visitor", self.tickets.new_visitor(), secure=self.secure, max_age=COOKIE_SECONDS)
        return Answer(page.status, page.body, (visitor,), page.kind)

    def _door(self, came: Incoming, period: Period, state: PageState | None = None) -> Answer:
        """The page of a browser that holds no number, with its visitor cookie."""
        state = state or states.before_ticket(period, now_ms())
        pressed, returning = ENTERING in came.asked, RETURNING in came.asked
        holds = cookie_of(came.cookies, f"ticket-{period.id}")
        visitor = visitor_cookie(self.tickets, came, self.secure)
        if state is PageState.OPEN and pressed and visitor:
            state = PageState.COOKIES_REFUSED
        elif state is PageState.OPEN and holds:
            state = PageState.UNRECOGNISED
        elif state is PageState.OPEN and returning:
            state = PageState.FORGOTTEN
        door = Door(state, self._verdict(came, period), pressed, returning and holds is None)
        return self.page.door(came, period, door, visitor)

    def _unproved(
        self, came: Incoming, period: Period, ticket: Ticket, me: Me | Entered, status: int = 200, refused: bool = False
    ) -> Answer:  # fmt: skip
        """The page of a number or an entry that owes a proof: its script does the work, and without it one waits a
        minute. That of an entry counts down to the opening, which is the last moment for it."""
        counts_down = me.state is PersonState.ENTERED and now_ms() < period.opens_at
        return self.page.place(
            came, period, PageState.UNPROVED, status=status, number=ticket.number or None,
            me=me, refused=refused, wait_until=ticket.owes + WAIT_MS,
            turns_at=period.opens_at if counts_down else None,
        )  # fmt: skip

    # -- the button ----------------------------------------------------------------------------------------------------

    def join(self, came: Incoming, respond: Respond) -> Work | None:
        """« Se connecter »: a number for this browser, then back to the room page, which shows it.

        A browser that does not send the visitor cookie keeps none: it is told so, and no number is spent on it.
        """
        period = self.positions.known(came.parameters["id"])
        if period is None:
            return partial(self._join, came)
        asked = self._asked(came, period)
        if isinstance(asked, Answer):
            respond(asked)
            return None
        then = partial(self._entered, came, period, respond)
        try:
            taken = self.joins.put(period, asked, then)
        except Refusal as refusal:
            if refusal.code not in KINDER:
                raise
            respond(self._refused_door(came, period, refusal))
            return None
        return None if taken else partial(self._number, came, period, asked)

    async def _join(self, came: Incoming) -> Answer:
        """The same with all that may have to be asked."""
        period = await self.periods.find(came.parameters["id"])
        asked = self._asked(came, period)
        return asked if isinstance(asked, Answer) else await self._number(came, period, asked)

    def _asked(self, came: Incoming, period: Period) -> JoinRequest | Answer:
        """What the form brings to a join, or the page that says why it leads to none."""
        asked = self.joins.asked(period, came, _pressed(came), later=True)
        if not asked.verdict.allowed:
            return self.page.door(came, period, Door(PageState.DEVICE_REFUSED, asked.verdict, status=403))
        if asked.visitor is None and asked.ticket is None:
            visitor = visitor_cookie(self.tickets, came, self.secure)
            return see_other(f"/periodes/{period.id}?{ENTERING}=1", visitor)
        return asked

    async def _number(self, came: Incoming, period: Period, asked: JoinRequest) -> Answer:
        ticket = asked.ticket
        try:
            joined = await self.joins.number(period, asked)
        except Refusal as refusal:
            if refusal.code == Code.PROOF_REQUIRED and ticket is not None:
                me = await self.positions.standing(period, ticket)
                if not me.proof:  # it owes none any more: another tab was quicker
                    return see_other(f"/periodes/{period.id}")
                return self._unproved(came, period, ticket, me, 403, refused=True)
            if refusal.code not in KINDER:
                raise
            return self._refused_door(came, period, refusal)
        return self._shown_in(came, period, joined)

    def _entered(self, came: Incoming, period: Period, respond: Respond, joined: Joined | Exception) -> None:
        if isinstance(joined, Refusal) and joined.code in KINDER:
            respond(self._refused_door(came, period, joined))
        else:
            respond(joined if isinstance(joined, Exception) else self._shown_in(came, period, joined))

    def _shown_in(self, came: Incoming, period: Period, joined: Joined) -> Answer:
        """To the room page, which shows the number."""
        if not (joined.existed or joined.ticket.entry or joined.ticket.owes):
            self.tickets.expect(joined.text, joined.ticket)
            self.positions.joined(period, joined.ticket)
        ticket = cookie(f"ticket-{period.id}", joined.text, secure=self.secure, max_age=COOKIE_SECONDS)
        return see_other(f"/periodes/{period.id}", (ticket, *visitor_cookie(self.tickets, came, self.secure)))

    def _refused_door(self, came: Incoming, period: Period, refusal: Refusal) -> Answer:
        """The door closed between the page and the button, or is not open yet by every clock: say which."""
        state = KINDER[refusal.code]
        if state is None:
            state = PageState.ANNOUNCED if now_ms() < period.opens_at else PageState.DELAYED
        return self._door(came, period, state)

    # -- leaving, the draw ---------------------------------------------------------------------------------------------

    async def confirm_leave(self, request: Request) -> Response:
        """Asks before a place is given up."""
        period = await self.periods.find(request.path_params["id"])
        ticket = self.tickets.ticket_of(incoming(request), period)
        if ticket is None or not ticket.number:  # an entry holds nobody back: there is nothing to give up
            return RedirectResponse(f"/periodes/{period.id}", 303)
        with contextlib.suppress(Unavailable):  # fails open: what is given up twice is given up once
            if (await self.positions.me(period, ticket)).state not in HELD:
                return RedirectResponse(f"/periodes/{period.id}", 303)
        return self.render(
            request, "leave.html", period=period, name=self.page.name(period), number=ticket.number
        )

    async def leave(self, request: Request) -> Response:
        """Gives the number up, or the token back. Refusal `token_used` after a submission."""
        period = await self.periods.find(request.path_params["id"])
        ticket = self.tickets.ticket_of(incoming(request), period)
        if ticket is not None:
            await self.leaves.give_up(period, ticket)
        return RedirectResponse(f"/periodes/{period.id}", 303)

    async def draw(self, request: Request) -> Response:
        """What is published of a draw, and the number of an entry that is asked for."""
        period = await self.periods.find(request.path_params["id"])
        if period.mode != Mode.DRAW:
            raise Refusal(Code.NOT_FOUND)
        # Pages show « 1 234 » with a no-break space: a number that was copied from one is that number.
        asked = folded(request.query_params.get("inscription", "")[:40]).replace(" ", "")[:9]
        numbers = self.tickets.orders.get(period.uid, ())
        known = asked.isascii() and asked.isdecimal() and 0 < int(asked) < len(numbers)
        return self.render(
            request, "draw.html", period=period, name=self.page.name(period), asked=asked,
            number=numbers[int(asked)] if known else None,
        )  # fmt: skip

    def _verdict(self, came: Incoming, period: Period) -> Verdict:
        """May this device apply in this period? Its programme says which may (DV-01)."""
        return device_of(came, None, devices_of(period, self.devices.get(period.programme, DEFAULT)))


def _pressed(came: Incoming) -> JoinBody:
    """What the button's form says. Refusals as `form_fields`."""
    if not came.body:
        return JoinBody()
    refuse_other_encodings(came)
    return _remembered(came.body) if len(came.body) <= LONGEST_BODY else _join_body(came.body)


def _join_body(raw: bytes) -> JoinBody:
    fields = fields_in(raw)
    return JoinBody(device=probe_of(fields), proof=fields.get("proof") or None)


_remembered = lru_cache(REMEMBERED_BODIES)(_join_body)
"""Browsers send the same few; none of it is about a person."""


def visitor_cookie(tickets: Tickets, came: Incoming, secure: bool) -> Headers:
    """A first page brings the visitor cookie, so that the join that follows is one however often it is sent. Nothing
    for a browser that has it."""
    if tickets.visitor_of(came) is not None:
        return ()
    return (cookie("visitor", tickets.new_visitor(), secure=secure, max_age=COOKIE_SECONDS),)
