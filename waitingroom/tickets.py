"""The signed ticket: a browser's proof of its immutable number, and the signed visitor cookie. No I/O.

The ticket is the truth about a person's number: it outlives every loss of Redis. Keys rotate: the first signs, all
verify. A text that was not signed by one of them reads as None, like no ticket at all.
"""

import hashlib
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache

import msgspec

from foundation.signing import RandomTexts, Seal
from quota.store import Period
from server.cookies import cookie_of
from server.requests import Incoming

COOKIE_SECONDS = 400 * 86_400
"""A closed browser keeps its place, also one whose computer's clock was weeks off and is set right: a browser counts by
that clock. 400 days are the most that browsers keep (RFC 6265bis)."""


class TicketKind(StrEnum):
    """The version that a ticket's text begins with: what its number is, and whether it owes."""

    NUMBER = "v1"
    """A number."""
    OWING_NUMBER = "v2"
    """A number that owes a proof of work, and since when."""
    ENTRY = "e1"
    """An entry in the draw."""
    OWING_ENTRY = "e2"
    """An entry that owes a proof, and since when."""


OWING = frozenset({TicketKind.OWING_NUMBER, TicketKind.OWING_ENTRY})

ENTRIES = frozenset({TicketKind.ENTRY, TicketKind.OWING_ENTRY})

_kinds = {(kind in ENTRIES, kind in OWING): kind.value for kind in TicketKind}
"""By whether it is an entry, and whether it owes."""


class Ticket(msgspec.Struct, frozen=True):
    """`visitor` is the hash under which the line knows the browser: a lost line is restored with it.

    In mode draw one that was given before the opening has an `entry`, and no number (0) until the order is drawn. What
    is signed is the entry, for good: the number follows from it.

    `owes` is since when the number owes a proof, as an instant; 0 for one that owes nothing. While it owes one its
    number is kept and does not count as present (ADR 0012): that stands in the ticket, so no loss forgives it. An
    entry that owes one has no number when the order is drawn.
    """

    uid: str
    number: int
    visitor: str
    entry: int = 0
    owes: int = 0


LONGEST_TEXT = 256
"""Characters of a ticket or a visitor cookie; ours have some 120."""


REMEMBERED = 10_000
"""Tickets and visitor cookies whose signatures were verified lately, some 4 MB."""

VISITOR_BYTES = 24
"""Of randomness in a visitor cookie: nobody guesses another's."""


class Tickets:
    """Issues and reads tickets and visitor cookies."""

    def __init__(self, secret_keys: Sequence[str]) -> None:
        self._tickets = Seal(secret_keys, "ticket")
        self._visitors = Seal(secret_keys, "visitor")
        self._random = RandomTexts(VISITOR_BYTES)
        # A browser shows the same two with its page, its feed and each poll; keys do not change while a process runs.
        self._read: dict[str, Ticket] = {}
        self._known_visitor = lru_cache(REMEMBERED)(self._verified_visitor)
        self.orders: dict[str, Sequence[int]] = {}
        """By period uid, the number of each entry, from when the order is drawn (`quota/draw_order.py`)."""

    def issue(self, ticket: Ticket) -> str:
        """Its signed text."""
        kind, place = _kinds[ticket.entry > 0, ticket.owes > 0], ticket.entry or ticket.number
        text = f"{kind}.{ticket.uid}.{place}.{ticket.visitor}"
        return self._tickets.seal(f"{text}.{ticket.owes}" if ticket.owes else text)

    def read(self, text: str) -> Ticket | None:
        """None for a text that is not a ticket of ours, whatever is wrong with it."""
        ticket = self._read.get(text) or self._verified(text)
        return None if ticket is None else self.drawn(ticket)

    def expect(self, text: str, ticket: Ticket) -> None:
        """This text of ours, of a ticket as it was signed, is about to come back: no second look at its signature."""
        if len(self._read) >= REMEMBERED:
            del self._read[next(iter(self._read))]
        self._read[text] = ticket

    def _verified(self, text: str) -> Ticket | None:
        """As it was signed, without its number where that is drawn."""
        if len(text) > LONGEST_TEXT or not text.isascii():
            return None
        signed = self._tickets.opened(text)
        if signed is None:
            return None
        try:
            version, uid, number, visitor, *owes = signed.split(".")
            kind = TicketKind(version)
        except ValueError:
            return None
        if len(owes) != (kind in OWING):
            return None
        since = int(owes[0]) if owes else 0
        entry = kind in ENTRIES
        ticket = Ticket(uid, 0 if entry else int(number), visitor, int(number) if entry else 0, since)
        self.expect(text, ticket)
        return ticket

    def drawn(self, ticket: Ticket) -> Ticket | None:
        """The ticket with its number, once that is drawn. None for an entry that the draw does not have.

        One that owes a proof never has the number of its lot: with the order in sight only the best would be paid for.
        """
        numbers = self.orders.get(ticket.uid)
        if not ticket.entry or ticket.owes or numbers is None:
            return ticket
        if ticket.entry >= len(numbers):
            return None
        return Ticket(ticket.uid, numbers[ticket.entry], ticket.visitor, ticket.entry)

    def new_visitor(self) -> str:
        """A fresh value for the `visitor` cookie."""
        return self._visitors.seal(f"v1.{self._random.text()}")

    def visitor(self, cookie: str) -> str | None:
        """The hash of a visitor cookie of ours, or None."""
        return self._known_visitor(cookie)

    def _verified_visitor(self, cookie: str) -> str | None:
        if len(cookie) > LONGEST_TEXT or not cookie.isascii():
            return None
        signed = self._visitors.opened(cookie)
        return None if signed is None else digest("visitor", signed)

    def ticket_of(self, came: Incoming, period: Period) -> Ticket | None:
        """The ticket that comes with a request: Bearer counts before the cookie. None if it is not of this period."""
        text = came.bearer or cookie_of(came.cookies, f"ticket-{period.id}")
        ticket = self.read(text) if text else None
        return ticket if ticket is not None and ticket.uid == period.uid else None

    def visitor_of(self, came: Incoming) -> str | None:
        """The hash of the visitor cookie that comes with a request."""
        cookie = cookie_of(came.cookies, "visitor")
        return self.visitor(cookie) if cookie else None

    def key(self, idempotency_key: str) -> str:
        """The hash of a client's own Idempotency-Key."""
        return digest("key", idempotency_key)


_begun = {kind: hashlib.sha256(f"{kind}:".encode()) for kind in ("visitor", "key", "nobody")}


def digest(kind: str, secret: str) -> str:
    """Half a SHA-256 in hexadecimal: what the line stores instead of a secret."""
    known = _begun[kind].copy()
    known.update(secret.encode())
    return known.hexdigest()[:32]
