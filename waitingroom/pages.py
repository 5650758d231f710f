"""The pages of the waiting room: the room in all its states, leaving, the draw.

Every page is whole without scripts (`static/room.js` only moves what is there). A page never refuses where it can
say instead how things stand: what a person cannot have yet, or no longer, is a state of the page.
"""

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, NamedTuple

import msgspec
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from accounts.normalisation import folded
from foundation.clock import now_ms, parse_rfc3339, rfc3339
from foundation.errors import Code, Refusal, Unavailable
from quota.frozen_rules import devices_of, name_of
from quota.states import Mode
from quota.store import Period
from server.cookies import cookie_of, set_cookie
from server.rendering.counted import number as number_words
from server.rendering.durations import duration_words
from server.rendering.templating import Render, clocktime
from server.requests import form_body, incoming
from waitingroom import states
from waitingroom.device import DEFAULT, Allowed, Probe, Verdict
from waitingroom.device_evidence import device_of, probe_of
from waitingroom.joins.endpoint import JoinBody, JoinEndpoint
from waitingroom.joins.proof_of_work import WAIT_MS
from waitingroom.leaves import Leaves
from waitingroom.line.looks import Looks
from waitingroom.parts import WaitingRoom
from waitingroom.period_cache import PeriodCache
from waitingroom.period_summary import summary
from waitingroom.position_reader import PositionReader
from waitingroom.positions import Entered, Me
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

LIVING: Final = frozenset({PageState.WAITING, PageState.CALLED, PageState.REDEEMED})
"""On these pages the script goes on from the `me` object that is in the markup."""

HELD: Final = frozenset({PersonState.WAITING, PersonState.CALLED, PersonState.REDEEMED})
"""Whoever is in one of these has something to give up."""

ENTERING: Final = "entree"
"""In the query of the room page: the button was pressed, and no cookie came with it."""

RETURNING: Final = "retour"
"""In the query of the room page: it is asked for by a page of somebody who has a number, or an entry."""


class Mine(NamedTuple):
    """What a page shows of one person, as it is written into the markup; all else on it is shared by everybody who is
    in the same state. An empty text is nothing to show."""

    server_time: str
    """RFC 3339, to the millisecond: where the script's clock begins."""
    number: str = ""
    """« 1 234 »."""
    ahead: str = ""
    wait: str = ""
    """A range of time, or why there is none."""
    as_of: str = ""
    """When the line was looked at, in Montréal."""
    me: str = ""
    """The `me` object as JSON that an attribute in single quotes may hold, without the token: the sign-in page gets
    that itself."""
    entry: str = ""
    """« 1 234 », of who came into the line by the draw."""
    entry_digits: str = ""
    """The same for an address."""
    left: str = ""
    """« 9 min 42 s », of who was called."""
    ends: str = ""
    """When that time ends, in Montréal."""
    receipt: str = ""
    """The id of what was submitted."""


def mine_of(ticket: Ticket, me: Me, state: PageState, now: int) -> Mine:
    """Of somebody with a number."""
    expires_at = parse_rfc3339(me.expires_at) if me.expires_at else None
    if me.estimated_wait_seconds:
        wait = states.wait_words(*me.estimated_wait_seconds)
    else:
        wait = "arrêtée avec la pause" if me.paused else "pas encore connue"
    return Mine(
        server_time=rfc3339(now),
        number=number_words(ticket.number),
        ahead=number_words(me.ahead),
        wait=wait,
        as_of=clocktime(parse_rfc3339(me.as_of)),
        me=_attribute(msgspec.structs.replace(me, token=None)) if state in LIVING else "",
        entry=number_words(ticket.entry) if ticket.entry else "",
        entry_digits=str(ticket.entry) if ticket.entry else "",
        left=duration_words(expires_at - now) if expires_at else "",
        ends=clocktime(expires_at) if expires_at else "",
        receipt=me.receipt or "",
    )


def _attribute(value: msgspec.Struct) -> Markup:
    """JSON without the signs that mean something in markup: they stand in texts only, where JSON may escape them."""
    text = msgspec.json.encode(value).decode()
    for sign in "<>&'":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704  nothing is left in it that ends an attribute in single quotes


UnknownPeriod = Callable[[Request], Awaitable[Response]]
"""The page for an address that names no period."""


