"""Joining: what a request brings to it, the rules in their order, and the answer.

Thousands come in the same second, so the common case is answered by callback, without a task (`Joins.handle`). The
rules are the same for all: `Joins._admit` and `Joins._terms`.
"""

import asyncio
import secrets
from functools import lru_cache, partial
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from foundation.clock import now_ms
from foundation.errors import Code, Refusal, Unavailable
from quota.states import Mode
from quota.store import Period
from server.cookies import cookie
from server.requests import Answer, Incoming, Respond, Work, decode_json
from waitingroom.device import DEFAULT, Allowed, Verdict
from waitingroom.device_evidence import Probe, device_of
from waitingroom.proof_of_work import LONGEST, WAIT_MS
from waitingroom.room import Joined, Room
from waitingroom.tickets import COOKIE_SECONDS, Ticket, digest

LEAST_KEY, MOST_KEY = 22, 255
"""An idempotency key is a place: 128 random bits are 22 characters at least."""

LONGEST_BODY = 256
"""Bytes of a body that is remembered once it was read: browsers send the same few."""


class JoinBody(msgspec.Struct):
    device: Probe | None = None
    proof: Annotated[str, Meta(max_length=LONGEST)] | None = None


class JoinRequest(NamedTuple):
    """What a request brings to a join. `key` is the Idempotency-Key as it was sent, `visitor` a cookie's hash. With
    `later` a number is taken that owes its proof, where one is asked for."""

    address: str
    verdict: Verdict
    key: str | None
    ticket: Ticket | None
    visitor: str | None
    proof: str | None = None
    later: bool = False


