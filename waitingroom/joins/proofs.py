"""Proofs of work as joins show them: checked in a thread, and taken once each (ADR 0012).

Fails closed: while the line cannot say whether a proof was used, none is taken.
"""

import asyncio

from foundation.clock import now_ms
from foundation.events import Events
from quota.store import Period
from waitingroom.joins.proof_of_work import ProofFault, ProofsOfWork, WrongProof
from waitingroom.joins.refusals import proof_required
from waitingroom.line.store import Line

REMEMBERED_MS = 1000
"""A proof that was used is remembered for so long after its challenge has expired: two clocks differ a little."""


class Proofs:
    """What this process does with the proofs that it is shown, and the challenges that it gives."""

    def __init__(self, line: Line, work: ProofsOfWork, events: Events) -> None:
        self._line, self._work, self._events = line, work, events

    def challenge(self, period: Period) -> dict[str, object]:
        """A fresh challenge for this period, as its JSON."""
        return self._work.challenge(period.uid, now_ms())

    async def take(self, period: Period, text: str, owner: str) -> None:
        """Take this proof, once; its owner may show it again. Raises Refusal proof_required, Unavailable."""
        now = now_ms()
        try:
            proof = await asyncio.to_thread(self._work.check, text, period.uid, now)
        except WrongProof as wrong:
            raise proof_required(period, wrong.fault) from None
        left_ms = proof.expires_at * 1000 - now + REMEMBERED_MS
        if not await self._line.spend_proof(period.uid, proof.id, owner, left_ms):
            raise proof_required(period, ProofFault.SPENT)
        self._events.count("proofs")
