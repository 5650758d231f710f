"""Joining by call: what a request brings to it, the rules in their order, and the quick way to the answer.

Thousands come in the same second, so the common case is answered without the framework (`server/fast_path.py`). What is
in any way unusual goes the long way through `waitingroom/api.py`; both ways ask `Joins.number`, where the rules are.
"""

import asyncio
import secrets
from functools import lru_cache, partial
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta
from starlette.requests import Request, cookie_parser

from foundation.clock import now_ms
from foundation.errors import Code, Refusal, Unavailable
from quota.states import Mode
from quota.store import Period
from server.requests import Answer, Respond, WholeRequest, client_address, network
from waitingroom import device
from waitingroom.device import DEFAULT, LONGEST_AGENT, LONGEST_HINT, Allowed
from waitingroom.device_evidence import Probe, probed
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
    agent: str
    ch_mobile: str
    ch_platform: str
    probe: Probe | None
    key: str | None
    ticket: Ticket | None
    visitor: str | None
    proof: str | None = None
    later: bool = False


def asked_of(
    request: Request, room: Room, period: Period, probe: Probe | None, proof: str | None, later: bool = False
) -> JoinRequest:
    """What this request brings, by the framework's reading of it."""
    headers = request.headers
    return JoinRequest(
        address=client_address(request),
        agent=headers.get("user-agent", ""),
        ch_mobile=headers.get("sec-ch-ua-mobile", ""),
        ch_platform=headers.get("sec-ch-ua-platform", ""),
        probe=probe,
        key=headers.get("idempotency-key"),
        ticket=room.ticket_of(request, period),
        visitor=room.visitor_of(request),
        proof=proof,
        later=later,
    )