class Joins:
    """The rules of joining. `devices` has what each programme allows; `secure` marks cookies behind TLS."""

    def __init__(self, room: Room, devices: Allowed, secure: bool) -> None:
        self.room, self.devices, self.secure = room, devices, secure
        self._slow: set[asyncio.Future[None]] = set()

    async def number(self, period: Period, asked: JoinRequest) -> Joined:
        """The rules, then the number. Raises the refusals of the contract, and Unavailable."""
        key = self._admit(period, asked)
        terms = await self._terms(period, asked, key)
        return await self.room.join(period, asked.ticket, key, asked.visitor, terms)

    def _admit(self, period: Period, asked: JoinRequest) -> str | None:
        """Limit, device (DV-02), key, in this order; gives back the key's hash. Raises their refusals."""
        self.room.limits.spend(asked.address, asked.ticket.visitor if asked.ticket else asked.visitor)
        if not asked.verdict.allowed:
            raise Refusal(Code.DEVICE_REFUSED, family=asked.verdict.family)
        return self._key(asked.key)

    async def _terms(self, period: Period, asked: JoinRequest, key: str | None) -> str:
        """On which terms this join gets a number or entry, or frees one that owes a proof (ADR 0012; see `join.lua`).

        Raises Refusal proof_required for a proof that is none, rate_limited for too many who waited instead.
        """
        ticket = asked.ticket
        if asked.proof and (period.proof or (ticket and ticket.owes)):
            owner = (ticket.visitor if ticket else None) or key or asked.visitor or ""
            await self.room.prove(period, asked.proof, owner)
            return "proved"
        if ticket and ticket.owes and now_ms() >= ticket.owes + WAIT_MS:
            self.room.limits.waited(asked.address)
            return "proved"
        if period.proof:
            return "owes" if asked.later else "none"
        if ticket and ticket.owes:
            return "owes"  # leaving, or an opening that came before its proof, is no way out of what it owes
        crowded = ticket is None and asked.visitor and self.room.limits.crowded(asked.address)
        return "owes" if crowded else ""

    def _key(self, key: str | None) -> str | None:
        """The hash of an Idempotency-Key, or None. Refusal `invalid` for one that could be guessed."""
        if key is None:
            return None
        if not LEAST_KEY <= len(key) <= MOST_KEY or not key.isascii():
            raise Refusal(
                Code.INVALID,
                fields=[{"name": "Idempotency-Key", "reason": "de 22 à 255 caractères ASCII aléatoires"}],
            )
        return self.room.tickets.key(key)

    # -- answers -----------------------------------------------------------------------------------------------------

    def handle(self, came: Incoming, respond: Respond) -> Work | None:
        """`POST .../tickets`. A join that is in every way ordinary is answered by callback, without a task.

        There is work where more than one question may have to be asked: whoever brings a ticket, where the order
        is drawn or a proof of work is asked for, and while what this process knows is not fresh.
        """
        period = self.room.fresh(came.parameters["id"])
        if period is None or period.mode == Mode.DRAW or period.proof:
            return partial(self._join, came)
        asked = self.asked(period, came, _read(came.body))
        if asked.ticket is not None or (asked.visitor and self.room.limits.crowded(asked.address)):
            return partial(self._join, came)
        known = self._admit(period, asked), asked.visitor
        identities = tuple([one for one in known if one])
        owner = identities[0] if identities else digest("nobody", secrets.token_hex(16))
        self.room.ask_number(period, identities, partial(self._numbered, period, known, owner, respond))
        return None

    async def _join(self, came: Incoming) -> Answer:
        """The same with all that may have to be asked."""
        period = await self.room.period(came.parameters["id"])
        return await self._answered(
            period, await self.number(period, self.asked(period, came, _read(came.body)))
        )

    async def _answered(self, period: Period, joined: Joined) -> Answer:
        me = await self.room.welcome(period, joined)
        return self._answer(period, joined.text, joined.existed, _encode(me)[:-1])

    def asked(self, period: Period, came: Incoming, body: JoinBody, later: bool = False) -> JoinRequest:
        """What this request brings to a join."""
        key = came.headers.get(b"idempotency-key")
        return JoinRequest(
            address=came.address,
            verdict=device_of(came, body.device, self.devices.get(period.programme, DEFAULT)),
            key=None if key is None else key.decode("latin-1"),
            ticket=self.room.ticket_of(came, period),
            visitor=self.room.visitor_of(came),
            proof=body.proof,
            later=later,
        )

    def standing(self, came: Incoming, respond: Respond) -> Work:
        """`GET .../tickets/me`: where the ticket of a request stands."""
        return partial(self._standing, came)

    async def _standing(self, came: Incoming) -> Answer:
        id = came.parameters["id"]
        period = self.room.fresh(id) or await self.room.period(id)
        ticket = self.room.ticket_of(came, period)
        if ticket is None:
            raise Refusal(Code.NO_TICKET)
        return Answer(200, _encode(await self.room.standing(period, ticket)))

    def _numbered(
        self,
        period: Period,
        known: tuple[str | None, str | None],
        owner: str,
        respond: Respond,
        reply: tuple[str, int] | BaseException,
    ) -> None:
        """The line has spoken: a new number is answered at once, anything else needs more questions."""
        if isinstance(reply, BaseException):
            respond(reply if isinstance(reply, Exception) else Unavailable("redis"))
            return
        code, number = reply
        if code != "NEW":
            work = asyncio.ensure_future(self._ask_again(period, *known, respond))
            self._slow.add(work)
            work.add_done_callback(self._slow.discard)
            return
        try:
            text = self.room.tickets.issue(Ticket(period.uid, number, owner))
            answer = self._answer(period, text, False, self.room.place(period, number))
        except Exception as error:
            respond(error)
        else:
            respond(answer)

    async def _ask_again(
        self, period: Period, key: str | None, visitor: str | None, respond: Respond
    ) -> None:
        """The same question again, with all that may follow: nothing was given to this one yet."""
        try:
            answer = await self._answered(period, await self.room.join(period, None, key, visitor))
        except Exception as error:
            respond(error)
        else:
            respond(answer)

    def _answer(self, period: Period, text: str, existed: bool, me: bytes) -> Answer:
        """`me` is the object without its closing brace: the ticket comes after it."""
        return Answer(
            200 if existed else 201,
            b'%b,"ticket":"%b"}' % (me, text.encode()),
            (cookie(f"ticket-{period.id}", text, secure=self.secure, max_age=COOKIE_SECONDS),),
        )


_encode = msgspec.json.Encoder().encode


def _read(raw: bytes) -> JoinBody:
    """The body of a join. Refusals as `decode_json`."""
    return _remembered(raw) if len(raw) <= LONGEST_BODY else decode_json(raw, JoinBody)


@lru_cache(1024)
def _remembered(raw: bytes) -> JoinBody:
    """Browsers send the same few."""
    return decode_json(raw, JoinBody)
