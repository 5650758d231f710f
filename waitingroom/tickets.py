"""The signed ticket: a browser's proof of its immutable number, and the signed visitor cookie. No I/O.

The ticket is the truth about a person's number: it outlives every loss of Redis. Keys rotate: the first signs, all
verify. A text that was not signed by one of them reads as None, like no ticket at all.
"""

import hashlib
import secrets
from collections.abc import Sequence

import msgspec
from itsdangerous import BadSignature

from foundation.signing import Seal

COOKIE_SECONDS = 30 * 86_400
"""A closed browser keeps its place; a month is longer than any period."""


class Ticket(msgspec.Struct, frozen=True):
    """`visitor` is the hash under which the line knows the browser: a lost line is restored with it.

    In mode draw somebody who came before the opening has an `entry`, and no number (0) until the order is drawn. What
    is signed is the entry, for good: the number follows from it.

    `owes` is since when the number owes a proof, as an instant; 0 for one that owes nothing. While it owes one its
    number is kept and does not count as present (`proofs.py`): that stands in the ticket, so no loss forgives it. An
    entry that owes one has no number when the order is drawn.
    """

    uid: str
    number: int
    visitor: str
    entry: int = 0
    owes: int = 0


class Tickets:
    """Issues and reads tickets and visitor cookies."""

    def __init__(self, secret_keys: Sequence[str]) -> None:
        self._tickets = Seal(secret_keys, "ticket")
        self._visitors = Seal(secret_keys, "visitor")
        self.orders: dict[str, Sequence[int]] = {}
        """By period uid, the number of each entry, from when the order is drawn (`quota/draw_order.py`)."""

    def issue(self, ticket: Ticket) -> str:
        kind, place = ("e", ticket.entry) if ticket.entry else ("v", ticket.number)
        text = f"{ticket.uid}.{place}.{ticket.visitor}"
        return self._tickets.seal(f"{kind}2.{text}.{ticket.owes}" if ticket.owes else f"{kind}1.{text}")

    def read(self, text: str) -> Ticket | None:
        """None for a text that is not a ticket of ours, whatever is wrong with it."""
        if len(text) > 256 or not text.isascii():
            return None
        try:
            version, uid, number, visitor, *owes = self._tickets.unsign(text).decode().split(".")
        except (BadSignature, ValueError):
            return None
        if (version, len(owes)) not in (("v1", 0), ("v2", 1), ("e1", 0), ("e2", 1)):
            return None
        since = int(owes[0]) if owes else 0
        if version.startswith("e"):
            return self.drawn(Ticket(uid, 0, visitor, int(number), since))
        return Ticket(uid, int(number), visitor, owes=since)

    def drawn(self, ticket: Ticket) -> Ticket | None:
        """The ticket with its number, once that is drawn. None for an entry that the draw does not have.

        One that owes a proof never has the number of its lot: whoever sees the order could pay for the best ones only.
        """
        numbers = self.orders.get(ticket.uid)
        if not ticket.entry or ticket.owes or numbers is None:
            return ticket
        if ticket.entry >= len(numbers):
            return None
        return Ticket(ticket.uid, numbers[ticket.entry], ticket.visitor, ticket.entry)

    def new_visitor(self) -> str:
        """A fresh value for the `visitor` cookie."""
        return self._visitors.seal(f"v1.{secrets.token_urlsafe(24)}")

    def visitor(self, cookie: str) -> str | None:
        """The hash of a visitor cookie of ours, or None."""
        if len(cookie) > 256 or not cookie.isascii():
            return None
        try:
            return digest("visitor", self._visitors.unsign(cookie).decode())
        except BadSignature:
            return None

    def key(self, idempotency_key: str) -> str:
        """The hash of a client's own Idempotency-Key."""
        return digest("key", idempotency_key)


_begun = {kind: hashlib.sha256(f"{kind}:".encode()) for kind in ("visitor", "key", "nobody")}


def digest(kind: str, secret: str) -> str:
    """Half a SHA-256 in hexadecimal: what the line stores instead of a secret."""
    known = _begun[kind].copy()
    known.update(secret.encode())
    return known.hexdigest()[:32]
