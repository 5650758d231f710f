"""The rules of joining, in their order: rate limit, device (DV-02), idempotency key, and the terms of a proof of work.

Every way in asks them here: the call, the page, and the fast path.
"""

from typing import NamedTuple

from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from quota.store import Period
from waitingroom.device import Verdict
from waitingroom.joins.limits import JoinLimits
from waitingroom.joins.proof_of_work import WAIT_MS
from waitingroom.joins.proofs import Proofs
from waitingroom.line.states import JoinTerms
from waitingroom.tickets import Ticket, Tickets

LEAST_KEY, MOST_KEY = 22, 255
"""An idempotency key is a place: 128 random bits are 22 characters at least."""


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


class JoinRules:
    """The rules, with the budgets of this process."""

    def __init__(self, tickets: Tickets, limits: JoinLimits, proofs: Proofs) -> None:
        self._tickets, self._limits, self._proofs = tickets, limits, proofs

    def admit(self, asked: JoinRequest) -> str | None:
        """Rate limit, device, key, in this order; gives back the key's hash. Raises their refusals."""
        self._limits.spend(asked.address, asked.ticket.visitor if asked.ticket else asked.visitor)
        if not asked.verdict.allowed:
            raise Refusal(Code.DEVICE_REFUSED, family=asked.verdict.family)
        return self._key(asked.key)

    def crowded(self, address: str) -> bool:
        """Count one person who comes for a first number; True when more come from there than people ever did."""
        return self._limits.crowded(address)

    async def terms(self, period: Period, asked: JoinRequest, key: str | None) -> JoinTerms:
        """On which terms this join gets a number or entry, or frees one that owes a proof (ADR 0012).

        Raises Refusal proof_required for a proof that is none, rate_limited for too many who waited instead.
        """
        ticket = asked.ticket
        owes = ticket.owes if ticket else 0
        if asked.proof and (period.proof or owes):
            owner = (ticket.visitor if ticket else None) or key or asked.visitor or ""
            await self._proofs.take(period, asked.proof, owner)
            return JoinTerms.PROVED
        if owes and now_ms() >= owes + WAIT_MS:
            self._limits.waited(asked.address)
            return JoinTerms.PROVED
        return self._terms_without(period, asked, owes)

    def _terms_without(self, period: Period, asked: JoinRequest, owes: int) -> JoinTerms:
        """The terms where neither a proof nor the wait came. Leaving, or an opening that came before its proof, is no
        way out of what a ticket owes."""
        if period.proof:
            return JoinTerms.OWES if asked.later else JoinTerms.NONE
        if owes:
            return JoinTerms.OWES
        crowded = asked.ticket is None and asked.visitor and self._limits.crowded(asked.address)
        return JoinTerms.OWES if crowded else JoinTerms.PLAIN

    def _key(self, key: str | None) -> str | None:
        """The hash of an Idempotency-Key, or None. Refusal `invalid` for one that could be guessed."""
        if key is None:
            return None
        if not LEAST_KEY <= len(key) <= MOST_KEY or not key.isascii():
            raise Refusal(
                Code.INVALID,
                fields=[{"name": "Idempotency-Key", "reason": "de 22 à 255 caractères ASCII aléatoires"}],
            )
        return self._tickets.key(key)
