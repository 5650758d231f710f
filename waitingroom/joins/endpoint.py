"""`POST` and `GET` of tickets: a request becomes a join or a look at one's place, and what came of it an answer.

Thousands come in the same second, so the common join is answered by callback, without a task (`JoinEndpoint.handle`;
ADR 0007). The rules are the same for all: `rules.py`.
"""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from foundation.clock import now_ms
from foundation.errors import Code, Refusal, Unavailable
from quota.frozen_rules import devices_of
from quota.states import Mode
from quota.store import Period
from server.cookies import attributes, full_name
from server.requests import Answer, Incoming, Respond, Work, decode_json, when_done
from waitingroom.device import DEFAULT, Allowed, Probe
from waitingroom.device_evidence import device_of
from waitingroom.feed.position_frames import LastFrames
from waitingroom.joins.joins import Joined, Joins, owner_of, refuse_unless_open
from waitingroom.joins.numbers import NEW, Given, NumberIssuer
from waitingroom.joins.proof_of_work import LONGEST
from waitingroom.joins.rules import JoinRequest, JoinRules
from waitingroom.line.looks import Looks
from waitingroom.line.store import Join
from waitingroom.period_cache import PeriodCache
from waitingroom.position_reader import PositionReader, Standing
from waitingroom.positions import Entered, Me
from waitingroom.tickets import COOKIE_SECONDS, Ticket, Tickets

LONGEST_BODY = 256
"""Bytes of a body that is remembered once it was read: browsers send the same few."""

REMEMBERED_BODIES = 1024

_DRAW: Final = Mode.DRAW
"""A member that is asked for every join has a name of its own: to read it from its class takes ten times as long."""


class JoinBody(msgspec.Struct):
    device: Probe | None = None
    proof: Annotated[str, Meta(max_length=LONGEST)] | None = None