def routes(
    room: WaitingRoom,
    joins: JoinEndpoint,
    render: Render,
    programmes: Mapping[str, str],
    devices: Allowed,
    secure: bool,
    unknown_period: UnknownPeriod,
) -> list[BaseRoute]:
    """The routes. By programme id, `programmes` has its French name and `devices` what it allows; `secure` marks
    cookies behind TLS."""
    pages = RoomPages(
        periods=room.periods,
        looks=room.looks,
        tickets=room.tickets,
        positions=room.positions,
        leaves=room.leaves,
        joins=joins,
        render=render,
        programmes=programmes,
        devices=devices,
        secure=secure,
        unknown_period=unknown_period,
    )
    return [
        Route("/periodes/{id}", pages.show, methods=["GET"]),
        Route("/periodes/{id}/joindre", pages.join, methods=["POST"]),
        Route("/periodes/{id}/quitter", pages.confirm_leave, methods=["GET"]),
        Route("/periodes/{id}/quitter", pages.leave, methods=["POST"]),
        Route("/periodes/{id}/tirage", pages.draw, methods=["GET"]),
    ]


class RoomPages:
    """The handlers; each reads a request, asks how things stand, and renders one template."""

    def __init__(
        self,
        *,
        periods: PeriodCache,
        looks: Looks,
        tickets: Tickets,
        positions: PositionReader,
        leaves: Leaves,
        joins: JoinEndpoint,
        render: Render,
        programmes: Mapping[str, str],
        devices: Allowed,
        secure: bool,
        unknown_period: UnknownPeriod,
    ) -> None:
        self.periods, self.looks, self.tickets = periods, looks, tickets
        self.positions, self.leaves, self.joins = positions, leaves, joins
        self.unknown_period = unknown_period
        self.render = render
        self.programmes = programmes
        self.devices = devices
        self.secure = secure

    async def show(self, request: Request) -> Response:
        """The room page: the state this browser is in, as the server knows it now."""
        try:
            period = await self.periods.find(request.path_params["id"])
        except Refusal as refusal:
            if refusal.code != Code.NOT_FOUND:
                raise
            return await self.unknown_period(request)
        ticket = self.tickets.ticket_of(incoming(request), period)
        if ticket is None:
            await self.looks.look(period)
            return self._with_visitor(request, self._door(request, period))
        try:
            me = await self.positions.standing(period, ticket)
        except Unavailable as refusal:
            # Fails soft: the number is in the ticket itself, so the page can still say that it is kept.
            answer = self._page(request, period, PageState.DOWN, status=503, number=ticket.number)
            answer.headers["Retry-After"] = str(refusal.fields.get("retry_after", 2))
            return answer
        if isinstance(me, Entered):
            return self._entry(request, period, ticket, me)
        return self._place(request, period, ticket, me)

    def _door(self, request: Request, period: Period, state: PageState | None = None) -> Response:
        """The page of a browser that holds no number."""
        state = state or states.before_ticket(period, now_ms())
        if (
            state is PageState.OPEN
            and ENTERING in request.query_params
            and self.tickets.visitor_of(incoming(request)) is None
        ):
            state = PageState.COOKIES_REFUSED
        elif state is PageState.OPEN and cookie_of(request.cookies, f"ticket-{period.id}"):
            state = PageState.UNRECOGNISED
        elif state is PageState.OPEN and RETURNING in request.query_params:
            state = PageState.FORGOTTEN
        return self._page(
            request, period, state, verdict=self._verdict(request, period), number=None,
            pressed=state is PageState.OPEN and ENTERING in request.query_params,
            returning=RETURNING in request.query_params and cookie_of(request.cookies, f"ticket-{period.id}") is None,
        )  # fmt: skip

    def _entry(self, request: Request, period: Period, ticket: Ticket, me: Entered) -> Response:
        """The page of a browser that holds an entry; after an end without a draw, that of everybody."""
        if me.proof:
            return self._unproved(request, period, ticket, me)
        state = states.with_ticket(period, me.state, now_ms())
        return self._page(request, period, state, number=None, me=me)

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
            request, "draw.html", period=period, name=self._name(period), asked=asked,
            number=numbers[int(asked)] if known else None,
        )  # fmt: skip

    def _place(self, request: Request, period: Period, ticket: Ticket, me: Me) -> Response:
        """The page of a browser that holds a number."""
        state = states.with_ticket(period, me.state, now_ms())
        if me.proof is not None:
            return self._unproved(request, period, ticket, me)
        return self._page(
            request, period, state, number=ticket.number, mine=mine_of(ticket, me, state, now_ms()),
            paused=me.paused, notice=me.notice,
            soon=state is PageState.WAITING and not me.paused and states.is_soon(me.estimated_wait_seconds, me.ahead),
        )  # fmt: skip

    def _unproved(
        self,
        request: Request,
        period: Period,
        ticket: Ticket,
        me: Me | Entered,
        status: int = 200,
        refused: bool = False,
    ) -> Response:
        """The page of a number or an entry that owes a proof: its script does the work, and without it one waits a
        minute. That of an entry counts down to the opening, which is the last moment for it."""
        counts_down = me.state is PersonState.ENTERED and now_ms() < period.opens_at
        return self._page(
            request, period, PageState.UNPROVED, status=status, number=ticket.number or None,
            me=me, refused=refused, wait_until=ticket.owes + WAIT_MS,
            turns_at=period.opens_at if counts_down else None,
        )  # fmt: skip

    def _page(
        self,
        request: Request,
        period: Period,
        state: PageState,
        /,
        *,
        status: int = 200,
        number: int | None,
        **more: Any,
    ) -> Response:
        now = now_ms()
        context: dict[str, Any] = {
            "me": None, "soon": False, "soon_seconds": states.SOON_SECONDS, "paused": False, "notice": period.notice,
            "mine": Mine(rfc3339(now), number_words(number) if number else ""), "verdict": None, "refused": False,
            "pressed": False, "returning": False,
        }  # fmt: skip
        context |= {
            "period": period, "summary": summary(period, self.looks.last(period.uid), now),
            "name": self._name(period), "state": state,
            "number": number, "now": now, "opens_at": rfc3339(period.opens_at),
            "titles": states.TITLES, "icons": states.ICONS, "devices": states.DEVICES,
            "turns_at": states.turns_at(state, period),
            "refresh": states.refresh_seconds(state, period, now), "duration": duration_words,
        }  # fmt: skip
        return self.render(request, "room.html", status=status, **(context | more))

    async def join(self, request: Request) -> Response:
        """« Se connecter »: a number for this browser, then back to the room page, which shows it.

        A browser that does not send the visitor cookie keeps none: it is told so, and no number is spent on it.
        """
        period = await self.periods.find(request.path_params["id"])
        fields = await form_body(request)
        probe = probe_of(fields)
        verdict = self._verdict(request, period, probe)
        if not verdict.allowed:
            return self._page(
                request, period, PageState.DEVICE_REFUSED, status=403, number=None, verdict=verdict
            )
        here = f"/periodes/{period.id}"
        ticket = self.tickets.ticket_of(incoming(request), period)
        if self.tickets.visitor_of(incoming(request)) is None and ticket is None:
            return self._with_visitor(request, RedirectResponse(f"{here}?{ENTERING}=1", 303))
        proof = fields.get("proof") or None
        try:
            body = JoinBody(device=probe, proof=proof)
            asked = self.joins.asked(period, incoming(request), body, later=True)
            joined = await self.joins.number(period, asked)
        except Refusal as refusal:
            if refusal.code == Code.PROOF_REQUIRED and ticket is not None:
                me = await self.positions.standing(period, ticket)
                if not me.proof:  # it owes none any more: another tab was quicker
                    return RedirectResponse(here, 303)
                return self._unproved(request, period, ticket, me, 403, refused=True)
            if refusal.code not in KINDER:
                raise
            return self._refused_door(request, period, KINDER[refusal.code])
        answer = RedirectResponse(here, 303)
        set_cookie(answer, f"ticket-{period.id}", joined.text, secure=self.secure, max_age=COOKIE_SECONDS)
        return self._with_visitor(request, answer)

    def _refused_door(self, request: Request, period: Period, state: PageState | None) -> Response:
        """The door closed between the page and the button, or is not open yet by every clock: say which."""
        if state is None:
            state = PageState.ANNOUNCED if now_ms() < period.opens_at else PageState.DELAYED
        return self._door(request, period, state)

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
            request, "leave.html", period=period, name=self._name(period), number=ticket.number
        )

    async def leave(self, request: Request) -> Response:
        """Gives the number up, or the token back. Refusal `token_used` after a submission."""
        period = await self.periods.find(request.path_params["id"])
        ticket = self.tickets.ticket_of(incoming(request), period)
        if ticket is not None:
            await self.leaves.give_up(period, ticket)
        return RedirectResponse(f"/periodes/{period.id}", 303)

    def _verdict(self, request: Request, period: Period, probe: Probe | None = None) -> Verdict:
        """May this device apply in this period? Its programme says which may (DV-01)."""
        return device_of(incoming(request), probe, self._allowed(period))

    def _allowed(self, period: Period) -> frozenset[str]:
        return devices_of(period, self.devices.get(period.programme, DEFAULT))

    def _name(self, period: Period) -> str:
        return name_of(period, self.programmes)

    def _with_visitor(self, request: Request, answer: Response) -> Response:
        return with_visitor(self.tickets, request, answer, self.secure)


def with_visitor(tickets: Tickets, request: Request, answer: Response, secure: bool) -> Response:
    """A first page brings the visitor cookie, so that the join that follows is one however often it is sent."""
    if tickets.visitor_of(incoming(request)) is None:
        set_cookie(answer, "visitor", tickets.new_visitor(), secure=secure, max_age=COOKIE_SECONDS)
    return answer
