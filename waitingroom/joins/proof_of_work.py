"""Proof of work (ADR 0012): what a number that owes one must show before it counts as present. No I/O.

A challenge is signed by us, bound to one period, and good for ten minutes; making one costs a signature. To solve it
one tries counters until a derived key begins with a zero byte, 256 on average; checking it is one derivation. That it
is used once only, the line remembers (`store.Line.spend_proof`).
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import altcha
import msgspec

ALGORITHM = "PBKDF2/SHA-256"

COST = 2_000
"""Iterations of one try: browsers have it built in, so that an honest one is as quick as a robot's."""

PREFIX = "00"

TRIES = 256
"""On average, by the prefix; one in a thousand needs seven times as many."""

LASTS_SECONDS = 600

LONGEST = 2_048
"""Characters of a proof; real ones have some 700."""

WAIT_MS = 60_000
"""Instead of the work: a number that comes back so long after it was given has waited enough."""


class ProofFault(StrEnum):
    """Why a proof of work is asked for: `cause` of the refusal proof_required."""

    MISSING = "missing"
    """None was shown."""
    INVALID = "invalid"
    """It is none, or solves no challenge of ours for this period."""
    EXPIRED = "expired"
    """Its challenge is older than ten minutes."""
    SPENT = "spent"
    """It was used before, by another browser."""


class ProofOfWork(NamedTuple):
    """A right proof: which challenge it solves, and until when that could be used again, in seconds since 1970."""

    id: str
    expires_at: int


class WrongProof(Exception):
    """A proof that is none."""

    def __init__(self, fault: ProofFault) -> None:
        super().__init__(fault)
        self.fault = fault


class ProofsOfWork:
    """Makes challenges with the first key, checks proofs with all."""

    def __init__(self, secret_keys: Sequence[str], cost: int = COST) -> None:
        self._secrets = [hmac.digest(key.encode(), b"guichet proof of work", "sha256") for key in secret_keys]
        self._cost = cost

    def challenge(self, uid: str, now_ms: int) -> dict[str, Any]:
        """A fresh challenge for this period, as its JSON."""
        made: dict[str, Any] = altcha.create_challenge(
            ALGORITHM, self._cost, key_prefix=PREFIX, expires_at=now_ms // 1000 + LASTS_SECONDS, data={"period": uid},
            hmac_secret=self._secrets[0],
        ).to_dict()  # fmt: skip
        return made

    def check(self, text: str, uid: str, now_ms: int) -> ProofOfWork:
        """The proof in this text (JSON in base 64). Raises WrongProof. One of our signature takes a derivation."""
        payload = _payload(text)
        parameters = payload.challenge.parameters
        expires_at = parameters.expires_at
        if not isinstance(expires_at, int) or expires_at * 1000 < now_ms:
            raise WrongProof(ProofFault.EXPIRED if isinstance(expires_at, int) else ProofFault.INVALID)
        # A signature of ours, but of a challenge of another period or with other parameters, is refused too.
        if parameters.data != {"period": uid} or parameters.algorithm != ALGORITHM:
            raise WrongProof(ProofFault.INVALID)
        if not any(altcha.verify_solution(payload, secret).verified for secret in self._secrets):
            raise WrongProof(ProofFault.INVALID)
        signature = str(payload.challenge.signature)
        return ProofOfWork(hashlib.sha256(signature.encode()).hexdigest()[:32], expires_at)


def _payload(text: str) -> altcha.Payload:
    """What was sent, if it has the shape of one."""
    if not text.isascii() or len(text) > LONGEST:
        raise WrongProof(ProofFault.INVALID)
    try:
        raw = msgspec.json.decode(base64.b64decode(text, validate=True))
        return altcha.Payload.from_dict(raw)
    except (
        binascii.Error,
        msgspec.DecodeError,
        UnicodeDecodeError,
        KeyError,
        TypeError,
        AttributeError,
        ValueError,
        RecursionError,
    ):
        raise WrongProof(ProofFault.INVALID) from None