class Joins:
    """The rules of joining. `devices` has what each programme allows; `secure` marks cookies behind TLS."""

    def __init__(self, room: Room, devices: Allowed, secure: bool) -> None:
        self.room, self.devices, self.secure = room, devices, secure
        self._slow: set[asyncio.Future[None]] = set()
        self._encode = msgspec.json.Encoder().encode
        self._cookie_ends = (
            f"; HttpOnly; Max-Age={COOKIE_SECONDS}; Path=/; SameSite=lax" + "; Secure" * secure
        )

    async def number(self, period: Period, asked: JoinRequest) -> Joined:
        """The rules, then the number. Raises the refusals of the contract, and Unavailable."""
        key = self._admit(period, asked)
        terms = await self._terms(period, asked, key)
        return await self.room.join(period, asked.ticket, key, asked.visitor, terms)

    def _admit(self, period: Period, asked: JoinRequest) -> str | None:
        """Limit, device (DV-02), key, in this order; gives back the key's hash. Raises their refusals."""
        self.room.limits.spend(asked.address, asked.ticket.visitor if asked.ticket else asked.visitor)
        allowed, family = _judged(
            asked.agent[:LONGEST_AGENT], asked.ch_mobile[:LONGEST_HINT], asked.ch_platform[:LONGEST_HINT], asked.probe,
            self.devices.get(period.programme, DEFAULT),
        )  # fmt: skip
        if not allowed:
            raise Refusal(Code.DEVICE_REFUSED, family=family)
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

    # -- the quick way -----------------------------------------------------------------------------------------------

    def quickly(self, id: str, came: WholeRequest, done: Respond) -> bool:
        """Answer a join that is in every way ordinary; False, before anything was given, for the long way.

        Whoever brings a ticket goes the long way, and so does everybody where the order is drawn or a proof of work is
        asked for, and while what this process knows is not fresh.
        """
        body = _read(came.body) if len(came.body) <= LONGEST_BODY else None
        period = self.room.fresh(id)
        if body is None or period is None or period.mode == Mode.DRAW or period.proof:
            return False
        asked = self._asked(period, came, body)
        if asked.ticket is not None or (asked.visitor and self.room.limits.crowded(asked.address)):
            return False
        known = self._admit(period, asked), asked.visitor
        identities = tuple([one for one in known if one])
        owner = identities[0] if identities else digest("nobody", secrets.token_hex(16))
        self.room.ask_number(period, identities, partial(self._numbered, period, known, owner, done))
        return True

    async def standing_quickly(self, id: str, came: WholeRequest) -> Answer | None:
        """Where the ticket of an ordinary poll stands; None for the long way, which says what is missing."""
        period = self.room.fresh(id)
        if period is None:
            return None
        ticket = self._carried(period, came)[0]
        if ticket is None:
            return None
        return Answer(200, self._encode(await self.room.standing(period, ticket)))

    def _carried(self, period: Period, came: WholeRequest) -> tuple[Ticket | None, str | None]:
        """The ticket and the visitor's hash that come with a request."""
        cookie = came.headers.get(b"cookie")
        cookies = cookie_parser(cookie.decode("latin-1")) if cookie else {}
        bearer = came.headers.get(b"authorization", b"").decode("latin-1")
        if not bearer and not cookies:
            return None, None
        return self.room.ticket_in(period, bearer, cookies), self.room.visitor_in(cookies)

    def _numbered(
        self,
        period: Period,
        known: tuple[str | None, str | None],
        owner: str,
        done: Respond,
        reply: tuple[str, int] | BaseException,
    ) -> None:
        """The line has spoken: a new number is answered at once, anything else needs more questions."""
        if isinstance(reply, BaseException):
            done(reply if isinstance(reply, Exception) else Unavailable("redis"))
            return
        code, number = reply
        if code != "NEW":
            work = asyncio.ensure_future(self._slowly(period, *known, done))
            self._slow.add(work)
            work.add_done_callback(self._slow.discard)
            return
        try:
            text = self.room.tickets.issue(Ticket(period.uid, number, owner))
            answer = self._answer(period, text, False, self.room.place(period, number))
        except Exception as error:
            done(error)
        else:
            done(answer)

    async def _slowly(self, period: Period, key: str | None, visitor: str | None, done: Respond) -> None:
        """The same question again, with all that may follow: nothing was given to this one yet."""
        try:
            joined = await self.room.join(period, None, key, visitor)
            me = await self.room.welcome(period, joined)
            answer = self._answer(period, joined.text, joined.existed, self._encode(me)[:-1])
        except Exception as error:
            done(error)
        else:
            done(answer)

    def _answer(self, period: Period, text: str, existed: bool, me: bytes) -> Answer:
        """`me` is the object without its closing brace: the ticket comes after it."""
        cookie = f"ticket-{period.id}={text}{self._cookie_ends}"
        return Answer(
            200 if existed else 201,
            b'%b,"ticket":"%b"}' % (me, text.encode()),
            ((b"set-cookie", cookie.encode("latin-1")),),
        )

    def _asked(self, period: Period, came: WholeRequest, body: JoinBody) -> JoinRequest:
        headers = came.headers
        key = headers.get(b"idempotency-key")
        ticket, visitor = self._carried(period, came)
        return JoinRequest(
            address=network(came.host),
            agent=headers.get(b"user-agent", b"").decode("latin-1"),
            ch_mobile=headers.get(b"sec-ch-ua-mobile", b"").decode("latin-1"),
            ch_platform=headers.get(b"sec-ch-ua-platform", b"").decode("latin-1"),
            probe=body.device,
            proof=body.proof,
            key=None if key is None else key.decode("latin-1"),
            ticket=ticket,
            visitor=visitor,
        )


@lru_cache(1024)
def _read(raw: bytes) -> JoinBody | None:
    """A body without anything to refuse; None for the long way, which says what is wrong with it."""
    if b"\\u0000" in raw:
        return None
    try:
        raw.decode()
        return msgspec.json.decode(raw.strip() or b"{}", type=JoinBody)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


@lru_cache(4096)
def _judged(
    agent: str, ch_mobile: str, ch_platform: str, probe: Probe | None, allow: frozenset[str]
) -> tuple[bool, str]:
    """May this device apply, and what it is taken for. Remembered: a crowd has few browsers."""
    touch_points, pointer = probed(probe)
    seen = device.verdict(agent, ch_mobile, ch_platform, touch_points, pointer, allow)
    return seen.allowed, seen.family