class JoinEndpoint:
    """The handlers. `devices` has what each programme allows, by its id; `secure` marks cookies behind TLS."""

    def __init__(
        self,
        *,
        periods: PeriodCache,
        looks: Looks,
        tickets: Tickets,
        rules: JoinRules,
        numbers: NumberIssuer,
        joins: Joins,
        positions: PositionReader,
        devices: Allowed,
        secure: bool,
    ) -> None:
        self._periods, self._looks, self._tickets = periods, looks, tickets
        self._rules, self._numbers, self._joins = rules, numbers, joins
        self._positions, self._devices = positions, devices
        self._cookie_begins = full_name("ticket-", secure)
        self._cookie_ends = attributes(secure, COOKIE_SECONDS)
        self._frames = LastFrames()

    def handle(self, came: Incoming, respond: Respond) -> Work | None:
        """`POST .../tickets`. A join that is in every way ordinary is answered by callback, without a task.

        There is work for a task where more than one question may have to be asked: for one that brings a ticket, where
        the order is drawn or a proof of work is asked for, and while what this process knows is not fresh."""
        period = self._known(came.parameters["id"])
        if period is None:
            return partial(self._join, came)
        asked = self.asked(period, came, _read(came.body))
        return (
            None
            if self._put(period, asked, partial(self._joined, period, respond))
            else partial(self._join, came)
        )

    def put(self, period: Period, asked: JoinRequest, then: Callable[[Joined | Exception], None]) -> bool:
        """A join that is in every way ordinary, without a task: `then` hears what became of it.

        False, before anything was done, for one about which more than one question may have to be asked (`number`).
        Raises the refusals of the contract, and Unavailable.
        """
        return self._known(period.id) is not None and self._put(period, asked, then)

    def _put(self, period: Period, asked: JoinRequest, then: Callable[[Joined | Exception], None]) -> bool:
        """The same where what this process knows is known to be fresh."""
        if period.mode == _DRAW or period.proof:
            return False
        if asked.ticket is not None or (asked.visitor and self._rules.crowded(asked.address)):
            return False
        key = self._rules.admit(asked)
        identities = tuple([one for one in (key, asked.visitor) if one])
        refuse_unless_open(period)
        numbered = partial(self._numbered, period, key, asked.visitor, owner_of(identities), then)
        self._numbers.put(period, Join(identities), numbered)
        return True

    def standing(self, came: Incoming, respond: Respond) -> Work | None:
        """`GET .../tickets/me`: where the ticket of a request stands. Without a task while it waits."""
        period = self._positions.known(came.parameters["id"])
        if period is None:
            return partial(self._standing, came)
        ticket = self._tickets.ticket_of(came, period)
        if ticket is None:
            raise Refusal(Code.NO_TICKET)
        asked = self._positions.ask(period, ticket, partial(self._stands, period, ticket, respond))
        return None if asked else partial(self._stand, period, ticket)

    def _stands(self, period: Period, ticket: Ticket, respond: Respond, standing: Standing | None) -> None:
        if standing is None:
            when_done(self._stand(period, ticket), respond)
            return
        respond(self._told(standing, ticket.number))

    def _told(self, standing: Standing, number: int) -> Answer:
        frames = self._frames.at(standing.period, standing.look, now_ms())
        return Answer(200, frames.position(number, standing.ahead) + b"}")

    def asked(self, period: Period, came: Incoming, body: JoinBody, later: bool = False) -> JoinRequest:
        """What this request brings to a join."""
        key, brings_nothing = came.headers.get(b"idempotency-key"), came.is_anonymous
        return JoinRequest(
            address=came.address,
            verdict=device_of(
                came, body.device, devices_of(period, self._devices.get(period.programme, DEFAULT))
            ),
            key=None if key is None else key.decode("latin-1"),
            ticket=None if brings_nothing else self._tickets.ticket_of(came, period),
            visitor=None if brings_nothing else self._tickets.visitor_of(came),
            proof=body.proof,
            later=later,
        )

    async def number(self, period: Period, asked: JoinRequest) -> Joined:
        """The rules, then the number. Raises the refusals of the contract, and Unavailable."""
        key = self._rules.admit(asked)
        terms = await self._rules.terms(period, asked, key)
        return await self._joins.join(period, asked.ticket, key, asked.visitor, terms)

    def _known(self, id: str) -> Period | None:
        """The period, if row and look are recent enough to answer from."""
        period = self._periods.fresh(id)
        return None if period is None or self._looks.recent(period) is None else period

    async def _join(self, came: Incoming) -> Answer:
        """The same with all that may have to be asked."""
        period = await self._periods.find(came.parameters["id"])
        asked = self.asked(period, came, _read(came.body))
        return await self._welcomed(period, await self.number(period, asked))

    async def _standing(self, came: Incoming) -> Answer:
        period = await self._periods.find(came.parameters["id"])
        ticket = self._tickets.ticket_of(came, period)
        if ticket is None:
            raise Refusal(Code.NO_TICKET)
        standing = await self._positions.asked(period, ticket)
        return await self._stand(period, ticket) if standing is None else self._told(standing, ticket.number)

    async def _stand(self, period: Period, ticket: Ticket) -> Answer:
        return Answer(200, _encode(await self._positions.standing(period, ticket)))

    def _numbered(
        self,
        period: Period,
        key: str | None,
        visitor: str | None,
        owner: str,
        then: Callable[[Joined | Exception], None],
        given: Given | BaseException,
    ) -> None:
        """The line has replied: a new number is told at once, anything else needs more questions."""
        if isinstance(given, BaseException):
            then(given if isinstance(given, Exception) else Unavailable("redis"))
            return
        reply, number = given
        if reply is not NEW:
            # The same question again, with all that may follow: nothing was given to this one yet.
            when_done(self._joins.join(period, None, key, visitor), then)
            return
        try:
            ticket = Ticket(period.uid, number, owner)
            joined = Joined(ticket, self._tickets.issue(ticket), existed=False)
        except Exception as error:
            then(error)
        else:
            then(joined)

    def _joined(self, period: Period, respond: Respond, joined: Joined | Exception) -> None:
        """The answer of the API to a join."""
        if isinstance(joined, Exception):
            respond(joined)
        elif joined.existed or not joined.ticket.number:
            when_done(self._welcomed(period, joined), respond)
        else:
            try:
                answer = self._answer(period, joined.text, False, self._place(period, joined.ticket.number))
            except Exception as error:
                respond(error)
            else:
                respond(answer)

    def _place(self, period: Period, number: int) -> bytes:
        """Where a number that was just given stands, by the last look: its `me` object without the closing brace."""
        look = self._looks.last(period.uid)
        if look is None:  # the fast path was taken because there was one, and none is ever forgotten
            raise Unavailable("redis")
        return self._frames.at(period, look, now_ms()).position(number, look.snapshot.ahead(number))

    async def _welcomed(self, period: Period, joined: Joined) -> Answer:
        me = await self._welcome(period, joined)
        return self._answer(period, joined.text, joined.existed, _encode(me)[:-1])

    async def _welcome(self, period: Period, joined: Joined) -> Me | Entered:
        """Where a join leads. A number just given waits and is present; only one from before may have moved on."""
        ticket = joined.ticket
        if joined.existed or not ticket.number:
            return await self._positions.standing(period, ticket)
        return self._positions.show(period, await self._looks.look(period), ticket.number, None, ticket.owes)

    def _answer(self, period: Period, text: str, existed: bool, me: bytes) -> Answer:
        """`me` is the object without its closing brace: the ticket comes after it."""
        return Answer(
            200 if existed else 201,
            b'%b,"ticket":"%b"}' % (me, text.encode()),
            (
                (
                    b"set-cookie",
                    f"{self._cookie_begins}{period.id}={text}{self._cookie_ends}".encode("latin-1"),
                ),
            ),
        )


_encode = msgspec.json.Encoder().encode


def _read(raw: bytes) -> JoinBody:
    """The body of a join. Refusals as `decode_json`."""
    return _remembered(raw) if len(raw) <= LONGEST_BODY else decode_json(raw, JoinBody)


@lru_cache(REMEMBERED_BODIES)
def _remembered(raw: bytes) -> JoinBody:
    """Browsers send the same few."""
    return decode_json(raw, JoinBody)
